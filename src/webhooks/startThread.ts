import { join } from 'node:path'
import { Worker } from 'node:worker_threads'
import { sql } from 'drizzle-orm'
import { type Database, rowsOf } from '../db/connect.js'
import { webhooks } from '../db/schema/webhooks.js'
import { ToldElsewhere, type ToldError } from '../log.js'
import { PROJECT_ROOT } from '../root.js'
import type { Delivering, DeliverOptions } from './deliver.js'

export interface ThreadData {
  databaseUrl: string
  allowLoopback: boolean
}

export interface FromThread {
  failed: ToldError
}

/** How often it is looked whether the thread is needed; one that ended by itself is started again after it. */
const WANTED_MS = 1_000

/** Of memory for what is soon forgotten: the server's own setting is made for checks. */
const YOUNG_MB = 16

/** As it was built, from the sources too: a thread has no loader for TypeScript. */
const PROGRAM = join(PROJECT_ROOT, 'dist', 'server', 'webhooks', 'thread.js')

/**
 * Sends what is due, from now on, on a thread of its own. It is there once there is an endpoint: before, it costs nothing.
 *
 * @param options.db of this thread, to look whether there is an endpoint
 */
export function startThread(options: DeliverOptions & ThreadData & { db: Database }): Delivering {
  const { db, databaseUrl, allowLoopback, onFailure } = options
  let thread: Worker | undefined
  let ended = Promise.resolve()
  let stopped = false
  let timer = setTimeout(startIfWanted, 0)

  async function startIfWanted() {
    try {
      if (await isWanted(db)) return start()
    } catch (error) {
      onFailure(error)
    }
    lookAgain()
  }

  function lookAgain() {
    if (!stopped) timer = setTimeout(startIfWanted, WANTED_MS)
  }

  function start() {
    if (stopped) return
    const started = new Worker(PROGRAM, {
      name: 'webhooks',
      workerData: { databaseUrl, allowLoopback } satisfies ThreadData,
      resourceLimits: { maxYoungGenerationSizeMb: YOUNG_MB },
    })
    thread = started
    let cause: unknown
    started.on('message', ({ failed }: FromThread) => onFailure(new ToldElsewhere(failed)))
    started.on('error', (error) => {
      cause = error
    })
    ended = new Promise((resolve) => {
      started.once('exit', (code) => {
        thread = undefined
        // What it had in hand is taken up again once its claims have run out.
        if (!stopped || code !== 0) onFailure(new Error(`the thread that sends ended with ${code}`, { cause }))
        lookAgain()
        resolve()
      })
    })
  }

  return {
    stop: async () => {
      stopped = true
      clearTimeout(timer)
      thread?.postMessage('stop')
      await ended
    },
  }
}

async function isWanted(db: Database): Promise<boolean> {
  const [row] = rowsOf<{ wanted: boolean }>(
    await db.execute(sql`select exists (select from ${webhooks} where ${webhooks.disabledAt} is null) as wanted`),
  )
  return row?.wanted ?? false
}
