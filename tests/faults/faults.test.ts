import postgres from 'postgres'
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest'
import { type Cluster, findPostgres, startCluster } from '../support/postgres.js'
import type { Standby } from '../support/standby.js'
import { buildWorld, LEASE_MS, nowMs, REVOCATIONS, type Subject, stillGood, type World } from './world.js'

const NEVER_REVOKED = 200
const FAULT_MS = 3_500
const BREATH_MS = 2_500
/** Each act is under way for a moment; so many are at the same time. */
const AT_ONCE = 8

const names = inject('databases').clusters.map(({ name }) => name)
const [binary] = findPostgres().filter(({ name }) => names.includes(name))

const pause = (ms: number) => new Promise<void>((resolve) => setTimeout(resolve, ms))

/** Real processes: a fault a time, while checks go on and sessions are ended all along. */
describe.runIf(binary)('with three nodes, two apps and everything that breaks', () => {
  const ends: (() => Promise<unknown> | unknown)[] = []
  let cluster: Cluster
  let world: World
  beforeAll(async () => {
    if (!binary) return
    cluster = await startCluster(binary)
    ends.unshift(() => cluster.stop())
    world = await buildWorld(cluster, REVOCATIONS + NEVER_REVOKED, (end) => ends.unshift(end))
  })
  afterAll(async () => {
    for (const end of ends) await end()
  })

  it('S-15 nothing that was ended is let in anywhere once the bound has passed', async () => {
    const { subjects, nodes, apps } = world
    const faults = listFaults(world)
    const revoking = revokeAllAlong(world, subjects.slice(0, REVOCATIONS), faults.length)
    // A rejection is told where it is waited for.
    revoking.catch(() => {})
    const lost = new Set<Subject>()
    for (const [name, fault] of faults) {
      const began = nowMs()
      await fault(lost)
      console.log(`  ${name}: ${((nowMs() - began) / 1000).toFixed(1)} s`)
      await pause(BREATH_MS)
    }
    await revoking
    await pause(LEASE_MS + 500)

    const found = [...(await world.findings()), world.atNodes]
    const lateness = subjects.flatMap(({ endedBy }, place) =>
      endedBy === undefined ? [] : found.map(({ lastLetIn }) => (lastLetIn[place] as number) - endedBy),
    )
    const after = lateness.filter((ms) => ms > 0).sort((a, b) => a - b)
    const checks = found.reduce((sum, one) => sum + one.checks, 0)
    console.log(
      `  ${subjects.filter(({ endedBy }) => endedBy !== undefined).length} ended, ${checks} checks, ${apps.length} apps, ${nodes.length} nodes: let in after the end at the latest ` +
        `${(after.at(-1) ?? 0).toFixed(0)} ms (p50 of those at all: ${(after[Math.floor(after.length / 2)] ?? 0).toFixed(1)} ms, ${after.length} of ${lateness.length}); bound ${LEASE_MS} ms`,
    )
    expect(checks).toBeGreaterThan(5_000)
    expect(subjects.filter(({ endedBy }) => endedBy !== undefined)).toHaveLength(REVOCATIONS)
    expect(lateness.filter((ms) => ms > LEASE_MS)).toEqual([])

    // Once healed, whatever was never ended is let in everywhere.
    const healed = nowMs()
    const good = subjects.map((_, place) => place).slice(REVOCATIONS)
    const refused: number[] = []
    for (const place of good) if (!(await world.isLetInByAll(place))) refused.push(place)
    expect(refused).toEqual([])
    await expect
      .poll(
        async () => {
          const now = await world.findings()
          return good.filter((place) => now.some(({ lastLetIn }) => (lastLetIn[place] as number) < healed)).length
        },
        { timeout: 120_000, interval: 500 },
      )
      .toBe(0)
  }, 600_000)

  /** One by one, and all of an account at once; in the time that the faults take, or as long as the machine needs. */
  async function revokeAllAlong({ call }: World, some: Subject[], faults: number) {
    const acts = actsThatEnd(some).sort(() => Math.random() - 0.5)
    const everyMs = (faults * (FAULT_MS + BREATH_MS)) / (acts.length / AT_ONCE)
    await Promise.all(
      Array.from({ length: AT_ONCE }, async () => {
        for (let act = acts.pop(); act; act = acts.pop()) {
          const began = nowMs()
          await call(...act.request)
          for (const subject of act.ends) subject.endedBy = nowMs()
          await pause(Math.max(0, everyMs - (nowMs() - began)))
        }
      }),
    )
  }

  interface Act {
    request: Parameters<World['call']>
    ends: Subject[]
  }

  /** Of one account in five each session by itself. */
  function actsThatEnd(some: Subject[]): Act[] {
    const byAccount = new Map<Subject['account'], Subject[]>()
    for (const subject of some) byAccount.set(subject.account, [...(byAccount.get(subject.account) ?? []), subject])
    return [...byAccount].flatMap(([account, ends], nth): Act[] =>
      nth % 5 === 0
        ? ends.map((subject) => ({ request: ['DELETE', `/sessions/${subject.id}?reason=stolen`], ends: [subject] }))
        : [{ request: ['POST', `/accounts/${account}/revoke-sessions`, { reason: 'stolen' }], ends }],
    )
  }

  function listFaults({
    nodes,
    apps,
    leadNodesTo,
    subjects,
  }: World): [string, (lost: Set<Subject>) => Promise<void>][] {
    const [first, second, third] = nodes
    const [app] = apps
    if (!first || !second || !third || !app) throw new Error('the world is not whole')
    return [
      ['nothing', () => pause(FAULT_MS)],
      [
        'a node killed',
        async () => {
          await first.process.stop('SIGKILL')
          await pause(FAULT_MS / 2)
          await first.restart()
        },
      ],
      [
        'connections to the database reset, again and again',
        async () => {
          for (let left = FAULT_MS; left > 0; left -= 250) {
            for (const { road } of nodes) road.reset()
            await pause(250)
          }
        },
      ],
      [
        'a road to the database swallows everything',
        async () => {
          second.road.swallow()
          await pause(FAULT_MS)
          second.road.heal()
        },
      ],
      [
        'a node stopped and continued',
        async () => {
          process.kill(third.process.pid, 'SIGSTOP')
          await pause(FAULT_MS)
          process.kill(third.process.pid, 'SIGCONT')
        },
      ],
      [
        'an app process stopped and continued',
        async () => {
          app.kill('SIGSTOP')
          await pause(FAULT_MS)
          app.kill('SIGCONT')
        },
      ],
      [
        'no notification arrives',
        async () => {
          for (const { road } of nodes) road.deafen()
          await pause(FAULT_MS)
          for (const { road } of nodes) road.heal()
        },
      ],
      [
        'a transaction stays open',
        async () => {
          const other = postgres(cluster.url('postgres'), { max: 1 })
          await other.begin(async (tx) => {
            await tx`select pg_current_xact_id()`
            await pause(FAULT_MS)
          })
          await other.end()
        },
      ],
      ['the database crashes and comes back', () => cluster.crash()],
      [
        'a standby is promoted that has lost the end of the log',
        async (lost) => {
          const standby: Standby = await cluster.startStandby()
          await standby.catchUp()
          await standby.cutOff()
          const cutAt = nowMs()
          await pause(FAULT_MS / 2)
          const url = new URL(standby.url('postgres'))
          // The old primary is out of everybody's reach before the new one begins: one primary at a time.
          leadNodesTo(Number(url.port))
          for (const { road } of nodes) road.reset()
          await standby.promote()
          // What was ended since is good again on the new primary: those acts are lost, and not what is measured.
          const ended = subjects.filter(({ endedBy }) => endedBy !== undefined && endedBy > cutAt - 5_000)
          const good = await stillGood(url.href, ended)
          for (const subject of ended) if (good.has(subject.id)) lost.add(subject)
          for (const subject of lost) {
            await world.call('DELETE', `/sessions/${subject.id}?reason=stolen`)
            subject.endedBy = nowMs()
          }
        },
      ],
    ]
  }
})
