import fc from 'fast-check'
import { expect, test } from 'vitest'
import { readDevice, USER_AGENT_LIMIT } from '../../../src/devices/device.js'
import { DEVICE_TYPES } from '../../../src/devices/types.js'
import { deviceText } from '../../../src/devices/words.js'
import { AGENTS } from './agents.js'

const CHROME_WINDOWS =
  'Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/142.0.0.0 Safari/537.36'

const device = (userAgent: string, hints: Record<string, string> = {}) =>
  readDevice({ userAgent, get: (name) => hints[name] })

test.each(AGENTS)('a device is called what people call it: $text ($ua)', ({ ua, text, type, osVersion, model }) => {
  const read = device(ua)
  expect({ text: deviceText(read), type: read.type, osVersion: read.osVersion, model: read.model }).toEqual({
    text,
    type,
    osVersion: osVersion ?? null,
    model: model ?? null,
  })
})

test('a version is kept as sent, major and minor', () => {
  expect(device(CHROME_WINDOWS).browserVersion).toBe('142.0')
})

test('Client Hints tell Windows 11 from Windows 10', () => {
  const windows = (version: string) =>
    device(CHROME_WINDOWS, { 'sec-ch-ua-platform': '"Windows"', 'sec-ch-ua-platform-version': `"${version}"` })
      .osVersion
  expect(windows('19.0.0')).toBe('11')
  expect(windows('13.0.0')).toBe('11')
  expect(windows('10.0.0')).toBe('10')
  expect(windows('0.3.0')).toBe('8.1')
  expect(windows('0.1.0')).toBe('7')
})

test('Client Hints tell the browser that its user agent leaves out', () => {
  const brave = device(CHROME_WINDOWS, {
    'sec-ch-ua': '"Chromium";v="142", "Brave";v="142", "Not_A Brand";v="99"',
    'sec-ch-ua-platform': '"macOS"',
    'sec-ch-ua-platform-version': '"26.1.0"',
    'sec-ch-ua-mobile': '?0',
  })
  expect(brave).toEqual({
    browser: 'Brave',
    browserVersion: '142',
    os: 'macOS',
    osVersion: '26.1',
    type: 'desktop',
    model: null,
  })
})

test('the full version list is preferred, and made-up brands are passed over wherever they stand', () => {
  for (const grease of [
    '"Not_A Brand";v="8"',
    '" Not;A Brand";v="99"',
    '"(Not(A:Brand";v="24.0.0.0"',
    '"Not/A)Brand";v="8"',
  ]) {
    const chrome = device(CHROME_WINDOWS, {
      'sec-ch-ua': `${grease}, "Chromium";v="142", "Google Chrome";v="142"`,
      'sec-ch-ua-full-version-list': `${grease}, "Chromium";v="142.0.7444.60", "Google Chrome";v="142.0.7444.60"`,
    })
    expect(deviceText(chrome)).toBe('Chrome 142 on Windows')
    expect(chrome.browserVersion).toBe('142.0')
  }
})

test('Client Hints give the model and version of a phone whose user agent is frozen', () => {
  const phone = device(
    'Mozilla/5.0 (Linux; Android 10; K) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/142.0.0.0 Mobile Safari/537.36',
    {
      'sec-ch-ua': '"Google Chrome";v="142", "Chromium";v="142"',
      'sec-ch-ua-platform': '"Android"',
      'sec-ch-ua-platform-version': '"16.0.0"',
      'sec-ch-ua-model': '"Pixel 9 Pro"',
      'sec-ch-ua-mobile': '?1',
    },
  )
  expect(phone).toEqual({
    browser: 'Chrome',
    browserVersion: '142',
    os: 'Android',
    osVersion: '16',
    type: 'mobile',
    model: 'Pixel 9 Pro',
  })
})

test('an app around an engine keeps its own name', () => {
  const electron = device(`${CHROME_WINDOWS} Vivaldi/7.7`, { 'sec-ch-ua': '"Chromium";v="142", "Not_A Brand";v="99"' })
  expect(electron.browser).toBe('Vivaldi')
})

