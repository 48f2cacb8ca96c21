import type { Database } from '../db/connect.js'
import { databaseTime } from '../db/connect.js'
import { newId, type WebhookId } from '../db/ids.js'
import { type GuardOptions, resolveName } from './guard.js'
import { testPayload } from './payload.js'
import { type Attempt, createSender } from './send.js'
import { findSecrets } from './take.js'
import { createWorker, lookUp, messageIdOf } from './worker.js'

/** What triggers notify when something is to be sent. */
export const OUTBOX = 'rollcall_outbox'

/** The webhooks of this process. */
export interface Webhooks {
  guard: GuardOptions
  /** Sends what is due. */
  look(): Promise<void>
  /**
   * Sends a test at once, past the queue, also to an endpoint that is switched off.
   *
   * @returns undefined when there is no such endpoint
   */
  test(id: WebhookId): Promise<Attempt | undefined>
  stop(): Promise<void>
}

export interface WebhooksOptions {
  db: Database
  allowLoopback: boolean
  onFailure: (error: unknown) => void
}

export function createWebhooks({ db, allowLoopback, onFailure }: WebhooksOptions): Webhooks {
  const guard: GuardOptions = { allowLoopback, resolve: resolveName }
  const sender = createSender()
  const worker = createWorker({ db, sender, onFailure, ...guard })
  return {
    guard,
    look: worker.look,
    test: async (id) => {
      const endpoint = await findSecrets(db, id)
      if (!endpoint) return undefined
      const target = await lookUp(endpoint, guard)
      if ('problem' in target) return { ok: false, status: null, durationMs: 0, answer: null, problem: target.problem }
      const body = JSON.stringify(testPayload(await databaseTime(db)))
      return sender.send(target.url, target.address, { id: messageIdOf(newId()), body }, endpoint.secrets)
    },
    stop: async () => {
      await worker.stop()
      sender.close()
    },
  }
}
