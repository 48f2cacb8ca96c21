import { describe, expect, test, vi } from 'vitest'
import { findApp, listApps } from '../../../src/accounts/apps/apps.js'
import { changeApp, disableApp } from '../../../src/accounts/apps/changeApp.js'
import { createKey, findKeyBySecret, listKeys, revokeKey } from '../../../src/accounts/apps/keys.js'
import { listHosts } from '../../../src/accounts/apps/protectedHosts.js'
import type { Role } from '../../../src/accounts/types.js'
import { listAudit } from '../../../src/audit/list.js'
import { SYSTEM } from '../../../src/audit/types.js'
import { createVerifier } from '../../../src/client/createVerifier.js'
import { type AppId, BUILT_IN_APP, newId } from '../../../src/db/ids.js'
import { useApp } from '../../support/app.js'
import { anAccount, anApp, anOwner, aSession } from '../../support/builders.js'
import { oneDatabase } from '../../support/database.js'
import { multiply } from '../../support/manySessions.js'
import { aKey, send } from '../api/client.js'
import { said, shownIn, signedIn, textOf } from './signedIn.js'

const HERE = '/admin/apps'

oneDatabase((database) => {
  const server = useApp(database, { ROLLCALL_TRUSTED_PROXIES: '127.0.0.1' })
  const browserOf = async (role: Role) =>
    signedIn(
      database.db,
      server.url,
      role === 'owner' ? await anOwner(database.db) : await anAccount(database.db, { role }),
    )
  const aName = () => `Shop ${newId<string>().slice(-12)}`
  const named = async (name: string) => (await listApps(database.db)).find((app) => app.name === name)
  const keyOn = (html: string) => /id="secret" value="(rck_[^"]+)"/.exec(html)?.[1] ?? ''

  test('the list of sessions shows of which app each is, by its name and its icon', async () => {
    const owner = await browserOf('owner')
    const account = await anAccount(database.db)
    const icons = ['store', 'code', 'credit-card'] as const
    const apps = icons.map((icon) => ({ icon, name: aName() }))
    for (const { icon, name } of apps) {
      await owner.post(HERE, { name, integration: 'http', icon })
      const app = (await named(name)) ?? expect.fail('it was not added')
      await aSession(database.db, { account, app: app.id })
    }
    const { body } = await owner.get(`/admin/sessions?account=${account.id}`)
    for (const { icon, name } of apps)
      expect(body).toMatch(new RegExp(`data-mask="${icon}"[^>]*></span><span class="clip" dir="auto">${name}</span>`))
  })

  test('an owner signs everyone out of an app from its page; others are not offered it', async () => {
    const app = await anApp(database.db, { name: aName() })
    const path = `${HERE}/${app}`
    const link = `href="/admin/kill-switch?app=${app}"`
    const owner = await browserOf('owner')
    expect((await owner.get(path)).body).not.toContain(link)
    await aSession(database.db, { app })
    expect((await owner.get(path)).body).toContain(link)
    expect((await (await browserOf('responder')).get(path)).body).not.toContain(link)
  })

  describe('adding an app', () => {
    test.each(['express', 'express-session', 'hono', 'node', 'http'])(
      'by %s shows its key once, with lines that read it from the environment, and waits',
      async (integration) => {
        const owner = await browserOf('owner')
        const name = aName()
        const made = await owner.post(HERE, { name, integration, icon: 'store' })
        expect(made.status).toBe(200)
        const secret = keyOn(made.body)
        const app = await named(name)
        expect(app).toMatchObject({ integration, icon: 'store' })
        expect(await findKeyBySecret(database.db, secret)).toMatchObject({
          app: { id: app?.id },
          scopes: ['sessions:verify', 'sessions:write'],
        })
        expect(made.body.split(secret)).toHaveLength(3)
        expect(textOf(made.body)).toContain(server.url)
        expect(textOf(made.body)).toContain('ROLLCALL_KEY')
        expect(textOf(made.body)).toContain('Waiting for the first session')
        const [installed = ''] = /npm install [^.]+\.[^.]+\.[^.]+\.tgz[^.]*in your app/.exec(textOf(made.body)) ?? []
        for (const [, imported = ''] of textOf(made.body).matchAll(/from '(?!node:)((?:@[\w-]+\/)?[\w-]+)/g))
          expect(installed).toContain(imported)
        const again = await owner.get(`${HERE}/${app?.id}/connect`)
        expect(again.body).not.toContain(secret)
        expect(again.body).toContain('It was shown once.')
      },
    )

    test('its wait is over with the first session, and says whose it is', async () => {
      const owner = await browserOf('owner')
      const name = aName()
      const secret = keyOn((await owner.post(HERE, { name, integration: 'http' })).body)
      const wait = `${HERE}/${(await named(name))?.id}/first-session`
      expect((await owner.get(wait)).body).toContain('data-state="waiting"')
      const body = {
        account: { email: 'ada@example.com', name: 'Ada First' },
        client: { ip: '203.0.113.7', userAgent: 'x' },
      }
      expect((await send(server.url, 'POST', '/sessions', { key: secret, body })).status).toBe(201)
      const { body: arrived } = await owner.get(wait)
      expect(arrived).toContain('data-state="arrived"')
      expect(arrived, 'nothing asks any more').not.toContain('hx-get')
      expect(textOf(arrived)).toContain('Ada First')
    })

    test('behind a proxy protects its host, and both proxies’ lines name it', async () => {
      const owner = await browserOf('owner')
      const [name, host] = [aName(), `w${newId<string>().slice(-12)}.localhost`]
      const made = await owner.post(HERE, { name, integration: 'proxy', host })
      const app = await named(name)
      expect((await listHosts(database.db)).find((one) => one.host === host)?.app.id).toBe(app?.id)
      expect(await listKeys(database.db, { appId: app?.id as AppId })).toEqual([])
      expect(textOf(made.body)).toContain(`server_name ${host};`)
      expect(textOf(made.body)).toContain('forward_auth 127.0.0.1')
    })

    test.each([
      [{ name: '' }, 'Write what people call it.'],
      [{ name: 'Rollcall' }, 'There is an app of this name.'],
      [{ integration: 'proxy', host: '' }, 'Write the host'],
      [{ integration: 'proxy', host: 'not a host' }, 'must be a host such as wiki.localhost:8080'],
    ])('%j is said beside its field, and nothing is made', async (wrong, words) => {
      const owner = await browserOf('owner')
      const before = [await listApps(database.db), await listHosts(database.db)]
      const answer = await owner.post(HERE, { name: aName(), integration: 'express', ...wrong })
      expect(answer.status).toBe(422)
      expect(textOf(answer.body)).toContain(words)
      expect([await listApps(database.db), await listHosts(database.db)]).toEqual(before)
    })
  })

  describe('the policy of an app', () => {
    const policy = { role: 'person', onUnavailable: 'deny', idleTimeoutUnit: 'minutes', absoluteTimeoutUnit: 'hours' }

    test('is shown, changed and taken back to the settings', async () => {
      const owner = await browserOf('owner')
      const id = await anApp(database.db)
      const path = `${HERE}/${id}/policy`
      const own = { ...policy, idleTimeout: '20', absoluteTimeout: '8', sessionLimit: '3' }
      expect((await owner.post(path, own)).status).toBe(303)
      expect(await findApp(database.db, id)).toMatchObject({
        idleTimeout: 1_200,
        absoluteTimeout: 28_800,
        sessionLimit: 3,
      })
      expect(textOf((await owner.get(`${HERE}/${id}`)).body)).toContain('20 minutes own')
      const empty = { ...policy, idleTimeout: '', absoluteTimeout: '', sessionLimit: '' }
      expect((await owner.post(path, empty)).status).toBe(303)
      expect(await findApp(database.db, id)).toMatchObject({
        idleTimeout: null,
        absoluteTimeout: null,
        sessionLimit: null,
      })
    })

    test('is made less safe only by somebody who says yes to the risk', async () => {
      const owner = await browserOf('owner')
      const id = await anApp(database.db)
      const risky = { ...policy, onUnavailable: 'allow-cached', idleTimeout: '90', idleTimeoutUnit: 'days' }
      const asked = await owner.post(`${HERE}/${id}/policy`, {
        ...risky,
        absoluteTimeout: '100',
        absoluteTimeoutUnit: 'days',
      })
      expect(asked.status).toBe(422)
      expect(textOf(asked.body)).toContain('Accept what is remembered')
      expect(await findApp(database.db, id)).toMatchObject({ onUnavailable: 'deny', idleTimeout: null })
      const accepted = { ...risky, absoluteTimeout: '100', absoluteTimeoutUnit: 'days', accept_risk: 'on' }
      expect((await owner.post(`${HERE}/${id}/policy`, accepted)).status).toBe(303)
      expect(textOf((await owner.get(`${HERE}/${id}`)).body)).toContain('Accepted from memory when cut off')
    })

    test('an open form does not put back what a colleague changed meanwhile', async () => {
      const owner = await browserOf('owner')
      const id = await anApp(database.db)
      const path = `${HERE}/${id}/policy`
      const { body } = await owner.get(path)
      const shown = shownIn(body)
      const form = { ...policy, idleTimeout: '', absoluteTimeout: '', absoluteTimeoutUnit: 'days', sessionLimit: '' }
      const theirs = { idleTimeout: 600, absoluteTimeout: 3_600, role: 'responder' } as const
      await changeApp(database.db, id, theirs, SYSTEM)
      const typed = { ...form, idleTimeoutUnit: 'hours', sessionLimit: '4' }
      const wrong = await owner.post(path, { ...typed, shown, sessionLimit: 'four' })
      expect(wrong.body).toContain(`name="shown" value="${shown.replaceAll('&', '&amp;')}"`)
      expect((await owner.post(path, { ...typed, shown })).status).toBe(303)
      expect(await findApp(database.db, id)).toMatchObject({ ...theirs, sessionLimit: 4 })
      // Whoever does mean to put something back still can.
      expect((await owner.post(path, { ...typed, shown: '' })).status).toBe(303)
      expect(await findApp(database.db, id)).toMatchObject({ idleTimeout: null, absoluteTimeout: null, role: 'person' })
    })

    test.each([
      [{ idleTimeout: 'x' }, 'Write a whole number, such as 15, or nothing.'],
      [{ sessionLimit: '0' }, 'Must be at least one.'],
      [{ idleTimeout: '600', absoluteTimeout: '1' }, 'Must be not longer than the session lasts at all.'],
    ])('%j is said beside its field', async (wrong, words) => {
      const owner = await browserOf('owner')
      const id = await anApp(database.db)
      const answer = await owner.post(`${HERE}/${id}/policy`, { ...policy, ...wrong })
      expect(answer.status).toBe(422)
      expect(textOf(answer.body)).toContain(words)
    })

    test('S-06 decides how long its sessions last, how many there are, and who has one', async () => {
      const { db } = database
      const id = await anApp(db)
      const { secret } = await aKey(db, { app: id, scopes: ['sessions:verify', 'sessions:write'] })
      const signIn = async (email: string) =>
        send(server.url, 'POST', '/sessions', {
          key: secret,
          body: { account: { email }, client: { ip: '203.0.113.8', userAgent: 'x' } },
        })
      const verdict = async (token: string) =>
        (await send(server.url, 'POST', '/sessions/verify', { key: secret, body: { token } })).json
      await changeApp(db, id, { sessionLimit: 1, absoluteTimeout: 3_600, idleTimeout: 600 }, SYSTEM)
      const first = (await signIn(`${id}@example.com`)).json
      const lasts = new Date(first.session.expiresAt).getTime() - new Date(first.session.createdAt).getTime()
      expect(lasts).toBe(3_600_000)
      const { json: second } = await signIn(`${id}@example.com`)
      expect(await verdict(first.token)).toEqual({ status: 'denied', reason: 'ended' })
      expect((await verdict(second.token)).status).toBe('active')
      const raised = await changeApp(db, id, { role: 'viewer' }, SYSTEM)
      expect(raised).toMatchObject({ status: 'changed', ended: 1 })
      // Done past the server, which hears of it within the bound.
      await vi.waitFor(async () => expect(await verdict(second.token)).toEqual({ status: 'denied', reason: 'ended' }))
      expect((await signIn(`${id}@example.com`)).status).toBe(403)
      const { items } = await listAudit(db, { action: 'sign-in.refused' })
      expect(items[0]?.details).toMatchObject({ why: 'role-too-low' })
    })
  })

  describe('changing a key', () => {
    test('shows what holds, changes name and limit, and goes back to where it was opened', async () => {
      const owner = await browserOf('owner')
      const id = await anApp(database.db)
      const key = await aKey(database.db, { app: id, scopes: ['sessions:read'] })
      const path = `/admin/settings/keys/${key.id}/change`
      const said = async (form: Record<string, string>, at = `${HERE}/${id}`) => {
        const { status, headers } = await owner.post(path, form)
        expect([status, headers.get('location')]).toEqual([303, at])
        return textOf((await owner.get(at)).body)
      }
      expect(await said({ name: ' Night <job> ', rate: '60' })).toMatch(
        /Night <job> rck_….{4} · At most 60 requests a minute.*The key Night <job> is changed/,
      )
      expect((await owner.get(path)).body).toMatch(/name="rate" value="60"/)
      expect(await said({ name: 'Night <job>', rate: '60' })).toContain('Nothing was changed')
      expect(await said({ name: 'Night <job>', rate: '' })).not.toContain('At most 60 requests')
      expect(await findKeyBySecret(database.db, key.secret)).toMatchObject({
        name: 'Night <job>',
        requestsPerMinute: null,
        scopes: ['sessions:read'],
      })
      const { headers } = await owner.post(
        path,
        { name: 'Else', rate: '5' },
        { 'hx-request': 'true', 'hx-current-url': `${server.url}/admin/settings/keys` },
      )
      expect(headers.get('hx-redirect')).toBe('/admin/settings/keys')
    })

    test.each([
      [{ name: 'Job', rate: 'many' }, 'Write a whole number, such as 600, or nothing.'],
      [{ name: '  ', rate: '60' }, 'Write what the key is for.'],
    ])('%j is said beside its field, and everything stays', async (wrong, words) => {
      const owner = await browserOf('owner')
      const id = await anApp(database.db)
      const key = await aKey(database.db, { app: id })
      const answer = await owner.post(`/admin/settings/keys/${key.id}/change`, wrong)
      expect(answer.status).toBe(422)
      expect(textOf(answer.body)).toContain(words)
      expect((await findKeyBySecret(database.db, key.secret))?.requestsPerMinute).toBeNull()
    })

    test('says of a key that was revoked meanwhile that there is nothing to change', async () => {
      const owner = await browserOf('owner')
      const key = await aKey(database.db, { app: await anApp(database.db) })
      await revokeKey(database.db, key.id, SYSTEM)
      const answer = await owner.post(`/admin/settings/keys/${key.id}/change`, { name: 'Job', rate: '60' })
      expect(answer.status).toBe(422)
      expect(textOf(answer.body)).toContain('This key does not work any more: make a new one.')
    })
  })

  describe('replacing a key', () => {
    test('shows the new one once; the old one works until the time that was chosen, and is then refused', async () => {
      const owner = await browserOf('owner')
      const id = await anApp(database.db)
      const old = await aKey(database.db, { app: id, scopes: ['sessions:verify'] })
      const path = `/admin/settings/keys/${old.id}/replace`
      const made = await owner.post(path, { old: '7d' })
      const secret = keyOn(made.body)
      expect((await findKeyBySecret(database.db, secret))?.replaces).toBe(old.id)
      const left = await findKeyBySecret(database.db, old.secret)
      expect(left?.expiresAt?.getTime()).toBeGreaterThan(Date.now() + 6 * 86_400_000)
      expect(left?.expiresAt?.getTime()).toBeLessThan(Date.now() + 8 * 86_400_000)
      const page = textOf((await owner.get(`${HERE}/${id}`)).body)
      expect(page).toContain(`rck_…${secret.slice(-4)} takes its place`)
      expect((await owner.get(`${HERE}/${id}`)).body).not.toContain(secret)

      expect((await owner.post(path, { old: 'now' })).status).toBe(200)
      expect(await findKeyBySecret(database.db, old.secret)).toBeUndefined()
      expect((await owner.post(path, { old: 'now' })).status).toBe(422)
    })

    test('offers the limit of the old one, and gives the new one what is written there', async () => {
      const owner = await browserOf('owner')
      const wanted = { appId: await anApp(database.db), name: 'Job', scopes: ['sessions:read'] as const }
      const old = await createKey(database.db, { ...wanted, requestsPerMinute: 60 }, SYSTEM)
      const path = `/admin/settings/keys/${old.status === 'created' && old.key.id}/replace`
      expect((await owner.get(path)).body).toMatch(/name="rate" value="60"/)
      expect((await owner.post(path, { old: '7d', rate: 'many' })).status).toBe(422)
      const rateOf = async (form: Record<string, string>) =>
        (await findKeyBySecret(database.db, keyOn((await owner.post(path, form)).body)))?.requestsPerMinute
      expect(await rateOf({ old: '7d', rate: '90' })).toBe(90)
      expect(await rateOf({ old: '7d', rate: '' })).toBeNull()
      expect(await rateOf({ old: 'now' })).toBe(60)
    })

    test.each([
      [{ old: 'date', date: '2020-01-01T10:00', zone: 'UTC' }, 'This lies in the past.'],
      [{ old: 'date', date: '2999-01-01T10:00', zone: 'UTC' }, 'At most 90 days from now'],
      [{ old: 'date', date: '' }, 'Choose a day and a time.'],
    ])('%j is said beside its field, and no key is made', async (wrong, words) => {
      const owner = await browserOf('owner')
      const id = await anApp(database.db)
      const old = await aKey(database.db, { app: id })
      const answer = await owner.post(`/admin/settings/keys/${old.id}/replace`, wrong)
      expect(answer.status).toBe(422)
      expect(textOf(answer.body)).toContain(words)
      expect(await listKeys(database.db, { appId: id })).toHaveLength(1)
    })

    test('says which process still uses the old one', async () => {
      const owner = await browserOf('owner')
      const id = await anApp(database.db)
      const old = await aKey(database.db, { app: id, scopes: ['sessions:verify'] })
      const verifier = createVerifier({ url: server.url, key: old.secret, name: 'shop-web-3' })
      try {
        await verifier.verify('rcs_nothing')
        await expect
          .poll(async () => textOf((await owner.get(`/admin/settings/keys/${old.id}/replace`)).body), {
            timeout: 10_000,
          })
          .toContain('It is used now by shop-web-3.')
        await owner.post(`/admin/settings/keys/${old.id}/replace`, { old: '1d' })
        expect(textOf((await owner.get(`${HERE}/${id}`)).body)).toContain('Still shop-web-3')
      } finally {
        await verifier.stop()
      }
    })
  })

  describe('disabling and deleting an app', () => {
    test('says what it ends, asks why, and lets nobody in until it is enabled again', async () => {
      const owner = await browserOf('owner')
      const name = aName()
      const id = await anApp(database.db, { name })
      await aSession(database.db, { app: id })
      const path = `${HERE}/${id}/disable`
      expect(textOf((await owner.get(path)).body)).toContain('Ends 1 session of 1 person')
      expect((await owner.post(path, { previewed: '1', reason: '' })).status).toBe(422)
      const done = await owner.post(path, { previewed: '1', reason: 'breach' })
      expect(done.status).toBe(303)
      expect(done.headers.get('rollcall-position')).toMatch(/^x\d+$/)
      expect(await said(owner, `${HERE}/${id}`)).toContain('1 session ended.')
      expect(textOf((await owner.get(`${HERE}/${id}`)).body)).toContain('This app is disabled')
      expect((await owner.post(`${HERE}/${id}/enable`, { reason: '' })).status).toBe(303)
      expect((await findApp(database.db, id))?.disabledAt).toBeNull()
    })

    test('of more than a hundred sessions has the number typed, also when they grew since it was shown', async () => {
      const owner = await browserOf('owner')
      const id = await anApp(database.db)
      await multiply(database.db, (await aSession(database.db, { app: id })).session, 100)
      const path = `${HERE}/${id}/disable`
      expect((await owner.get(path)).body).toContain('Type 101 to confirm')
      for (const form of [{ previewed: '101' }, { previewed: '101', typed: '100' }, { previewed: '3' }])
        expect((await owner.post(path, { ...form, reason: 'breach' })).status).toBe(422)
      expect((await findApp(database.db, id))?.disabledAt).toBeNull()
      expect((await owner.post(path, { previewed: '101', typed: '101', reason: 'breach' })).status).toBe(303)
    })

    test('deletes only what is disabled and typed: keys stop, ended sessions and the audit log stay', async () => {
      const owner = await browserOf('owner')
      const name = aName()
      const id = await anApp(database.db, { name })
      const { secret } = await aKey(database.db, { app: id })
      const { session } = await aSession(database.db, { app: id })
      const path = `${HERE}/${id}/delete`
      expect((await owner.post(path, { confirm: name })).status).toBe(422)
      await disableApp(database.db, id, 'over', SYSTEM)
      expect(textOf((await owner.get(path)).body)).toContain('Its 1 ended session stays listed')
      const mistyped = await owner.post(path, { confirm: 'other' })
      expect(mistyped.status).toBe(422)
      expect(mistyped.body).toContain('value="other"')
      expect((await owner.post(path, { confirm: name })).status).toBe(303)
      expect(await said(owner, HERE)).toContain(`${name} is deleted`)
      expect((await owner.get(`${HERE}/${id}`)).status).toBe(404)
      expect(await findKeyBySecret(database.db, secret)).toBeUndefined()
      expect(textOf((await owner.get(`/admin/sessions/${session.id}`)).body)).toContain(name)
      expect((await listAudit(database.db, { action: 'app.deleted' })).items[0]?.target?.name).toBe(name)
      expect((await owner.post(HERE, { name, integration: 'http' })).status, 'the name is free').toBe(200)
    })

    test('has no page for Rollcall itself', async () => {
      const owner = await browserOf('owner')
      for (const act of ['disable', 'delete', 'policy', 'details', 'connect'])
        expect((await owner.get(`${HERE}/${BUILT_IN_APP}/${act}`)).status, act).toBe(404)
    })
  })

  test('it gets another name and icon, unless another app has the name', async () => {
    const owner = await browserOf('owner')
    const [name, taken] = [aName(), aName()]
    const id = await anApp(database.db)
    await anApp(database.db, { name: taken })
    expect((await owner.post(`${HERE}/${id}/details`, { name: taken.toUpperCase(), icon: 'code' })).status).toBe(422)
    expect((await owner.post(`${HERE}/${id}/details`, { name: '', icon: 'code' })).status).toBe(422)
    expect((await owner.post(`${HERE}/${id}/details`, { name, icon: 'code' })).status).toBe(303)
    expect(await findApp(database.db, id)).toMatchObject({ name, icon: 'code' })
  })

  test('S-30 a responder sees how apps do, but no key, and changes nothing', async () => {
    const responder = await browserOf('responder')
    const id = await anApp(database.db)
    const { id: key } = await aKey(database.db, { app: id })
    expect((await responder.get(HERE)).body).not.toContain('/admin/apps/new')
    const page = await responder.get(`${HERE}/${id}`)
    expect(page.status).toBe(200)
    expect(page.body).not.toContain(key)
    expect(page.body).not.toContain('/disable')
    for (const act of ['disable', 'enable', 'delete', 'policy', 'details']) {
      expect((await responder.get(`${HERE}/${id}/${act}`)).status, act).toBe(403)
      expect((await responder.post(`${HERE}/${id}/${act}`, {})).status, act).toBe(403)
    }
    expect((await responder.post(HERE, { name: 'x', integration: 'http' })).status).toBe(403)
    expect((await responder.post(`/admin/settings/keys/${key}/replace`, { old: 'now' })).status).toBe(403)
    expect((await responder.post(`/admin/settings/keys/${key}/change`, { name: 'x', rate: '' })).status).toBe(403)
  })
})
