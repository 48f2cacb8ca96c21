import { hash } from '@node-rs/argon2'
import { describe, expect, it } from 'vitest'
import { createPasswords, PasswordsBusy } from '../../../src/accounts/passwords/passwords.js'

describe('passwords at rest', () => {
  it('S-20 a hash is argon2id with 64 MiB and 3 passes, and says so itself', async () => {
    expect(await createPasswords().hash('correct horse')).toMatch(/^\$argon2id\$v=19\$m=65536,t=3,p=1\$/)
  })

  it('S-20 two hashes of one password differ, and both are right for it alone', async () => {
    const passwords = createPasswords()
    const [one, other] = await Promise.all([passwords.hash('correct horse'), passwords.hash('correct horse')])
    expect(one).not.toBe(other)
    expect(await passwords.verify(other, 'correct horse')).toBe(true)
    expect(await passwords.verify(one, 'correct horse ')).toBe(false)
  })

  it('S-20 a hash with older parameters still works and wants to be made anew', async () => {
    const passwords = createPasswords()
    const old = await hash('correct horse', { memoryCost: 19_456, timeCost: 2, parallelism: 1 })
    expect(await passwords.verify(old, 'correct horse')).toBe(true)
    expect(passwords.needsRehash(old)).toBe(true)
    expect(passwords.needsRehash(await passwords.hash('correct horse'))).toBe(false)
  })

  it('S-20 no password is right for an account without one', async () => {
    const passwords = createPasswords()
    expect(await passwords.verify(null, '')).toBe(false)
    expect(await passwords.verify(undefined, 'correct horse')).toBe(false)
  })

  it('S-20 no more hashes than said are under way; as many wait as may, the next one is told to come back', async () => {
    const passwords = createPasswords({ concurrency: 1, waiting: 2 })
    const results = await Promise.allSettled(Array.from({ length: 4 }, () => passwords.hash('correct horse')))
    expect(results.map(({ status }) => status)).toEqual(['fulfilled', 'fulfilled', 'fulfilled', 'rejected'])
    expect(results[3]).toMatchObject({ reason: expect.any(PasswordsBusy) })
    expect(await passwords.hash('correct horse')).toMatch(/^\$argon2id/)
  })

  it('S-22 the same characters in another composition are the same password', async () => {
    const passwords = createPasswords()
    expect(await passwords.verify(await passwords.hash('caf\u00e9 au lait'), 'cafe\u0301 au lait')).toBe(true)
    expect(await passwords.verify(await passwords.hash('ﬁne'), 'fine')).toBe(false)
  })
})
