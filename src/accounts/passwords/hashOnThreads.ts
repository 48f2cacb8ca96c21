import { join } from 'node:path'
import { Worker } from 'node:worker_threads'
import { PROJECT_ROOT } from '../../root.js'
import type { HashCosts, Hasher } from './hasher.js'

export type ToHashThread = { password: Uint8Array; costs: HashCosts } | { password: Uint8Array; hashed: string }

export type FromHashThread = { hashed: string } | { isRight: boolean } | { failed: string }

/** As it was built, from the sources too: a thread has no loader for TypeScript. */
const PROGRAM = join(PROJECT_ROOT, 'dist', 'server', 'accounts', 'passwords', 'hashThread.js')

/** A thread has little of its own besides the hash, which is outside of this. */
const LIMITS = { maxOldGenerationSizeMb: 32, maxYoungGenerationSizeMb: 4 }

/** A thread takes some megabytes, and a tenth of a second to start. */
const IDLE_MS = 60_000

/**
 * Hashes on threads of a lower priority than that of the checks, where the system has one for each thread (S-73). There are
 * as many as there were hashes at one moment of the last minute; before the first password there is none.
 *
 * @param idleMs after so long without work a thread ends
 */
export function hashOnThreads({ idleMs = IDLE_MS } = {}): Hasher {
  const free = new Map<Worker, NodeJS.Timeout>()

  function start(): Worker {
    const thread = new Worker(PROGRAM, { name: 'passwords', resourceLimits: LIMITS })
    thread.once('exit', () => free.delete(thread))
    return thread
  }

  function take(): Worker {
    for (const [thread, ends] of free) {
      clearTimeout(ends)
      free.delete(thread)
      // What is under way is waited for; a thread that has nothing to do holds up nobody's end.
      thread.ref()
      return thread
    }
    return start()
  }

  function giveBack(thread: Worker) {
    thread.unref()
    const end = () => {
      free.delete(thread)
      void thread.terminate()
    }
    free.set(thread, setTimeout(end, idleMs).unref())
  }

  function ask(question: ToHashThread): Promise<FromHashThread> {
    const thread = take()
    return new Promise((resolve, reject) => {
      let cause: unknown
      const onError = (error: unknown) => {
        cause = error
      }
      const onExit = (code: number) => reject(new Error(`a thread that checks passwords ended with ${code}`, { cause }))
      thread.once('error', onError).once('exit', onExit)
      thread.once('message', (answer: FromHashThread) => {
        thread.off('error', onError).off('exit', onExit)
        giveBack(thread)
        resolve(answer)
      })
      thread.postMessage(question)
    })
  }

  return {
    async hash(password, costs) {
      const answer = await ask({ password, costs })
      if ('hashed' in answer) return answer.hashed
      throw unexpected(answer)
    },
    async verify(hashed, password) {
      const answer = await ask({ password, hashed })
      if ('isRight' in answer) return answer.isRight
      throw unexpected(answer)
    },
  }
}

const unexpected = (answer: FromHashThread) =>
  new Error('failed' in answer ? answer.failed : 'a thread that checks passwords gave another answer')
