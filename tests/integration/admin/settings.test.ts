import { describe, expect, test } from 'vitest'
import { createKey, listKeys } from '../../../src/accounts/apps/keys.js'
import { changeSettings, readSettings } from '../../../src/accounts/settings.js'
import type { Role } from '../../../src/accounts/types.js'
import { listAudit } from '../../../src/audit/list.js'
import { auditSentence, sentenceText } from '../../../src/audit/sentence.js'
import { type AuditEvent, TERMINAL } from '../../../src/audit/types.js'
import { BUILT_IN_APP, newId } from '../../../src/db/ids.js'
import { useApp } from '../../support/app.js'
import { anAccount, anApp, anOwner } from '../../support/builders.js'
import { eachDatabase, oneDatabase } from '../../support/database.js'
import { said, shownIn, signedIn, textOf } from './signedIn.js'

eachDatabase((database) => {
  const app = useApp(database)
  const anOwnersBrowser = async () => signedIn(database.db, app.url, await anOwner(database.db))

  test('a policy is changed, holds at once, and is audited with before and after', async () => {
    const { db } = database
    const owner = await anOwnersBrowser()
    const answer = await owner.post('/admin/settings', {
      adminIdleTimeout: '5',
      adminIdleTimeoutUnit: 'minutes',
      contact: 'the IT desk, extension 4100',
    })
    expect(answer.status).toBe(303)
    expect(await said(owner, '/admin/settings')).toContain('The settings are changed')
    expect(await readSettings(db)).toMatchObject({ adminIdleTimeout: 300, contact: 'the IT desk, extension 4100' })
    const [event] = (await listAudit(db, { action: 'settings.changed' })).items
    expect(event?.details).toMatchObject({ before: { adminIdleTimeout: 900 }, after: { adminIdleTimeout: 300 } })
  })

  test('S-06 raising a timeout above what is safe shows the risk in words and waits for a yes', async () => {
    const { db } = database
    const owner = await anOwnersBrowser()
    const form = { adminIdleTimeout: '4', adminIdleTimeoutUnit: 'hours' }
    const asked = await owner.post('/admin/settings', form)
    expect(asked.status).toBe(422)
    expect(textOf(asked.body)).toContain('This is longer than is safe. Nothing was changed yet')
    expect((await readSettings(db)).adminIdleTimeout).toBeLessThanOrEqual(900)
    expect((await owner.post('/admin/settings', { ...form, accept_risk: 'on' })).status).toBe(303)
    expect((await readSettings(db)).adminIdleTimeout).toBe(4 * 3_600)
    expect(textOf((await owner.get('/admin/settings')).body)).toContain('Above 15 minutes: whoever finds the device')
  })

  test('S-60 a key is shown once, with its app made on the way, and revoked', async () => {
    const { db } = database
    const owner = await anOwnersBrowser()
    const name = `Key ${newId()}`
    const made = await owner.post('/admin/settings/keys', {
      name,
      app: 'new',
      app_name: `Billing ${newId()}`,
      scope: ['sessions:verify', 'sessions:read'],
      lifetime: '90d',
      rate: '1200',
    })
    expect(made.status).toBe(200)
    const secret = /rck_[\w-]{43}/.exec(made.body)?.[0] ?? ''
    const [key] = (await listKeys(db)).filter((one) => one.name === name)
    expect(key).toMatchObject({
      scopes: ['sessions:verify', 'sessions:read'],
      hint: secret.slice(-4),
      requestsPerMinute: 1_200,
    })
    const list = await owner.get('/admin/settings/keys')
    expect(textOf(list.body)).toContain('At most 1,200 requests a minute')
    expect(list.body).not.toContain(secret)
    expect(textOf(list.body)).toContain(name)
    await owner.post(`/admin/settings/keys/${key?.id}/revoke`)
    expect(await said(owner, '/admin/settings/keys')).toContain('is revoked')
    expect((await listKeys(db)).find((one) => one.name === name)?.revokedAt).toBeInstanceOf(Date)
  })
})

