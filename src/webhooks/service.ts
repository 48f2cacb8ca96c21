import { databaseTime, type OpenDatabase } from '../db/connect.js'
import { newId, type WebhookId } from '../db/ids.js'
import { type Delivering, type DeliverOptions, startDelivering } from './deliver.js'
import { type GuardOptions, resolveName } from './guard.js'
import { noteTest } from './note.js'
import { testPayload } from './payload.js'
import { type Attempt, createSender, type Message, unanswered } from './send.js'
import { startThread } from './startThread.js'
import { type Endpoint, findSecrets } from './take.js'
import { lookUp, messageIdOf } from './worker.js'

/** The webhooks of this process. */
export interface Webhooks {
  guard: GuardOptions
  /** Sends what is due, from now on. */
  start(): void
  /**
   * Sends a test at once, past the queue, also to an endpoint that is switched off. The log keeps what came of it.
   *
   * @returns undefined when there is no such endpoint
   */
  test(id: WebhookId): Promise<Attempt | undefined>
  stop(): Promise<void>
}

export interface WebhooksOptions extends DeliverOptions {
  database: OpenDatabase
  /** Of PostgreSQL. The embedded database answers on this thread whoever asks, so that sending stays on it too. */
  databaseUrl: string | undefined
}

export function createWebhooks(options: WebhooksOptions): Webhooks {
  const { database, databaseUrl, allowLoopback } = options
  const { db } = database
  const guard: GuardOptions = { allowLoopback, resolve: resolveName }
  const sender = createSender()
  let delivering: Delivering | undefined

  async function sendTo(endpoint: Endpoint, message: Message): Promise<Attempt> {
    const target = await lookUp(endpoint, guard)
    if ('problem' in target) return unanswered(target.problem)
    return sender.send(target.url, target.address, message, endpoint.secrets)
  }

  return {
    guard,
    start: () => {
      delivering = databaseUrl ? startThread({ ...options, db, databaseUrl }) : startDelivering(options)
    },
    test: async (id) => {
      const endpoint = await findSecrets(db, id)
      if (!endpoint) return undefined
      const [messageId, at] = [newId(), await databaseTime(db)]
      const message = { id: messageIdOf(messageId), body: JSON.stringify(testPayload(at)) }
      const attempt = await sendTo(endpoint, message)
      await noteTest(db, id, { messageId, at, attempt })
      return attempt
    },
    stop: async () => {
      await delivering?.stop()
      sender.close()
    },
  }
}
