import { createHash, timingSafeEqual } from 'node:crypto'
import { Hono, type MiddlewareHandler } from 'hono'
import { Counter, collectDefaultMetrics, Gauge, Registry } from 'prom-client'
import type { FollowerStats } from '../follower/types.js'
import { GUARD } from './authorise.js'
import type { AppEnv, Services } from './env.js'
import { notFound, PublicError } from './errors.js'

/** `GET /metrics` in the text format of Prometheus, for who brings the token; without one configured it is not there. */
export function metrics(services: Services): Hono<AppEnv> {
  const { metricsToken } = services.config
  const registry = metricsToken === undefined ? undefined : createRegistry(services)
  const app = new Hono<AppEnv>()
  app.get('/metrics', forToken(metricsToken), async (c) => {
    if (!registry) throw notFound('page')
    return c.body(await registry.metrics(), 200, { 'Content-Type': registry.contentType })
  })
  return app
}

function forToken(token: string | undefined): MiddlewareHandler<AppEnv> {
  const handler: MiddlewareHandler<AppEnv> = async (c, next) => {
    if (token === undefined) throw notFound('page')
    const given = /^Bearer +(\S+)$/i.exec(c.req.header('authorization') ?? '')?.[1]
    // Of equal length and in constant time, whatever was sent.
    if (given === undefined || !timingSafeEqual(digest(given), digest(token))) {
      c.header('WWW-Authenticate', 'Bearer realm="Rollcall metrics"')
      throw new PublicError(
        401,
        'no-metrics-token',
        'The token for metrics is needed',
        'Send what ROLLCALL_METRICS_TOKEN was set to, as Authorization: Bearer ...',
      )
    }
    await next()
  }
  return Object.assign(handler, { [GUARD]: 'metrics token' })
}

const digest = (text: string) => createHash('sha256').update(text).digest()

function createRegistry(services: Services): Registry {
  const { node, touches, streams, revocationStreams, receipts } = services
  const { engine } = node
  const registry = new Registry()
  collectDefaultMetrics({ register: registry })
  const registers = [registry]

  /** What only ever grows is kept by the engine: each scrape takes it over as it is. */
  function counter(name: string, help: string, of: (stats: FollowerStats) => number) {
    new Counter({
      name,
      help,
      registers,
      collect() {
        this.reset()
        this.inc(of(engine.stats()))
      },
    })
  }
  function gauge(name: string, help: string, read: () => number) {
    new Gauge({
      name,
      help,
      registers,
      collect() {
        this.set(read())
      },
    })
  }

  counter('rollcall_check_hits_total', 'Checks answered from memory', ({ hits }) => hits)
  counter('rollcall_check_misses_total', 'Checks that asked the database', ({ misses }) => misses)
  new Counter({
    name: 'rollcall_check_denials_total',
    help: 'Checks that were denied, by reason',
    labelNames: ['reason'],
    registers,
    collect() {
      this.reset()
      for (const [reason, denied] of Object.entries(engine.stats().denials)) this.inc({ reason }, denied)
    },
  })
  counter('rollcall_wrong_secrets_total', 'Checks with the id of a session and a wrong secret', (s) => s.wrongSecrets)
  gauge(
    'rollcall_lag_seconds',
    'Age of what this node knows: since its last counted poll was sent',
    () => engine.follower.age() / 1_000,
  )
  gauge('rollcall_lease_seconds', 'For how long memory is trusted after a poll: the bound', () => node.leaseMs / 1_000)
  gauge(
    'rollcall_lease_left_seconds',
    'For how long memory is still trusted; 0: each check asks the database',
    () => engine.follower.leaseLeft() / 1_000,
  )
  gauge('rollcall_poll_seconds', 'How long the last answered poll took', () => engine.stats().pollMs / 1_000)
  counter('rollcall_polls_total', 'Polls that were answered', ({ polls }) => polls)
  counter('rollcall_poll_failures_total', 'Polls without an answer in time', ({ pollFailures }) => pollFailures)
  counter('rollcall_entries_applied_total', 'Entries of the revocation log taken in', ({ applied }) => applied)
  counter(
    'rollcall_started_anew_total',
    'Times that everything was forgotten, the first start included',
    (s) => s.startedAnew,
  )
  gauge(
    'rollcall_horizon_age_seconds',
    'How long the oldest transaction of the database has held the horizon back',
    () => engine.stats().horizonAgeMs / 1_000,
  )
  gauge(
    'rollcall_nudged',
    '1 while revocations are made known at once, 0 while only polls tell (a pooler in between)',
    () => Number(node.nudged),
  )
  gauge('rollcall_remembered_sessions', 'Sessions in memory', () => engine.stats().sessions)
  gauge('rollcall_remembered_accounts', 'Accounts in memory', () => engine.stats().accounts)
  counter('rollcall_evictions_total', 'Sessions that made room in memory for others', ({ evicted }) => evicted)
  gauge('rollcall_watched_connections', 'Open connections that end with their session', () => engine.watching())
  new Gauge({
    name: 'rollcall_open_streams',
    help: 'Open event streams: of pages, and of app processes',
    labelNames: ['of'],
    registers,
    collect() {
      this.set({ of: 'pages' }, streams.open)
      this.set({ of: 'apps' }, revocationStreams.open)
    },
  })
  gauge('rollcall_app_processes', 'App processes that follow this node', () => node.processes.list().length)
  gauge('rollcall_touches_waiting', 'Sessions whose last use waits to be written', () => touches.waiting)
  gauge('rollcall_receipts_pending', 'Acts that some process has not applied yet', () => receipts.pending)
  return registry
}
