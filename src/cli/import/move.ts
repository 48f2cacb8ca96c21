import { type AccountOf, namedAccount } from '../../client/store/accounts.js'
import { type CookieLike, maxAgeOf } from '../../client/store/cookieAge.js'
import { readSid } from '../../client/store/sid.js'
import { type Api, ApiRefused } from '../api.js'
import { EXIT } from '../exit.js'
import type { OldSession } from './old.js'

type Outcome = 'moved' | 'already' | 'ended' | 'expired' | 'idle' | { refused: string }

export interface Report {
  applied: boolean
  moved: number
  already: number
  ended: number
  expired: number
  /** Their own age has not run out, the app's policy has: they would be over at once. */
  idle: number
  refused: number
  /** How many, by why. */
  why: Record<string, number>
}

interface Moving {
  account: AccountOf
  apply: boolean
}

/** How many are under way at once. */
const AT_ONCE = 8

/** Moves one page after the other. Stopped at any moment, it may be begun again: each session is moved whole or not at all. */
export async function moveAll(api: Api, pages: AsyncIterable<OldSession[]>, moving: Moving): Promise<Report> {
  const report: Report = {
    applied: moving.apply,
    moved: 0,
    already: 0,
    ended: 0,
    expired: 0,
    idle: 0,
    refused: 0,
    why: {},
  }
  for await (const page of pages) {
    const waiting = page.values()
    const worker = async () => {
      for (const old of waiting) {
        const outcome = await moveOne(api, old, moving)
        if (typeof outcome === 'string') report[outcome]++
        else {
          report.refused++
          report.why[outcome.refused] = (report.why[outcome.refused] ?? 0) + 1
        }
      }
    }
    await Promise.all(Array.from({ length: AT_ONCE }, worker))
  }
  return report
}

/** The same for people. */
export const linesOf = ({ why, ...counts }: Report): [count: number, what: string][] => [
  [counts.moved, counts.applied ? 'moved' : 'would be moved'],
  [counts.already, 'are in Rollcall already, and stay as they are there'],
  [counts.ended, 'have ended in Rollcall, and stay ended'],
  [counts.expired, 'had expired'],
  [counts.idle, 'would be over at once: idle longer than the app allows, so not moved'],
  ...Object.entries(why).map(([reason, count]): [number, string] => [count, `refused: ${reason}`]),
]

async function moveOne(api: Api, old: OldSession, { account, apply }: Moving): Promise<Outcome> {
  const read = readOld(old)
  if (!read) return { refused: 'what is stored is no session in JSON' }
  const { cookie } = read as { cookie?: CookieLike }
  const maxAge = maxAgeOf(cookie)
  const left = old.left ?? (cookie?.expires ? (new Date(cookie.expires).getTime() - Date.now()) / 1_000 : null)
  if (maxAge === 0 || (left !== null && left <= 0)) return 'expired'
  try {
    const unusedFor = maxAge === null || left === null ? 0 : Math.max(0, Math.floor(maxAge - left))
    const body = {
      data: old.content,
      account: namedAccount(account(read)),
      maxAge,
      moved: { unusedFor, dryRun: !apply },
    }
    await api.ask('PUT', `/store/${readSid(old.sid).key}`, { body })
    return 'moved'
  } catch (error) {
    return outcomeOf(error)
  }
}

/** @throws what stops the whole: Rollcall does not answer, or takes no such key */
function outcomeOf(error: unknown): Outcome {
  if (!(error instanceof ApiRefused) || error.exitCode === EXIT.unreachable) throw error
  if (error.status === 401 || error.status === 429 || error.code === 'missing-scope') throw error
  if (error.code === 'already-stored') return 'already'
  if (error.code === 'session-ended') return 'ended'
  if (error.code === 'idle-too-long') return 'idle'
  return { refused: error.message.replaceAll('\n', ' ') }
}

function readOld({ content }: OldSession): Record<string, unknown> | undefined {
  try {
    const read: unknown = JSON.parse(content)
    return typeof read === 'object' && read !== null && !Array.isArray(read)
      ? (read as Record<string, unknown>)
      : undefined
  } catch {
    return undefined
  }
}

/** Reads who is signed in where the app keeps it: `user.id`. */
export function accountAt({ account, email, name }: { account?: string; email?: string; name?: string }): AccountOf {
  return (session) => {
    const [id, address, called] = [account, email, name].map((path) => (path ? at(session, path) : undefined))
    return {
      ...(typeof id === 'string' || typeof id === 'number' ? { id } : {}),
      ...(typeof address === 'string' ? { email: address } : {}),
      ...(typeof called === 'string' ? { name: called } : {}),
    }
  }
}

function at(value: unknown, path: string): unknown {
  return path
    .split('.')
    .reduce<unknown>(
      (found, part) => (typeof found === 'object' && found !== null ? Reflect.get(found, part) : undefined),
      value,
    )
}
