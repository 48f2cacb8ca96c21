import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { beforeAll, describe, expect, test } from 'vitest'
import { z } from 'zod'
import { PROJECT_ROOT } from '../../../src/root.js'
import { useApp } from '../../support/app.js'
import { anApp, aSession } from '../../support/builders.js'
import { oneDatabase } from '../../support/database.js'
import { aKey, aVisit, send } from '../api/client.js'

const TOKEN = 'a-token-for-prometheus'
const Dashboard = z.object({
  panels: z.array(z.object({ title: z.string(), targets: z.array(z.object({ expr: z.string() })).min(1) })),
})

oneDatabase((database) => {
  const server = useApp(database, { ROLLCALL_METRICS_TOKEN: TOKEN })
  const scrape = (authorization?: string) =>
    fetch(`${server.url}/metrics`, { headers: authorization ? { authorization } : {} })
  /** "name" or "name{label="value"}" with its value. */
  async function readMetrics(): Promise<Map<string, number>> {
    const text = await (await scrape(`Bearer ${TOKEN}`)).text()
    const samples = text.split('\n').filter((line) => line !== '' && !line.startsWith('#'))
    return new Map(
      samples.map((line) => [line.slice(0, line.lastIndexOf(' ')), Number(line.slice(line.lastIndexOf(' ')))]),
    )
  }

  describe('GET /metrics', () => {
    beforeAll(async () => {
      const app = await anApp(database.db)
      const { secret } = await aKey(database.db, { app, scopes: ['sessions:verify'] })
      const { token } = await aSession(database.db, { app })
      const verify = (body: object) => send(server.url, 'POST', '/sessions/verify', { key: secret, body })
      for (let i = 0; i < 3; i++) await verify({ token, client: aVisit() })
      await verify({ token: `${token.slice(0, -4)}AAAA` })
      await send(server.url, 'GET', '/revocations?process=p&name=shop-1', { key: secret })
    })

    test('is for who brings the token, and says nothing to others', async () => {
      for (const wrong of [undefined, 'Bearer wrong', `Basic ${TOKEN}`, `Bearer ${TOKEN}x`]) {
        const refused = await scrape(wrong)
        expect([refused.status, await refused.text()]).toEqual([401, expect.not.stringContaining('rollcall_')])
      }
      const { type, status } = (await (await scrape()).json()) as { type: string; status: number }
      expect([type, status]).toEqual([expect.stringMatching(/\/api\/v1\/problems\/no-metrics-token$/), 401])
      const told = await scrape(`Bearer ${TOKEN}`)
      expect([told.status, told.headers.get('content-type')]).toEqual([200, expect.stringContaining('text/plain')])
    })

    test('tells what was checked, what is remembered, and how fresh it is', async () => {
      const metrics = await readMetrics()
      expect(metrics.get('rollcall_check_hits_total')).toBeGreaterThanOrEqual(2)
      expect(metrics.get('rollcall_check_misses_total')).toBeGreaterThanOrEqual(1)
      expect(metrics.get('rollcall_check_denials_total{reason="unknown"}')).toBe(1)
      expect(metrics.get('rollcall_wrong_secrets_total')).toBe(1)
      expect(metrics.get('rollcall_remembered_sessions')).toBe(1)
      expect(metrics.get('rollcall_app_processes')).toBe(1)
      expect(metrics.get('rollcall_lease_seconds')).toBe(2)
      expect(metrics.get('rollcall_lease_left_seconds')).toBeGreaterThan(0)
      expect(metrics.get('rollcall_lag_seconds')).toBeLessThan(2)
      expect(metrics.get('rollcall_started_anew_total')).toBe(1)
      expect(metrics.get('process_resident_memory_bytes')).toBeGreaterThan(1e6)
    })

    test('does not count twice what is scraped twice', async () => {
      const [first, second] = [await readMetrics(), await readMetrics()]
      for (const name of ['rollcall_check_hits_total', 'rollcall_check_denials_total{reason="unknown"}'])
        expect([name, second.get(name)]).toEqual([name, first.get(name)])
    })

    test('has every metric that the dashboard asks for', async () => {
      const names = new Set([...(await readMetrics()).keys()].map((sample) => sample.replace(/\{.*/, '')))
      const text = readFileSync(join(PROJECT_ROOT, 'static/grafana-rollcall.json'), 'utf8')
      const asked = Dashboard.parse(JSON.parse(text)).panels.flatMap(({ targets }) =>
        targets.flatMap(({ expr }) => expr.match(/\b(?:rollcall|process|nodejs)_\w+/g) ?? []),
      )
      expect(asked.length).toBeGreaterThan(20)
      expect(asked.filter((name) => !names.has(name))).toEqual([])
      const own = [...names].filter((name) => name.startsWith('rollcall_'))
      expect(own.filter((name) => !asked.includes(name))).toEqual([])
    })

    test('a dashboard beside other programs shows Rollcall alone', () => {
      const text = readFileSync(join(PROJECT_ROOT, 'static/grafana-rollcall.json'), 'utf8')
      const asked = Dashboard.parse(JSON.parse(text)).panels.flatMap(({ targets }) =>
        targets.flatMap(({ expr }) => expr.match(/\b(?:rollcall|process|nodejs)_\w+(?:\{[^}]*\})?/g) ?? []),
      )
      expect(asked.filter((selector) => !selector.includes('{job=~"$job"}'))).toEqual([])
    })

    test('has every metric that the alerts ask for', async () => {
      const names = new Set([...(await readMetrics()).keys()].map((sample) => sample.replace(/\{.*/, '')))
      const rules = readFileSync(join(PROJECT_ROOT, 'static/prometheus-rollcall.yml'), 'utf8')
      const asked = rules.match(/(?<=expr: .*)\brollcall_\w+/g) ?? []
      expect(asked.length).toBe(4)
      expect(asked.filter((name) => !names.has(name))).toEqual([])
    })
  })

  describe('without a token configured', () => {
    const closed = useApp(database)

    test('there are no metrics, whatever is brought', async () => {
      for (const authorization of ['Bearer undefined', `Bearer ${TOKEN}`])
        expect((await fetch(`${closed.url}/metrics`, { headers: { authorization } })).status).toBe(404)
    })
  })
})
