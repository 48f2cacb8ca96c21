import { randomBytes } from 'node:crypto'
import type { SeedHour } from './calendar.js'
import { idAt } from './ids.js'
import { type createPeople, endIn, pick } from './people.js'

export const SESSION_COLUMNS =
  'id,secret_hash,account_id,app_id,account_generation,app_generation,everyone_generation,created_at,expires_at,method,ip,country,region,city,latitude,longitude,asn,network_owner,user_agent,browser,browser_version,os,os_version,device_type,device_model,ended_at,end_reason,ended_by_kind,ended_by_name'
export const ACTIVITY_COLUMNS =
  'session_id,last_seen_at,last_ip,last_country,last_city,last_network_owner,requests,open'

const MINUTE = 60_000
const DAY = 86_400_000
const NOT_ENDED = '\\N\t\\N\t\\N\t\\N'
const METHODS = ['password', 'password', 'password', 'passkey', 'passkey', 'sso', 'sso', 'google']
/** Why sessions end, as often as they do. */
const ENDS = [
  'signed-out\taccount\tThe person',
  'signed-out\taccount\tThe person',
  'signed-out\taccount\tThe person',
  'idle\tsystem\tRollcall',
  'idle\tsystem\tRollcall',
  'idle\tsystem\tRollcall',
  'expired\tsystem\tRollcall',
  'replaced\taccount\tThe person',
  'revoked\tsystem\tRollcall',
]

/** The lines of `sessions` and of `session_activity`, for COPY. */
export interface SeedLines {
  sessions: string
  activity: string
}

export interface SeedWorld {
  people: ReturnType<typeof createPeople>
  apps: string[]
  now: number
  random: () => number
}

/** What one hour's sign-ins look like. Nobody has a token for them: the one secret is thrown away. */
export function createRows({ people, apps, now, random }: SeedWorld) {
  const secretHash = `\\\\x${randomBytes(32).toString('hex')}`
  return (hour: SeedHour): SeedLines => {
    const count = hour.live + hour.ended
    let live = hour.live
    let sessions = ''
    let activity = ''
    for (let n = 0; n < count; n++) {
      const at = Math.min(hour.at + Math.floor(((n + random()) / count) * hour.lasts), now - 1)
      const isLive = random() * (count - n) < live
      if (isLive) live--
      const session = one(at, isLive)
      sessions += session.row
      activity += session.activity
    }
    return { sessions, activity }
  }

  function one(at: number, isLive: boolean) {
    const id = idAt(at, random() * 2 ** 32, random() * 2 ** 32)
    const person = people.person(Math.floor(random() ** 1.7 * people.count))
    const mobile = random() < 0.42
    const device = mobile ? person.mobile : person.computer
    const away = mobile && random() < 0.6
    const network = away ? person.phone : person.home
    const ip = network.prefix + (away ? endIn(network, random()) : person.homeEnd)
    const app = random() < 0.6 ? person.app : Math.floor(random() * apps.length)
    const end = isLive ? undefined : Math.min(now - 1, at + lasting())
    const seen = end ?? lastSeen(at)
    return {
      row: `${id}\t${secretHash}\t${person.id}\t${apps[app]}\t0\t0\t0\t${time(at)}\t${time(at + 90 * DAY)}\t${pick(METHODS, random())}\t${ip}\t${network.fields}\t${device.fields}\t${end === undefined ? NOT_ENDED : endedAt(end)}\n`,
      activity: `${id}\t${time(seen)}\t${ip}\t${network.lastFields}\t${1 + Math.floor((seen - at) / (20 * MINUTE))}\t${isLive ? 't' : 'f'}\n`,
    }
  }

  function endedAt(end: number): string {
    const [reason, ...by] = pick(ENDS, random()).split('\t')
    return `${time(end)}\t${reason}\t${by.join('\t')}`
  }

  function lasting(): number {
    return Math.max(MINUTE, -Math.log(1 - random()) * (random() < 0.5 ? 3 * 60 * MINUTE : 3 * DAY))
  }

  /** A tenth are at it now; the others were seen within days. */
  function lastSeen(at: number): number {
    const ago = random() < 0.1 ? random() * 5 * MINUTE : -Math.log(1 - random()) * 1.5 * DAY
    return Math.max(at, now - Math.min(ago, 25 * DAY))
  }
}

const time = (ms: number) => new Date(ms).toISOString()
