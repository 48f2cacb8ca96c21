import { expect, it } from 'vitest'
import { refusalAnswer } from '../../../src/client/gate.js'

const sentTo = (path: string, signIn = '/sign-in') =>
  refusalAnswer({ method: 'GET', path, accept: 'text/html' }, 'missing', signIn).headers['Location']

it('S-26 a page that is refused is sent to the sign-in with the way back', () => {
  expect(sentTo('/orders?page=2')).toBe('/sign-in?return_to=%2Forders%3Fpage%3D2')
  expect(sentTo('/', '/sign-in?app=shop')).toBe('/sign-in?app=shop&return_to=%2F')
})

it.each([
  '//evil.example',
  '/\\evil.example',
  '/a\\b',
  'https://evil.example',
  '/a b',
  '/é',
  '',
  `/${'x'.repeat(2_000)}`,
])('S-26 but not with “%s”, which could lead elsewhere', (path) => {
  expect(sentTo(path)).toBe('/sign-in')
})
