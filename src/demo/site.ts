import type { DemoDevice } from './devices.js'
import { type Door, type Entry, OddAnswer } from './door.js'
import type { Person } from './people.js'

const SESSION_COOKIE = 'rollcall'

export interface SiteVisit {
  /** Where the server is, for this machine. */
  origin: string
  device: DemoDevice
  email: string
  password: string
  /** What is looked at, one after the other. */
  pages?: readonly string[]
  /** A session that is live already. */
  token?: string | undefined
}

export const PAGES_OF: Record<Person['role'], readonly string[]> = {
  person: ['/account/sessions', '/account', '/account/sessions'],
  viewer: ['/admin', '/admin/sessions', '/admin/audit'],
  responder: ['/admin/sessions', '/admin', '/admin/accounts'],
  owner: ['/admin'],
}

/**
 * The built-in site, used as a browser does: through its forms, with a cookie jar. The address it claims to come from
 * travels in `X-Forwarded-For`, which the demo's server believes of this machine alone.
 */
export function siteDoor({ origin, device, email, password, pages = PAGES_OF.person, token }: SiteVisit): Door {
  const cookies = new Map<string, string>(token ? [[SESSION_COOKIE, token]] : [])
  let page = 0

  const request = async (ip: string, method: 'GET' | 'POST', path: string, form?: Record<string, string>) => {
    const response = await fetch(new URL(path, origin), {
      method,
      redirect: 'manual',
      ...(form ? { body: new URLSearchParams(form) } : {}),
      headers: {
        ...device.headers,
        accept: 'text/html,application/xhtml+xml',
        'x-forwarded-for': ip,
        'sec-fetch-site': 'same-origin',
        'sec-fetch-mode': 'navigate',
        'sec-fetch-dest': 'document',
        ...(method === 'POST' ? { origin } : {}),
        ...(cookies.size ? { cookie: [...cookies].map(([name, value]) => `${name}=${value}`).join('; ') } : {}),
      },
    })
    for (const line of response.headers.getSetCookie()) keep(cookies, line)
    // An answer that nobody reads would hold its connection.
    await response.arrayBuffer()
    return response
  }

  return {
    token: () => cookies.get(SESSION_COOKIE),
    async enter(ip) {
      await request(ip, 'GET', '/sign-in')
      const answer = await request(ip, 'POST', '/sign-in', { email, password })
      const entry = ENTRIES[answer.status]
      if (!entry) throw new OddAnswer('POST /sign-in', answer.status)
      return entry
    },
    async use(ip) {
      const path = pages[page++ % pages.length] ?? '/account'
      const answer = await request(ip, 'GET', path)
      const sentAway = answer.headers.get('location')?.startsWith('/sign-in') ?? false
      if (sentAway) cookies.delete(SESSION_COOKIE)
      return !sentAway
    },
    async leave(ip) {
      await request(ip, 'POST', '/sign-out')
      cookies.delete(SESSION_COOKIE)
    },
  }
}

const ENTRIES: Record<number, Entry> = { 303: 'in', 401: 'wrong', 403: 'blocked', 429: 'later', 503: 'later' }

/** Max-Age=0 takes a cookie away; other attributes do not matter here. */
function keep(cookies: Map<string, string>, line: string) {
  const [pair = '', ...attributes] = line.split(';')
  const [name = '', value = ''] = [pair.slice(0, pair.indexOf('=')).trim(), pair.slice(pair.indexOf('=') + 1).trim()]
  if (attributes.some((attribute) => /^\s*max-age=0$/i.test(attribute))) cookies.delete(name)
  else cookies.set(name, value)
}
