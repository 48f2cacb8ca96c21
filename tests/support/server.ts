import { type ChildProcess, spawn } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, onTestFinished } from 'vitest'
import { PROJECT_ROOT } from '../../src/root.js'
import { freePort } from './postgres.js'

export interface ServerOptions {
  /** PostgreSQL; without it the embedded database in `dataDir`. */
  databaseUrl?: string | undefined
  /** A temporary one, removed after the test, unless given. */
  dataDir?: string
  port?: number
  env?: Record<string, string>
  /** What is started, of dist/. */
  program?: string
  /** Through `npm start`, as people do, and not by Node itself. */
  byNpm?: boolean
  /** A module that runs before it, in the same process. */
  preload?: string
}

export interface ServerProcess {
  url: string
  pid: number
  dataDir: string
  /** Everything that it has written so far. */
  output(): string
  stdout(): string
  stderr(): string
  /** Resolves when the output matches; rejects with the output when the process ends before that. */
  says(pattern: RegExp): Promise<RegExpExecArray>
  /** Resolves when the path answers with the status. */
  answers(path: string, status?: number): Promise<Response>
  exited: Promise<Exit>
  /** Sends the signal and waits for the end. */
  stop(signal?: NodeJS.Signals): Promise<Exit & { afterMs: number }>
}

export interface Exit {
  code: number | null
  signal: NodeJS.Signals | null
}

/** It halves what a start spends on clearing up its memory. */
const LIKE_NPM_START = ['--max-semi-space-size=32']

/** The embedded database is WebAssembly: compiling its hot parts a second time, better, takes longer than a test lasts. */
const COMPILED_ONCE = ['--liftoff-only']

type CleanUp = (act: () => Promise<void> | void) => void

/** One server for all tests of a block; `options` is asked when the block begins. */
export function useServer(options: () => ServerOptions = () => ({})): { readonly process: ServerProcess } {
  const ends: (() => Promise<void> | void)[] = []
  let running: ServerProcess | undefined
  beforeAll(async () => {
    running = await startServer(options(), (end) => ends.unshift(end))
  })
  afterAll(async () => {
    for (const end of ends) await end()
  })
  return {
    get process() {
      if (!running) throw new Error('The server runs only while tests and hooks run.')
      return running
    },
  }
}

/** Starts the built server as `npm start` does and waits until it answers. Stopped, if it still runs, after the test. */
export async function startServer(
  options: ServerOptions = {},
  cleanUp: CleanUp = onTestFinished,
): Promise<ServerProcess> {
  const server = await spawnServer(options, cleanUp)
  await server.answers('/readyz')
  return server
}

/** The same without waiting, for starts that are meant to fail. */
export async function spawnServer(
  options: ServerOptions = {},
  cleanUp: CleanUp = onTestFinished,
): Promise<ServerProcess> {
  const port = options.port ?? (await freePort())
  const dataDir = options.dataDir ?? temporaryFolder(cleanUp)
  const preload = options.preload ? ['--import', options.preload] : []
  const flags = [...LIKE_NPM_START, ...(options.databaseUrl ? [] : COMPILED_ONCE)]
  const byNode = [process.execPath, ...flags, ...preload, options.program ?? 'dist/server/main.js']
  const [command = '', ...words] = options.byNpm ? ['npm', 'start'] : byNode
  const child = spawn(command, words, {
    cwd: PROJECT_ROOT,
    env: {
      PATH: process.env['PATH'],
      HOST: '127.0.0.1',
      PORT: String(port),
      ROLLCALL_DATA_DIR: dataDir,
      ...(options.databaseUrl ? { DATABASE_URL: options.databaseUrl } : {}),
      ...options.env,
    },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  const server = watch(child, `http://127.0.0.1:${port}`, dataDir)
  cleanUp(async () => {
    if (child.exitCode === null && child.signalCode === null) await server.stop('SIGKILL')
  })
  return server
}

/** An empty folder that goes after the test. */
export function temporaryFolder(cleanUp: CleanUp = onTestFinished): string {
  const folder = mkdtempSync(join(tmpdir(), 'rollcall-test-'))
  cleanUp(() => rmSync(folder, { recursive: true, force: true }))
  return folder
}

function watch(child: ChildProcess, url: string, dataDir: string): ServerProcess {
  const written = { stdout: '', stderr: '' }
  for (const stream of ['stdout', 'stderr'] as const) {
    child[stream]?.on('data', (chunk: Buffer) => {
      written[stream] += chunk.toString()
    })
  }
  const exited = new Promise<Exit>((resolve, reject) => {
    child.on('error', reject)
    child.on('close', (code, signal) => resolve({ code, signal }))
  })
  const output = () => written.stdout + written.stderr
  const untilEnd = async <T>(check: () => Promise<T | null> | T | null, what: string): Promise<T> => {
    for (let ended: Exit | undefined; ; ended = await Promise.race([exited, pause(20)])) {
      const found = await check()
      if (found !== null) return found
      if (ended) throw new Error(`the server ended (${ended.code ?? ended.signal}) before ${what}:\n${output()}`)
    }
  }
  return {
    url,
    pid: child.pid ?? 0,
    dataDir,
    output,
    stdout: () => written.stdout,
    stderr: () => written.stderr,
    says: (pattern) => untilEnd(() => pattern.exec(output()), `it said ${pattern}`),
    answers: (path, status = 200) =>
      untilEnd(async () => {
        const response = await fetch(url + path, { redirect: 'manual' }).catch(() => null)
        return response?.status === status ? response : null
      }, `${path} answered ${status}`),
    exited,
    stop: async (signal = 'SIGTERM') => {
      const sent = performance.now()
      child.kill(signal)
      const exit = await exited
      return { ...exit, afterMs: performance.now() - sent }
    },
  }
}

/** Between two looks at something that tells nobody when it changes. */
const pause = (ms: number): Promise<undefined> => new Promise((resolve) => setTimeout(() => resolve(undefined), ms))
