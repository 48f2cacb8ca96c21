import { eq } from 'drizzle-orm'
import { describe, expect, test } from 'vitest'
import { addNote, listNotes, MOST_NOTES, removeNote } from '../../../src/accounts/notes.js'
import type { Role } from '../../../src/accounts/types.js'
import { listAudit } from '../../../src/audit/list.js'
import { TERMINAL } from '../../../src/audit/types.js'
import { type AccountId, newId } from '../../../src/db/ids.js'
import { accounts } from '../../../src/db/schema.js'
import { useApp } from '../../support/app.js'
import { acting, anAccount, anOwner } from '../../support/builders.js'
import { eachDatabase, eachPostgres } from '../../support/database.js'
import { said, signedIn, textOf } from '../admin/signedIn.js'
import { aKey, send } from '../api/client.js'

describe('notes of admins about an account', () => {
  eachDatabase((database) => {
    const app = useApp(database)
    const as = async (role: Role, name = `The ${role}`) =>
      signedIn(database.db, app.url, await anAccount(database.db, { role, name }))
    const written = async (of: AccountId) => (await listNotes(database.db, of)).map(({ note }) => note)
    const acts = async (account: AccountId) =>
      (await listAudit(database.db, { account })).items.map(({ action, result }) => `${action} ${result}`)

    test('are written, read by everybody who sees the panel, and removed; the log has who and not what', async () => {
      const account = await anAccount(database.db, { name: 'Priya Raman' })
      const path = `/admin/accounts/${account.id}`
      const responder = await as('responder', 'Jonas Weber')
      expect(textOf((await responder.get(path)).body)).toContain('Notes of admins Add note No notes')
      const form = { note: '  Works from Singapore\r\nin the first week. ' }
      expect(await responder.post(`${path}/notes`, form)).toMatchObject({ status: 303, location: path })
      expect(await said(responder, path)).toBe('The note about Priya Raman is kept')
      expect(await written(account.id)).toEqual(['Works from Singapore\nin the first week.'])

      const seen = (await (await as('viewer')).get(path)).body
      expect(textOf(seen)).toMatch(/Notes of admins Works from Singapore in the first week\. Jonas Weber ·/)
      expect(seen).not.toMatch(/notes\/new|\/remove/)

      const owner = await as('owner')
      const remove = /href="(\/admin\/accounts\/[\w-]+\/notes\/[\w-]+\/remove)"/.exec((await owner.get(path)).body)?.[1]
      expect(textOf((await owner.get(remove ?? '')).body)).toContain('in the first week. Jonas Weber')
      expect(await owner.post(remove ?? '')).toMatchObject({ status: 303, location: path })
      expect(await said(owner, path)).toBe('The note is removed')
      expect(await written(account.id)).toEqual([])
      expect((await owner.post(remove ?? '')).status).toBe(404)

      const { items } = await listAudit(database.db, { account: account.id })
      expect(items.map(({ action, actor }) => [action, actor.name])).toEqual([
        ['account.note-removed', 'The owner'],
        ['account.note-added', 'Jonas Weber'],
      ])
      expect(JSON.stringify(items)).not.toContain('Singapore')
    })

    test.each([
      ['nothing', ' \r\n ', 'Write down what the next one should know.'],
      ['a character too many', 'x'.repeat(1_001), 'At most 1,000 characters; these are 1,001.'],
    ])('%s is refused beside the field, and what was typed stays', async (_, note, problem) => {
      const account = await anAccount(database.db)
      const answer = await (await as('responder')).post(`/admin/accounts/${account.id}/notes`, { note })
      expect(answer.status).toBe(422)
      expect(textOf(answer.body)).toContain(problem)
      expect(answer.body).toContain(note.trim())
      expect(await written(account.id)).toEqual([])
    })

    test('may have a thousand characters, however the browser ends its lines', async () => {
      const account = await anAccount(database.db)
      const note = `${'x'.repeat(499)}\n`.repeat(2).padEnd(1_000, 'y')
      const form = { note: note.replaceAll('\n', '\r\n') }
      expect((await (await as('responder')).post(`/admin/accounts/${account.id}/notes`, form)).status).toBe(303)
      expect((await written(account.id))[0]).toHaveLength(note.trim().length)
    })

    test('S-35 a viewer writes none, and a responder none about an owner; who tries is written down', async () => {
      const { db } = database
      const owner = await anOwner(db)
      const path = `/admin/accounts/${owner.id}/notes`
      expect((await (await as('viewer')).post(path, { note: 'n' })).status).toBe(403)
      const responder = await as('responder')
      expect((await responder.get(`${path}/new`)).status).toBe(403)
      expect((await responder.post(path, { note: 'n' })).status).toBe(422)
      const added = await addNote(db, owner.id, 'kept', TERMINAL)
      const note = added?.status === 'added' ? added.note.id : ''
      expect((await responder.post(`${path}/${note}/remove`)).status).toBe(403)
      expect(await written(owner.id)).toEqual(['kept'])
      expect(await acts(owner.id)).toEqual([
        'account.note-removed refused',
        'account.note-added done',
        'account.note-added refused',
      ])
    })

    test('S-38 a key with the scope admin reads and writes them, and no app’s key does', async () => {
      const { db } = database
      const { secret: admin } = await aKey(db)
      const { secret: theirs } = await aKey(db, { scopes: ['accounts:write', 'sessions:read'] })
      const person = await anAccount(db)
      const call = (method: string, path: string, body?: object, key = admin) =>
        send(app.url, method, path, { key, body })
      const added = await call('POST', `/accounts/${person.id}/notes`, { note: ' On leave\nuntil May ' })
      expect(added).toMatchObject({ status: 201, json: { note: 'On leave\nuntil May', by: { kind: 'key' } } })
      const path = `/accounts/${person.id}/notes`
      expect((await call('GET', path)).json).toEqual({ items: [added.json] })
      for (const [method, of, body] of [
        ['GET', path],
        ['POST', path, { note: 'n' }],
        ['DELETE', `${path}/${added.json.id}`],
      ] as const)
        expect((await call(method, of, body, theirs)).status, method).toBe(403)
      const other = await anAccount(db)
      expect((await call('POST', path, { note: ' ' })).status).toBe(400)
      expect((await call('DELETE', `/accounts/${other.id}/notes/${added.json.id}`)).status).toBe(404)
      expect((await call('DELETE', `${path}/${added.json.id}`)).json).toEqual(added.json)
      expect(await written(person.id)).toEqual([])
    })

    test('three are shown, the older ones lie below; there is an end to them', async () => {
      const { db } = database
      const account = await anAccount(db)
      for (let n = 1; n <= MOST_NOTES; n += 1) await addNote(db, account.id, `Note ${n}.`, TERMINAL)
      const owner = await as('owner')
      const text = textOf((await owner.get(`/admin/accounts/${account.id}`)).body)
      expect(text).toMatch(/Note 100\. .* Note 99\. .* Note 98\. .* 97 older notes Note 97\./)
      const full = await owner.post(`/admin/accounts/${account.id}/notes`, { note: 'n' })
      expect([full.status, textOf(full.body)]).toEqual([422, expect.stringContaining('Remove one first.')])
    })

    test('go with the account', async () => {
      const { db } = database
      const id = newId<AccountId>()
      await db.insert(accounts).values({ id, name: 'Gone' })
      await addNote(db, id, 'n', TERMINAL)
      await db.delete(accounts).where(eq(accounts.id, id))
      expect(await listNotes(db, id)).toEqual([])
    })

    test('are of one account: nobody’s is removed by another one’s address', async () => {
      const { db } = database
      const [one, other] = [await anAccount(db), await anAccount(db)]
      const added = await addNote(db, one.id, 'n', TERMINAL)
      if (added?.status !== 'added') throw new Error('no note')
      expect(await removeNote(db, other.id, added.note.id, TERMINAL)).toBeUndefined()
      expect(await written(one.id)).toEqual(['n'])
      expect(await addNote(db, newId(), 'n', TERMINAL)).toBeUndefined()
    })
  })

  eachPostgres((database) => {
    test('at the same moment there is not one more than there may be', async () => {
      const [one, other] = await database.twoConnections()
      const account = await anAccount(one)
      const by = await acting(one, await anOwner(one))
      for (let n = 1; n < MOST_NOTES; n += 1) await addNote(one, account.id, 'n', TERMINAL)
      const answers = await Promise.all([one, other, one, other].map((db) => addNote(db, account.id, 'last', by)))
      expect(answers.map((answer) => answer?.status).toSorted()).toEqual(['added', 'refused', 'refused', 'refused'])
    })
  })
})
