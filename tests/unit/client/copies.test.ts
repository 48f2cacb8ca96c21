import { expect, it } from 'vitest'
import { Copies, type Copy } from '../../../src/client/store/copies.js'

const aCopy = (key: string, content = '{}'): Copy => ({
  key,
  content,
  session: null,
  token: null,
  words: new Int32Array(),
  lapsesAt: 0,
  touchedAt: undefined,
})

it.each<[string, (copies: Copies) => void]>([
  ['this process changes it', (copies) => copies.drop('sid')],
  ['another process comes to it', (copies) => copies.dropKey('key')],
  ['everything is forgotten', (copies) => copies.clear()],
])('S-14 what is being looked up is not kept where, meanwhile, %s', (_, meanwhile) => {
  const copies = new Copies(10)
  // Once with nothing kept of it, and once beside what is.
  for (const before of [false, true]) {
    if (before) copies.keep('sid', aCopy('key'))
    const load = copies.begin('sid', 'key')
    meanwhile(copies)
    copies.end(load, aCopy('key'))
    expect(copies.find('sid')).toBeUndefined()
  }
  copies.end(copies.begin('sid', 'key'), aCopy('key'))
  expect(copies.find('sid'), 'what is looked up afterwards is').toBeDefined()
})

it('of two look-ups of one, the first that is answered is kept', () => {
  const copies = new Copies(10)
  const [first, second] = [copies.begin('sid', 'key'), copies.begin('sid', 'key')]
  const kept = aCopy('key')
  copies.end(first, kept)
  copies.end(second, aCopy('key'))
  expect(copies.find('sid')).toBe(kept)
})

it('the one that was not asked for longest makes room', () => {
  const copies = new Copies(2)
  for (const sid of ['one', 'two']) copies.keep(sid, aCopy(`key of ${sid}`))
  copies.find('one')
  copies.keep('three', aCopy('key of three'))
  expect(['one', 'two', 'three'].filter((sid) => copies.find(sid))).toEqual(['one', 'three'])
})

it('holds so many characters at once, of which what is dropped are none', () => {
  const copies = new Copies(10)
  const large = 'x'.repeat(30 * 1024 * 1024)
  for (const sid of ['one', 'two', 'three']) copies.keep(sid, aCopy(`key of ${sid}`, large))
  expect(['one', 'two', 'three'].filter((sid) => copies.find(sid))).toEqual(['two', 'three'])
  for (const sid of ['two', 'three']) copies.drop(sid)
  for (const sid of ['four', 'five']) copies.keep(sid, aCopy(`key of ${sid}`, large))
  expect(['four', 'five'].filter((sid) => copies.find(sid))).toEqual(['four', 'five'])
})
