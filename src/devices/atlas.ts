import { createRequire } from 'node:module'
import { isIPv4, isIPv6 } from 'node:net'
import { open, type Reader, type Response } from 'maxmind'
import { z } from 'zod'
import { InWords } from '../inWords.js'
import { readable } from './headers.js'
import { lazily } from './lazily.js'
import type { Place } from './types.js'

/** Where on the map an address is. */
export type Spot = Pick<Place, 'country' | 'region' | 'city' | 'latitude' | 'longitude'>

/** A place database. Whose data it is has to be shown wherever the data is (CC BY 4.0, GeoLite2's licence). */
export interface Atlas {
  find(ip: string): Promise<Spot | null>
  /** From memory alone: null also while the file is not read yet. */
  findNow(ip: string): Spot | null
  credit: string
  creditUrl: string | null
}

const DB_IP = { credit: 'IP Geolocation by DB-IP (CC BY 4.0)', creditUrl: 'https://db-ip.com' }

/** The best of the databases that are installed. They are big (city: 63 and 71 MB), so each is read when first needed. */
export function bundledAtlas(onProblem: (error: Error) => void): Atlas {
  const files = ['ipv4', 'ipv6'].map((family) => bundledFile(`dbip-city-mmdb/dbip-city-${family}.mmdb`))
  const country = bundledFile('dbip-country-mmdb/dbip-country.mmdb')
  const readers = new Map(
    [...files, country].flatMap((file) => (file ? [[file, lazily(() => openFile(file), onProblem)]] : [])),
  )
  const readerFor = (ip: string) => readers.get(files[isIPv4(ip) ? 0 : 1] ?? country ?? '')
  return {
    find: async (ip) => lookUp((await readerFor(ip)?.get()) ?? null, ip),
    findNow: (ip) => lookUp(readerFor(ip)?.now() ?? null, ip),
    ...DB_IP,
  }
}

/** Where a file of `@ip-location-db` is; undefined where that optional package is not installed. */
export function bundledFile(path: string): string | undefined {
  try {
    return createRequire(import.meta.url).resolve(`@ip-location-db/${path}`)
  } catch {
    return undefined
  }
}

/** The file that `ROLLCALL_GEO_DB` names can't be used. */
class BadPlaces extends InWords {}

/**
 * The database that `ROLLCALL_GEO_DB` names.
 *
 * @throws BadPlaces with the path, what is wrong, and what to do
 */
export async function givenAtlas(path: string): Promise<Atlas> {
  const refused = (why: string, cause?: unknown) =>
    new BadPlaces(
      `ROLLCALL_GEO_DB: "${path}" ${why}. Give the path of an .mmdb file with cities or countries ` +
        '(such as GeoLite2-City.mmdb), or leave the variable out to use the bundled one.',
      { cause },
    )
  const reader = await openFile(path).catch((error: unknown) => {
    throw refused(whyUnreadable(error), error)
  })
  const kind = reader.metadata.databaseType
  if (/asn|isp|anonymous|domain|connection/i.test(kind)) throw refused(`holds no places, it is a ${kind} database`)
  try {
    for (let octet = 1; octet < 224; octet++) spotIn(reader, `${octet}.1.1.1`)
  } catch (error) {
    throw refused('is damaged', error)
  }
  return { find: async (ip) => lookUp(reader, ip), findNow: (ip) => lookUp(reader, ip), ...creditOf(kind) }
}

function openFile(path: string): Promise<Reader<Response>> {
  return open<Response>(path, { cache: { max: 1000 } })
}

function whyUnreadable(error: unknown): string {
  const code = error instanceof Error && 'code' in error ? error.code : undefined
  if (code === 'ENOENT') return 'does not exist'
  if (code === 'EACCES' || code === 'EPERM') return 'may not be read by this user'
  return code === 'EISDIR' ? 'is a folder' : 'is damaged or not an .mmdb database'
}

function creditOf(kind: string): Pick<Atlas, 'credit' | 'creditUrl'> {
  if (/^(geolite|geoip)/i.test(kind)) {
    return { credit: 'IP geolocation by MaxMind GeoLite2', creditUrl: 'https://www.maxmind.com' }
  }
  return /^(dbip|db-ip|city ipv|country ipv)/i.test(kind)
    ? DB_IP
    : { credit: `IP geolocation: ${kind}`, creditUrl: null }
}

/** An address whose record is damaged counts as unknown, and its sign-in goes on. */
function lookUp(reader: Reader<Response> | null, ip: string): Spot | null {
  try {
    return reader && spotIn(reader, ip)
  } catch {
    return null
  }
}

const text = z.string().optional().catch(undefined)
const number = z.number().optional().catch(undefined)
const names = z.object({ iso_code: text, names: z.object({ en: text }).optional().catch(undefined) })

/** DB-IP's flat records and MaxMind's nested ones. A field that is neither counts as missing. */
const Found = z.object({
  country_code: text,
  country: z.union([z.string(), names]).optional().catch(undefined),
  state1: text,
  subdivisions: z.array(names).optional().catch(undefined),
  city: z.union([z.string(), names]).optional().catch(undefined),
  latitude: number,
  longitude: number,
  location: z.object({ latitude: number, longitude: number }).optional().catch(undefined),
})

function spotIn(reader: Reader<Response>, ip: string): Spot | null {
  // A database of IPv4 alone takes the first 32 bits of an IPv6 address for one, and finds something.
  if (reader.metadata.ipVersion === 4 && isIPv6(ip)) return null
  const { data: found } = Found.safeParse(reader.get(ip))
  if (!found) return null
  const country = typeof found.country === 'string' ? found.country : found.country?.iso_code
  const city = typeof found.city === 'string' ? found.city : found.city?.names?.en
  return {
    country: [found.country_code, country].find((code) => code && /^[A-Z]{2}$/.test(code)) ?? null,
    region: readable(found.state1 ?? found.subdivisions?.[0]?.names?.en),
    // DB-IP adds the district: "Frankfurt am Main (Innenstadt I)".
    city: readable(city?.replace(/ \([^()]*\)$/, '')),
    latitude: degrees(found.latitude ?? found.location?.latitude),
    longitude: degrees(found.longitude ?? found.location?.longitude),
  }
}

/** Four decimals are ten metres, more than any such database knows; the rest is noise of 32-bit numbers. */
function degrees(value: number | undefined): number | null {
  return value === undefined ? null : Math.round(value * 10_000) / 10_000
}
