import { hash } from 'node:crypto'
import { systemClock } from '../../../src/follower/clock.js'
import { createEngine, type Engine } from '../../../src/follower/engine.js'
import { sees } from '../../../src/follower/snapshot.js'
import { hashWords } from '../../../src/follower/token.js'
import type { Answer, Entry, Facts, Loaded, Snapshot, Transport } from '../../../src/follower/types.js'
import { person } from './people.js'

const LEASE_MS = 2_000
const TIMEOUT_MS = 86_400_000
export const APP = '00000000-0000-7000-8000-000000000001'

/** The session engine of one process, over a database that is made up as it is asked. */
export interface OurEngine extends Engine {
  /** The n-th token there is, made anew each time: a million of them would be in the way. */
  token(n: number): string
  /** Ends the n-th session, as a transaction would, and nudges. */
  end(n: number): void
}

/** @param refused network blocks in force, none of which holds anybody */
export async function startEngine({
  cacheSize,
  refused = 0,
}: {
  cacheSize: number
  refused?: number
}): Promise<OurEngine> {
  const networks = Array.from({ length: refused }, (_, n) => ({
    network: `198.18.${n & 255}.0/24`,
    endsAt: null,
    ask: false,
  }))
  let log: Entry[] = []
  let xid = 1_000
  const read = async (after: Snapshot | undefined): Promise<Answer> => {
    const entries = log.filter((entry) => !after || !sees(after, entry.xid))
    log = []
    const snapshot = { era: 'load.1', xmin: xid, xmax: xid, xip: [] }
    return { snapshot, entries, ageMs: 0, anew: after === undefined, nowMs: Date.now(), networks }
  }
  const transport: Transport = {
    poll: read,
    read,
    load: async (token) => load(token, engine.follower.now()),
    over: async () => [],
  }
  const engine = createEngine({ transport, clock: systemClock, leaseMs: LEASE_MS, cacheSize })
  await engine.start()
  return {
    ...engine,
    token: tokenOf,
    end(n) {
      log.push({ kind: 'session', target: idOf(n), xid: xid++ })
      void engine.follower.nudge()
    },
  }
}

function load(token: string, now: number): Loaded {
  const id = Buffer.from(token.slice(4, 26), 'base64url')
  const n = id.readUInt32BE(12)
  const idText = uuidText(id)
  const facts: Facts = {
    id: idText,
    secretHash: hashWords(hash('sha256', token.slice(26), 'buffer')),
    appId: APP,
    method: 'password',
    createdAt: Date.now(),
    expiresAt: Date.now() + TIMEOUT_MS,
    idleTimeoutMs: TIMEOUT_MS,
    account: { id: idText.replace('-7', '-8'), ...person(n), role: 'person' },
    over: undefined,
    expiryDeadline: now + TIMEOUT_MS,
    idleDeadline: now + TIMEOUT_MS,
  }
  return { status: 'known', facts, networkBlocked: false, ageMs: 0 }
}

function tokenOf(n: number): string {
  const secret = hash('sha256', `secret ${n}`, 'base64url')
  return `rcs_${idBytes(n).toString('base64url')}${secret}`
}

/** A UUIDv7 as sign-ins a few milliseconds apart get them, with its number in the last four bytes. */
function idBytes(n: number): Buffer {
  const bytes = hash('md5', `id ${n}`, 'buffer')
  bytes.writeUIntBE(1_764_000_000_000 + n * 3, 0, 6)
  bytes[6] = 0x70 | ((bytes[6] ?? 0) & 0x0f)
  bytes[8] = 0x80 | ((bytes[8] ?? 0) & 0x3f)
  bytes.writeUInt32BE(n, 12)
  return bytes
}

const idOf = (n: number) => uuidText(idBytes(n))

const uuidText = (bytes: Buffer) => bytes.toString('hex').replace(/^(.{8})(.{4})(.{4})(.{4})/, '$1-$2-$3-$4-')

/** What a table of addresses would hold: one for each session, all outside the refused networks. */
export const addressOf = (n: number) => `10.${(n >> 16) & 255}.${(n >> 8) & 255}.${n & 255}`
