import { parseArgs } from 'node:util'
import { launchChromium } from '../support/launchChromium.js'
import { type FirstVisit, SLOWER, visitFirst } from './harness/browserVisit.js'
import { startPostgres } from './harness/databases.js'
import { askLighthouse } from './harness/lighthouse.js'
import { describeMachine } from './harness/machine.js'
import { ownerEnv, signInOwner } from './harness/panelOwner.js'
import { askInTurn, p95 } from './harness/panelRequests.js'
import { atLeast, atMost, number, report, type Target } from './harness/report.js'
import { startNode } from './harness/rollcall.js'
import { seed } from './harness/seed.js'

/**
 * What a browser gets when it opens the panel for the first time, and how soon it can be used, on `--sessions`; what
 * compressing costs the server; with `--lighthouse`, which is fetched for it, also what that says of the two pages:
 * `npm run bench:first-page`.
 */
const { values } = parseArgs({
  options: {
    rounds: { type: 'string', default: '3' },
    requests: { type: 'string', default: '20' },
    sessions: { type: 'string', default: '2000' },
    lighthouse: { type: 'boolean', default: false },
    json: { type: 'string' },
  },
})
const OWNER = { email: 'owner@panel.example', password: 'first page of the panel, measured' }
const PAGES = ['/admin', '/admin/sessions']

const machine = await describeMachine()
const database = await startPostgres()
const databaseUrl = database.url('rollcall')
seed({ url: databaseUrl, dataDir: '' }, values.sessions)
const node = await startNode({ databaseUrl, env: ownerEnv(OWNER) })
const cookie = await signInOwner(node, OWNER)

const compressing: string[][] = []
for (const path of PAGES) {
  for (const [what, accepted] of [
    ['as it is', 'identity'],
    ['gzip', 'gzip'],
    ['brotli', 'br'],
  ] as const) {
    const headers = { Cookie: cookie, 'Accept-Encoding': accepted, 'Sec-Fetch-Site': 'same-origin' }
    const { wall } = await askInTurn(
      node,
      headers,
      Array.from({ length: Number(values.requests) }, () => ({ method: 'GET', path })),
    )
    compressing.push([`${path}, ${what}: answered after, ms`, number(p95(wall, 0.5)), number(p95(wall))])
  }
}
const visits = new Map<string, FirstVisit[]>(PAGES.map((path) => [path, []]))
const browser = await launchChromium()
for (let round = 0; round < Number(values.rounds); round++) {
  for (const path of PAGES) {
    const slowed = await visitFirst(browser, `${node.url}${path}`, cookie)
    const { computedMs } = await visitFirst(browser, `${node.url}${path}`, cookie, 1)
    visits.get(path)?.push({ ...slowed, computedMs: SLOWER * computedMs })
  }
}
await browser.close()

const scores = values.lighthouse ? await lighthouseTargets() : []
await node.stop()
await database.stop()

const [first = ''] = PAGES
report(machine, {
  title: `The panel’s pages in a browser that has nothing of them yet, processor ${SLOWER} times slower; ${values.rounds} rounds`,
  columns: ['what', 'p50', 'p95'],
  rows: [...PAGES.flatMap((path) => rowsOf(path, visits.get(path) ?? [])), ...compressing],
  targets: [...targetsOf(first, visits.get(first) ?? []), ...scores],
  notes: [
    'Bytes are bodies as sent; an answer’s headers, compressed by HTTP/2 of a proxy and not here, are a row of their own.',
    'Usable: painted, its scripts have run; a filter is then opened. Over loopback: the way is not measured. Only on a machine that is free: the wait for the answer is in it.',
    'The server has answered before, and the browser has all cores, which its several processes would have on a desk too.',
    `Computed: processor time of the page’s main thread until 1.5 s after it was loaded, as it is, ${SLOWER} times: a busy machine matters less.`,
  ],
})
process.exit()

function rowsOf(path: string, found: FirstVisit[]): string[][] {
  const kinds = [...new Set(found.flatMap(({ bytes }) => [...bytes.keys()]))]
  const row = (what: string, numbers: number[]) => [`${path}: ${what}`, number(p95(numbers, 0.5)), number(p95(numbers))]
  return [
    row('KB in all', found.map(kilobytes)),
    ...kinds.map((kind) =>
      row(
        `KB, ${kind}`,
        found.map(({ bytes }) => (bytes.get(kind) ?? 0) / 1_000),
      ),
    ),
    row(
      'KB of headers',
      found.map(({ headerBytes }) => headerBytes / 1_000),
    ),
    row(
      'requests',
      found.map(({ requests }) => requests),
    ),
    row(
      'usable after, ms',
      found.map(({ usableMs }) => usableMs),
    ),
    row(
      'a filter opened after, ms',
      found.map(({ filterMs }) => filterMs),
    ),
    row(
      'computed on its main thread, ms',
      found.map(({ computedMs }) => computedMs),
    ),
    row(
      'layout shift',
      found.map(({ layoutShift }) => layoutShift),
    ),
  ]
}

function targetsOf(path: string, found: FirstVisit[]): Target[] {
  return [
    atMost(`${path}: all bytes`, 90, p95(found.map(kilobytes), 1), ' KB'),
    atMost(
      `${path}: usable, median`,
      500,
      p95(
        found.map(({ usableMs }) => usableMs),
        0.5,
      ),
      ' ms',
    ),
    atMost(
      `${path}: layout shift, most, to two digits`,
      0,
      Math.round(
        100 *
          p95(
            found.map(({ layoutShift }) => layoutShift),
            1,
          ),
      ) / 100,
      '',
    ),
  ]
}

function kilobytes({ bytes }: FirstVisit): number {
  return [...bytes.values()].reduce((sum, size) => sum + size, 0) / 1_000
}

/** Fetched for it, so only where it is asked for. */
async function lighthouseTargets(): Promise<Target[]> {
  const found = await askLighthouse(node.url, PAGES, cookie)
  return [...found].flatMap(([path, scores]) =>
    Object.entries(scores).map(([name, score]) => atLeast(`${path}: Lighthouse, ${name}`, 100, score, '')),
  )
}
