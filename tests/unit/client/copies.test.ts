import { expect, it } from 'vitest'
import { Copies, type Copy } from '../../../src/client/store/copies.js'

const aCopy = (key: string): Copy => ({
  key,
  content: '{}',
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
  const [load, other] = [copies.begin('sid', 'key'), copies.begin('sid', 'key')]
  copies.end(other, aCopy('key'))
  expect(copies.find('sid')).toBeDefined()
  meanwhile(copies)
  copies.end(load, aCopy('key'))
  expect(copies.find('sid')).toBeUndefined()
  copies.end(copies.begin('sid', 'key'), aCopy('key'))
  expect(copies.find('sid'), 'what is looked up afterwards is').toBeDefined()
})
