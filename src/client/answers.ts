import { REASONS } from '../follower/reasons.js'
import { parseSnapshot } from '../follower/snapshot.js'
import { isUuidText } from '../follower/token.js'
import type { ActiveVerdict, Answer, DenialReason, Entry, RefusedNetwork, Snapshot } from '../follower/types.js'
import type { RememberedFor } from '../follower/wire.js'

/**
 * The border: what a node sent, read field by field. Anything that is not as `wire.ts` has it is no answer at all, and
 * nothing is decided by it. Fields that are not known are left alone: nodes may be newer than this client.
 */

type Fields = Record<string, unknown>

/** @param arrivedAt follower time, from which an answer's durations are counted that end a refusal */
export function readRevocations(answer: unknown, arrivedAt: number): Answer | undefined {
  if (!isFields(answer)) return undefined
  const snapshot = readPosition(answer['position'])
  const entries = readList(answer['items'], readEntry)
  const { age, anew, networks } = answer
  if (!snapshot || !entries || !isDuration(age) || typeof anew !== 'boolean') return undefined
  if (networks === undefined) return { snapshot, entries, ageMs: age, anew }
  const refused = readList(networks, (network) => readNetwork(network, arrivedAt))
  return refused && { snapshot, entries, ageMs: age, anew, networks: refused }
}

/** `data` of an event of the stream. */
export function readPushed(event: unknown, arrivedAt: number): { answer: Answer; from: Snapshot } | undefined {
  const answer = readRevocations(event, arrivedAt)
  const from = isFields(event) ? readPosition(event['from']) : undefined
  return answer && from && { answer, from }
}

export type Checked =
  | { status: 'denied'; reason: DenialReason; memory: Pick<RememberedFor, 'age'> | undefined }
  | {
      status: 'active'
      session: ActiveVerdict['session']
      account: ActiveVerdict['account']
      memory: Pick<RememberedFor, 'age' | 'expiresInMs' | 'idleInMs'> | undefined
    }

/** Answer of `POST /sessions/verify`. `memory` is there where a position was sent. */
export function readChecked(answer: unknown): Checked | undefined {
  if (!isFields(answer)) return undefined
  const { status, reason, memory } = answer
  if (status === 'denied') {
    const age = readAge(memory)
    return isReason(reason) && (age || memory === undefined) ? { status, reason, memory: age } : undefined
  }
  const session = readSession(answer['session'])
  const account = readAccount(answer['account'])
  const remembered = readRemembered(memory)
  if (status !== 'active' || !session || !account || !(remembered || memory === undefined)) return undefined
  return { status, session, account, memory: remembered }
}

const readAge = (memory: unknown) =>
  isFields(memory) && isDuration(memory['age']) ? { age: memory['age'] } : undefined

function readRemembered(memory: unknown) {
  const age = readAge(memory)
  if (!age || !isFields(memory)) return undefined
  const { expiresInMs, idleInMs } = memory
  return isNumber(expiresInMs) && isNumber(idleInMs) ? { ...age, expiresInMs, idleInMs } : undefined
}

/** Answer of `POST /sessions/over`. */
export function readOver(answer: unknown): { id: string; reason: DenialReason }[] | undefined {
  return isFields(answer)
    ? readList(answer['over'], (one) =>
        isFields(one) && typeof one['id'] === 'string' && isReason(one['reason'])
          ? { id: one['id'], reason: one['reason'] }
          : undefined,
      )
    : undefined
}

/** Answer of `POST /sessions/touch`. */
export function readEnded(answer: unknown): string[] | undefined {
  return isFields(answer) ? readList(answer['ended'], (id) => (typeof id === 'string' ? id : undefined)) : undefined
}

function readSession(value: unknown): ActiveVerdict['session'] | undefined {
  if (!isFields(value)) return undefined
  const { id, appId, method, idleTimeoutMs } = value
  const createdAt = readTime(value['createdAt'])
  const expiresAt = readTime(value['expiresAt'])
  if (!isUuidText(id) || typeof appId !== 'string' || typeof method !== 'string') return undefined
  if (!createdAt || !expiresAt || !isDuration(idleTimeoutMs)) return undefined
  return { id, appId, method, createdAt, expiresAt, idleTimeoutMs }
}

function readAccount(value: unknown): ActiveVerdict['account'] | undefined {
  if (!isFields(value)) return undefined
  const { id, name, email, role } = value
  if (!isUuidText(id) || typeof name !== 'string' || typeof role !== 'string') return undefined
  return email === null || typeof email === 'string' ? { id, name, email, role } : undefined
}

function readEntry(value: unknown): Entry | undefined {
  if (!isFields(value)) return undefined
  const { kind, target } = value
  if (typeof kind !== 'string' || typeof target !== 'string') return undefined
  // Which transaction wrote it matters to nodes alone. A kind that is not known may end anything: memory takes it so.
  return { kind: kind as Entry['kind'], target, xid: 0 }
}

function readNetwork(value: unknown, arrivedAt: number): RefusedNetwork | undefined {
  if (!isFields(value)) return undefined
  const { network, endsInMs, ask } = value
  if (typeof network !== 'string' || typeof ask !== 'boolean') return undefined
  if (endsInMs !== null && !isNumber(endsInMs)) return undefined
  return { network, ask, endsAt: endsInMs === null ? null : arrivedAt + endsInMs }
}

function readList<T>(value: unknown, read: (one: unknown) => T | undefined): T[] | undefined {
  if (!Array.isArray(value)) return undefined
  const list: T[] = []
  for (const one of value) {
    const item = read(one)
    if (item === undefined) return undefined
    list.push(item)
  }
  return list
}

const readPosition = (value: unknown) => (typeof value === 'string' ? parseSnapshot(value) : undefined)

function readTime(value: unknown): Date | undefined {
  const time = new Date(typeof value === 'string' ? value : '')
  return isNumber(time.getTime()) ? time : undefined
}

const KNOWN_REASONS: readonly unknown[] = REASONS
const isReason = (value: unknown): value is DenialReason => KNOWN_REASONS.includes(value)
const isFields = (value: unknown): value is Fields => typeof value === 'object' && value !== null
const isNumber = (value: unknown): value is number => typeof value === 'number' && Number.isFinite(value)
const isDuration = (value: unknown): value is number => isNumber(value) && value >= 0
