import { describe, expect, it } from 'vitest'
import { removeHost, saveHost } from '../../../src/accounts/apps/protectedHosts.js'
import { SYSTEM } from '../../../src/audit/types.js'
import { systemClock } from '../../../src/follower/clock.js'
import type { Entry } from '../../../src/follower/types.js'
import { createRememberedHosts } from '../../../src/forward/rememberedHosts.js'
import type { Pushed } from '../../../src/sessions/log/node.js'
import { anApp } from '../../support/builders.js'
import { eachDatabase } from '../../support/database.js'

const SNAPSHOT = { era: 'e', xmin: 1, xmax: 1, xip: [] }
const OWN = 'rollcall.example.com'

eachDatabase((database) => {
  /** Hosts as a node remembers them that hears what the test says, and whose lease and clock are the test's. */
  function aNode() {
    const node = {
      leaseLeftMs: 1_000,
      now: 0,
      hear: (_: Pick<Entry, 'kind' | 'target'>) => {},
      anew: () => {},
    }
    const hosts = createRememberedHosts({
      open: database.open,
      own: OWN,
      clock: { ...systemClock, monotonicMs: () => node.now },
      node: {
        leaseMs: 1_000,
        engine: { follower: { leaseLeft: () => node.leaseLeftMs } },
        subscribe(heard) {
          const push = (entries: Pushed['answer']['entries'], anew: boolean) =>
            heard({ from: SNAPSHOT, answer: { snapshot: SNAPSHOT, entries, ageMs: 0, anew } })
          node.hear = (entry) => push([{ ...entry, xid: 1 }], false)
          node.anew = () => push([], true)
          return () => {}
        },
      },
    })
    return { node, hosts }
  }

  async function aHost(host?: string) {
    const appId = await anApp(database.db)
    const wanted = { host: host ?? `${appId.slice(-12)}.example.com`, appId, role: 'person' as const, rules: [] }
    const saved = await saveHost(database.db, wanted, SYSTEM, { secure: true, own: OWN })
    return saved?.status === 'saved' ? saved.host : expect.fail(JSON.stringify(saved))
  }

  describe('S-14 protected hosts in memory', () => {
    it('hold while the lease of the node does, and not a moment longer', async () => {
      const { node, hosts } = aNode()
      const { id, host } = await aHost()
      expect((await hosts.find(host))?.host).toBe(host)
      await removeHost(database.db, id, SYSTEM)
      expect(hosts.findCached(host)?.host, 'what the log has not told yet').toBe(host)
      node.leaseLeftMs = 0
      expect(hosts.findCached(host)).toBeUndefined()
      expect(await hosts.find(host)).toBeUndefined()
    })

    it('are read anew after an entry of an app, or all of the log anew, and after nothing else', async () => {
      const { node, hosts } = aNode()
      const { host, app } = await aHost()
      for (const forget of [() => node.hear({ kind: 'app', target: app.id }), () => node.anew()]) {
        await hosts.find(host)
        node.hear({ kind: 'session', target: app.id })
        expect(hosts.findCached(host)?.host).toBe(host)
        forget()
        expect(hosts.findCached(host)).toBeUndefined()
      }
    })

    it('are not kept where one changed while they were read: nobody would say so again', async () => {
      const { node, hosts } = aNode()
      const { host, app } = await aHost()
      const reading = hosts.find(host)
      node.hear({ kind: 'app', target: app.id })
      expect((await reading)?.host).toBe(host)
      expect(hosts.findCached(host)).toBeUndefined()
    })

    it('S-16 that took longer to read than the lease lasts say nothing about now', async () => {
      const { node, hosts } = aNode()
      const { host } = await aHost()
      const reading = hosts.find(host)
      node.now = 1_000
      await expect(reading).rejects.toMatchObject({ status: 503 })
      expect(hosts.findCached(host)).toBeUndefined()
    })
  })

  it('no wildcard covers Rollcall’s own host', async () => {
    const { hosts } = aNode()
    await aHost('*.example.com')
    expect(await hosts.find('other.example.com')).toMatchObject({ pattern: '*.example.com' })
    expect(await hosts.find(OWN)).toBeUndefined()
  })
})
