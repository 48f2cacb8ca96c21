import { type ChildProcess, fork } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { join } from 'node:path'
import { sql } from 'drizzle-orm'
import { type Database, openDatabase, rowsOf } from '../../src/db/connect.js'
import { type AccountId, type AppId, newId, type SessionId } from '../../src/db/ids.js'
import { PROJECT_ROOT } from '../../src/root.js'
import { newToken } from '../../src/sessions/token.js'
import { type Cluster, freePort } from '../support/postgres.js'
import { type ServerProcess, spawnServer } from '../support/server.js'
import type { AppFindings, AppOrders } from './appProcess.js'
import { openRoad, type Road } from './road.js'

export const LEASE_MS = 2_000
const NODES = 3
const APPS = 2
/**
 * `ROLLCALL_TEST_FAULTS=full` is 5,000 revocations under 2,000 checks a second: more than two cores can bear beside other
 * tests. What is proved is the same.
 */
const FULL = process.env['ROLLCALL_TEST_FAULTS'] === 'full'
export const REVOCATIONS = FULL ? 5_000 : 1_000
const CHECKS_A_SECOND = FULL ? 2_000 : 500
const SESSIONS_AN_ACCOUNT = FULL ? 20 : 4
const BOOTSTRAP_KEY = `rck_${randomBytes(32).toString('base64url')}`

export const nowMs = () => Number(process.hrtime.bigint()) / 1e6

export interface Subject {
  id: SessionId
  account: AccountId
  token: string
  /** When the act that ended it had certainly committed; undefined while it is good. */
  endedBy: number | undefined
}

export interface World {
  cluster: Cluster
  subjects: Subject[]
  nodes: { road: Road; process: ServerProcess; port: number; restart(): Promise<void> }[]
  apps: ChildProcess[]
  /** Calls the API at whichever node answers. */
  call(method: string, path: string, body?: object): Promise<void>
  findings(): Promise<AppFindings[]>
  /** Of checks made at the nodes themselves. */
  atNodes: { lastLetIn: number[]; checks: number }
  /** Asks each node about the session at this place. */
  isLetInByAll(place: number): Promise<boolean>
  /** Straight to the primary, by no road. */
  leadNodesTo(port: number): void
}

type CleanUp = (act: () => Promise<unknown> | unknown) => void

/** Three nodes on one PostgreSQL, each by a road of its own; two app processes that reach them by a balancer. */
export async function buildWorld(cluster: Cluster, sessions: number, cleanUp: CleanUp): Promise<World> {
  const database = new URL(cluster.url('postgres'))
  const open = await openDatabase({ url: database.href, dataDir: '' })
  await open.migrate()
  const nodes = await Promise.all(
    Array.from({ length: NODES }, (_, place) => startNode(database, `node-${place + 1}`, cleanUp)),
  )
  const app = newId<AppId>()
  const subjects = await seed(open.db, app, sessions)
  await open.close()

  const balancer = await openRoad(...nodes.map(({ port }) => port))
  cleanUp(balancer.close)
  const call = callAt(nodes)
  const key = await appKey(nodes[0]?.process.url ?? '', app)
  const apps = Array.from({ length: APPS }, (_, place) =>
    startApp(
      {
        url: `http://127.0.0.1:${balancer.port}`,
        key,
        name: `app-${place + 1}`,
        leaseMs: LEASE_MS,
        tokens: subjects.map(({ token }) => token),
        checksASecond: CHECKS_A_SECOND / APPS,
      },
      cleanUp,
    ),
  )
  return {
    cluster,
    subjects,
    nodes,
    apps,
    call,
    findings: () => Promise.all(apps.map(askFor)),
    atNodes: checkAtNodes(nodes, subjects, key, cleanUp),
    isLetInByAll: async (place) =>
      (await Promise.all(nodes.map((node) => isLetIn(node, subjects[place], key)))).every(Boolean),
    leadNodesTo: (port) => {
      for (const { road } of nodes) road.leadTo(port)
    },
  }
}

async function startNode(database: URL, name: string, cleanUp: CleanUp) {
  const road = await openRoad(Number(database.port))
  cleanUp(road.close)
  const url = new URL(database)
  url.port = String(road.port)
  const port = await freePort()
  const start = async () => {
    const server = await spawnServer(
      {
        databaseUrl: url.href,
        port,
        env: {
          ROLLCALL_BOOTSTRAP_KEY: BOOTSTRAP_KEY,
          ROLLCALL_NODE_NAME: name,
          ROLLCALL_LEASE_MS: String(LEASE_MS),
          LOG_LEVEL: 'error',
        },
      },
      cleanUp,
    )
    await server.answers('/readyz')
    return server
  }
  const node = {
    road,
    port,
    process: await start(),
    async restart() {
      node.process = await start()
    },
  }
  return node
}