oneDatabase((database) => {
  const app = useApp(database, { ROLLCALL_IDLE_TIMEOUT: '6h' })
  const as = async (role: Role) =>
    signedIn(
      database.db,
      app.url,
      role === 'owner' ? await anOwner(database.db) : await anAccount(database.db, { role }),
    )

  describe('who may do what', () => {
    test.each(['viewer', 'responder'] as const)('S-30 a %s reads policies and changes nothing', async (role) => {
      const browser = await as(role)
      const page = await browser.get('/admin/settings')
      expect(textOf(page.body)).toContain('15 minutes')
      expect(page.body).not.toMatch(/action="\/admin\/settings|settings\/keys/)
      expect((await browser.post('/admin/settings', { sessionLimit: '1' })).status).toBe(403)
      expect(await readSettings(database.db)).toMatchObject({ sessionLimit: 100 })
    })

    test.each(['viewer', 'responder'] as const)('S-30 a %s sees nothing of keys', async (role) => {
      const browser = await as(role)
      const key = await createKey(database.db, { appId: BUILT_IN_APP, name: 'K', scopes: ['admin'] }, TERMINAL)
      const id = key.status === 'created' ? key.key.id : ''
      for (const path of ['', '/new', `/${id}/revoke`])
        expect((await browser.get(`/admin/settings/keys${path}`)).status).toBe(403)
      for (const path of ['', `/${id}/revoke`])
        expect((await browser.post(`/admin/settings/keys${path}`, { name: 'x' })).status).toBe(403)
    })

    test('a viewer sees who the admins are, without a control', async () => {
      const { body } = await (await as('viewer')).get('/admin/settings/admins')
      expect(textOf(body)).toContain('Viewer')
      expect(body).not.toContain('/role"')
    })
  })

  test('what the environment decides is read-only, says so, and is refused', async () => {
    const owner = await as('owner')
    const page = await owner.get('/admin/settings')
    expect(textOf(page.body)).toContain('ROLLCALL_IDLE_TIMEOUT in the environment decides this.')
    expect(page.body).not.toContain('name="idleTimeout"')
    const answer = await owner.post('/admin/settings', { idleTimeout: '5', idleTimeoutUnit: 'minutes' })
    expect(answer.status).toBe(422)
    expect(await readSettings(database.db)).toMatchObject({ idleTimeout: 6 * 3_600 })
  })

  test('how long ended sessions are kept is set in days, and for good by nothing', async () => {
    const owner = await as('owner')
    for (const [typed, days] of [
      ['90', 90],
      ['', null],
    ] as const) {
      expect((await owner.post('/admin/settings', { sessionDays: typed, accept_risk: 'on' })).status).toBe(303)
      expect(await readSettings(database.db)).toMatchObject({ sessionDays: days })
    }
    expect((await owner.post('/admin/settings', { sessionDays: '0' })).status).toBe(422)
  })

  test('an open form does not put back what a colleague changed meanwhile', async () => {
    const owner = await as('owner')
    const { body } = await owner.get('/admin/settings')
    const shown = shownIn(body)
    const form = Object.fromEntries(new URLSearchParams(shown))
    const theirs = { contact: 'the night desk', maskForViewers: true, adminIdleTimeout: 600, auditDays: 365 }
    await changeSettings(database.db, theirs, TERMINAL)
    const typed = {
      ...form,
      shown,
      sessionLimit: '40',
      adminAbsoluteTimeout: '240',
      adminAbsoluteTimeoutUnit: 'minutes',
    }
    expect((await owner.post('/admin/settings', typed)).status).toBe(303)
    expect(await readSettings(database.db)).toMatchObject({ ...theirs, sessionLimit: 40, adminAbsoluteTimeout: 14_400 })
    // Whoever does mean to put something back still can.
    await owner.post('/admin/settings', { ...form, shown: '', contact: 'the day desk' })
    expect(await readSettings(database.db)).toMatchObject({ contact: 'the day desk', maskForViewers: false })
  })

  test('S-64 how long the audit log is kept is set in days, and for good by nothing', async () => {
    const owner = await as('owner')
    for (const [typed, days] of [
      ['400', 400],
      ['', null],
    ] as const) {
      expect((await owner.post('/admin/settings', { auditDays: typed, accept_risk: 'on' })).status).toBe(303)
      expect(await readSettings(database.db)).toMatchObject({ auditDays: days })
    }
    const [event] = (await listAudit(database.db, { action: 'settings.changed', limit: 1 })).items
    expect(sentenceText(auditSentence(event as AuditEvent))).toContain('from 400 to for good')
  })

  test.each([
    ['auditDays', 'The audit log: what is older than 400 days is deleted'],
    ['sessionDays', 'Ended sessions: what is older than 400 days is deleted'],
  ] as const)('S-64 less of %s is deleted for good only after a yes; more of it asks nothing', async (name, words) => {
    const owner = await as('owner')
    await changeSettings(database.db, { [name]: null }, TERMINAL)
    const asked = await owner.post('/admin/settings', { [name]: '400' })
    expect(asked.status).toBe(422)
    expect(textOf(asked.body)).toContain('This deletes for good. Nothing was changed yet')
    expect(textOf(asked.body)).toContain(words)
    expect(await readSettings(database.db)).toMatchObject({ [name]: null })
    expect((await owner.post('/admin/settings', { [name]: '400', accept_risk: 'on' })).status).toBe(303)
    for (const typed of ['400', '500', '']) {
      expect((await owner.post('/admin/settings', { [name]: typed })).status).toBe(303)
    }
  })

  test.each([
    [
      'an idle timeout beyond the absolute one',
      {
        adminIdleTimeout: '8',
        adminIdleTimeoutUnit: 'hours',
        adminAbsoluteTimeout: '1',
        adminAbsoluteTimeoutUnit: 'hours',
        accept_risk: 'on',
      },
      'Must be not longer than the session lasts at all.',
    ],
    ['no sessions at all', { sessionLimit: '0' }, 'Must be at least one.'],
    ['nobody to ask', { contact: ' ' }, 'Must be whom to ask.'],
    ['words for a number', { sessionLimit: 'many' }, 'Write a whole number'],
    ['a log that is gone at once', { auditDays: '3' }, 'Must be at least 30 days.'],
    ['words for days', { auditDays: 'long' }, 'Write a whole number, such as 400, or nothing.'],
  ])('%s is said beside its field', async (_, form, words) => {
    const answer = await (await as('owner')).post('/admin/settings', form)
    expect(answer.status).toBe(422)
    expect(textOf(answer.body)).toContain(words)
  })

  test.each([
    ['no name', { name: ' ', app: BUILT_IN_APP, scope: 'admin', lifetime: 'never' }, 'Write what the key is for.'],
    [
      'a limit that is no number',
      { name: 'x', app: BUILT_IN_APP, scope: 'admin', lifetime: 'never', rate: 'many' },
      'Write a whole number, such as 600, or nothing.',
    ],
    ['no scope', { name: 'x', app: BUILT_IN_APP, lifetime: 'never' }, 'Choose at least one.'],
    ['an app that is gone', { name: 'x', app: newId(), scope: 'admin', lifetime: 'never' }, 'There is no such app'],
    [
      'a new app without a name',
      { name: 'x', app: 'new', scope: 'admin', lifetime: 'never' },
      'Write the name of the new app.',
    ],
  ])('a key with %s is not made', async (_, form, words) => {
    const before = (await listKeys(database.db)).length
    const answer = await (await as('owner')).post('/admin/settings/keys', form)
    expect(answer.status).toBe(422)
    expect(textOf(answer.body)).toContain(words)
    expect(await listKeys(database.db)).toHaveLength(before)
  })

  test('an app of that name is there: it is chosen, not made twice', async () => {
    await anApp(database.db, { name: 'Console' })
    const form = { name: 'x', app: 'new', app_name: 'console', scope: 'admin', lifetime: 'never' }
    const answer = await (await as('owner')).post('/admin/settings/keys', form)
    expect(answer.status).toBe(422)
    expect(textOf(answer.body)).toContain('There is an app of this name.')
  })

  test('about names version, database and whose data the places are', async () => {
    const text = textOf((await (await as('viewer')).get('/admin/settings/about')).body)
    expect(text).toMatch(/Version \d+\.\d+\.\d+/)
    expect(text).toContain(process.version)
    expect(text).toMatch(/(PGlite|PostgreSQL)/)
    expect(text).toContain('DB-IP')
  })

  test('an unknown key is not found', async () => {
    expect((await (await as('owner')).get(`/admin/settings/keys/${newId()}/revoke`)).status).toBe(404)
  })
})
