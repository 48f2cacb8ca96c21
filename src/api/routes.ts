import { OpenAPIHono } from '@hono/zod-openapi'
import { anyone, everyRequest } from '../http/authorise.js'
import type { AppEnv } from '../http/env.js'
import { describeApi } from './openapi.js'
import { accountNotes } from './routes/accountNotes.js'
import { accounts } from './routes/accounts.js'
import { acknowledged } from './routes/acknowledged.js'
import { apps } from './routes/apps.js'
import { audit } from './routes/audit.js'
import { blocks } from './routes/blocks.js'
import { client } from './routes/client.js'
import { jobs } from './routes/jobs.js'
import { keys } from './routes/keys.js'
import { killSwitch } from './routes/killSwitch.js'
import { problemPages } from './routes/problems.js'
import { protectedHosts } from './routes/protectedHosts.js'
import { revocations } from './routes/revocations.js'
import { sessions } from './routes/sessions.js'
import { store } from './routes/store.js'
import { verify } from './routes/verify.js'
import { describeWebhooks } from './routes/webhookSchemas.js'
import { webhooks } from './routes/webhooks.js'

/** `/api/v1`: for apps and scripts. Each operation names the scope it needs; what none names does not exist. */
export function api(): OpenAPIHono<AppEnv> {
  const app = new OpenAPIHono<AppEnv>()
  for (const area of [verify, revocations, acknowledged, sessions, store, jobs, accounts, accountNotes, blocks])
    app.route('/', area)
  for (const area of [audit, keys, apps, protectedHosts, webhooks, killSwitch, client, problemPages])
    app.route('/', area)

  describeWebhooks(app)
  const document = describeApi(app)
  app.get('/openapi.json', anyone(), (c) => c.json(document))
  // Here already: what stands before pages is not for the API.
  app.all(
    '*',
    everyRequest(async (c) => c.notFound()),
  )
  return app
}
