import { parentPort } from 'node:worker_threads'
import { hashSync, verifySync } from '@node-rs/argon2'
import { lowerPriority } from '../../lowerPriority.js'
import type { FromHashThread, ToHashThread } from './hashOnThreads.js'

/* The program of a thread that computes one hash at a time. Started by `hashOnThreads.ts`. */

/** Where cores are too few, checks get three times as much of them as a flood of sign-ins, which still goes on. */
const NICE = 5

const main = parentPort
if (!main) throw new Error('This is no program of its own: the server starts it.')

lowerPriority(NICE)

main.on('message', (asked: ToHashThread) => main.postMessage(answer(asked)))

function answer(asked: ToHashThread): FromHashThread {
  try {
    if ('costs' in asked) return { hashed: hashSync(asked.password, asked.costs) }
    return { isRight: verifySync(asked.hashed, asked.password) }
  } catch (error) {
    return { failed: error instanceof Error ? error.message : String(error) }
  }
}
