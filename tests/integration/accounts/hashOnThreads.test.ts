import { readdirSync, readFileSync } from 'node:fs'
import { getPriority } from 'node:os'
import { beforeEach, describe, expect, it } from 'vitest'
import { hashOnThreads } from '../../../src/accounts/passwords/hashOnThreads.js'
import { createPasswords } from '../../../src/accounts/passwords/passwords.js'

/** Threads of this process with so much less priority than it has, as the kernel tells it. Linux. */
function lowerBy(nice: number): number {
  const own = getPriority()
  return readdirSync('/proc/self/task').filter((id) => {
    // The name, in parentheses, may hold blanks: the fields are counted from behind it.
    const fields = readFileSync(`/proc/self/task/${id}/stat`, 'utf8').split(') ').at(-1)?.split(' ') ?? []
    return Number(fields[16]) === own + nice
  }).length
}

/** Long enough to be counted on a busy machine. */
const IDLE_MS = 2_000

describe('passwords on threads of their own', () => {
  beforeEach(() => expect.poll(() => lowerBy(5), { timeout: 30_000 }).toBe(0))

  it('S-73 are hashed with less priority than everything else, and by nobody before the first', async () => {
    const threads = hashOnThreads({ idleMs: IDLE_MS })
    expect(lowerBy(5)).toBe(0)
    await createPasswords({ hasher: threads }).hash('correct horse')
    expect(lowerBy(5)).toBe(1)
  })

  it('S-20 as many at once as may be, each with its own answer, by threads that stay', async () => {
    const passwords = createPasswords({ hasher: hashOnThreads({ idleMs: IDLE_MS }), concurrency: 2 })
    const words = ['one horse', 'two horses', 'three horses', 'four horses']
    const hashes = await Promise.all(words.map((word) => passwords.hash(word)))
    const right = await Promise.all(hashes.map((hash, n) => passwords.verify(hash, words[n] ?? '')))
    expect(right).toEqual([true, true, true, true])
    expect(await passwords.verify(hashes[0], 'two horses')).toBe(false)
    expect(lowerBy(5)).toBe(2)
  })

  it('tell of what is no hash, and go on', async () => {
    const threads = hashOnThreads({ idleMs: IDLE_MS })
    const password = new TextEncoder().encode('correct horse')
    await expect(threads.verify('no hash', password)).rejects.toThrow()
    const hash = await createPasswords({ hasher: threads }).hash('correct horse')
    expect(await threads.verify(hash, password)).toBe(true)
  })

  it('end when there was nothing to do for a while; the next password has a new one', async () => {
    const passwords = createPasswords({ hasher: hashOnThreads({ idleMs: 1 }) })
    const hash = await passwords.hash('correct horse')
    await expect.poll(() => lowerBy(5)).toBe(0)
    expect(await passwords.verify(hash, 'correct horse')).toBe(true)
  })
})
