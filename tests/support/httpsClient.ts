import type { IncomingHttpHeaders } from 'node:http'
import { request } from 'node:https'
import { connect, type TLSSocket } from 'node:tls'
import { WebSocket } from 'ws'

export interface Answered {
  status: number
  headers: IncomingHttpHeaders
  body: string
  /** Where a redirect leads, as sent. */
  location: string | undefined
}

/** A browser-like client that finds every host on this machine and takes any certificate; cookies by host, as `__Host-` wants. */
export function anHttpsClient() {
  const jars = new Map<string, Map<string, string>>()
  const jarOf = (host: string) => jars.get(host) ?? jars.set(host, new Map()).get(host) ?? new Map<string, string>()
  const cookieOf = (host: string) => [...jarOf(host)].map(([name, value]) => `${name}=${value}`).join('; ')

  const send = (method: string, url: string, headers: Record<string, string>, body?: string) =>
    new Promise<Answered>((resolve, reject) => {
      const { host } = new URL(url)
      const cookie = cookieOf(host)
      const asked = request(
        url,
        {
          method,
          lookup: (_name, options, found) =>
            options.all ? found(null, [{ address: '127.0.0.1', family: 4 }]) : found(null, '127.0.0.1', 4),
          rejectUnauthorized: false,
          agent: false,
          headers: { ...(cookie ? { cookie } : {}), ...headers },
        },
        (answer) => {
          let text = ''
          answer.setEncoding('utf8')
          answer.on('data', (chunk: string) => {
            text += chunk
          })
          answer.on('end', () => {
            for (const line of answer.headers['set-cookie'] ?? []) keep(jarOf(host), line)
            const { statusCode: status = 0, headers } = answer
            resolve({ status, headers, body: text, location: headers.location })
          })
        },
      )
      asked.once('error', reject)
      asked.end(body)
    })

  return {
    cookies: jarOf,
    /** As a browser that opens a page. */
    open: (url: string, headers: Record<string, string> = {}) =>
      send('GET', url, { ...BROWSER, 'sec-fetch-mode': 'navigate', accept: 'text/html', ...headers }),
    /** As a script of a page. */
    fetch: (url: string, headers: Record<string, string> = {}) =>
      send('GET', url, { ...BROWSER, 'sec-fetch-mode': 'cors', accept: 'application/json', ...headers }),
    post: (url: string, fields: Record<string, string>, headers: Record<string, string> = {}) =>
      send(
        'POST',
        url,
        {
          ...BROWSER,
          'sec-fetch-site': 'same-origin',
          'sec-fetch-mode': 'navigate',
          'content-type': 'application/x-www-form-urlencoded',
          ...headers,
        },
        new URLSearchParams(fields).toString(),
      ),
    /** Resolves with what the socket said first, or rejects with the status that it was refused with. */
    socket: (url: string, headers: Record<string, string> = {}) =>
      new Promise<{ socket: WebSocket; said: string }>((resolve, reject) => {
        const { hostname, port, host } = new URL(url)
        const cookie = cookieOf(host)
        const socket = new WebSocket(url.replace(/^https/, 'wss'), {
          headers: { ...BROWSER, ...(cookie ? { cookie } : {}), ...headers },
          createConnection: (): TLSSocket =>
            connect({ host: '127.0.0.1', port: Number(port), servername: hostname, rejectUnauthorized: false }),
        })
        socket.once('message', (said) => resolve({ socket, said: String(said) }))
        socket.once('unexpected-response', (_request, { statusCode }) =>
          reject(new Error(`refused with ${statusCode}`)),
        )
        socket.once('error', reject)
      }),
  }
}

const BROWSER = {
  'user-agent': 'Mozilla/5.0 (X11; Linux x86_64; rv:145.0) Gecko/20100101 Firefox/145.0',
}

function keep(jar: Map<string, string>, line: string) {
  const [pair = '', ...attributes] = line.split(';')
  const name = pair.slice(0, pair.indexOf('=')).trim()
  if (attributes.some((text) => /^\s*max-age=0$/i.test(text))) jar.delete(name)
  else jar.set(name, pair.slice(pair.indexOf('=') + 1).trim())
}
