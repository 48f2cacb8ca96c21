import { type BrowserName, userAgentOf } from './clients.js'

export interface Visit {
  status: number
  headers: Headers
  body: string
  /** Where a redirect leads, as sent. */
  location: string | null
}

export interface BrowserLikeClient {
  get(path: string, headers?: Record<string, string>): Promise<Visit>
  /** Posts a form as a page of the same site does. */
  post(path: string, fields?: Record<string, string | string[]>, headers?: Record<string, string>): Promise<Visit>
  /** Follows redirects as a browser does, with the cookies that come on the way. */
  follow(visit: Visit): Promise<Visit>
  /** What it would send. */
  cookies: Map<string, string>
  /** The raw request, for streams; sends the cookies and keeps those that come. */
  fetch(path: string, init?: RequestInit): Promise<Response>
}

/** Keeps cookies and introduces itself as a browser does, without being one: for tests of the server alone. */
export function aBrowserLikeClient(origin: string, on: BrowserName = 'Chrome on Windows'): BrowserLikeClient {
  const cookies = new Map<string, string>()

  const request = async (path: string, init: RequestInit = {}): Promise<Response> => {
    const headers = new Headers({
      'user-agent': userAgentOf(on),
      accept: 'text/html,application/xhtml+xml',
      'sec-fetch-site': 'same-origin',
      'sec-fetch-mode': 'navigate',
      'sec-fetch-dest': 'document',
    })
    if (cookies.size > 0) headers.set('cookie', [...cookies].map(([name, value]) => `${name}=${value}`).join('; '))
    new Headers(init.headers).forEach((value, name) => {
      headers.set(name, value)
    })
    const response = await fetch(new URL(path, origin), { ...init, headers, redirect: 'manual' })
    for (const line of response.headers.getSetCookie()) keep(cookies, line)
    return response
  }

  const client: BrowserLikeClient = {
    cookies,
    fetch: request,
    get: async (path, headers = {}) => read(await request(path, { headers })),
    post: async (path, fields = {}, headers = {}) => {
      const body = new URLSearchParams()
      for (const [name, values] of Object.entries(fields)) for (const value of [values].flat()) body.append(name, value)
      return read(await request(path, { method: 'POST', body, headers: { origin, ...headers } }))
    },
    follow: async (visit) => {
      let here = visit
      for (let hops = 0; here.location && hops < 10; hops += 1) here = await client.get(here.location)
      return here
    },
  }
  return client
}

async function read(response: Response): Promise<Visit> {
  return {
    status: response.status,
    headers: response.headers,
    body: await response.text(),
    location: response.headers.get('location'),
  }
}

/** Max-Age=0 or a date long gone takes a cookie away; other attributes do not matter here. */
function keep(cookies: Map<string, string>, line: string) {
  const [pair = '', ...attributes] = line.split(';')
  const name = pair.slice(0, pair.indexOf('=')).trim()
  const gone = attributes.some((text) => /^\s*(max-age=0|expires=thu, 01 jan 1970)/i.test(text))
  if (gone) cookies.delete(name)
  else cookies.set(name, pair.slice(pair.indexOf('=') + 1).trim())
}
