import { createRandom, type Random } from './random.js'

export type DeviceKind = 'computer' | 'phone' | 'tablet'

/** A browser as it introduces itself: its user agent and, where it sends them, its Client Hints. */
export interface DemoDevice {
  kind: DeviceKind | 'script'
  /** Headers by lower-case name. */
  headers: { 'user-agent': string; [hint: string]: string }
}

/** One of the devices that are common where and by whom they are used. */
export function deviceFor(person: string, kind: DeviceKind, { developer = false } = {}): DemoDevice {
  const random = createRandom(`device|${person}|${kind}`)
  if (kind === 'phone') return random.chance(0.46) ? iPhone(random) : androidPhone(random)
  if (kind === 'tablet') return random.chance(0.8) ? iPad(random) : androidTablet(random)
  return computer(random, developer)
}

/** The attackers' own. */
export const ATTACKER_DEVICES = {
  browser: { kind: 'computer', headers: firefox('X11; Linux x86_64', '128.0') },
  curl: { kind: 'script', headers: { 'user-agent': 'curl/8.14.1' } },
} as const satisfies Record<string, DemoDevice>

/** What browsers shipped in November 2026 call themselves; a few people are a version behind. */
const CHROME = ['142', '142', '142', '141']
const FIREFOX = ['145.0', '145.0', '144.0']
const SAFARI = ['26.1', '26.1', '26.0', '18.6']

function computer(random: Random, developer: boolean): DemoDevice {
  const system = random.next()
  if (developer && system < 0.35)
    return pickOne(random, [() => chrome(random, LINUX), () => onFirefox(random, 'X11; Linux x86_64')])
  if (system < (developer ? 0.75 : 0.34)) {
    return pickOne(random, [
      () => chrome(random, MAC),
      () => chrome(random, MAC),
      () => safari(random),
      () => onFirefox(random, 'Macintosh; Intel Mac OS X 10.15'),
    ])
  }
  const windows = random.chance(0.82) ? WINDOWS_11 : WINDOWS_10
  return pickOne(random, [
    () => chrome(random, windows),
    () => chrome(random, windows),
    () => edge(random, windows),
    () => onFirefox(random, 'Windows NT 10.0; Win64; x64'),
  ])
}

const pickOne = (random: Random, makers: (() => DemoDevice)[]): DemoDevice => random.pick(makers)()

interface System {
  agent: string
  platform: string
  platformVersion: string
}
const WINDOWS_11 = { agent: 'Windows NT 10.0; Win64; x64', platform: 'Windows', platformVersion: '19.0.0' }
const WINDOWS_10 = { agent: 'Windows NT 10.0; Win64; x64', platform: 'Windows', platformVersion: '10.0.0' }
const MAC = { agent: 'Macintosh; Intel Mac OS X 10_15_7', platform: 'macOS', platformVersion: '26.1.0' }
const LINUX = { agent: 'X11; Linux x86_64', platform: 'Linux', platformVersion: '6.12.0' }

function chrome(random: Random, system: System): DemoDevice {
  const version = random.pick(CHROME)
  return {
    kind: 'computer',
    headers: {
      'user-agent': `Mozilla/5.0 (${system.agent}) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/${version}.0.0.0 Safari/537.36`,
      ...hints('Google Chrome', version, system),
    },
  }
}

function edge(random: Random, system: System): DemoDevice {
  const version = random.pick(CHROME)
  return {
    kind: 'computer',
    headers: {
      'user-agent': `Mozilla/5.0 (${system.agent}) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/${version}.0.0.0 Safari/537.36 Edg/${version}.0.0.0`,
      ...hints('Microsoft Edge', version, system),
    },
  }
}

function onFirefox(random: Random, agent: string): DemoDevice {
  return { kind: 'computer', headers: firefox(agent, random.pick(FIREFOX)) }
}

/** Firefox and Safari send no Client Hints. */
function firefox(agent: string, version: string): DemoDevice['headers'] {
  return { 'user-agent': `Mozilla/5.0 (${agent}; rv:${version}) Gecko/20100101 Firefox/${version}` }
}

function safari(random: Random): DemoDevice {
  const version = random.pick(SAFARI)
  const agent = `Mozilla/5.0 (${MAC.agent}) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/${version} Safari/605.1.15`
  return { kind: 'computer', headers: { 'user-agent': agent } }
}

function iPhone(random: Random): DemoDevice {
  return { kind: 'phone', headers: { 'user-agent': mobileSafari('iPhone; CPU iPhone OS', random.pick(SAFARI)) } }
}

function iPad(random: Random): DemoDevice {
  return { kind: 'tablet', headers: { 'user-agent': mobileSafari('iPad; CPU OS', random.pick(SAFARI)) } }
}

/** From Safari 26 on the system's own version is frozen at 18.6. */
function mobileSafari(agent: string, version: string): string {
  return `Mozilla/5.0 (${agent} 18_6 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/${version} Mobile/15E148 Safari/604.1`
}

const PIXELS = ['Pixel 8', 'Pixel 9', 'Pixel 10 Pro']
const GALAXIES = ['SM-S931B', 'SM-S921B', 'SM-A556B']
const OTHERS = ['2410DPN6CC', 'CPH2653', 'moto g85 5G']

function androidPhone(random: Random): DemoDevice {
  const version = random.pick(CHROME)
  if (random.chance(0.3)) return samsungInternet(random)
  const model = random.pick(random.pick([PIXELS, GALAXIES, OTHERS]))
  return {
    kind: 'phone',
    headers: {
      'user-agent': `Mozilla/5.0 (Linux; Android 10; K) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/${version}.0.0.0 Mobile Safari/537.36`,
      ...hints('Google Chrome', version, android(random), { mobile: true, model }),
    },
  }
}

function samsungInternet(random: Random): DemoDevice {
  return {
    kind: 'phone',
    headers: {
      'user-agent':
        'Mozilla/5.0 (Linux; Android 10; K) AppleWebKit/537.36 (KHTML, like Gecko) SamsungBrowser/29.0 Chrome/136.0.0.0 Mobile Safari/537.36',
      ...hints('Samsung Internet', '29', android(random), { mobile: true, model: random.pick(GALAXIES) }),
    },
  }
}

function androidTablet(random: Random): DemoDevice {
  const version = random.pick(CHROME)
  return {
    kind: 'tablet',
    headers: {
      'user-agent': `Mozilla/5.0 (Linux; Android 10; K) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/${version}.0.0.0 Safari/537.36`,
      ...hints('Google Chrome', version, android(random), { model: 'SM-X710' }),
    },
  }
}

const android = (random: Random): System => ({
  agent: '',
  platform: 'Android',
  platformVersion: random.pick(['16.0.0', '16.0.0', '15.0.0', '14.0.0']),
})

function hints(brand: string, version: string, system: System, { mobile = false, model = '' } = {}) {
  return {
    'sec-ch-ua': `"Chromium";v="${version}", "${brand}";v="${version}", "Not_A Brand";v="99"`,
    'sec-ch-ua-mobile': mobile ? '?1' : '?0',
    'sec-ch-ua-platform': `"${system.platform}"`,
    'sec-ch-ua-platform-version': `"${system.platformVersion}"`,
    ...(model ? { 'sec-ch-ua-model': `"${model}"` } : {}),
  }
}
