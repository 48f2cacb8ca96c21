import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { text } from 'node:stream/consumers'
import { onTestFinished } from 'vitest'
import { newId, type SessionId } from '../../../src/db/ids.js'
import type { DenialReason, Entry } from '../../../src/follower/types.js'
import type { RevocationsAnswer } from '../../../src/follower/wire.js'
import { newToken } from '../../../src/sessions/token.js'

export const KEY = `rck_${'k'.repeat(43)}`

export interface FakeSession {
  id: SessionId
  token: string
  accountId: string
}

export interface Asked {
  method: string
  path: string
  query: URLSearchParams
  key: string | undefined
  // biome-ignore lint/suspicious/noExplicitAny: bodies are read by path in tests
  body: any
}

/** A node as `wire.ts` has it, in this process: what it says and whether it says anything is the test's. */
export interface FakeNode {
  url: string
  /** Everything that it was asked, in order. */
  asked: Asked[]
  /** Those of one path. */
  askedFor(path: string): Asked[]
  aSession(): FakeSession
  /** As an act does: it is over from here on, the log says so, and who listens hears it. */
  end(session: FakeSession, reason?: DenialReason): void
  /** Something that may concern anybody. */
  log(entry: Pick<Entry, 'kind' | 'target'>): void
  /** What it holds of the log. */
  position(): string
  /** Streams that are open. */
  streams(): number
  /** What each request gets in the place of an answer. */
  instead: { [path: string]: ((response: ServerResponse, asked: Asked) => void) | undefined }
  /** No events: a lost nudge. */
  deaf: boolean
  age: number
  networks: NonNullable<RevocationsAnswer['networks']>
  cutStreams(): void
  stop(): Promise<void>
  start(): Promise<void>
}

export async function aNode(): Promise<FakeNode> {
  const sessions = new Map<string, FakeSession & { over?: DenialReason }>()
  const entries: { kind: string; target: string; at: number }[] = []
  const open = new Set<ServerResponse>()
  let at = 100
  let server: Server | undefined
  let port = 0

  const textOf = (position: number) => `7.1;${position}:${position}:`
  const readAt = (position: string | null) => Number(/;(\d+):/.exec(position ?? '')?.[1] ?? at)
  /** The networks go along where they may have changed, as a node does it. */
  function answerAfter(after: number, { begins = false } = {}): RevocationsAnswer {
    const later = entries.filter((entry) => entry.at > after)
    const items = later.map(({ kind, target }) => ({ kind: kind as Entry['kind'], target }))
    const changed = begins || items.some(({ kind }) => kind === 'network')
    const base = { position: textOf(at), age: node.age, anew: after > at, items }
    return changed ? { ...base, networks: node.networks } : base
  }

  function log({ kind, target }: Pick<Entry, 'kind' | 'target'>) {
    const from = textOf(at)
    at += 1
    entries.push({ kind, target, at })
    const event = { ...answerAfter(at - 1), from }
    if (!node.deaf)
      for (const stream of open)
        stream.write(`event: revocations\nid: ${event.position}\ndata: ${JSON.stringify(event)}\n\n`)
  }

  const routes: Record<string, (asked: Asked, response: ServerResponse) => unknown> = {
    '/revocations': ({ query }) => answerAfter(readAt(query.get('after')), { begins: !query.has('after') }),
    '/revocations/stream': ({ query }, response) => {
      const from = query.get('after') ?? textOf(at)
      response.writeHead(200, { 'content-type': 'text/event-stream' })
      response.write(`event: revocations\ndata: ${JSON.stringify({ ...answerAfter(readAt(from)), from })}\n\n`)
      open.add(response)
      response.on('close', () => open.delete(response))
    },
    '/sessions/verify': ({ body }) => {
      const session = sessions.get(body.token)
      const memory = body.position ? { age: node.age, expiresInMs: 60_000, idleInMs: 60_000 } : undefined
      if (!session) return { status: 'denied', reason: 'unknown', memory }
      if (session.over) return { status: 'denied', reason: session.over, memory }
      const now = new Date().toISOString()
      return {
        status: 'active',
        session: {
          id: session.id,
          appId: session.accountId,
          method: 'password',
          createdAt: now,
          expiresAt: now,
          idleTimeoutMs: 60_000,
        },
        account: { id: session.accountId, name: 'Ada', email: null, role: 'person' },
        memory,
      }
    },
    '/sessions/over': ({ body }) => ({
      over: [...sessions.values()]
        .filter(({ id, over }) => over && body.items.some((item: { id: string }) => item.id === id))
        .map(({ id, over }) => ({ id, reason: over })),
    }),
    '/sessions/touch': () => ({ ended: [] }),
  }

  async function handle(request: IncomingMessage, response: ServerResponse) {
    const { pathname, searchParams } = new URL(request.url ?? '', 'http://node')
    const path = pathname.replace('/api/v1', '')
    const sent = await text(request)
    const asked: Asked = {
      method: request.method ?? '',
      path,
      query: searchParams,
      key: request.headers.authorization,
      body: sent === '' ? undefined : JSON.parse(sent),
    }
    node.asked.push(asked)
    const instead = node.instead[path] ?? node.instead['*']
    if (instead) return instead(response, asked)
    const answer = routes[path]?.(asked, response)
    if (answer) response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(answer))
  }

  const node: FakeNode = {
    url: '',
    asked: [],
    askedFor: (path) => node.asked.filter((asked) => asked.path === path),
    aSession() {
      const id = newId<SessionId>()
      const session = { id, token: newToken(id).token, accountId: newId() }
      sessions.set(session.token, session)
      return session
    },
    end(session, over = 'ended') {
      sessions.set(session.token, { ...session, over })
      log({ kind: 'session', target: session.id })
    },
    log,
    position: () => textOf(at),
    streams: () => open.size,
    instead: {},
    deaf: false,
    age: 0,
    networks: [],
    cutStreams() {
      for (const stream of open) stream.destroy()
    },
    async stop() {
      server?.closeAllConnections()
      await new Promise((resolve) => server?.close(resolve))
    },
    async start() {
      server = createServer((request, response) => void handle(request, response))
      await new Promise<void>((resolve) => server?.listen(port, '127.0.0.1', resolve))
      port = (server.address() as AddressInfo).port
      node.url = `http://127.0.0.1:${port}`
    },
  }
  await node.start()
  onTestFinished(() => node.stop())
  return node
}
