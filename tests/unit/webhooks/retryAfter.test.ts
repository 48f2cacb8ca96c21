import { expect, test } from 'vitest'
import { retryAfterOf } from '../../../src/webhooks/retryAfter.js'

const NOW = new Date('2026-11-06T08:49:00Z')
const DAY = 86_400

test.each<[string, number, string | undefined, number | null]>([
  ['seconds', 503, '120', 120],
  ['seconds, of too many requests', 429, '1', 1],
  ['a date', 503, 'Fri, 06 Nov 2026 08:49:37 GMT', 37],
  ['a date as RFC 850 had it', 503, 'Friday, 06-Nov-26 08:49:37 GMT', 37],
  ['a date as C writes it, which is GMT too', 503, 'Fri Nov  6 08:49:37 2026', 37],
  ['more than a day', 503, '31536000', DAY],
  ['more than a number holds', 503, '9'.repeat(400), DAY],
  ['a date far ahead', 503, 'Sat, 06 Nov 2094 08:49:37 GMT', DAY],
  ['a date that is over', 503, 'Fri, 06 Nov 2026 08:48:00 GMT', null],
  ['now', 503, '0', null],
  ['less than nothing', 503, '-5', null],
  ['part of a second', 503, '1.5', null],
  ['words', 503, 'soon', null],
  ['a date in no form of HTTP', 503, '2026-11-06T08:49:37Z', null],
  ['a date that there is not', 503, 'Fri, 66 Nov 2026 08:49:37 GMT', null],
  ['nothing', 503, '', null],
  ['no header', 503, undefined, null],
  ['with a redirect, which nobody follows', 301, '120', null],
  ['with an error of another kind', 500, '120', null],
])('%s', (_, status, header, seconds) => {
  expect(retryAfterOf(status, header, NOW)).toBe(seconds)
})
