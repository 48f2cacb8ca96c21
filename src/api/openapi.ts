import type { OpenAPIHono } from '@hono/zod-openapi'
import type { AppEnv } from '../http/env.js'

/** The OpenAPI document, from the very schemas that check the requests. */
export function describeApi(app: OpenAPIHono<AppEnv>) {
  app.openAPIRegistry.registerComponent('securitySchemes', 'key', {
    type: 'http',
    scheme: 'bearer',
    description:
      'An API key: rck_... It belongs to one app and has scopes. `sessions:*` reach the sessions of that app alone; `accounts:write`, `blocks:write` and `audit:read` reach the people and the log of all apps; `admin` has everything, in every app.',
  })
  return app.getOpenAPI31Document({
    openapi: '3.1.0',
    info: {
      title: 'Rollcall',
      version: '1',
      description:
        'See who is signed in, sign them out or block them, at once. Times are RFC 3339 in UTC; errors are RFC 9457 problems, each explained at its `type` and all of them at `/api/v1/problems`. Every act that ends trust, or gives it back, answers with the header `Rollcall-Position`: its place in the revocation log. Operations beside checks are limited for each key: `RateLimit` says how many requests are left and for how many seconds, `RateLimit-Policy` how many there are in a window; 429 has `Retry-After`.',
      license: { name: 'Apache-2.0', url: 'https://www.apache.org/licenses/LICENSE-2.0' },
    },
    servers: [{ url: '/api/v1' }],
  })
}
