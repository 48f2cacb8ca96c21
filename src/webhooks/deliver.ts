import type { OpenDatabase } from '../db/connect.js'
import { resolveName } from './guard.js'
import { createSender } from './send.js'
import { createWorker } from './worker.js'

/** What triggers notify when something is to be sent. */
const OUTBOX = 'rollcall_outbox'

/** Nobody notifies of a next attempt, or of what a process that died had in hand. */
const LOOK_MS = 1_000
/** What is written within it is taken together. */
const GATHER_MS = 20

export interface Delivering {
  /** Waits for what is under way, and takes nothing more. */
  stop(): Promise<void>
}

export interface DeliverOptions {
  allowLoopback: boolean
  onFailure: (error: unknown) => void
}

/** Sends what is due, from now on, on this thread. */
export function startDelivering({
  database,
  allowLoopback,
  onFailure,
}: DeliverOptions & { database: OpenDatabase }): Delivering {
  const sender = createSender()
  const worker = createWorker({ db: database.db, sender, onFailure, allowLoopback, resolve: resolveName })
  let soon: NodeJS.Timeout | undefined
  const timer = setInterval(worker.look, LOOK_MS)
  const heard = () => {
    soon ??= setTimeout(() => {
      soon = undefined
      void worker.look()
    }, GATHER_MS)
  }
  // Without it, it takes a second longer.
  void database.listen(OUTBOX, heard).catch(onFailure)
  return {
    stop: async () => {
      clearInterval(timer)
      clearTimeout(soon)
      await worker.stop()
      sender.close()
    },
  }
}
