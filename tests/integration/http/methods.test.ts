import { describe, expect, it } from 'vitest'
import { createApp } from '../../../src/app.js'
import { listGuards } from '../../../src/http/authorise.js'
import { useApp } from '../../support/app.js'
import { oneDatabase } from '../../support/database.js'

const METHODS = ['GET', 'POST', 'PUT', 'PATCH', 'DELETE']
const ID = '01900000-0000-7000-8000-000000000099'

/** "/sessions/verify" is one of "/sessions/:id" too. */
const patternOf = (path: string) =>
  new RegExp(`^${path.replace(/:\w+(?:\{(.*?)\})?/g, (_, pattern?: string) => pattern ?? '[^/]+')}$`)

describe('methods of an address', () => {
  oneDatabase((database) => {
    const app = useApp(database)
    const ask = (method: string, path: string) => fetch(`${app.url}${path}`, { method, redirect: 'manual' })

    it('each that takes one method refuses the others with 405, and names those that it takes', async () => {
      const routes = listGuards(createApp(app.services).routes)
      const paths = [...new Set(routes.map(({ path }) => path))].filter((path) => !path.includes('*'))
      expect(paths.length).toBeGreaterThan(60)
      for (const path of paths) {
        const real = path.replace(/:\w+(\{.*?\})?/g, ID)
        const taken = new Set(routes.filter((route) => patternOf(route.path).test(real)).map(({ method }) => method))
        for (const method of METHODS.filter((one) => !taken.has(one))) {
          const answer = await ask(method, real)
          const allowed = answer.headers.get('allow')?.split(', ') ?? []
          expect([answer.status, [...taken].every((one) => allowed.includes(one))], `${method} ${path}`).toEqual([
            405,
            true,
          ])
          expect(allowed.includes('HEAD'), `${method} ${path}`).toBe(allowed.includes('GET'))
          expect(allowed, `${method} ${path}`).not.toContain(method)
        }
      }
    })

    it('a page says it in words, the API as a problem; what does not exist is 404 with any method', async () => {
      const page = await ask('PUT', '/admin/sessions')
      expect([page.status, page.headers.get('allow')]).toEqual([405, 'GET, HEAD'])
      expect(await page.text()).toContain('This address does not take that method')
      expect((await ask('POST', '/static/app.css')).headers.get('allow')).toBe('GET, HEAD')
      const file = await ask('GET', '/static/app.css')
      expect([file.status, file.headers.get('allow')], 'a file that is not there').toEqual([404, null])
      const problem = await ask('PUT', '/api/v1/sessions')
      expect(problem.headers.get('content-type')).toContain('application/problem+json')
      for (const path of ['/admin/nothing', '/nothing', '/api/v1/nothing', '/api/nothing'])
        for (const method of METHODS) {
          const answer = await ask(method, path)
          expect([answer.status, answer.headers.get('allow')], `${method} ${path}`).toEqual([404, null])
        }
    })

    it('HEAD is answered where GET is, without a body', async () => {
      for (const path of ['/sign-in', '/api/v1/openapi.json', '/healthz', '/admin/sessions']) {
        const [head, get] = await Promise.all([ask('HEAD', path), ask('GET', path)])
        expect([head.status, await head.text()], path).toEqual([get.status, ''])
      }
    })
  })
})
