import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { Hono } from 'hono'
import { describe, expect, test } from 'vitest'
import { asset } from '../../../src/assets/manifest.js'
import { MAP, project, unproject } from '../../../src/assets/projection.js'
import { serveAssets } from '../../../src/assets/serve.js'
import { PROJECT_ROOT } from '../../../src/root.js'

const app = new Hono().get('/static/*', serveAssets())
const get = (path: string, headers: Record<string, string> = {}) => app.request(path, { headers })

describe('S-45 static files', () => {
  test('S-45 a built file is immutable by its hash and typed', async () => {
    const answer = await get(asset('rollcall.css'))
    expect(answer.status).toBe(200)
    expect(answer.headers.get('cache-control')).toBe('public, max-age=31536000, immutable')
    expect(answer.headers.get('content-type')).toBe('text/css; charset=utf-8')
    expect(answer.headers.get('x-content-type-options')).toBe('nosniff')
  })

  test.each([
    '/static/rollcall.css',
    '/static/manifest.json',
    '/static/../package.json',
    '/static/..%2f..%2fpackage.json',
    '/static/%2e%2e/%2e%2e/package.json',
    '/static/flags/../manifest.json',
    '/static/',
    `${asset('rollcall.css')}.br`,
    `${asset('rollcall.css')}/x.css`,
    `${asset('rollcall.css')}%00`,
  ])('S-45 %s is not there', async (path) => {
    expect((await get(path)).status).toBe(404)
  })

  test('a browser that takes brotli gets it', async () => {
    const answer = await get(asset('rollcall.js'), { 'accept-encoding': 'gzip, deflate, br' })
    expect(answer.headers.get('content-encoding')).toBe('br')
    const plain = await get(asset('rollcall.js'))
    expect(plain.headers.get('content-encoding')).toBeNull()
    expect(Number((await answer.arrayBuffer()).byteLength)).toBeLessThan((await plain.text()).length / 2)
  })
})

test('S-40 nothing in the stylesheet comes from elsewhere', () => {
  const css = readFileSync(
    join(PROJECT_ROOT, 'static', 'build', asset('rollcall.css').slice('/static/'.length)),
    'utf8',
  )
  const addresses = [...css.matchAll(/url\((["']?)([^)"']{0,12})/g)].map((match) => match[2])
  expect(
    addresses.filter((address) => !address?.startsWith('/static/') && !address?.startsWith('data:image/')),
  ).toEqual([])
})

test('a place lands on the map where it came from', () => {
  const berlin = project(52.52, 13.4)
  expect(berlin.x).toBeGreaterThan(MAP.width / 2)
  const back = unproject(berlin.x, berlin.y)
  expect(Math.abs(back.latitude - 52.52) + Math.abs(back.longitude - 13.4)).toBeLessThan(0.2)
})
