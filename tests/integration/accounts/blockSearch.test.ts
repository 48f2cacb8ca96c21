import { beforeAll, describe, expect, it, test } from 'vitest'
import { blockAccount, liftBlock } from '../../../src/accounts/blocks/blocks.js'
import { type BlockFilter, countBlocks, listBlocks } from '../../../src/accounts/blocks/listBlocks.js'
import { blockNetwork } from '../../../src/accounts/blocks/networkBlocks.js'
import type { Block } from '../../../src/accounts/types.js'
import { SYSTEM } from '../../../src/audit/types.js'
import { BadCursor } from '../../../src/db/page.js'
import { useApp } from '../../support/app.js'
import { anAccount, anOwner } from '../../support/builders.js'
import { eachDatabase } from '../../support/database.js'
import { signedIn, textOf } from '../admin/signedIn.js'
import { aKey, send } from '../api/client.js'

describe('a search of the blocks', () => {
  eachDatabase((database) => {
    const app = useApp(database)
    const made: Record<'grace' | 'alan' | 'wide' | 'narrow' | 'one' | 'six' | 'over', Block> = {} as never

    beforeAll(async () => {
      const { db } = database
      const network = async (network: string) => {
        const answer = await blockNetwork(db, { network, reason: 'attack' }, SYSTEM)
        if (answer.status !== 'blocked') throw new Error(answer.why)
        return answer.block
      }
      const account = async (name: string, email: string) => {
        const { id } = await anAccount(db, { name, email })
        const answer = await blockAccount(db, id, { reason: 'attack' }, SYSTEM)
        if (answer?.status !== 'blocked') throw new Error(answer?.status)
        return answer.block
      }
      made.grace = await account('Grace Hopper', 'grace@navy.example')
      made.alan = await account('Alan Turing', 'alan@park.example')
      made.wide = await network('203.0.112.0/20')
      made.narrow = await network('203.0.113.0/24')
      made.one = await network('203.0.113.7')
      made.six = await network('2001:db8:aaaa::/48')
      made.over = await network('203.0.113.128/25')
      await liftBlock(db, made.over.id, null, SYSTEM)
    })

    /** Which of them, newest first. */
    async function found(filter: BlockFilter): Promise<(string | undefined)[]> {
      const byId = new Map(Object.entries(made).map(([name, { id }]) => [id, name]))
      const { items } = await listBlocks(database.db, filter)
      expect(await countBlocks(database.db, filter)).toBe(items.length)
      return items.map(({ id }) => byId.get(id))
    }

    test.each<[string, string, string[]]>([
      ['an address finds every network that covers it', '203.0.113.7', ['one', 'narrow', 'wide']],
      ['in any spelling', '::ffff:203.0.113.200', ['narrow', 'wide']],
      ['of IPv6 too', '2001:DB8:aaaa::1', ['six']],
      ['and none that does not', '198.51.100.7', []],
      ['a network finds what covers it and what lies in it', '203.0.113.0/24', ['one', 'narrow', 'wide']],
      ['also where host bits are set', '203.0.113.9/25', ['one', 'narrow', 'wide']],
      ['the first parts of an address are their network', '203.0.113.', ['one', 'narrow', 'wide']],
      ['of IPv6 too', '2001:db8:', ['six']],
      ['words find people by name', 'hopper grace', ['grace']],
      ['and by e-mail address', 'PARK.example', ['alan']],
      ['an id finds the block', 'one', ['one']],
      ['and what was never blocked is not found', 'zuse', []],
      ['no letter stands for another', 'hop_er', []],
    ])('%s: %s', async (_, typed, names) => {
      expect(await found({ q: made[typed as keyof typeof made]?.id ?? typed })).toEqual(names)
    })

    it('holds together with the other filters', async () => {
      expect(await found({ q: '203.0.113.129', state: 'lifted' })).toEqual(['over'])
      expect(await found({ q: '203.0.113.129', state: 'all' })).toEqual(['over', 'narrow', 'wide'])
      expect(await found({ q: '203.0.113.129', kind: 'account' })).toEqual([])
      expect(await found({ q: made.grace.account?.id, kind: 'account' })).toEqual(['grace'])
      expect(await found({ q: '  ' })).toHaveLength(6)
    })

    it('a page of it belongs to it alone', async () => {
      const { next } = await listBlocks(database.db, { q: '203.0.113.7' }, { limit: 2 })
      const second = await listBlocks(database.db, { q: '203.0.113.7' }, { limit: 2, after: next ?? '' })
      expect(second.items.map(({ id }) => id)).toEqual([made.wide.id])
      await expect(listBlocks(database.db, { q: '203.0.113.8' }, { after: next ?? '' })).rejects.toThrow(BadCursor)
    })

    it('is a search of the panel’s list, and of its file', async () => {
      const browser = await signedIn(database.db, app.url, await anOwner(database.db))
      const page = await browser.get('/admin/blocks?q=203.0.113.7')
      expect(page.status).toBe(200)
      expect(textOf(page.body)).toContain('3 blocks')
      expect(page.body).toContain('/admin/blocks/export?format=csv&amp;q=203.0.113.7')
      // The chips keep what was typed.
      expect(page.body).toContain('/admin/blocks?q=203.0.113.7&amp;state=lifted')
      const file = await browser.get('/admin/blocks/export?format=csv&q=hopper')
      expect(file.body.trim().split('\r\n')).toHaveLength(2)
      expect(file.body).toContain('grace@navy.example')
    })

    it('that finds nothing says what was asked', async () => {
      const browser = await signedIn(database.db, app.url, await anOwner(database.db))
      const answer = async (q: string) => textOf((await browser.get(`/admin/blocks?q=${encodeURIComponent(q)}`)).body)
      expect(await answer('198.51.100.9')).toContain('No block covers 198.51.100.9')
      expect(await answer('198.51.100.0/24')).toContain('No block covers 198.51.100.0/24 or lies in it')
      expect(await answer('Zuse')).toContain('Nobody with “Zuse” in name or e-mail')
    })

    it('is a search of the API’s list', async () => {
      const key = (await aKey(database.db)).secret
      const { json } = await send(app.url, 'GET', '/blocks?q=203.0.113.7&kind=network', { key })
      expect(json.items.map(({ id }: { id: string }) => id)).toEqual([made.one.id, made.narrow.id, made.wide.id])
    })
  })
})
