import { afterEach, describe, expect, test, vi } from 'vitest'
import { isPublic, pinAddress, readTarget } from '../../../src/webhooks/guard.js'

const answering = (...addresses: string[]) => ({ allowLoopback: false, resolve: vi.fn(async () => addresses) })
const HOOKS = new URL('https://hooks.example.com/rollcall')

afterEach(() => {
  vi.useRealTimers()
})

describe('S-57 where webhooks may go', () => {
  test.each([
    '127.0.0.1',
    '127.9.9.9',
    '0.0.0.0',
    '10.1.2.3',
    '172.16.0.1',
    '192.168.1.1',
    '169.254.169.254',
    '100.64.0.1',
    '100.100.100.200',
    '168.63.129.16',
    '192.0.0.192',
    '198.18.0.1',
    '203.0.113.7',
    '224.0.0.1',
    '255.255.255.255',
    '::',
    '::1',
    '::7f00:1',
    '::ffff:127.0.0.1',
    '::ffff:8.8.8.8',
    '64:ff9b::a00:1',
    '64:ff9b:1::a00:1',
    '2002:7f00:1::',
    '2001::1',
    'fe80::1',
    'fe80::1%eth0',
    'fc00::1',
    'fd00:ec2::254',
    'fec0::1',
    'ff02::1',
    '2001:db8::1',
    '100::1',
    '5f00::1',
  ])('never to %s', async (address) => {
    expect(isPublic(address)).toBe(false)
    await expect(pinAddress(HOOKS, answering(address))).rejects.toThrow('must be on the public internet')
    await expect(pinAddress(HOOKS, answering('93.184.215.14', address)), 'beside a good one').rejects.toThrow(address)
  })

  test.each(['93.184.215.14', '1.1.1.1', '2606:4700::1111', '2a00:1450:4001:82a::200e'])('to %s', async (address) => {
    expect(await pinAddress(HOOKS, answering(address))).toBe(address)
  })

  test.each([
    'http://hooks.example.com/',
    'ftp://hooks.example.com/',
    'file:///etc/passwd',
    'hooks.example.com',
    '',
    'https://',
    'https://user:password@hooks.example.com/',
    'https://user@hooks.example.com/',
    'https://:password@hooks.example.com/',
    'http://localhost/',
    'javascript:alert(1)',
  ])('“%s” is no address to send to', (text) => {
    expect(() => readTarget(text, { allowLoopback: false })).toThrow('must ')
  })

  test.each([
    'https://127.1/',
    'https://0x7f.1/',
    'https://2130706433/',
    'https://[::1]/',
    'https://[::ffff:7f00:1]/',
    'https://017700000001/',
  ])('%s is this machine, in another spelling', async (text) => {
    const guard = answering('93.184.215.14')
    await expect(pinAddress(readTarget(text, guard), guard)).rejects.toThrow('must be on the public internet')
    expect(guard.resolve).not.toHaveBeenCalled()
  })

  test('the setting for development opens this machine and nothing else', async () => {
    const local = { allowLoopback: true, resolve: async () => ['127.0.0.1', '::1'] }
    expect(await pinAddress(readTarget('http://localhost:4000/', local), local)).toBe('127.0.0.1')
    const lying = { ...local, resolve: async () => ['192.168.1.1'] }
    await expect(pinAddress(readTarget('http://localhost/', lying), lying)).rejects.toThrow('192.168.1.1')
    const outside = { ...local, resolve: async () => ['93.184.215.14'] }
    await expect(pinAddress(readTarget('http://localhost/', outside), outside)).rejects.toThrow('with https://')
    expect(() => readTarget('http://192.168.1.1/', local)).toThrow('must begin with https://')
    expect(() => readTarget('http://hooks.example.com/', local)).toThrow('must begin with https://')
  })

  test('a name that nobody knows, or that has no address, is said', async () => {
    const unknown = { ...answering(), resolve: () => Promise.reject(new Error('ENOTFOUND')) }
    await expect(pinAddress(HOOKS, unknown)).rejects.toThrow('can’t be looked up')
    await expect(pinAddress(HOOKS, answering())).rejects.toThrow('without an address')
  })

  test('a name whose server never answers holds a delivery up for five seconds', async () => {
    vi.useFakeTimers()
    const asked = pinAddress(HOOKS, { allowLoopback: false, resolve: () => new Promise(() => {}) })
    const refused = expect(asked).rejects.toThrow('can’t be looked up')
    await vi.advanceTimersByTimeAsync(5_000)
    expect(vi.getTimerCount(), 'nothing goes on waiting').toBe(0)
    await refused
  })
})
