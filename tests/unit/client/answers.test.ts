import { describe, expect, it } from 'vitest'
import { readChecked, readEnded, readOver, readPushed, readRevocations } from '../../../src/client/answers.js'

const ID = '019abc00-0000-7000-8000-000000000000'
const REVOCATIONS = {
  position: '7.1;100:100:',
  age: 12.5,
  anew: false,
  items: [{ kind: 'session', target: ID }],
  networks: [{ network: '203.0.113.0/24', ask: false, endsInMs: 1_000 }],
}
const ACTIVE = {
  status: 'active',
  session: {
    id: ID,
    appId: ID,
    method: 'password',
    createdAt: '2026-01-31T12:00:00.000Z',
    expiresAt: '2026-01-31T13:00:00.000Z',
    idleTimeoutMs: 1_000,
  },
  account: { id: ID, name: 'Ada', email: null, role: 'person' },
  memory: { age: 0, expiresInMs: 5, idleInMs: 5 },
}

/** What no node sends in the place of anything. */
const ODD = [undefined, null, 'x', -1, Number.NaN, Number.POSITIVE_INFINITY, {}, [7], true]

/** The answer with one field at a time made odd, wherever it lies; `allowed` says what may stand there. */
function* oddOnes(
  answer: object,
  allowed: (path: string, value: unknown) => boolean,
  path = '',
): Generator<[string, unknown]> {
  for (const [name, value] of Object.entries(answer)) {
    const here = `${path}/${name}`
    const put = (other: unknown) =>
      Object.assign(Array.isArray(answer) ? [...answer] : { ...answer }, { [name]: other })
    for (const odd of ODD) if (!allowed(here, odd)) yield [`${here} = ${JSON.stringify(odd) ?? odd}`, put(odd)]
    if (typeof value !== 'object' || value === null) continue
    for (const [what, inner] of oddOnes(value, allowed, here)) yield [what, put(inner)]
  }
}

describe('an answer of a node', () => {
  it('S-16 that differs in any field from what a node says is none', () => {
    const isText = (value: unknown) => typeof value === 'string'
    const revocations = (path: string, value: unknown) =>
      (path === '/networks' && value === undefined) ||
      (path === '/anew' && value === true) ||
      (/\/(kind|target|network)$/.test(path) && isText(value)) ||
      (path.endsWith('/ask') && value === true) ||
      (path.endsWith('/endsInMs') && (value === null || value === -1))
    expect(readRevocations(REVOCATIONS, 50)).toMatchObject({ ageMs: 12.5, networks: [{ endsAt: 1_050 }] })
    for (const [what, odd] of oddOnes(REVOCATIONS, revocations)) expect(readRevocations(odd, 0), what).toBeUndefined()

    const checked = (path: string, value: unknown) =>
      (path === '/memory' && value === undefined) ||
      (/\/(appId|method|name|role|email)$/.test(path) && isText(value)) ||
      (path.endsWith('/email') && value === null) ||
      (/\/(expiresInMs|idleInMs)$/.test(path) && value === -1)
    expect(readChecked(ACTIVE)).toMatchObject({ status: 'active', memory: ACTIVE.memory })
    for (const [what, odd] of oddOnes(ACTIVE, checked)) expect(readChecked(odd), what).toBeUndefined()

    const denied = { status: 'denied', reason: 'idle', memory: { age: 3 } }
    expect(readChecked(denied)).toEqual(denied)
    for (const [what, odd] of oddOnes(denied, checked)) expect(readChecked(odd), what).toBeUndefined()
  })

  it('S-16 of the others too', () => {
    const pushed = { ...REVOCATIONS, from: '7.1;99:99:' }
    expect(readPushed(pushed, 0)).toMatchObject({ from: { xmin: 99 } })
    for (const odd of ODD) {
      expect(readPushed({ ...pushed, from: odd }, 0)).toBeUndefined()
      expect(readPushed(odd, 0)).toBeUndefined()
      expect(readRevocations(odd, 0)).toBeUndefined()
      expect(readChecked(odd)).toBeUndefined()
      expect(readOver(odd)).toBeUndefined()
      expect(readOver({ over: [{ id: ID, reason: odd }] })).toBeUndefined()
      expect(readEnded(odd)).toBeUndefined()
      expect(readEnded({ ended: [ID, odd] })).toEqual(odd === 'x' ? [ID, 'x'] : undefined)
    }
    expect(readOver({ over: [{ id: ID, reason: 'blocked' }] })).toEqual([{ id: ID, reason: 'blocked' }])
  })

  it('may have more fields than this client knows', () => {
    expect(readRevocations({ ...REVOCATIONS, hint: 1 }, 0)).toBeDefined()
    expect(readChecked({ ...ACTIVE, session: { ...ACTIVE.session, device: 'x' } })).toBeDefined()
  })
})