/** Straight into the tables: what is tried here is not the sign-in. */
async function seed(db: Database, app: AppId, count: number): Promise<Subject[]> {
  await db.execute(sql`insert into apps (id, name) values (${app}, 'Checked app')`)
  const subjects: Subject[] = []
  const rows: object[] = []
  for (let i = 0; i < count; i++) {
    const account = i % SESSIONS_AN_ACCOUNT === 0 ? newId<AccountId>() : (subjects[i - 1] as Subject).account
    const id = newId<SessionId>()
    const { token, secretHash } = newToken(id)
    subjects.push({ id, account, token, endedBy: undefined })
    rows.push({ id, account, hash: Buffer.from(secretHash).toString('hex'), name: `Person ${i}` })
  }
  const given = sql`json_to_recordset(${JSON.stringify(rows)}::text::json) as given (id uuid, account uuid, hash text, name text)`
  await db.execute(sql`insert into accounts (id, name) select distinct on (account) account, name from ${given}`)
  await db.execute(sql`
    insert into sessions (id, secret_hash, account_id, app_id, account_generation, app_generation, everyone_generation,
      created_at, expires_at, method)
    select id, decode(hash, 'hex'), account, ${app}, 0, 0, (select generation from settings), now(), now() + interval '1 day', 'app'
    from ${given}`)
  await db.execute(sql`insert into session_activity (session_id, last_seen_at) select id, now() from ${given}`)
  return subjects
}

async function appKey(url: string, app: AppId): Promise<string> {
  const made = await fetch(`${url}/api/v1/keys`, {
    method: 'POST',
    headers: { authorization: `Bearer ${BOOTSTRAP_KEY}`, 'content-type': 'application/json' },
    body: JSON.stringify({ app, name: 'apps', scopes: ['sessions:verify'] }),
  })
  const answer: unknown = await made.json()
  if (typeof answer === 'object' && answer && 'secret' in answer && typeof answer.secret === 'string')
    return answer.secret
  throw new Error(`no key was made: ${JSON.stringify(answer)}`)
}

function callAt(nodes: World['nodes']): World['call'] {
  return async (method, path, body) => {
    const giveUpAt = nowMs() + 30_000
    const began = nowMs()
    const said: string[] = []
    const note = (what: string) => said.push(`${((nowMs() - began) / 1000).toFixed(1)} s ${what}`)
    for (let turn = Math.floor(Math.random() * nodes.length); ; turn++) {
      const node = nodes[turn % nodes.length] as World['nodes'][number]
      try {
        const answer = await fetch(`${node.process.url}/api/v1${path}`, {
          method,
          headers: { authorization: `Bearer ${BOOTSTRAP_KEY}`, 'content-type': 'application/json' },
          ...(body ? { body: JSON.stringify(body) } : {}),
          signal: AbortSignal.timeout(2_500),
        })
        const text = await answer.text()
        if (answer.ok) return
        note(`${node.process.url} ${answer.status} ${text.slice(0, 150)}`)
        if (answer.status < 500) throw new Error(`${method} ${path} answered ${answer.status}: ${text.slice(0, 300)}`)
      } catch (error) {
        if (error instanceof Error && error.message.startsWith(method)) throw error
        note(`${node.process.url} ${error instanceof Error ? (error.cause ?? error.message) : error}`)
      }
      if (nowMs() > giveUpAt)
        throw new Error(`${method} ${path}: no node did it within 30 s:\n${said.slice(-40).join('\n')}`)
      await new Promise((resolve) => setTimeout(resolve, 50))
    }
  }
}

function startApp(orders: AppOrders, cleanUp: CleanUp): ChildProcess {
  const child = fork(join(PROJECT_ROOT, 'tests/faults/appProcess.ts'), {
    execArgv: ['--import', 'tsx'],
    cwd: PROJECT_ROOT,
    env: { PATH: process.env['PATH'] },
  })
  child.send(orders)
  cleanUp(() => {
    child.kill('SIGKILL')
  })
  return child
}

function askFor(app: ChildProcess): Promise<AppFindings> {
  return new Promise((resolve) => {
    app.once('message', (findings) => resolve(findings as AppFindings))
    app.send('report')
  })
}

/** By an app that has no memory of its own. */
async function isLetIn(node: World['nodes'][number], subject: Subject | undefined, key: string): Promise<boolean> {
  const answer = await fetch(`${node.process.url}/api/v1/sessions/verify`, {
    method: 'POST',
    headers: { authorization: `Bearer ${key}`, 'content-type': 'application/json' },
    body: JSON.stringify({ token: subject?.token }),
    signal: AbortSignal.timeout(5_000),
  })
    .then((response) => response.json() as Promise<{ status?: string }>)
    .catch(() => ({ status: undefined }))
  return answer.status === 'active'
}

/** Twenty checks a second at each node. */
function checkAtNodes(nodes: World['nodes'], subjects: Subject[], key: string, cleanUp: CleanUp): World['atNodes'] {
  const found: World['atNodes'] = { lastLetIn: subjects.map(() => 0), checks: 0 }
  const check = async (node: World['nodes'][number]) => {
    const place = Math.floor(Math.random() * subjects.length)
    const asked = nowMs()
    const letIn = await isLetIn(node, subjects[place], key)
    found.checks += 1
    if (letIn) found.lastLetIn[place] = Math.max(found.lastLetIn[place] as number, asked)
  }
  const timers = nodes.map((node) => setInterval(() => void check(node), 50))
  cleanUp(() => timers.forEach(clearInterval))
  return found
}

/** Which of these are not over, as the database at this port sees it. */
export async function stillGood(url: string, subjects: Subject[]): Promise<Set<SessionId>> {
  const open = await openDatabase({ url, dataDir: '' })
  const rows = rowsOf<{ id: SessionId }>(
    await open.db.execute(sql`
      select s.id from sessions s join accounts a on a.id = s.account_id
      where s.ended_at is null and s.account_generation = a.generation
        and s.id in (select value::uuid from json_array_elements_text(${JSON.stringify(subjects.map(({ id }) => id))}::text::json))`),
  )
  await open.close()
  return new Set(rows.map(({ id }) => id))
}
