import { randomBytes } from 'node:crypto'
import { serve } from '@hono/node-server'
import { type Context, Hono } from 'hono'
import type { HtmlEscapedString } from 'hono/utils/html'
import { serveAssets } from '../../src/assets/serve.js'
import { type AccountId, newId } from '../../src/db/ids.js'
import { contentSecurityPolicy } from '../../src/http/headers.js'
import { foldActivity } from '../../src/sessions/activity.js'
import { OverviewPage } from '../../templates/admin/overview.js'
import { RevokeSessionsPage } from '../../templates/admin/revokeSessions.js'
import { SessionPage } from '../../templates/admin/session.js'
import { SessionsPage } from '../../templates/admin/sessions.js'
import type { SessionsQuery } from '../../templates/admin/sessionsQuery.js'
import { SignedOutAnswer } from '../../templates/admin/signedOutAnswer.js'
import type { Page } from '../../templates/components/page.js'
import type { TileProps } from '../../templates/components/Tile.js'
import { ADA, aDay, anEnded, aPage, detailOf, EVENTS, facetsOf, NOW, SESSIONS } from './fixtures.js'

/*
 * Pages with made-up people, under the real Content-Security-Policy: `npx tsx tests/support/preview.tsx 4200`.
 * `?theme=dark`, `?role=viewer` and `?empty` change what is shown.
 */
const app = new Hono<{ Variables: { page: Page } }>()

app.get('/static/*', serveAssets())
app.use(async (c, next) => {
  const nonce = randomBytes(16).toString('base64')
  const theme = c.req.query('theme') ?? /theme=(\w+)/.exec(c.req.header('cookie') ?? '')?.[1]
  const { pathname, search } = new URL(c.req.url)
  c.set(
    'page',
    aPage(
      nonce,
      pathname + search,
      theme === 'dark' || theme === 'light' ? theme : undefined,
      c.req.query('role') === 'viewer' ? 'viewer' : 'owner',
    ),
  )
  await next()
  c.header('Content-Security-Policy', contentSecurityPolicy(nonce))
})
const html = (c: Context, page: unknown) => c.html(page as HtmlEscapedString)

app.get('/admin', (c) => {
  const empty = c.req.query('empty') !== undefined
  return html(c, <OverviewPage page={c.var.page} {...overview(empty)} />)
})
const HOSTILE = [
  '<img src=x onerror=alert(1)>',
  `"><script nonce="x">alert(1)</script>`,
  'W'.repeat(400),
  '\u202Egnirts desrever\u202C end',
  `{{7*7}} \${7*7} <%= 7*7 %>`,
  'a\u200Bb\u0301\u0301\u0301\u0301 \u0000 <hx-partial hx-target="body">',
]
const hostile = SESSIONS.map((session, i) => {
  const text = HOSTILE[i % HOSTILE.length] ?? ''
  return {
    ...session,
    account: { ...session.account, name: text, email: text },
    app: { ...session.app, name: text },
    userAgent: text.repeat(3),
    method: text,
    device: { ...session.device, browser: text, browserVersion: text, os: text, osVersion: text, model: text },
    lastPlace: { ...session.lastPlace, city: text, country: text, networkOwner: text },
  }
})
const ended = new Set<string>()
app.get('/admin/sessions', (c) => {
  const filter = c.req.query() as SessionsQuery
  const people = c.req.query('hostile') === undefined ? SESSIONS : hostile
  const live = people.filter((session) => !ended.has(session.id))
  const shown = live.filter(
    (session) => !filter.q || session.account.name.toLowerCase().includes(filter.q.toLowerCase()),
  )
  const items =
    filter.state === 'ended'
      ? SESSIONS.slice(4, 9).map((session, i) =>
          anEnded(
            session,
            (['revoked', 'idle', 'blocked', 'expired', 'signed-out'] as const)[i] ?? 'revoked',
            i % 2 ? null : ADA,
          ),
        )
      : c.req.query('empty') !== undefined
        ? []
        : shown
  const justEnded =
    c.req.query('receipt') !== undefined
      ? [
          ...SESSIONS.slice(0, 1).map((one) => anEnded(one, 'revoked')),
          ...SESSIONS.slice(2, 3).map((one) => anEnded(one, 'blocked')),
        ]
      : SESSIONS.filter((session) => ended.has(session.id)).map((session) => anEnded(session, 'revoked'))
  const skip = new Set(justEnded.map((session) => session.id))
  return html(
    c,
    <SessionsPage
      page={
        c.req.query('receipt') !== undefined
          ? {
              ...c.var.page,
              toast: { tone: 'green', title: '2 sessions signed out', text: 'Refused from their next request on.' },
            }
          : c.var.page
      }
      filter={filter}
      list={{ items: items.filter((session) => !skip.has(session.id) || session.end), next: 'x', previous: null }}
      count={{ n: items.length, how: 'exact' }}
      facets={facetsOf(people)}
      tiles={overview(false)
        .tiles.slice(0, 2)
        .concat([
          {
            label: 'Sign-ins, 24 h',
            value: 19_840,
            note: '+2.4% vs the day before',
            trend: aDay(100).map((point) => point.signIns),
          },
          {
            label: 'Ended today',
            value: 1284,
            note: '312 by administrators',
            trend: aDay(100).map((point) => point.ended),
          },
        ])}
      justEnded={justEnded}
    />,
  )
})
app.get('/admin/sessions/revoke', (c) =>
  html(
    c,
    <RevokeSessionsPage
      page={c.var.page}
      sessions={SESSIONS.filter((session) => (c.req.queries('session') ?? []).includes(session.id))}
      returnTo="/admin/sessions"
    />,
  ),
)
app.get('/admin/sessions/:id', (c) => {
  const people = c.req.query('hostile') === undefined ? SESSIONS : hostile
  const session = SESSIONS.find((session) => session.id === c.req.param('id')) ?? people[Number(c.req.param('id'))]
  return session
    ? html(
        c,
        <SessionPage
          page={c.var.page}
          session={detailOf(ended.has(session.id) ? anEnded(session, 'revoked') : session)}
          events={[]}
        />,
      )
    : c.text('no', 404)
})
app.post('/admin/sessions/:id/revoke', (c) => {
  const session = SESSIONS.find((session) => session.id === c.req.param('id'))
  if (!session) return c.text('no', 404)
  ended.add(session.id)
  setTimeout(() => ended.delete(session.id), 20_000)
  return html(
    c,
    <SignedOutAnswer
      page={c.var.page}
      session={anEnded(session, 'revoked')}
      toast={{
        tone: 'green',
        title: `${session.account.name} is signed out`,
        text: 'Refused from the next request on.',
      }}
    />,
  )
})
app.get('/admin/stream', (c) => {
  const body = new ReadableStream({
    start(controller) {
      controller.enqueue(new TextEncoder().encode(': hello\n\n'))
      streams.add(controller)
    },
    cancel: () => undefined,
  })
  return c.body(body, 200, { 'Content-Type': 'text/event-stream', 'Cache-Control': 'no-store' })
})
const streams = new Set<ReadableStreamDefaultController>()
app.post('/push/:event', (c) => {
  for (const stream of streams) {
    try {
      stream.enqueue(new TextEncoder().encode(`event: ${c.req.param('event')}\ndata: {}\n\n`))
    } catch {
      streams.delete(stream)
    }
  }
  return c.text('sent')
})

