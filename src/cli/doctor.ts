import type { Command } from 'commander'
import { BadConfiguration, type Config, readConfig } from '../config.js'
import { type Api, connect, readUrl } from './api.js'
import { apiCommand, type Shared } from './command.js'
import { checkForwarding } from './doctorProxy.js'
import { CommandFailed, EXIT } from './exit.js'
import type { Finding } from './finding.js'
import { showJson, table } from './output.js'
import type { Terminal } from './terminal.js'

/** Of the CLI itself; the server does not read them. */
const OWN_VARIABLES = ['ROLLCALL_URL', 'ROLLCALL_KEY']
const MOST_CLOCK_MS = 5_000
const TIMEOUT_MS = 5_000

export const doctor = (terminal: Terminal, finish: (code: number) => void): Command =>
  apiCommand(
    'doctor',
    'check configuration, proxy, clock, database and lag, and say what to do',
    'rollcall doctor',
  ).action(async function (this: Command) {
    const options = this.opts<Shared>()
    const { config, findings } = checkConfiguration(terminal.env)
    const url = options.url ?? terminal.env['ROLLCALL_URL'] ?? config?.publicUrl?.origin
    findings.push(...(await checkServer(readUrl(url ?? `http://localhost:${config?.port ?? 3000}`), config)))
    findings.push(...(await checkKey(terminal, { ...options, ...(url ? { url } : {}) }, config)))
    if (options.json) showJson(terminal, { findings })
    else
      terminal.out(
        table(
          { ...terminal, columns: undefined },
          [
            { title: 'CHECK', cell: ({ check }) => check },
            { title: 'IS', cell: ({ is }) => is },
            { title: 'FOUND', cell: ({ found, toDo }) => (toDo ? `${found} ${toDo}` : found) },
          ],
          findings,
        ),
      )
    if (findings.some(({ is }) => is === 'failed')) finish(EXIT.refused)
  })

/** By the variables of this shell, as a server that is started from it would read them. */
function checkConfiguration(env: Terminal['env']): { config: Config | undefined; findings: Finding[] } {
  const check = 'configuration'
  try {
    const given = Object.entries(env).filter(([name]) => !OWN_VARIABLES.includes(name))
    const config = readConfig(Object.fromEntries(given))
    const findings: Finding[] = [{ check, is: 'ok', found: 'The variables of this shell are good.' }]
    if (config.unread.length > 0)
      findings.push({
        check,
        is: 'warning',
        found: `Nothing reads ${config.unread.join(', ')}.`,
        toDo: 'Look for a spelling mistake in the README’s table.',
      })
    if (config.publicUrl?.protocol === 'https:' && config.trustedProxies.length === 0)
      findings.push({
        check: 'proxy headers',
        is: 'warning',
        found: 'The public address is https, and no proxy is trusted: every visitor has the proxy’s address.',
        toDo: 'Set ROLLCALL_TRUSTED_PROXIES to the proxy’s address.',
      })
    const open = config.trustedProxies.find((network) => network.endsWith('/0'))
    if (open)
      findings.push({
        check: 'proxy headers',
        is: 'failed',
        found: `ROLLCALL_TRUSTED_PROXIES holds ${open}: anybody may say where they come from.`,
        toDo: 'Name the proxy’s own address or network.',
      })
    return { config, findings }
  } catch (error) {
    if (!(error instanceof BadConfiguration)) throw error
    const lines = error.message
      .split('\n')
      .slice(1, -1)
      .map((line) => line.trim())
    return {
      config: undefined,
      findings: [
        { check, is: 'failed', found: lines.join('; '), toDo: 'Set these variables right, or leave them out.' },
      ],
    }
  }
}

async function checkServer(base: string, config: Config | undefined): Promise<Finding[]> {
  let answer: Response
  let parts: { status?: unknown; database?: unknown; lease?: unknown }
  const began = Date.now()
  try {
    answer = await fetch(`${base}/readyz`, { signal: AbortSignal.timeout(TIMEOUT_MS), redirect: 'manual' })
    parts = (await answer.json()) as typeof parts
  } catch {
    const toDo = 'Start it, or set ROLLCALL_URL to where it is; look at the proxy before it.'
    return [{ check: 'server', is: 'failed', found: `No answer of Rollcall from ${base}/readyz.`, toDo }]
  }
  return [
    { check: 'server', is: 'ok', found: `It answers at ${base}, in ${Date.now() - began} ms.` },
    checkDatabase(parts.database),
    checkLease(parts.lease),
    checkClock(answer.headers.get('date'), began),
    checkTransport(base, answer, config),
  ]
}

