import type { Client, Device, Place } from '../../src/devices/types.js'

/** Browsers as they introduce themselves, with what must be read from that. */
const BROWSERS = {
  'Chrome on Windows': {
    userAgent:
      'Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/142.0.0.0 Safari/537.36',
    device: desktop('Chrome', '142', 'Windows', '10'),
  },
  'Firefox on Linux': {
    userAgent: 'Mozilla/5.0 (X11; Linux x86_64; rv:145.0) Gecko/20100101 Firefox/145.0',
    device: desktop('Firefox', '145', 'Linux', null),
  },
  'Safari on Mac': {
    userAgent:
      'Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.6 Safari/605.1.15',
    device: desktop('Safari', '18', 'macOS', '10.15.7'),
  },
  'Safari on iPhone': {
    userAgent:
      'Mozilla/5.0 (iPhone; CPU iPhone OS 18_6 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.6 Mobile/15E148 Safari/604.1',
    device: {
      browser: 'Safari',
      browserVersion: '18',
      os: 'iOS',
      osVersion: '18.6',
      type: 'mobile',
      model: 'iPhone',
    },
  },
  'Edge on Windows': {
    userAgent:
      'Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/142.0.0.0 Safari/537.36 Edg/142.0.0.0',
    device: desktop('Edge', '142', 'Windows', '10'),
  },
  curl: {
    userAgent: 'curl/8.14.1',
    device: { browser: 'curl', browserVersion: '8', os: null, osVersion: null, type: 'script', model: null },
  },
} satisfies Record<string, { userAgent: string; device: Device }>

const PLACES = {
  Berlin: place('DE', 'Berlin', 52.52, 13.4, 3320, 'Deutsche Telekom'),
  Lisbon: place('PT', 'Lisbon', 38.72, -9.14, 3243, 'MEO'),
  Osaka: place('JP', 'Osaka', 34.69, 135.5, 4713, 'NTT'),
  'New York': place('US', 'New York', 40.71, -74.01, 701, 'Verizon'),
  'the office': { ...nowhere('private') },
  nowhere: { ...nowhere('unknown') },
} satisfies Record<string, Place>

/** From the blocks that are set aside for documentation, so that no test names a real network. */
const ADDRESSES: Record<PlaceName, string> = {
  Berlin: '192.0.2.10',
  Lisbon: '198.51.100.20',
  Osaka: '203.0.113.30',
  'New York': '2001:db8::40',
  'the office': '10.0.0.50',
  nowhere: '203.0.113.60',
}

export type BrowserName = keyof typeof BROWSERS
export type PlaceName = keyof typeof PLACES

export interface ClientOptions {
  on?: BrowserName
  from?: PlaceName
  ip?: string | null
  userAgent?: string
}

/** What a request came from: Chrome on Windows in Berlin, unless said otherwise. */
export function aClient({ on = 'Chrome on Windows', from = 'Berlin', ip, userAgent }: ClientOptions = {}): Client {
  const browser = BROWSERS[on]
  return {
    ip: ip === undefined ? ADDRESSES[from] : ip,
    place: PLACES[from],
    userAgent: userAgent ?? browser.userAgent,
    device: browser.device,
  }
}

/** The header that such a browser sends. */
export const userAgentOf = (on: BrowserName): string => BROWSERS[on].userAgent

function desktop(browser: string, browserVersion: string, os: string, osVersion: string | null): Device {
  return { browser, browserVersion, os, osVersion, type: 'desktop', model: null }
}

function place(
  country: string,
  city: string,
  latitude: number,
  longitude: number,
  asn: number,
  networkOwner: string,
): Place {
  return { kind: 'place', country, region: null, city, latitude, longitude, asn, networkOwner }
}

function nowhere(kind: 'private' | 'unknown'): Place {
  return {
    kind,
    country: null,
    region: null,
    city: null,
    latitude: null,
    longitude: null,
    asn: null,
    networkOwner: null,
  }
}
