import { describe, expect, it } from 'vitest'
import { judgeForwarding } from '../../../src/cli/doctorProxy.js'

const FORGED = '192.0.2.77'
const HTTPS = 'https://rollcall.example.com'

describe('what the doctor makes of where it seems to come from', () => {
  it.each([
    ['believes whoever says where they come from', HTTPS, '198.51.100.7', FORGED, 'failed'],
    ['has the proxy’s address for everybody', HTTPS, '10.0.0.5', '10.0.0.5', 'warning'],
    ['can’t tell where anybody comes from', HTTPS, null, null, 'warning'],
    ['sees the visitor, whatever they say', HTTPS, '8.8.4.4', '8.8.4.4', 'ok'],
    ['trusts a proxy on this machine', 'http://localhost:3000', '127.0.0.1', FORGED, 'ok'],
    ['trusts nobody on this machine', 'http://localhost:3000', '127.0.0.1', '127.0.0.1', 'ok'],
  ])('a server that %s', (_, url, ip, forged, is) => {
    const finding = judgeForwarding(url, ip, forged)
    expect(finding.is).toBe(is)
    expect(finding.toDo === undefined).toBe(is === 'ok')
  })
})
