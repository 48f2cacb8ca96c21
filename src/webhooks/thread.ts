import { parentPort, workerData } from 'node:worker_threads'
import { openDatabase } from '../db/connect.js'
import { tellError } from '../log.js'
import { lowerPriority } from '../lowerPriority.js'
import { startDelivering } from './deliver.js'
import type { FromThread, ThreadData } from './startThread.js'

/*
 * The program of the thread that sends, with connections of its own: whatever a delivery costs, no check waits for it.
 * Started by `startThread.ts`.
 */

/** One takes what is next, one notes what came of it. */
const CONNECTIONS = 2
/** Where cores are too few, checks come first. */
const NICE = 10

const { databaseUrl, allowLoopback } = workerData as ThreadData
const main = parentPort
if (!main) throw new Error('This is no program of its own: the server starts it.')

lowerPriority(NICE)

const database = await openDatabase({ url: databaseUrl, dataDir: '', connections: CONNECTIONS })
const delivering = startDelivering({
  database,
  allowLoopback,
  onFailure: (error) => main.postMessage({ failed: tellError(error) } satisfies FromThread),
})

// The one message there is.
main.once('message', async () => {
  await delivering.stop()
  await database.close()
  process.exit()
})
