import type { AppIcon, Integration } from '../../src/accounts/types.js'

/** What stands beside a choice of how an app asks. */
export const INTEGRATION_TEXTS: Record<Integration, { name: string; what: string }> = {
  express: { name: 'Express', what: 'Guards for its routes; checks come from memory' },
  'express-session': { name: 'express-session', what: 'An app that has it already: its store changes, nothing else' },
  hono: { name: 'Hono', what: 'Guards for its routes; checks come from memory' },
  node: { name: 'Other Node apps', what: 'Fastify, Koa, NestJS or no framework; checks come from memory' },
  proxy: { name: 'Behind nginx or Caddy', what: 'An application that knows nothing of Rollcall' },
  http: { name: 'Plain HTTP', what: 'Any language: three requests' },
}

export const ICON_TEXTS: Record<AppIcon, string> = {
  'app-window': 'Window',
  store: 'Shop',
  'credit-card': 'Card',
  'file-text': 'Document',
  'message-square': 'Message',
  'chart-line': 'Chart',
  code: 'Code',
  server: 'Server',
  globe: 'Globe',
}