test('S-52 no more than 1,024 characters of a user agent are parsed', () => {
  const filled = `${'x'.repeat(USER_AGENT_LIMIT)} Googlebot/2.1`
  expect(device(filled).browser).toBeNull()
  expect(device(filled.slice(-100)).browser).toBe('Googlebot')
})

const PIECES = [
  'Mozilla/5.0 (',
  'Linux; Android ',
  'Windows NT ',
  '; ',
  ') ',
  '/',
  '.',
  '1',
  'a',
  ' ',
  'Build/',
  'Mobile ',
]
const HOSTILE = [
  ...PIECES,
  'bot',
  'Safari/',
  '"',
  '\\',
  ',',
  '=',
  '?1',
  'v="',
  '\0',
  '\u202e',
  '<script>',
  '\ud800',
  '💥',
]

test('S-52 no user agent and no hint makes reading a device fail', () => {
  const text = fc.oneof(
    fc.string({ unit: 'binary', maxLength: 3000 }),
    fc.array(fc.constantFrom(...HOSTILE), { maxLength: 600 }).map((pieces) => pieces.join('')),
    fc.constantFrom(...HOSTILE).map((piece) => piece.repeat(4000)),
  )
  fc.assert(
    fc.property(text, text, (userAgent, hint) => {
      const read = readDevice({ userAgent, get: () => hint })
      expect(DEVICE_TYPES).toContain(read.type)
      for (const shown of [read.browser, read.browserVersion, read.os, read.osVersion, read.model]) {
        expect(shown ?? 'none').toMatch(/^[^\p{Cc}\p{Cf}\p{Cs}]{1,64}$/u)
      }
      expect(deviceText(read)).not.toBe('')
    }),
  )
})

/** What patterns that look back and forth take longest for: near-misses of known agents, as long as is parsed at all. */
const WORST = [
  ...[...PIECES, 'bot', 'Safari/', 'Version/', 'Opera/', 'MSIE ', 'Nokia', 'SM-', '-', '_', '\t'].map((piece) =>
    piece.repeat(USER_AGENT_LIMIT),
  ),
  ...['Mozilla/5.0 (Linux; Android ', 'Mozilla/5.0 (', 'Dalvik/2.1.0 (Linux; U; ', 'Opera/9.80 ('].flatMap((start) =>
    ['; ', ' ', 'a', '1.', 'x/1 ', '((', 'SM-A', 'Build/'].map((piece) => start + piece.repeat(USER_AGENT_LIMIT)),
  ),
]

test('S-52 the worst-case corpus parses in under 5 ms: it costs little more than real agents of the same machine', () => {
  const cost = (userAgent: string) => {
    const from = process.hrtime.bigint()
    device(userAgent)
    return Number(process.hrtime.bigint() - from)
  }
  const fastest = new Map<string, number>()
  const real = AGENTS.map(({ ua }) => ua)
  // Turn by turn, and the fastest of many turns: what else the machine does counts for neither.
  for (let round = 0; round < 20; round++) {
    for (const ua of [...real, ...WORST]) fastest.set(ua, Math.min(cost(ua), fastest.get(ua) ?? Infinity))
  }
  const costs = (agents: string[]) => agents.map((ua) => fastest.get(ua) ?? Infinity).toSorted((a, b) => a - b)
  const ordinary = costs(real)[real.length >> 1] ?? 0
  // A real one takes some 0.03 ms, the worst ten times that; a pattern that backtracks takes thousands of times that.
  expect((costs(WORST).at(-1) ?? Infinity) / ordinary).toBeLessThan(100)
})

test('S-52 what stands beyond 1,024 characters changes nothing', () => {
  const [agent] = AGENTS
  const filled = (agent?.ua ?? '').padEnd(USER_AGENT_LIMIT, ' x')
  for (const more of ['iPad; Mobile Safari/1.0 bot', 'a'.repeat(1_000_000)])
    expect(device(filled + more)).toEqual(device(filled))
})
