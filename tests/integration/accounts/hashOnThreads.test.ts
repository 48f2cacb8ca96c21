import { readdirSync, readFileSync } from 'node:fs'
import { getPriority } from 'node:os'
import { afterEach, describe, expect, it } from 'vitest'
import { type HashThreads, hashOnThreads } from '../../../src/accounts/hashOnThreads.js'
import { createPasswords } from '../../../src/accounts/passwords.js'

const started: HashThreads[] = []
afterEach(async () => {
  await Promise.all(started.splice(0).map((threads) => threads.stop()))
})

function onThreads() {
  const threads = hashOnThreads()
  started.push(threads)
  return threads
}

/** Threads of this process with so much less priority than it has, as the kernel tells it. Linux. */
function lowerBy(nice: number): number {
  const own = getPriority()
  return readdirSync('/proc/self/task').filter((id) => {
    // The name, in parentheses, may hold blanks: the fields are counted from behind it.
    const fields = readFileSync(`/proc/self/task/${id}/stat`, 'utf8').split(') ').at(-1)?.split(' ') ?? []
    return Number(fields[16]) === own + nice
  }).length
}

describe('passwords on threads of their own', () => {
  it('S-73 are hashed with less priority than everything else, and by nobody before the first', async () => {
    const threads = onThreads()
    expect(lowerBy(5)).toBe(0)
    await createPasswords({ hasher: threads }).hash('correct horse')
    expect(lowerBy(5)).toBe(1)
  })

  it('S-20 as many at once as may be, each with its own answer, by threads that stay', async () => {
    const passwords = createPasswords({ hasher: onThreads(), concurrency: 2 })
    const words = ['one horse', 'two horses', 'three horses', 'four horses']
    const hashes = await Promise.all(words.map((word) => passwords.hash(word)))
    const right = await Promise.all(hashes.map((hash, n) => passwords.verify(hash, words[n] ?? '')))
    expect(right).toEqual([true, true, true, true])
    expect(await passwords.verify(hashes[0], 'two horses')).toBe(false)
    expect(lowerBy(5)).toBe(2)
  })

  it('tell of what is no hash, and go on', async () => {
    const threads = onThreads()
    const password = new TextEncoder().encode('correct horse')
    await expect(threads.verify('no hash', password)).rejects.toThrow()
    const hash = await createPasswords({ hasher: threads }).hash('correct horse')
    expect(await threads.verify(hash, password)).toBe(true)
  })

  it('reject what is under way when they are stopped', async () => {
    const threads = onThreads()
    const under = createPasswords({ hasher: threads }).hash('correct horse')
    const rejected = expect(under).rejects.toThrow('ended with')
    await threads.stop()
    await rejected
  })
})
