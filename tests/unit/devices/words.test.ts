import { expect, test } from 'vitest'
import { PRIVATE_PLACE, UNKNOWN_PLACE } from '../../../src/devices/place.js'
import type { Device, Place } from '../../../src/devices/types.js'
import { countryName, deviceText, networkText, placeText } from '../../../src/devices/words.js'

const UNKNOWN: Device = { browser: null, browserVersion: null, os: null, osVersion: null, type: 'unknown', model: null }
const place = (known: Partial<Place>): Place => ({ ...UNKNOWN_PLACE, kind: 'place', ...known })

test('a device is a browser on a system, and says so when one of them is not known', () => {
  expect(deviceText({ ...UNKNOWN, browser: 'Chrome', browserVersion: '142.0', os: 'Windows' })).toBe(
    'Chrome 142 on Windows',
  )
  expect(deviceText({ ...UNKNOWN, browser: 'Safari', browserVersion: '18.6', os: 'iOS' })).toBe('Safari 18.6 on iOS')
  expect(deviceText({ ...UNKNOWN, browser: 'Opera', browserVersion: '120.0' })).toBe('Opera 120')
  expect(deviceText({ ...UNKNOWN, os: 'Linux' })).toBe('Unknown browser on Linux')
  expect(deviceText(UNKNOWN)).toBe('Unknown device')
})

test('a place is a city and a country code, else the country, and never blank', () => {
  expect(placeText(place({ city: 'Berlin', country: 'DE' }))).toBe('Berlin, DE')
  expect(placeText(place({ country: 'DE' }))).toBe('Germany')
  expect(placeText(place({ city: 'Atlantis' }))).toBe('Atlantis')
  expect(placeText(place({}))).toBe('Unknown place')
  expect(placeText(PRIVATE_PLACE)).toBe('Private network')
  expect(placeText(UNKNOWN_PLACE)).toBe('Unknown place')
})

test('a network is its number and its owner, as far as they are known', () => {
  expect(networkText(place({ asn: 3320, networkOwner: 'Deutsche Telekom AG' }))).toBe('AS3320 Deutsche Telekom AG')
  expect(networkText(place({ asn: 3320 }))).toBe('AS3320')
  expect(networkText(PRIVATE_PLACE)).toBeNull()
})

test('a country is called by its name, and what has none by its code', () => {
  expect(countryName('DE')).toBe('Germany')
  expect(countryName('XK')).toBe('Kosovo')
  expect(countryName('QQ')).toBe('QQ')
  expect(countryName('not a code')).toBe('not a code')
  expect(countryName('ZZ')).toBe('Unknown country')
  expect(countryName(null)).toBe('Unknown country')
})
