import { describe, expect, it } from 'vitest'
import { useApp } from '../../support/app.js'
import { onEmbedded } from '../../support/database.js'
import { aKey, send } from './client.js'

/* The embedded database has one connection: what holds it holds up every check, every sign-in and every page. */
onEmbedded((database) => {
  const server = useApp(database)

  describe('while the name of an endpoint is looked up', () => {
    it.each(['added', 'changed'])('S-74 nothing else waits: one is %s', async (act) => {
      const { secret } = await aKey(database.db, { scopes: ['admin'] })
      const { guard } = server.services.webhooks
      const ask = (method: string, path: string, body?: object, headers?: Record<string, string>) =>
        send(server.url, method, path, { key: secret, body, ...(headers ? { headers } : {}) })
      const wanted = (name: string) => ({ url: `https://${name}.example.invalid/hook`, events: ['session.ended'] })
      guard.resolve = async () => ['93.184.215.14']
      const { json } = await ask('POST', '/webhooks', wanted(`first-${act}`))

      let answer = (_: string[]) => {}
      let asked = () => {}
      const isAsked = new Promise<void>((resolve) => {
        asked = resolve
      })
      guard.resolve = () =>
        new Promise((resolve) => {
          answer = resolve
          asked()
        })
      const done =
        act === 'added'
          ? ask('POST', '/webhooks', wanted('second'), { 'Idempotency-Key': 'slow-name' })
          : ask('PATCH', `/webhooks/${json.webhook.id}`, wanted('changed'))
      await isAsked
      expect((await ask('GET', '/webhooks')).status).toBe(200)
      answer(['93.184.215.14'])
      expect((await done).status).toBe(act === 'added' ? 201 : 200)
    })
  })
})
