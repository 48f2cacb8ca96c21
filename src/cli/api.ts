import { readFile } from 'node:fs/promises'
import { isLocal } from '../config.js'
import { badUsage, CommandFailed, EXIT, type ExitCode } from './exit.js'
import type { Terminal } from './terminal.js'

export interface Where {
  url?: string
  keyFile?: string
}

type Query = Record<string, string | number | boolean | undefined>

export interface Asked {
  query?: Query
  body?: unknown
  /** Beside those of every request. */
  headers?: Record<string, string>
  /** Refusals that are an answer to the command: `undefined` is returned for them. */
  takes?: readonly string[]
}

/** A problem of RFC 9457, as Rollcall answered it. */
export class ApiRefused extends CommandFailed {
  constructor(
    exitCode: ExitCode,
    readonly status: number,
    readonly code: string,
    message: string,
  ) {
    super(exitCode, message)
  }
}

export interface Api {
  readonly url: string
  /** JSON, as the schemas of `src/api` describe it. @throws CommandFailed */
  ask<T>(method: string, path: string, asked?: Asked): Promise<T>
  /** An answer that is read as it comes. @throws CommandFailed */
  open(path: string, query?: Query): Promise<ReadableStream<Uint8Array>>
}

const TIMEOUT_MS = 60_000

/** The running server, with the key that the environment, a file or standard input holds: never an argument, `ps` shows those. */
export async function connect(terminal: Terminal, where: Where): Promise<Api> {
  const base = readUrl(where.url ?? terminal.env['ROLLCALL_URL'])
  const key = await readKey(terminal, where.keyFile)

  async function send(method: string, path: string, { query = {}, body, headers }: Asked, signal?: AbortSignal) {
    const given = Object.entries(query).filter(([, value]) => value !== undefined)
    const search = new URLSearchParams(given.map(([name, value]): [string, string] => [name, String(value)]))
    const response = await fetch(`${base}/api/v1${path}${given.length > 0 ? `?${search}` : ''}`, {
      method,
      headers: {
        ...headers,
        authorization: `Bearer ${key}`,
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      ...(signal ? { signal } : {}),
      // The key goes to this origin alone.
      redirect: 'error',
    }).catch((error: unknown) => {
      throw unreachable(base, error)
    })
    if (!response.ok) throw await problemOf(base, response)
    return response
  }

  return {
    url: base,
    async ask<T>(method: string, path: string, asked: Asked = {}) {
      const response = await send(method, path, asked, AbortSignal.timeout(TIMEOUT_MS))
      return (await response.json().catch((error: unknown) => {
        throw unreachable(base, error)
      })) as T
    },
    async open(path, query = {}) {
      const { body } = await send('GET', path, { query })
      if (!body) throw unreachable(base, 'the answer is empty')
      return body
    },
  }
}

export function readUrl(given: string | undefined): string {
  if (!given) throw badUsage('Say where Rollcall is: set ROLLCALL_URL, or give --url https://rollcall.example.com')
  if (!URL.canParse(given)) throw badUsage('ROLLCALL_URL must be an address such as https://rollcall.example.com')
  const url = new URL(given)
  if (url.username || url.password) throw badUsage('ROLLCALL_URL must hold no password: the key is in ROLLCALL_KEY.')
  if (url.protocol !== 'https:' && !(url.protocol === 'http:' && isLocal(url.hostname)))
    throw badUsage(
      'ROLLCALL_URL must begin with https:// (plain http is for this machine alone: the key would travel in the clear)',
    )
  return url.origin
}

async function readKey(terminal: Terminal, file: string | undefined): Promise<string> {
  const given = file === undefined ? terminal.env['ROLLCALL_KEY'] : await readFrom(terminal, file)
  const key = given?.trim()
  if (!key) throw badUsage('Give an API key: set ROLLCALL_KEY, or --key-file with a path (- for standard input).')
  if (!/^rck_[\w-]+$/.test(key)) throw badUsage('The API key must be rck_ and what follows, alone.')
  return key
}

async function readFrom(terminal: Terminal, file: string): Promise<string> {
  if (file === '-') return terminal.stdin()
  return readFile(file, 'utf8').catch(() => {
    throw badUsage(`--key-file: ${file} can’t be read.`)
  })
}

function unreachable(base: string, error: unknown): CommandFailed {
  const cause = error instanceof Error && error.cause instanceof Error ? error.cause : error
  const words = cause instanceof Error ? cause.message || cause.name : String(cause)
  return new CommandFailed(
    EXIT.unreachable,
    `No answer from Rollcall at ${base}: ${words}. Is it running, and is ROLLCALL_URL right?`,
  )
}

interface Problem {
  type?: unknown
  title?: unknown
  detail?: unknown
  errors?: { path?: unknown; message?: unknown }[]
}

async function problemOf(base: string, response: Response): Promise<CommandFailed> {
  const problem = (await response.json().catch(() => undefined)) as Problem | undefined
  const { status } = response
  if (typeof problem?.title !== 'string')
    return new CommandFailed(
      EXIT.unreachable,
      `What answers at ${base} is not Rollcall, or a proxy before it failed (HTTP ${status}).`,
    )
  const code =
    String(problem.type ?? '')
      .split('/')
      .at(-1) ?? ''
  const words = [
    `${problem.title}.`,
    ...(typeof problem.detail === 'string' && !problem.errors ? [problem.detail] : []),
    ...(problem.errors ?? []).map(({ path, message }) => `${path}: ${message}`),
  ].join('\n')
  return new ApiRefused(exitCodeOf(status, code), status, code, words)
}

function exitCodeOf(status: number, code: string): ExitCode {
  if (status === 401 || code === 'missing-scope' || code === 'not-allowed') return EXIT.notAllowed
  if (code === 'bad-input') return EXIT.usage
  return status >= 500 ? EXIT.unreachable : EXIT.refused
}
