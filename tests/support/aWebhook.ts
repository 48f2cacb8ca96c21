import type { Actor } from '../../src/audit/types.js'
import type { Database } from '../../src/db/connect.js'
import { addWebhook, checkWebhook, type WebhookWanted } from '../../src/webhooks/endpoints.js'
import type { GuardOptions } from '../../src/webhooks/guard.js'

/** An endpoint of a test, added as a request adds it. */
export async function aWebhook(db: Database, wanted: WebhookWanted, by: Actor, guard: GuardOptions) {
  const checked = await checkWebhook(wanted, guard)
  return checked.status === 'checked' ? addWebhook(db, checked.webhook, by) : checked
}
