import { setImmediate as turn } from 'node:timers/promises'
import { expect, it } from 'vitest'
import { createPreviews } from '../../../src/admin/previews.js'
import { type AccountId, newId } from '../../../src/db/ids.js'

const [one, other, third] = [newId<AccountId>(), newId<AccountId>(), newId<AccountId>()]

/** Previews that begin when they may, and answer when they are told to. */
function someLooks(mostInAll?: number) {
  const previews = createPreviews(mostInAll === undefined ? {} : { mostInAll })
  const began: string[] = []
  const answers = new Map<string, () => void>()
  return {
    began,
    look: (who: AccountId, name: string) =>
      previews.take(who, () => {
        began.push(name)
        return new Promise<string>((resolve) => answers.set(name, () => resolve(name)))
      }),
    answer: async (name: string) => {
      answers.get(name)?.()
      await turn()
    },
  }
}

it('S-74 an admin has one preview under way; of those that wait the last one is looked at', async () => {
  const { look, answer, began } = someLooks()
  const first = look(one, 'first')
  const second = look(one, 'second')
  const last = look(one, 'last')
  await expect(second).rejects.toMatchObject({ status: 429 })
  expect(began).toEqual(['first'])
  await answer('first')
  expect([await first, began]).toEqual(['first', ['first', 'last']])
  await answer('last')
  expect(await last).toBe('last')
})

it('S-74 admins together have only so many under way: the others come in turn', async () => {
  const { look, answer, began } = someLooks(2)
  const asked = [look(one, 'a'), look(one, 'b'), look(other, 'c'), look(third, 'd')]
  await turn()
  expect(began).toEqual(['a', 'c'])
  await answer('a')
  expect(began).toEqual(['a', 'c', 'b'])
  await answer('c')
  await answer('b')
  await answer('d')
  expect(await Promise.all(asked)).toEqual(['a', 'b', 'c', 'd'])
})

it('a preview that fails makes room too', async () => {
  const previews = createPreviews({ mostInAll: 1 })
  const failing = () => previews.take(one, () => Promise.reject(new Error('the database is away')))
  await expect(failing()).rejects.toThrow('away')
  await expect(failing()).rejects.toThrow('away')
})
