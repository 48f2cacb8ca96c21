import type { Page, Route } from 'playwright-core'
import { expect } from 'vitest'

/** A request of the page that is answered only when `answer` is called. */
export interface Held {
  asked: Promise<Route>
  isAsked(): Promise<boolean>
  /** Resolves when the page has done with the answer what it does, or has called the request off. */
  answer(): Promise<void>
}

/** Keeps the next request that matches back. */
export async function held(page: Page, path: string): Promise<Held> {
  let isAsked = false
  let resolve: (route: Route) => void = () => {}
  const asked = new Promise<Route>((done) => {
    resolve = done
  })
  await page.evaluate(`globalThis.finished ??= []; document.addEventListener('htmx:finally:request', ({ detail }) => {
    finished.push(detail.ctx.request.action)
  })`)
  await page.route(
    path,
    (route) => {
      isAsked = true
      resolve(route)
    },
    { times: 1 },
  )
  return {
    asked,
    isAsked: async () => isAsked,
    answer: async () => {
      const route = await asked
      const { pathname, search } = new URL(route.request().url())
      await route.continue()
      // Our own scripts fetch it, and tell nobody when they have read it.
      if (pathname === '/admin/live/seen') return void (await (await route.request().response())?.finished())
      await expect.poll(() => page.evaluate<string[]>('finished')).toContain(pathname + search)
    },
  }
}
