import { randomBytes } from 'node:crypto'
import { availableParallelism } from 'node:os'
import { parseOptions } from '@node-rs/argon2'
import { type Hasher, hashHere } from './hasher.js'

/** 64 MiB, three passes: above OWASP's present minimum, and some 50 ms of one core. */
const PARAMETERS = { memoryCost: 64 * 1024, timeCost: 3, parallelism: 1, outputLen: 32 }

export interface Passwords {
  /** An argon2id hash as PHC text, parameters and salt inside. */
  hash(password: string): Promise<string>
  /**
   * Compares in constant time. Without a hash (no such account, no password) the same work is done and the answer is
   * false, so that the time tells nothing (S-21).
   */
  verify(hash: string | null | undefined, password: string): Promise<boolean>
  /** Was made with other parameters than today's. */
  needsRehash(hash: string): boolean
}

/** When to try again after `PasswordsBusy`. */
export const BUSY_RETRY_MS = 2_000

/** As many hashes as the machine takes are under way and as many as bearable wait: come back in a moment. */
export class PasswordsBusy extends Error {
  readonly code = 'passwords_busy'
  constructor() {
    super('Too many passwords are being checked at this moment.')
  }
}

export interface PasswordOptions {
  /** Hashes at the same moment; each takes 64 MiB. */
  concurrency?: number
  /** How many more may wait for their turn. */
  waiting?: number
  /** Where; here, on Node's own threads, when left out. */
  hasher?: Hasher
  /** Other costs than today's, for tests that hash a thousand times. */
  parameters?: { memoryCost: number; timeCost: number }
}

/**
 * Hashes and checks passwords with argon2id, a bounded number at once: a flood of sign-ins takes neither the memory
 * nor the thread pool (S-20).
 *
 * @throws PasswordsBusy (from its functions) when the queue is full
 * @see OWASP ASVS 5.0 11.4.2
 */
export function createPasswords(options: PasswordOptions = {}): Passwords {
  const inTurn = queue(options.concurrency ?? Math.min(4, availableParallelism()), options.waiting ?? 256)
  const parameters = { ...PARAMETERS, ...options.parameters }
  const { hash, verify } = options.hasher ?? hashHere
  let dummy: Promise<string> | undefined
  const dummyHash = () => {
    dummy ??= hash(randomBytes(32), parameters)
    return dummy
  }

  return {
    hash: (password) => inTurn(() => hash(bytesOf(password), parameters)),
    verify: (stored, password) =>
      inTurn(async () => {
        const right = await verify(stored ?? (await dummyHash()), bytesOf(password))
        return right && stored != null
      }),
    needsRehash(stored) {
      const { memoryCost, timeCost, parallelism, outputLen } = parseOptions(stored)
      return (
        memoryCost !== parameters.memoryCost ||
        timeCost !== parameters.timeCost ||
        parallelism !== parameters.parallelism ||
        outputLen !== parameters.outputLen
      )
    },
  }
}

/** The same password typed on two keyboards may come in two compositions of the same characters. Nothing else is touched. */
function bytesOf(password: string): Uint8Array {
  return new TextEncoder().encode(password.normalize('NFC'))
}

function queue(concurrency: number, mostWaiting: number) {
  let running = 0
  const waiting: (() => void)[] = []
  return async <T>(work: () => Promise<T>): Promise<T> => {
    if (running >= concurrency) {
      if (waiting.length >= mostWaiting) throw new PasswordsBusy()
      await new Promise<void>((resume) => waiting.push(resume))
    } else {
      running++
    }
    try {
      return await work()
    } finally {
      const next = waiting.shift()
      // Its place is handed on, so that nobody can slip in between.
      if (next) next()
      else running--
    }
  }
}