const anAccountId = newId<AccountId>()

function overview(empty: boolean) {
  const day = aDay(48_213)
  const trend = (name: 'live' | 'online' | 'signIns' | 'failures') =>
    day.filter((_, i) => i % 8 === 0).map((point) => point[name])
  const tiles: TileProps[] = [
    {
      label: 'Live sessions',
      value: empty ? 1 : 48_213,
      note: '+3.1% vs this hour last week',
      trend: trend('live'),
      href: '/admin/sessions',
    },
    {
      label: 'People online',
      value: empty ? 1 : 31_094,
      note: '+1.8% vs this hour last week',
      trend: trend('online'),
      href: '/admin/sessions',
    },
    {
      label: 'Sign-ins, 24 h',
      value: empty ? 1 : 19_840,
      note: '+2.4% vs the day before',
      trend: trend('signIns'),
      href: '/admin/audit?action=session.started',
    },
    {
      label: 'Failures, 24 h',
      value: empty ? 0 : 1862,
      note: '+31% vs the day before',
      trend: trend('failures'),
      tone: 'red' as const,
      href: '/admin/audit?action=sign-in.refused',
    },
  ]
  const halfHours = day.flatMap((point, i) => (i % 2 ? [{ ...point, at: point.at.getTime() - 900_000 }] : []))
  const weekBefore = halfHours.map((point) => ({ ...point, at: point.at - 7 * 86_400_000, live: point.live * 0.97 }))
  return {
    tiles,
    activity: foldActivity('24h', NOW, empty ? [] : halfHours, weekBefore),
    week: empty ? [] : day.map(({ at, signIns, failures }) => ({ at, signIns, failures })),
    expiring: empty
      ? []
      : [
          {
            id: 'b1',
            kind: 'account' as const,
            name: 'Victor Hale',
            accountId: anAccountId,
            reason: 'policy',
            by: 'Jonas Weber',
            createdAt: new Date('2026-11-17T10:00:00Z'),
            until: new Date('2026-11-24T18:00:00Z'),
          },
        ],
    places: empty
      ? []
      : SESSIONS.filter((session) => session.place.latitude).map((session, i) => ({
          country: session.place.country ?? '',
          city: session.place.city,
          latitude: session.place.latitude ?? 0,
          longitude: session.place.longitude ?? 0,
          count: 20 - i,
        })),
    facets: empty ? facetsOf([]) : facetsOf(SESSIONS),
    countries: 61,
    events: empty ? [] : EVENTS,
  }
}

const port = Number(process.argv[2] ?? 4200)
serve({ fetch: app.fetch, port, hostname: '127.0.0.1' }, () => console.log(`http://127.0.0.1:${port}/admin/sessions`))
