import { describe, expect, test } from 'vitest'
import { listApps } from '../../../src/accounts/apps/apps.js'
import { listHosts } from '../../../src/accounts/apps/protectedHosts.js'
import { newId } from '../../../src/db/ids.js'
import { useApp } from '../../support/app.js'
import { anAccount, anOwner } from '../../support/builders.js'
import { oneDatabase } from '../../support/database.js'
import { said, shownIn, signedIn, textOf } from './signedIn.js'

const HERE = '/admin/settings/hosts'

oneDatabase((database) => {
  const app = useApp(database, { ROLLCALL_TRUSTED_PROXIES: '127.0.0.1' })
  const anOwnersBrowser = async () => signedIn(database.db, app.url, await anOwner(database.db))

  describe('protected hosts in the panel', () => {
    test('one is added with its app and rules, changed, and removed', async () => {
      const owner = await anOwnersBrowser()
      const name = `wiki-${newId<string>().slice(-12)}`
      const form = { host: `${name.toUpperCase()}.localhost`, app: 'new', app_name: name, role: 'person' }
      const added = await owner.post(HERE, { ...form, rules: '/admin owner\n\n  /public/  Anyone ' })
      expect(added.status).toBe(303)
      expect(await said(owner, HERE)).toContain(`${name}.localhost is protected`)
      const find = async () => (await listHosts(database.db)).find(({ host }) => host === `${name}.localhost`)
      const host = await find()
      expect(host).toMatchObject({
        app: { name },
        rules: [
          { path: '/admin', role: 'owner' },
          { path: '/public', role: 'anyone' },
        ],
      })
      expect(textOf((await owner.get(HERE)).body)).toContain('/public: anyone')
      const again = { host: host?.host ?? '', app: host?.app.id ?? '', role: 'viewer', rules: '' }
      expect((await owner.get(`${HERE}/${host?.id}`)).body).toContain('/admin owner\n/public anyone')
      expect((await owner.post(`${HERE}/${host?.id}`, again)).status).toBe(303)
      expect(await find()).toMatchObject({ role: 'viewer', rules: [] })
      expect((await owner.post(HERE, again)).body).toContain('This host is protected already.')
      expect((await owner.post(`${HERE}/${host?.id}/remove`)).status).toBe(303)
      expect(await find()).toBeUndefined()
    })

    test('an open form does not put back what a colleague changed meanwhile', async () => {
      const owner = await anOwnersBrowser()
      const name = `desk-${newId<string>().slice(-12)}`
      const rules = '/admin owner\n/public anyone'
      await owner.post(HERE, { host: `${name}.localhost`, app: 'new', app_name: name, role: 'person', rules })
      const find = async () => (await listHosts(database.db)).find(({ host }) => host === `${name}.localhost`)
      const [host, theirs] = [await find(), `${name}.localhost`]
      const shown = shownIn((await owner.get(`${HERE}/${host?.id}`)).body)
      const form = { host: theirs, app: host?.app.id ?? '', role: 'person', rules: rules.replaceAll('\n', '\r\n') }
      await owner.post(`${HERE}/${host?.id}`, { ...form, rules: '/admin owner', role: 'responder' })
      expect((await owner.post(`${HERE}/${host?.id}`, { ...form, shown, host: `2${theirs}` })).status).toBe(303)
      expect((await listHosts(database.db)).find(({ id }) => id === host?.id)).toMatchObject({
        host: `2${theirs}`,
        role: 'responder',
        rules: [{ path: '/admin', role: 'owner' }],
      })
    })

    test.each([
      [{ host: 'wiki.example.com' }, 'must be a host of this machine'],
      [{ host: '' }, 'Write the host'],
      [{ rules: '/admin king' }, '“/admin king” must be a path and one of'],
      [{ rules: 'admin owner' }, 'must have paths such as /admin'],
      [{ app_name: '' }, 'Write the name of the new app'],
      [{ app_name: 'Rollcall' }, 'There is an app of this name'],
    ])('%j is said beside its field, with what was typed, and nothing is made', async (wrong, words) => {
      const owner = await anOwnersBrowser()
      const before = [await listHosts(database.db), await listApps(database.db)]
      const form = { host: 'notes.localhost', app: 'new', app_name: 'Notes', role: 'person', rules: '', ...wrong }
      const answer = await owner.post(HERE, form)
      expect(answer.status).toBe(422)
      expect(textOf(answer.body)).toContain(words)
      if (form.host) expect(answer.body).toContain(`value="${form.host}"`)
      expect([await listHosts(database.db), await listApps(database.db)]).toEqual(before)
    })

    test('S-30 nobody but an owner sees them', async () => {
      const viewer = await signedIn(database.db, app.url, await anAccount(database.db, { role: 'responder' }))
      expect((await viewer.get(HERE)).status).toBe(403)
      expect((await viewer.get('/admin/settings')).body).not.toContain(HERE)
    })
  })
})
