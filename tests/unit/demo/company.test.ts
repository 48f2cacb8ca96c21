import { beforeAll, describe, expect, test } from 'vitest'
import { ATTACKER_DEVICES } from '../../../src/demo/devices.js'
import { emailFor } from '../../../src/demo/names.js'
import { HOSTING, PLACES } from '../../../src/demo/networks.js'
import { createCompany } from '../../../src/demo/people.js'
import { readDevice } from '../../../src/devices/device.js'
import { openPlaces, type Places } from '../../../src/devices/place.js'

const people = createCompany(new Date('2026-11-24T12:00:00Z'))

describe('the company', () => {
  test('has about 200 people in 20 countries, each with an address of their own', () => {
    expect(people.length).toBeGreaterThan(190)
    expect(people.length).toBeLessThan(230)
    expect(new Set(people.map(({ place }) => place.country)).size).toBe(20)
    expect(new Set(people.map(({ email }) => email)).size).toBe(people.length)
    expect(new Set(people.flatMap(({ home, phone }) => [home, ...phone])).size).toBe(people.length * 3)
  })

  test('is the same one each time', () => {
    const again = createCompany(new Date('2027-01-01T12:00:00Z'))
    const known = ({ name, home, habits }: (typeof people)[number]) => ({ name, home, habits })
    expect(again.map(known)).toEqual(people.map(known))
  })

  test('has an owner, a responder and a viewer', () => {
    const admins = people.filter(({ role }) => role !== 'person').map(({ name, role }) => `${name}: ${role}`)
    expect(admins).toEqual(['Ada Byrne: owner', 'Jonas Weber: responder', 'Mara Lindqvist: viewer'])
  })

  test.each([
    ['Zofia Wiśniewska', 'zofia.wisniewska@northwind.example'],
    ['Nguyễn Linh', 'nguyen.linh@northwind.example'],
    ['Michał O’Brien', 'michal.obrien@northwind.example'],
    ['Sipho van der Merwe', 'sipho.van.der.merwe@northwind.example'],
  ])('%s is written to at %s', (name, email) => {
    expect(emailFor(name)).toBe(email)
  })
})

describe('every device', () => {
  const devices = people.flatMap(({ habits }) => habits.map(({ device }) => device))

  test('is read for what it is', () => {
    for (const { kind, headers } of devices) {
      const read = readDevice({ userAgent: headers['user-agent'], get: (name) => headers[name] })
      const types = { computer: 'desktop', phone: 'mobile', tablet: 'tablet', script: 'script' } as const
      expect(read, headers['user-agent']).toMatchObject({ type: types[kind] })
      expect(read.browser).not.toBeNull()
      expect(read.os).not.toBeNull()
    }
  })

  test('is one of what people have', () => {
    const found = devices.map(({ headers }) =>
      readDevice({ userAgent: headers['user-agent'], get: (name) => headers[name] }),
    )
    expect([...new Set(found.map(({ browser }) => browser))].sort()).toEqual([
      'Chrome',
      'Edge',
      'Firefox',
      'Safari',
      'Samsung Internet',
    ])
    expect([...new Set(found.map(({ os }) => os))].sort()).toEqual([
      'Android',
      'Linux',
      'Windows',
      'iOS',
      'iPadOS',
      'macOS',
    ])
  })

  test('the thief’s is a script', () => {
    const { headers } = ATTACKER_DEVICES.curl
    expect(readDevice({ userAgent: headers['user-agent'], get: () => undefined }).type).toBe('script')
  })
})

describe('every address', () => {
  let places: Places
  beforeAll(async () => {
    places = await openPlaces()
    await places.warm()
  })

  test('lies in the country of whoever uses it, with a provider that is known', () => {
    const wrong = people.flatMap(({ name, place, home, office, phone }) =>
      [home, office, ...phone].flatMap((ip) => {
        const found = places.findNow(ip)
        return found.country === place.country && found.networkOwner
          ? []
          : [`${name} ${ip}: ${found.country} ${found.networkOwner}`]
      }),
    )
    expect(wrong).toEqual([])
  })

  test('those of the attackers belong to hosting companies elsewhere', () => {
    const found = [HOSTING.spraying, HOSTING.theft].map((ip) => places.findNow(ip))
    expect(found).toMatchObject(
      [
        { country: 'RO', networkOwner: /M247/ },
        { country: 'MD', networkOwner: /Trabia/ },
      ].map(({ country, networkOwner }) => ({ country, networkOwner: expect.stringMatching(networkOwner) })),
    )
    for (const { country } of found) expect(PLACES.map((place) => place.country)).not.toContain(country)
  })
})
