import { describe, expect, test } from 'vitest'
import { blockAccount } from '../../../src/accounts/blocks/blocks.js'
import { blockNetwork } from '../../../src/accounts/blocks/networkBlocks.js'
import { findAccountByEmail } from '../../../src/accounts/read.js'
import { listAudit } from '../../../src/audit/list.js'
import { auditSentence, sentenceText } from '../../../src/audit/sentence.js'
import { SYSTEM } from '../../../src/audit/types.js'
import { useApp } from '../../support/app.js'
import { anAccount, anApp, aSession } from '../../support/builders.js'
import { eachDatabase } from '../../support/database.js'
import { aKey, aVisit, send } from './client.js'

const WARSAW = '87.205.196.130'
/** Where the requests of these tests come from. */
const OF_THE_APP = expect.stringMatching(/^(127\.0\.0\.1|::1)$/)

describe('the log of what an app vouches for says where the person was, and not the app', () => {
  eachDatabase((database) => {
    const server = useApp(database)
    const call = (key: string, method: string, path: string, body?: unknown) =>
      send(server.url, method, path, { key, body })

    async function anAppWith(name: string) {
      const app = await anApp(database.db, { name: `${name} ${database.kind}` })
      return aKey(database.db, { app, scopes: ['sessions:write', 'sessions:verify'] })
    }

    const lineOf = async (account: string, action: string) => {
      const { items } = await listAudit(database.db, { q: account, action })
      return items[0]
    }

    test('of a sign-in, in the sentence, the API and every export', async () => {
      const { secret } = await anAppWith('Lager')
      const account = { externalId: 'marta', name: 'Marta Nowak' }
      const { json } = await call(secret, 'POST', '/sessions', { account, client: aVisit({ ip: WARSAW }) })
      const event = await lineOf(json.session.account.id, 'session.started')
      expect(event).toMatchObject({ ip: WARSAW, country: 'PL', details: { serverIp: OF_THE_APP } })
      expect(sentenceText(auditSentence(event as NonNullable<typeof event>))).toContain(
        `signed in Marta Nowak to Lager ${database.kind} on Firefox 145, Linux from ${WARSAW}`,
      )
      const reader = (await aKey(database.db, { scopes: ['audit:read'] })).secret
      const found = await call(reader, 'GET', `/audit?q=${WARSAW}&action=session.started`)
      expect(found.json.items).toMatchObject([{ id: event?.id, ip: WARSAW, country: 'PL', city: event?.city }])
      const taken = async (format: string) =>
        (await call(reader, 'GET', `/audit/export?format=${format}&q=${WARSAW}&action=session.started`)).text
      expect(await taken('csv')).toContain(`,${WARSAW},PL,`)
      expect(JSON.parse(await taken('jsonl'))).toMatchObject({ ip: WARSAW, country: 'PL' })
      const endpoint = { ip: WARSAW, location: { country: 'PL' } }
      expect(JSON.parse(await taken('ocsf'))).toMatchObject({ src_endpoint: endpoint })
    })

    test('of what is stored, also where the app does not say', async () => {
      const { secret } = await anAppWith('Laden')
      const store = async (externalId: string, client?: object) => {
        const sid = Buffer.from(externalId.padEnd(32, '.')).toString('base64url')
        const stored = await call(secret, 'PUT', `/store/${sid}`, { data: '{}', account: { externalId }, client })
        expect(stored.status, stored.text).toBe(200)
        const { items } = await listAudit(database.db, { session: stored.json.session })
        return items[0]
      }
      expect(await store('with', aVisit({ ip: WARSAW }))).toMatchObject({ ip: WARSAW, country: 'PL' })
      const without = { ip: null, country: null, city: null, details: { serverIp: OF_THE_APP } }
      expect(await store('without')).toMatchObject(without)
    })

    test('of a refusal, with the app by its name', async () => {
      const { secret } = await anAppWith('Kasse')
      const account = await anAccount(database.db)
      await blockAccount(database.db, account.id, { reason: 'test' }, SYSTEM)
      const body = { account: { email: account.email }, client: aVisit({ ip: WARSAW }) }
      expect((await call(secret, 'POST', '/sessions', body)).status).toBe(403)
      const refused = await lineOf(account.id, 'sign-in.refused')
      expect(refused).toMatchObject({
        ip: WARSAW,
        country: 'PL',
        details: { why: 'blocked', app: `Kasse ${database.kind}`, serverIp: OF_THE_APP },
      })
      expect(sentenceText(auditSentence(refused as NonNullable<typeof refused>))).toContain(`from ${WARSAW}`)
      expect((await listAudit(database.db, { q: WARSAW, action: 'sign-in.refused' })).items).toEqual([refused])
    })

    test('of somebody new from a blocked network makes no account', async () => {
      const { db } = database
      const { secret } = await anAppWith('Markt')
      const email = `new.${database.kind}@example.com`
      const network = '198.51.100.0/24'
      await blockNetwork(db, { network, reason: 'attack' }, SYSTEM)
      const body = { account: { email }, client: aVisit({ ip: '198.51.100.7' }) }
      expect((await call(secret, 'POST', '/sessions', body)).status).toBe(403)
      expect(await findAccountByEmail(db, email)).toBeUndefined()
      const { items } = await listAudit(db, { action: 'sign-in.refused', q: '198.51.100.7' })
      expect(items).toMatchObject([
        { target: { kind: 'account', id: null, name: email }, details: { why: 'network-blocked' } },
      ])
    })

    test('what was done to a session is found by the address that the line names', async () => {
      const { db } = database
      const ip = '198.18.44.7'
      const { session } = await aSession(db, { ip })
      const { secret } = await aKey(db)
      expect((await call(secret, 'DELETE', `/sessions/${session.id}`)).status).toBe(200)
      const { items } = await listAudit(db, { q: '198.18.44.0/24', action: 'session.revoked' })
      expect(items).toMatchObject([{ sessionId: session.id, details: { ip } }])
    })
  })
})
