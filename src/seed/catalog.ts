import { deviceFor } from '../demo/devices.js'
import { PLACES } from '../demo/networks.js'
import { createRandom } from '../demo/random.js'
import { readDevice } from '../devices/device.js'
import type { Place } from '../devices/types.js'
import { copyField as field } from './copyText.js'

/** A network of 256 addresses (IPv4) or of a /48 (IPv6), with what the atlas says of it. */
export interface SeedNetwork {
  /** Its address without the end: "203.0.113." or "2003:d8:7f00:" */
  prefix: string
  version: 4 | 6
  country: string
  /** country, region, city, latitude, longitude, asn and owner of a session's row, as COPY reads them. */
  fields: string
  /** country, city and owner of an activity's row. */
  lastFields: string
}

/** A browser on a device, as COPY reads the columns user_agent to device_model. */
export interface SeedDevice {
  fields: string
  kind: 'computer' | 'phone' | 'tablet'
}

export interface Catalog {
  /** By city, the cities with the most people first. */
  cities: { country: string; home: SeedNetwork[]; phone: SeedNetwork[] }[]
  devices: Record<SeedDevice['kind'], SeedDevice[]>
}

const NEIGHBOURS = 24
const DEVICES = 400

/** IPv6 networks of providers that sell to homes there. */
const SIX: Record<string, string[]> = {
  US: ['2600:1700:', '2601:640:'],
  DE: ['2003:d8:', '2a02:8109:'],
  GB: ['2a00:23c4:', '2a02:c7c:'],
  FR: ['2a01:cb00:', '2a01:e0a:'],
  IN: ['2409:4042:', '2405:201:'],
  JP: ['2400:4050:', '240b:10:'],
  BR: ['2804:14c:', '2804:431:'],
  NL: ['2a02:a440:'],
  PL: ['2a02:a310:'],
}

/** @param placeAt what the atlas knows now: it must have been read */
export function createCatalog(placeAt: (ip: string) => Place): Catalog {
  return {
    cities: PLACES.map(({ country, home, office, phone }) => ({
      country,
      home: [...neighbours([...home, ...office], country, placeAt), ...networksOfSix(country, placeAt)],
      phone: neighbours(phone, country, placeAt),
    })),
    devices: { computer: devices('computer'), phone: devices('phone'), tablet: devices('tablet') },
  }
}

/** The /24 networks around, as far as they are of the same country: a big provider's customers are in many of them. */
function neighbours(known: string[], country: string, placeAt: (ip: string) => Place): SeedNetwork[] {
  return known.flatMap((network) => {
    const [a, b, c] = network.split('.').map(Number)
    const thirds = Array.from({ length: NEIGHBOURS }, (_, n) => ((c ?? 0) + n) % 256)
    return thirds.flatMap((third) => networkAt(`${a}.${b}.${third}.`, 4, country, placeAt))
  })
}

function networksOfSix(country: string, placeAt: (ip: string) => Place): SeedNetwork[] {
  return (SIX[country] ?? []).flatMap((start) =>
    Array.from({ length: NEIGHBOURS }, (_, n) =>
      networkAt(`${start}${(0x7f00 + n).toString(16)}:`, 6, country, placeAt),
    ).flat(),
  )
}

function networkAt(prefix: string, version: 4 | 6, country: string, placeAt: (ip: string) => Place): SeedNetwork[] {
  const place = placeAt(version === 4 ? `${prefix}7` : `${prefix}1::7`)
  if (place.country !== country) return []
  const { region, city, latitude, longitude, asn, networkOwner } = place
  return [
    {
      prefix,
      version,
      country,
      fields: [country, region, city, latitude, longitude, asn, networkOwner].map(field).join('\t'),
      lastFields: [country, city, networkOwner].map(field).join('\t'),
    },
  ]
}

/** Most people are up to date; the others are spread over years of versions. */
function devices(kind: SeedDevice['kind']): SeedDevice[] {
  return Array.from({ length: DEVICES }, (_, n) => {
    const random = createRandom(`seed|${kind}|${n}`)
    const { headers } = deviceFor(`seed ${n}`, kind, { developer: random.chance(0.1) })
    const aged: typeof headers = random.chance(0.35) ? older(headers, Math.floor(random.next() ** 2 * 45)) : headers
    const device = readDevice({ userAgent: aged['user-agent'], get: (name) => aged[name] ?? null })
    const { browser, browserVersion, os, osVersion, type, model } = device
    return {
      kind,
      fields: [aged['user-agent'], browser, browserVersion, os, osVersion, type, model].map(field).join('\t'),
    }
  })
}

/** The same browser so many versions ago, by Chromium's and Firefox's numbers. */
function older(headers: Record<string, string>, versions: number): { 'user-agent': string; [hint: string]: string } {
  const back = (text: string) => text.replace(/\b(1[34]\d)\b/g, (version) => String(Number(version) - versions))
  const aged = Object.fromEntries(Object.entries(headers).map(([name, value]) => [name, back(value)]))
  return { ...aged, 'user-agent': back(headers['user-agent'] ?? '') }
}
