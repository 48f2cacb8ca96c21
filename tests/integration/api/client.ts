import { createKey } from '../../../src/accounts/apps/keys.js'
import type { Scope } from '../../../src/accounts/types.js'
import { SYSTEM } from '../../../src/audit/types.js'
import type { Database } from '../../../src/db/connect.js'
import { type AppId, BUILT_IN_APP, type KeyId } from '../../../src/db/ids.js'

export interface Answered {
  status: number
  headers: Headers
  /** Parsed, or undefined when it is no JSON. */
  // biome-ignore lint/suspicious/noExplicitAny: answers are read by path in tests, as a script does
  json: any
  text: string
}

/** A request as a script sends it: a body that is no string goes as JSON. */
export async function send(
  url: string,
  method: string,
  path: string,
  { key, body, headers = {} }: { key?: string | undefined; body?: unknown; headers?: Record<string, string> } = {},
): Promise<Answered> {
  const sent: Record<string, string> = { ...headers }
  if (key) sent['authorization'] ??= `Bearer ${key}`
  if (body !== undefined) sent['content-type'] ??= 'application/json'
  const payload =
    body === undefined ? null : typeof body === 'string' || body instanceof Uint8Array ? body : JSON.stringify(body)
  const response = await fetch(`${url}/api/v1${path}`, { method, headers: sent, body: payload as string | null })
  const text = await textOf(response)
  return { status: response.status, headers: response.headers, text, json: parse(text) }
}

/** Of a stream what comes first: it has no end. */
async function textOf(response: Response): Promise<string> {
  if (!response.headers.get('content-type')?.startsWith('text/event-stream')) return response.text()
  const reader = response.body?.pipeThrough(new TextDecoderStream()).getReader()
  const first = await reader?.read()
  await reader?.cancel()
  return first?.value ?? ''
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

/** A caller with a key of its own. */
export async function aKey(
  db: Database,
  { app = BUILT_IN_APP, scopes = ['admin'] }: { app?: AppId; scopes?: Scope[] } = {},
): Promise<{ secret: string; id: KeyId }> {
  const created = await createKey(db, { appId: app, name: `Key ${scopes.join(' ')}`, scopes }, SYSTEM)
  if (created.status !== 'created') throw new Error(`no key: ${created.why}`)
  return { secret: created.secret, id: created.key.id }
}

/** What an app tells of the browser in front of it. */
export const aVisit = (more: object = {}) => ({
  ip: '203.0.113.30',
  userAgent: 'Mozilla/5.0 (X11; Linux x86_64; rv:145.0) Gecko/20100101 Firefox/145.0',
  ...more,
})