const checkDatabase = (is: unknown): Finding =>
  is === 'ok'
    ? { check: 'database', is: 'ok', found: 'It answers.' }
    : {
        check: 'database',
        is: 'failed',
        found: 'It does not answer the server.',
        toDo: 'Look at DATABASE_URL and the database’s own log.',
      }

const checkLease = (is: unknown): Finding =>
  is === 'valid'
    ? { check: 'lease', is: 'ok', found: 'The server reads the revocation log in time.' }
    : {
        check: 'lease',
        is: 'failed',
        found: 'It has run out: the server asks the database each time.',
        toDo: 'The database is too slow, or in recovery; see the server’s log.',
      }

function checkClock(date: string | null, began: number): Finding {
  const there = date === null ? Number.NaN : Date.parse(date)
  // The header holds whole seconds, of some moment while the answer was under way.
  const apart = Math.max(began - 1_000 - there, there - Date.now(), 0)
  if (Number.isNaN(there)) return { check: 'clock', is: 'skipped', found: 'The answer has no Date.' }
  return apart <= MOST_CLOCK_MS
    ? { check: 'clock', is: 'ok', found: 'The server’s and this machine’s agree.' }
    : {
        check: 'clock',
        is: 'warning',
        found: `The server’s and this machine’s are ${Math.round(apart / 1_000)} s apart.`,
        toDo: 'Keep both by NTP. Rollcall decides by the database’s clock; logs and certificates do not.',
      }
}

function checkTransport(base: string, answer: Response, config: Config | undefined): Finding {
  const check = 'public address'
  if (answer.status >= 300 && answer.status < 400)
    return {
      check,
      is: 'failed',
      found: 'It redirects /readyz.',
      toDo: `Give the address that it redirects to as ROLLCALL_URL and ROLLCALL_PUBLIC_URL.`,
    }
  if (base.startsWith('http:'))
    return { check, is: 'skipped', found: 'Asked over plain http on this machine, past any proxy.' }
  if (config?.publicUrl && config.publicUrl.origin !== base)
    return {
      check,
      is: 'warning',
      found: `ROLLCALL_PUBLIC_URL is ${config.publicUrl.origin}, not ${base}.`,
      toDo: 'Forms and cookies belong to the public address: make them the same.',
    }
  return answer.headers.has('content-security-policy')
    ? { check, is: 'ok', found: 'The security headers come through.' }
    : {
        check,
        is: 'failed',
        found: 'Content-Security-Policy is missing.',
        toDo: 'Let the proxy pass Rollcall’s headers on as they are.',
      }
}

/** What only the API tells. */
async function checkKey(terminal: Terminal, options: Shared, config: Config | undefined): Promise<Finding[]> {
  const check = 'API key'
  let api: Api
  try {
    api = await connect(terminal, options)
  } catch (error) {
    if (!(error instanceof CommandFailed)) throw error
    const toDo = 'Set ROLLCALL_KEY to one with the scope sessions:verify: lag and proxy headers are asked with it.'
    return [{ check, is: 'skipped', found: 'There is none to ask with.', toDo }]
  }
  try {
    return [await checkLag(api, config?.leaseMs ?? 2_000), await checkForwarding(api)]
  } catch (error) {
    if (!(error instanceof CommandFailed)) throw error
    const failed = { check, is: 'failed', found: error.message.replaceAll('\n', ' ') } as const
    const toDo = 'Use a key with the scope sessions:verify.'
    return [error.exitCode === EXIT.notAllowed ? { ...failed, toDo } : failed]
  }
}

async function checkLag(api: Api, leaseMs: number): Promise<Finding> {
  const check = 'lag'
  const { age } = await api.ask<{ age: number }>('GET', '/revocations')
  const found = `What the server knows of sign-outs is ${Math.round(age)} ms old; the bound is ${leaseMs} ms.`
  const toDo = 'The database is slow to answer: look at its load and the network to it.'
  return age < leaseMs / 2 ? { check, is: 'ok', found } : { check, is: 'warning', found, toDo }
}
