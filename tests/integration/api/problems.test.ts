import { expect, test } from 'vitest'
import { listProblems } from '../../../src/api/problems.js'
import { useApp } from '../../support/app.js'
import { oneDatabase } from '../../support/database.js'
import { send } from './client.js'

const page = { headers: { accept: 'text/html,*/*' } }
/** As a page has it. */
const escaped = (text: string) =>
  text
    .replaceAll('&', '&amp;')
    .replaceAll('"', '&quot;')
    .replaceAll(/`([^`]*)`/g, '$1')
const words = (html: string) => html.replaceAll(/<[^>]*>/g, '')

oneDatabase((database) => {
  const server = useApp(database)

  test('the type of each problem leads to what it means and what to do, for programs and for people', async () => {
    const problems = listProblems()
    expect(problems.length).toBeGreaterThan(30)
    const list = await send(server.url, 'GET', '/problems', page)
    for (const { code, status, means, toDo } of problems) {
      const text = await send(server.url, 'GET', `/problems/${code}`)
      expect(text.headers.get('content-type'), code).toMatch(/^text\/plain/)
      expect(text.text).toBe(`${code} (${status})\n\n${means}\n\nWhat to do: ${toDo}\n`)
      const html = await send(server.url, 'GET', `/problems/${code}`, page)
      expect(html.headers.get('content-type'), code).toMatch(/^text\/html/)
      for (const said of [String(status), means, toDo]) expect(words(html.text), code).toContain(escaped(said))
      expect(list.text).toContain(`href="/api/v1/problems/${code}"`)
    }
  })

  test('an answer names its type by the address where it is explained', async () => {
    const { json } = await send(server.url, 'GET', '/sessions')
    expect(json.type).toBe(`${server.url}/api/v1/problems/no-key`)
    expect((await fetch(json.type)).status).toBe(200)
    expect((await send(server.url, 'GET', '/problems/constructor', page)).json).toMatchObject({ status: 404 })
  })
})
