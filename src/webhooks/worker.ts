import { performance } from 'node:perf_hooks'
import { setTimeout as pause } from 'node:timers/promises'
import type { Database } from '../db/connect.js'
import type { WebhookId } from '../db/ids.js'
import { type GuardOptions, pinAddress, RefusedTarget, readTarget } from './guard.js'
import { noteOutcomes, type Outcome } from './note.js'
import { payloadOf } from './payload.js'
import { type Attempt, MOST_AT_ONCE, type Sender, unanswered } from './send.js'
import { type Batch, dueEndpoints, type Taken, takeDue } from './take.js'

/** Answers that come within it are noted together. */
const GATHER_MS = 20

export interface WorkerOptions extends GuardOptions {
  db: Database
  sender: Sender
  onFailure: (error: unknown) => void
}

export interface Worker {
  /** Takes what is due until nothing is: returns once all that is under way has started. Never rejects. */
  look(): Promise<void>
  /** Waits for what is under way, and takes nothing more. */
  stop(): Promise<void>
}

/**
 * Delivers what is due, beside the workers of other nodes. Sent first, noted then: a process that dies between the two
 * leaves a delivery that another one sends again, with the same id.
 */
export function createWorker(options: WorkerOptions): Worker {
  const { db, onFailure } = options
  const underWay = new Map<WebhookId, number>()
  const open = new Set<Promise<void>>()
  const noting = createNoting(db, () => open.size, onFailure)
  let stopped = false
  let again = false
  let looking: Promise<void> | undefined

  function look(): Promise<void> {
    again = true
    looking ??= lookUntilNothingIsDue()
    return looking
  }

  async function lookUntilNothingIsDue() {
    try {
      while (again && !stopped) {
        again = false
        for (const webhookId of await dueEndpoints(db)) await takeMore(webhookId)
      }
    } catch (error) {
      onFailure(error)
    } finally {
      looking = undefined
    }
  }

  async function takeMore(webhookId: WebhookId) {
    const room = MOST_AT_ONCE - (underWay.get(webhookId) ?? 0)
    if (room <= 0 || stopped) return
    const batch = await takeDue(db, webhookId, room)
    if (!batch) return
    const target = lookUp(batch, options)
    for (const delivery of batch.deliveries) begin(batch, delivery, target)
  }

  function begin(batch: Batch, delivery: Taken, target: Promise<Target>) {
    const { webhookId } = batch
    underWay.set(webhookId, (underWay.get(webhookId) ?? 0) + 1)
    const run = async () => {
      const began = performance.now()
      const attempt = await attemptOf(batch, delivery, target)
      await noting.note({ id: delivery.id, webhookId, claim: delivery.claim, attempt, began })
    }
    const running = run()
      .catch(onFailure)
      .finally(() => {
        open.delete(running)
        const left = (underWay.get(webhookId) ?? 1) - 1
        if (left > 0) underWay.set(webhookId, left)
        else underWay.delete(webhookId)
        // The next of its lane, or of an endpoint that is asked one at a time.
        if (left < MOST_AT_ONCE / 2) void look()
      })
    open.add(running)
  }

  async function attemptOf({ secrets }: Batch, delivery: Taken, target: Promise<Target>): Promise<Attempt> {
    const found = await target
    if ('problem' in found) return unanswered(found.problem)
    const body = JSON.stringify(payloadOf(delivery))
    return options.sender.send(found.url, found.address, { id: messageIdOf(delivery.messageId), body }, secrets)
  }

  return {
    look,
    stop: async () => {
      stopped = true
      // What it has taken is under way too.
      await looking
      await Promise.all(open)
    },
  }
}

export const messageIdOf = (uuid: string): string => `msg_${uuid.replaceAll('-', '')}`

type Target = { url: URL; address: string } | { problem: string }

/** Once for what is taken together: all of it goes to that address. */
export async function lookUp({ url: text }: { url: string }, guard: GuardOptions): Promise<Target> {
  try {
    const url = readTarget(text, guard)
    return { url, address: await pinAddress(url, guard) }
  } catch (error) {
    if (error instanceof RefusedTarget) return { problem: `Not sent: the address ${error.message}` }
    throw error
  }
}

/** One transaction at a time; at once when nothing else is under way that could be noted with it. */
function createNoting(db: Database, underWay: () => number, onFailure: (error: unknown) => void) {
  let waiting: Outcome[] = []
  let running = Promise.resolve()
  let next: Promise<void> | undefined

  async function flush() {
    await running
    if (underWay() > waiting.length) await pause(GATHER_MS)
    next = undefined
    const outcomes = waiting
    waiting = []
    // Not noted: they are sent again once their claims have run out.
    running = noteOutcomes(db, outcomes).catch(onFailure)
    await running
  }

  return {
    note(outcome: Outcome): Promise<void> {
      waiting.push(outcome)
      next ??= flush()
      return next
    },
  }
}
