import { expect, it } from 'vitest'
import { isOfAnotherSite, readOrigins } from '../../../src/client/socketOrigin.js'

const isOther = (origin: string | undefined, host: string | undefined = 'shop.example', origins: string[] = []) =>
  isOfAnotherSite((name) => ({ origin, host })[name], readOrigins({ origins }))

it.each([
  ['https://shop.example', 'shop.example'],
  ['https://shop.example', 'shop.example:443'],
  ['http://localhost:3000', 'localhost:3000'],
  [undefined, 'shop.example'],
])('S-41 a socket is opened by a page of the own host: %s at %s', (origin, host) => {
  expect(isOther(origin, host)).toBe(false)
})

it.each([
  'https://evil.example',
  'https://shop.example:444',
  'https://shop.example.evil.example',
  'null',
  '',
  'no origin',
])('S-41 and by no other one: “%s”', (origin) => {
  expect(isOther(origin)).toBe(true)
  expect(isOther(origin, 'shop.example', ['https://www.shop.example'])).toBe(true)
})

it('S-41 but for those that the app names', () => {
  expect(isOther('https://www.shop.example', 'shop.example', ['https://www.shop.example'])).toBe(false)
  for (const origin of ['www.shop.example', 'https://www.shop.example/', 'https://www.shop.example/page', '*'])
    expect(() => readOrigins({ origins: [origin] }), origin).toThrow('must be an origin')
})
