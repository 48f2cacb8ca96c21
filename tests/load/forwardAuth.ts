import { eq } from 'drizzle-orm'
import { z } from 'zod'
import { createApp } from '../../src/accounts/apps/apps.js'
import { saveHost } from '../../src/accounts/apps/protectedHosts.js'
import { SYSTEM } from '../../src/audit/types.js'
import { openDatabase } from '../../src/db/connect.js'
import { BUILT_IN_APP } from '../../src/db/ids.js'
import { sessions as sessionRows } from '../../src/db/schema.js'
import { startChild } from './harness/child.js'
import { startPostgres } from './harness/databases.js'
import { describeMachine, leaveSubjectCore } from './harness/machine.js'
import { PAGE, startNginx } from './harness/nginx.js'
import { CONNECTIONS, type Endpoint, ratio, request, startPresser } from './harness/press.js'
import { atLeast, number, report } from './harness/report.js'
import { makeSessions, startNode } from './harness/rollcall.js'
import { interleave, median } from './harness/rounds.js'

/** A page behind nginx that asks before each request, Rollcall or a route that lets everybody in. */
const SESSIONS = 10_000
const ROUND_SECONDS = 3
const HOST = 'wiki.localhost'
const OURS = 'nginx, auth_request to Rollcall'
const BARE = 'nginx, auth_request to bare Hono'

const machine = await describeMachine()
leaveSubjectCore()
const postgres = await startPostgres()
const databaseUrl = postgres.url('rollcall')
const sessions = await makeSessions(databaseUrl, SESSIONS)
await protect()
const node = await startNode({ databaseUrl, measured: true, env: { ROLLCALL_TRUSTED_PROXIES: '127.0.0.1' } })
const bare = startChild(new URL('./allowing.js', import.meta.url), { measured: true })
const { port: barePort } = await bare.ask({}, z.object({ port: z.int() }))
const presser = startPresser()

const requests = sessions.map(({ token }) =>
  request('GET', '/', {
    Cookie: `theme=dark; rollcall-app=${token}`,
    'User-Agent': 'Mozilla/5.0 (X11; Linux x86_64; rv:145.0) Gecko/20100101 Firefox/145.0',
    Accept: 'text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8',
    'Accept-Language': 'en-GB,en;q=0.5',
    'Accept-Encoding': 'gzip, deflate, br',
    'Sec-Fetch-Mode': 'navigate',
  }),
)
const proxies = [await startNginx(node.port, HOST), await startNginx(barePort, HOST)] as const
const endpoints: Endpoint[] = [
  { name: OURS, server: node, port: proxies[0].port, requests, holds: PAGE, awake: true },
  { name: BARE, server: bare, port: proxies[1].port, requests, holds: PAGE, awake: true },
]

for (const endpoint of endpoints) await presser.warmUp(endpoint)
const measured = await interleave(endpoints, (endpoint) => presser.measure(endpoint, ROUND_SECONDS))
for (const proxy of proxies) proxy.stop()
for (const { server } of endpoints) await server.stop()
await postgres.stop()

report(machine, {
  title: `Forward-auth: requests a second through nginx, ${CONNECTIONS} connections, ${number(SESSIONS)} sessions`,
  columns: ['what', 'requests/s', 'CPU µs of the one who is asked', 'p99 ms'],
  rows: endpoints.map(({ name }) => [
    name,
    number(Math.round(median(measured(name).map(({ perSecond }) => perSecond)))),
    number(median(measured(name).map(({ cpuUs }) => cpuUs))),
    number(median(measured(name).map(({ p99Ms }) => p99Ms))),
  ]),
  targets: [
    atLeast(
      'forward-auth, of auth_request to a bare Hono route',
      70,
      100 * ratio(measured(OURS), measured(BARE)),
      ' %',
    ),
  ],
  notes: [
    'nginx (one worker) and whom it asks share one core; the load is on the other and never sleeps. Medians of 5 interleaved rounds.',
  ],
})
process.exit()

/** The sessions become those of an app whose host is protected. */
async function protect() {
  const open = await openDatabase({ url: databaseUrl, dataDir: '' })
  const made = await createApp(open.db, 'Wiki', SYSTEM)
  if (made.status !== 'created') throw new Error(`no app: ${made.status}`)
  const wanted = { host: HOST, appId: made.app.id, role: 'person', rules: [] } as const
  const saved = await saveHost(open.db, { ...wanted, rules: [] }, SYSTEM, { secure: false, own: undefined })
  if (saved?.status !== 'saved') throw new Error(`no host: ${saved?.status}`)
  await open.db.update(sessionRows).set({ appId: made.app.id }).where(eq(sessionRows.appId, BUILT_IN_APP))
  await open.close()
}
