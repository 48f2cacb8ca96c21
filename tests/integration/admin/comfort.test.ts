import { describe, expect, test } from 'vitest'
import type { Role } from '../../../src/accounts/types.js'
import { useApp } from '../../support/app.js'
import { anAccount, aSession } from '../../support/builders.js'
import { oneDatabase } from '../../support/database.js'
import type { BrowserLikeClient } from '../../support/http.js'
import { signedIn, textOf } from './signedIn.js'

oneDatabase((database) => {
  const app = useApp(database)
  const admin = async (role: Role) => signedIn(database.db, app.url, await anAccount(database.db, { role }))

  /** What the palette lists: kind, text and where it leads. */
  async function find(client: BrowserLikeClient, q: string): Promise<{ kind: string; text: string; href: string }[]> {
    const { body } = await client.get(`/admin/palette?q=${encodeURIComponent(q)}`, { 'hx-request': 'true' })
    return [...body.matchAll(/<a [^>]*href="([^"]*)"[^>]*role="option".*?<\/a>/gs)].map(([line, href = '']) => ({
      kind: textOf(/palette-kind">([^<]*)/.exec(line)?.[1] ?? ''),
      text: textOf(/<span class="clip">(.*?)<\/span>/s.exec(line)?.[1] ?? ''),
      href: href.replaceAll('&amp;', '&'),
    }))
  }

  describe('the command palette finds', () => {
    test('a person by a part of the name or the e-mail address, and what the role allows to do with them', async () => {
      const { account } = await aSession(database.db, {
        account: await anAccount(database.db, { name: 'Priya Raman', email: 'pr@example.com' }),
      })
      const person = { kind: 'Person', text: 'Priya Raman', href: `/admin/accounts/${account.id}` }
      const acts = [
        { kind: 'Action', text: 'Sign out Priya Raman everywhere…', href: `${person.href}/revoke-sessions` },
        { kind: 'Action', text: 'Block Priya Raman…', href: `${person.href}/block` },
      ]
      const responder = await find(await admin('responder'), 'pr@exam')
      expect(responder).toContainEqual(person)
      expect(responder.filter(({ kind }) => kind === 'Action')).toEqual(acts)
      expect((await find(await admin('responder'), 'block priya'))[1]).toEqual(acts[1])
      const viewer = await find(await admin('viewer'), 'priya ram')
      expect(viewer).toContainEqual(person)
      expect(viewer.filter(({ kind }) => kind === 'Action')).toEqual([])
    })

    test('no action on an owner for who is none', async () => {
      await aSession(database.db, { account: await anAccount(database.db, { role: 'owner', name: 'Zelda Owner' }) })
      const found = await find(await admin('responder'), 'Zelda')
      expect(found.map(({ kind }) => kind)).toEqual(['Person', 'Sessions'])
    })

    test('a network, also where host bits are set, and an address with its newest sessions', async () => {
      const client = await admin('responder')
      const network = encodeURIComponent('203.0.113.0/24')
      for (const typed of ['203.0.113.0/24', '203.0.113.7/24', 'block 203.0.113.0/24']) {
        const found = await find(client, typed)
        expect(found, typed).toContainEqual({
          kind: 'Sessions',
          text: 'Sessions from 203.0.113.0/24',
          href: `/admin/sessions?ip=${network}`,
        })
        expect(found, typed).toContainEqual({
          kind: 'Action',
          text: 'Block 203.0.113.0/24…',
          href: `/admin/blocks/new?network=${network}`,
        })
      }
      const {
        session: { id },
      } = await aSession(database.db, { ip: '203.0.113.77' })
      const found = await find(client, '203.0.113.77')
      expect(found.map(({ text }) => text)).toContain('Sessions from 203.0.113.0/24')
      expect(found.find(({ kind }) => kind === 'Session')?.href).toBe(`/admin/sessions/${id}`)
      expect((await find(await admin('viewer'), '203.0.113.0/24')).map(({ kind }) => kind)).not.toContain('Action')
    })

    test('a session by its id, and pages by any of their words', async () => {
      const client = await admin('viewer')
      const {
        session: { id },
      } = await aSession(database.db, {})
      expect((await find(client, id.toUpperCase()))[0]).toMatchObject({
        kind: 'Session',
        href: `/admin/sessions/${id}`,
      })
      expect(await find(client, 'timeouts')).toEqual([{ kind: 'Page', text: 'Settings', href: '/admin/settings' }])
      expect((await find(client, '')).length).toBeGreaterThan(10)
      expect(await find(client, 'no such thing')).toEqual([])
    })
  })

  test('S-43 what is found is text, and without script the same is a page of links', async () => {
    const name = '"><img src=x onerror=alert(1)>'
    const account = await anAccount(database.db, { name })
    const client = await admin('responder')
    const { body } = await client.get(`/admin/palette?q=${encodeURIComponent(name)}`)
    expect(body).not.toContain('<img src=x')
    expect(textOf(body)).toContain(name)
    expect(body).toContain(`href="/admin/accounts/${account.id}"`)
    expect(body).toContain(`href="/admin/accounts/${account.id}/block"`)
  })
})
