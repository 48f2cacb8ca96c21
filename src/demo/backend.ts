import { z } from 'zod'
import type { RelyingApp } from './apps.js'
import type { DemoDevice } from './devices.js'
import { type Door, OddAnswer } from './door.js'
import { methodIn } from './people.js'

const Started = z.object({ token: z.string(), session: z.object({ id: z.string() }) })
const Verdict = z.discriminatedUnion('status', [
  z.object({ status: z.literal('active') }),
  z.object({ status: z.literal('denied') }),
])

export interface AppVisit {
  origin: string
  app: RelyingApp
  device: DemoDevice
  email: string
  /** A session that is live already. */
  open?: { id: string; token: string } | undefined
}

/**
 * An app that has checked its user itself and asks Rollcall for the rest, with its key: a session at the sign-in, a
 * verdict at each request, the end when somebody signs out.
 */
export function appDoor({ origin, app, device, email, open }: AppVisit): Door {
  let session = open
  const { 'user-agent': userAgent, ...headers } = device.headers

  const ask = async (method: 'POST' | 'DELETE', path: string, body?: unknown) => {
    const response = await fetch(new URL(`/api/v1${path}`, origin), {
      method,
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      headers: { authorization: `Bearer ${app.key.secret}`, 'content-type': 'application/json' },
    })
    const answer: unknown = await response.json()
    return { status: response.status, answer }
  }

  return {
    token: () => session?.token,
    async enter(ip) {
      const { status, answer } = await ask('POST', '/sessions', {
        account: { email },
        client: { ip, userAgent, headers },
        method: methodIn(app.name),
      })
      if (status === 403) return 'blocked'
      if (status !== 201) throw new OddAnswer('POST /api/v1/sessions', status)
      const started = Started.parse(answer)
      session = { id: started.session.id, token: started.token }
      return 'in'
    },
    async use(ip) {
      const { status, answer } = await ask('POST', '/sessions/verify', {
        token: session?.token,
        client: { ip, userAgent },
      })
      if (status !== 200) throw new OddAnswer('POST /api/v1/sessions/verify', status)
      const active = Verdict.parse(answer).status === 'active'
      if (!active) session = undefined
      return active
    },
    async leave() {
      const path = `/sessions/${session?.id}?why=signed-out`
      session = undefined
      await ask('DELETE', path)
    },
  }
}
