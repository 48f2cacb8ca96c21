import { Hono } from 'hono'
import { describe, expect, it } from 'vitest'
import { allow, anyone, assertAllRoutesGuarded, everyRequest } from '../../../src/http/authorise.js'
import type { AppEnv } from '../../../src/http/env.js'

describe('S-30 an app does not start', () => {
  const app = () => new Hono<AppEnv>().get('/closed', allow('owner'), (c) => c.text('hello'))

  it('S-30 with a route that names no guard', () => {
    const open = app().get('/open', (c) => c.text('hello'))
    expect(() => assertAllRoutesGuarded(open.routes)).toThrow('routes without a guard: GET /open')
  })

  it('S-30 with a route whose guard stands behind something that already runs for anyone', () => {
    const late = app().get(
      '/late',
      (_c, next) => next(),
      allow('owner'),
      (c) => c.text('hello'),
    )
    expect(() => assertAllRoutesGuarded(late.routes)).toThrow('GET /late')
  })

  it('S-30 with a route for all methods, guarded or not', () => {
    const all = app().all('/all', (c) => c.text('hello'))
    expect(() => assertAllRoutesGuarded(all.routes)).toThrow('ALL /all')
    const guarded = app().all('/all', anyone(), (c) => c.text('hello'))
    expect(() => assertAllRoutesGuarded(guarded.routes)).toThrow('ALL /all')
  })

  it('S-30 with middleware that is not named as what runs for every request', () => {
    const unnamed = app().use((_c, next) => next())
    expect(() => assertAllRoutesGuarded(unnamed.routes)).toThrow('ALL /*')
    const named = app().use(everyRequest((_c, next) => next()))
    expect(() => assertAllRoutesGuarded(named.routes)).not.toThrow()
  })
})
