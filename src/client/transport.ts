import { isAddress } from '../follower/address.js'
import { formatSnapshot } from '../follower/snapshot.js'
import { HASH_AT, readToken, TOKEN_WORDS } from '../follower/token.js'
import type { Answer, CheckRequest, Clock, Loaded, Snapshot, Transport } from '../follower/types.js'
import type { ProcessReport } from '../follower/wire.js'
import { readChecked, readOver, readRevocations } from './answers.js'
import { type Calls, oddAnswer } from './calls.js'

/** Of one request: it takes at most 500. */
const AT_ONCE = 400

/** What was asked of the database itself is as old as its answer, and memory is not told how to go on with it. */
const FROM_THE_DATABASE = { age: 0, expiresInMs: 0, idleInMs: 0 }

export interface HttpTransportOptions {
  calls: Pick<Calls, 'send'>
  clock: Pick<Clock, 'monotonicMs'>
  leaseMs: number
  /** Goes along with each poll, for receipts and the panel's list. */
  report: () => ProcessReport
}

/** The way to the truth for an app process: a node, over HTTP. Durations travel, no two clocks are compared. */
export function createHttpTransport({ calls, clock, leaseMs, report }: HttpTransportOptions): Transport {
  async function revocations(after: Snapshot | undefined): Promise<Answer> {
    const path = `/revocations?${followingQuery(report(), after)}`
    const answer = await calls.send('GET', path, { timeoutMs: leaseMs / 2 })
    // A refusal that lifts itself is held on to for as long as the answer may have been under way.
    const read = readRevocations(answer, clock.monotonicMs())
    if (!read) throw oddAnswer('/revocations')
    return read
  }

  async function load(token: string, request: CheckRequest, position: Snapshot | undefined): Promise<Loaded> {
    const sent = clock.monotonicMs()
    const { ip, userAgent = '', use } = request
    // Without a position of its own nobody can tell whether a node is behind it: then the database is asked too.
    const fresh = request.fresh || !position
    const answer = await calls.send('POST', '/sessions/verify', {
      timeoutMs: leaseMs,
      body: {
        token,
        ...(position ? { position: formatSnapshot(position) } : {}),
        ...(fresh ? { fresh } : {}),
        ...(ip === null || ip === undefined ? {} : { client: { ip, userAgent } }),
        // A use is told with the batch of touches, once.
        background: true,
      },
    })
    const checked = readChecked(answer)
    const memory = checked?.memory ?? (fresh ? FROM_THE_DATABASE : undefined)
    if (!checked || !memory) throw oddAnswer('/sessions/verify')
    if (checked.status === 'denied') {
      const { reason } = checked
      return reason === 'unknown'
        ? { status: 'unknown', idIsFree: false }
        : { status: 'denied', reason, ageMs: memory.age }
    }
    const { session, account } = checked
    const { age, expiresInMs, idleInMs } = checked.memory ?? FROM_THE_DATABASE
    return {
      status: 'known',
      ageMs: age,
      // It is active for the address that was told, or else for its last one.
      networkBlocked: false,
      facts: {
        ...session,
        secretHash: hashOf(token),
        createdAt: session.createdAt.getTime(),
        expiresAt: session.expiresAt.getTime(),
        account,
        over: undefined,
        expiryDeadline: sent + expiresInMs,
        // A use begins the idle time anew, though the batch that tells it may not have left yet.
        idleDeadline: sent + (use && idleInMs > 0 ? session.idleTimeoutMs : idleInMs),
      },
    }
  }

  return {
    poll: revocations,
    read: revocations,
    load,
    async over(watched) {
      const over: Awaited<ReturnType<Transport['over']>> = []
      for (const part of inRequests(watched)) {
        const items = part.map(({ id, ip }) => ({ id, ip: readable(ip) }))
        const answer = await calls.send('POST', '/sessions/over', { timeoutMs: leaseMs, body: { items } })
        const read = readOver(answer)
        if (!read) throw oddAnswer('/sessions/over')
        over.push(...read)
      }
      return over
    },
  }
}

/** What the poll and the stream are asked with. */
export function followingQuery(report: ProcessReport, after: Snapshot | undefined): string {
  const query = new URLSearchParams()
  for (const [name, value] of Object.entries(report)) query.set(name, String(value))
  if (after) query.set('after', formatSnapshot(after))
  return query.toString()
}

/** What goes in one request each. */
export const inRequests = <T>(all: readonly T[]): T[][] =>
  Array.from({ length: Math.ceil(all.length / AT_ONCE) }, (_, i) => all.slice(i * AT_ONCE, (i + 1) * AT_ONCE))

/** One that can't be read would have the whole list refused. A zone means nothing elsewhere, and may be of any length. */
export const readable = (ip: string | null): string | undefined => (ip && isAddress(ip) ? ip.split('%')[0] : undefined)

function hashOf(token: string): Int32Array {
  const words = new Int32Array(TOKEN_WORDS)
  readToken(token, words)
  return words.subarray(HASH_AT)
}
