import { createHash } from 'node:crypto'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { openDatabase } from '../../../src/db/connect.js'
import { type AccountId, BUILT_IN_APP, newId, type SessionId } from '../../../src/db/ids.js'
import { insertAll } from '../../../src/db/insertAll.js'
import { accounts, sessionActivity, sessions } from '../../../src/db/schema.js'
import { newToken } from '../../../src/sessions/token.js'
import { freePort } from '../../support/postgres.js'
import { type Child, startChild } from './child.js'
import { addressOf } from './ours.js'
import { person } from './people.js'

/** An API key with every right, of the built-in app, as `ROLLCALL_BOOTSTRAP_KEY` gives it. */
export const KEY = `rck_${createHash('sha256').update('load').digest('base64url')}`
export const AUTHORIZATION = { Authorization: `Bearer ${KEY}` }

/** As in package.json. */
const AS_STARTED = '--max-semi-space-size=32'

export interface NodeProcess extends Child {
  port: number
  url: string
}

/** A server process as `npm start` starts it, with nothing set but where it listens and what it stores in. */
export async function startNode(options: {
  /** PostgreSQL; without it the embedded database. */
  databaseUrl?: string | undefined
  /** A new one for this node alone when left out. */
  dataDir?: string | undefined
  measured?: boolean
  env?: Record<string, string>
  /** Such as `--cpu-prof`, to see where the time goes. */
  nodeOptions?: string[]
}): Promise<NodeProcess> {
  const { databaseUrl, dataDir = temporaryFolder(), measured = false, env = {}, nodeOptions = [] } = options
  const port = await freePort()
  const child = startChild(new URL('../../../server/main.js', import.meta.url), {
    measured,
    nodeOptions: [AS_STARTED, ...nodeOptions],
    env: {
      HOST: '127.0.0.1',
      PORT: String(port),
      ...(databaseUrl ? { DATABASE_URL: databaseUrl } : {}),
      ROLLCALL_DATA_DIR: dataDir,
      ROLLCALL_BOOTSTRAP_KEY: KEY,
      ...env,
    },
  })
  const url = `http://127.0.0.1:${port}`
  await child.says(/Rollcall is ready/)
  for (let tries = 0; (await fetch(`${url}/readyz`)).status !== 200; tries++) {
    if (tries === 100) throw new Error('the node does not become ready')
    await pause(100)
  }
  return { ...child, port, url }
}

function temporaryFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'rollcall-load-'))
  process.on('exit', () => rmSync(folder, { recursive: true, force: true }))
  return folder
}

export interface LiveSession {
  id: SessionId
  token: string
  ip: string
}

/** Live sessions of the built-in app, each of an account of its own with a real name and address. */
export async function makeSessions(databaseUrl: string, count: number): Promise<LiveSession[]> {
  const open = await openDatabase({ url: databaseUrl, dataDir: '' })
  await open.migrate()
  const now = Date.now()
  const made = Array.from({ length: count }, (_, n) => {
    const id = newId<SessionId>(new Date(now - (count - n) * 5))
    return { id, ip: addressOf(n), ...newToken(id), accountId: newId<AccountId>(), ...person(n) }
  })
  await insertAll(
    open.db,
    accounts,
    made.map(({ accountId, name, email }) => ({ id: accountId, name, email, emailKey: email })),
  )
  await insertAll(
    open.db,
    sessions,
    made.map(({ id, secretHash, accountId, ip }) => ({
      id,
      secretHash,
      accountId,
      appId: BUILT_IN_APP,
      accountGeneration: 0,
      appGeneration: 0,
      everyoneGeneration: 0,
      createdAt: new Date(now - 60_000),
      expiresAt: new Date(now + 86_400_000),
      method: 'password',
      ip,
      country: 'DE',
      browser: 'Firefox',
      os: 'Linux',
    })),
  )
  await insertAll(
    open.db,
    sessionActivity,
    made.map(({ id, ip }) => ({ sessionId: id, lastSeenAt: new Date(now - 30_000), lastIp: ip, requests: 1 })),
  )
  await open.db.execute('vacuum analyze')
  await open.close()
  return made.map(({ id, token, ip }) => ({ id, token, ip }))
}
