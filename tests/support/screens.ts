import { createApp } from '../../src/app.js'
import { listGuards } from '../../src/http/authorise.js'
import type { Services } from '../../src/http/env.js'

/** GET routes that answer with no page to look at: data, files, streams, parts of pages. */
const NO_SCREEN = [
  /^\/(healthz|readyz|metrics)$/,
  /^\/$/,
  /^\/static\//,
  /^\/api\//,
  /\/stream$/,
  /\/export$/,
  /\/report\.csv$/,
  /^\/admin\/live\//,
  /\/first-session$/,
  /^\/admin\/receipts\//,
  /^\/account\/time-left$/,
  /^\/hand-over$/,
  // Asked by a proxy, on the host that it protects: walked in tests/browser/forward.test.ts.
  /^\/verify$/,
  /^\/\.rollcall\//,
]

/** The routes of all pages, as the app itself lists them: `/admin/accounts/:id/block`. */
export function listScreens(services: Services): string[] {
  return listGuards(createApp(services).routes)
    .filter(({ method, path }) => method === 'GET' && !NO_SCREEN.some((pattern) => pattern.test(path)))
    .map(({ path }) => path)
}

/** Whether a path, without its query, is that of a route: an id stands for `:id`. */
export function isOf(route: string, path: string): boolean {
  const [parts, wanted] = [path.split('?')[0]?.split('/') ?? [], route.split('/')]
  return parts.length === wanted.length && wanted.every((part, at) => part.startsWith(':') || part === parts[at])
}
