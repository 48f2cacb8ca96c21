import { expect, test } from 'vitest'
import { useApp } from '../../support/app.js'
import { anAccount, anApp, anOwner } from '../../support/builders.js'
import { oneDatabase } from '../../support/database.js'
import { signedIn } from './signedIn.js'

const HEBREW = 'דנה כהן'
const ARABIC = 'محل الزهور'

oneDatabase((database) => {
  const app = useApp(database)

  test('a name that is written from right to left is isolated in questions, toasts and sentences of the audit log', async () => {
    const { db } = database
    const client = await signedIn(db, app.url, await anOwner(db))
    const account = await anAccount(db, { name: HEBREW })
    const shop = await anApp(db, { name: ARABIC })
    const isolated = (name: string) => `<bdi>${name}</bdi>`
    const question = await client.get(`/admin/accounts/${account.id}/block`)
    expect(question.body).toContain(`Block ${isolated(HEBREW)}?`)
    expect((await client.get(`/admin/apps/${shop}/disable`)).body).toContain(`Disable ${isolated(ARABIC)}?`)
    const form = { reason: 'compromised', until: 'lifted', return_to: `/admin/accounts/${account.id}` }
    expect((await client.post(`/admin/accounts/${account.id}/block`, form)).status).toBe(303)
    const after = await client.get(`/admin/accounts/${account.id}`)
    const toast = /class="toast-title">(.*?)<\/p>/s.exec(after.body)?.[1] ?? ''
    expect(toast).toContain(isolated(HEBREW))
    const log = await client.get('/admin/audit')
    const sentence = /class="audit-sentence">(.*?blocked.*?)<\/span>/s.exec(log.body)?.[1] ?? ''
    expect(sentence).toContain(isolated(HEBREW))
  })
})
