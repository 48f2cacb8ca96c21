import { hostname } from 'node:os'
import { z } from 'zod'
import { problemOfDatabaseUrl } from './databaseUrl.js'
import { canonicalNetwork } from './devices/address.js'
import { InWords } from './inWords.js'

const UNITS: Record<string, number> = { s: 1, m: 60, h: 3_600, d: 86_400 }

const duration = (atLeast: number, atMost: number) =>
  z
    .string()
    .regex(/^\d{1,9}[smhd]?$/, 'must be a time such as 900, 15m, 24h or 30d')
    .transform((text) => Number.parseInt(text, 10) * (UNITS[text.at(-1) ?? 's'] ?? 1))
    .refine(
      (seconds) => seconds >= atLeast && seconds <= atMost,
      `must be between ${atLeast} seconds and ${atMost / 86_400} days`,
    )

const wholeNumber = (atLeast: number, atMost: number) =>
  z
    .string()
    .regex(/^\d{1,9}$/, `must be a whole number from ${atLeast} to ${atMost}`)
    .transform(Number)
    .refine((value) => value >= atLeast && value <= atMost, `must be a whole number from ${atLeast} to ${atMost}`)

/** This machine, as the host of a URL: plain http is for it alone. */
export const isLocal = (host: string): boolean => host === 'localhost' || host === '127.0.0.1' || host === '[::1]'

const publicUrl = z
  .string()
  .refine((text) => URL.canParse(text), 'must be an address such as https://rollcall.example.com')
  .transform((text) => new URL(text))
  .refine(
    (url) => url.protocol === 'https:' || (url.protocol === 'http:' && isLocal(url.hostname)),
    'must begin with https:// (plain http is for localhost alone: session cookies would travel in the clear)',
  )
  .refine((url) => !url.username && !url.password, 'must have no user and no password')
  .refine(
    (url) => url.pathname === '/' && !url.search && !url.hash,
    'must have no path: Rollcall is served at the root of its host',
  )

const databaseUrl = z.string().superRefine((text, context) => {
  const problem = problemOfDatabaseUrl(text)
  if (problem) context.addIssue({ code: 'custom', message: problem })
})

const proxies = z.string().transform((text, context) => {
  const found: string[] = []
  for (const entry of text
    .split(',')
    .map((part) => part.trim())
    .filter(Boolean)) {
    const network = canonicalNetwork(entry)
    if ('network' in network) found.push(network.network)
    else
      context.addIssue({
        code: 'custom',
        message: `must be addresses or networks separated by commas; ${network.error}`,
      })
  }
  return found
})

const Environment = z
  .object({
    PORT: z
      .string()
      .regex(/^\d{1,5}$/, 'must be a port number from 0 to 65535')
      .transform(Number)
      .refine((port) => port <= 65_535, 'must be a port number from 0 to 65535')
      .default(3000),
    HOST: z
      .string()
      .min(1, 'must be an address to listen on, such as 127.0.0.1')
      // As an address of IPv6 stands in a URL.
      .transform((host) => host.replace(/^\[(.+)\]$/, '$1'))
      .default('127.0.0.1'),
    DATABASE_URL: databaseUrl.optional(),
    ROLLCALL_DATA_DIR: z.string().min(1, 'must be a folder').default('./data'),
    ROLLCALL_PUBLIC_URL: publicUrl.optional(),
    ROLLCALL_TRUSTED_PROXIES: proxies.default([]),
    ROLLCALL_LEASE_MS: wholeNumber(500, 60_000).default(2_000),
    ROLLCALL_CACHE_SIZE: wholeNumber(1_000, 5_000_000).default(100_000),
    ROLLCALL_KEY_RATE: wholeNumber(0, 10_000_000).default(0),
    ROLLCALL_NODE_NAME: z
      .string()
      .regex(/^[\w.:-]{1,100}$/, 'must be a name such as auth-1')
      .optional(),
    ROLLCALL_METRICS_TOKEN: z
      .string()
      .regex(/^[!-~]{16,}$/, 'must have at least 16 characters of ASCII and no space: it comes in a header')
      .optional(),
    ROLLCALL_IDLE_TIMEOUT: duration(60, 365 * 86_400).optional(),
    ROLLCALL_ABSOLUTE_TIMEOUT: duration(300, 365 * 86_400).optional(),
    ROLLCALL_OWNER_EMAIL: z.email('must be an e-mail address').optional(),
    ROLLCALL_OWNER_PASSWORD: z
      .string()
      .min(12, 'must have at least 12 characters')
      .max(256, 'must have at most 256 characters')
      .refine((text) => text === text.trim(), 'must not begin or end with a space or a new line')
      .optional(),
    ROLLCALL_BOOTSTRAP_KEY: z
      .string()
      .regex(
        /^rck_[A-Za-z0-9_-]{43}$/,
        'must be rck_ and 43 random characters of A-Z a-z 0-9 _ - (try: echo "rck_$(openssl rand -base64 32 | tr +/ -_ | tr -d =)")',
      )
      .optional(),
    ROLLCALL_WEBHOOKS_ALLOW_LOOPBACK: z
      .enum(['true', 'false'], 'must be true or false')
      .transform((text) => text === 'true')
      .default(false),
    ROLLCALL_GEO_DB: z.string().min(1, 'must be the path of an .mmdb file').optional(),
    LOG_LEVEL: z
      .enum(
        ['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent'],
        'must be fatal, error, warn, info, debug, trace or silent',
      )
      .default('info'),
  })
  .superRefine((env, context) => {
    if ((env.ROLLCALL_OWNER_EMAIL === undefined) !== (env.ROLLCALL_OWNER_PASSWORD === undefined)) {
      const missing = env.ROLLCALL_OWNER_EMAIL === undefined ? 'ROLLCALL_OWNER_EMAIL' : 'ROLLCALL_OWNER_PASSWORD'
      context.addIssue({
        code: 'custom',
        path: [missing],
        message: 'must be set too: the first owner needs both an e-mail address and a password',
      })
    }
  })

export interface Config {
  port: number
  host: string
  databaseUrl: string | undefined
  dataDir: string
  publicUrl: URL | undefined
  trustedProxies: string[]
  /** For how long a node may trust its memory since it last confirmed that it had read the whole log: the bound. */
  leaseMs: number
  /** Sessions in memory. */
  cacheSize: number
  /** How many requests a minute each API key may make of this process, beside checks; 0: any number. */
  keyRate: number
  /** How receipts and Settings, About call this process. */
  nodeName: string
  /** What Prometheus must bring; without one there are no metrics. */
  metricsToken: string | undefined
  /** Seconds; set here, they are not changed in the panel. */
  idleTimeout: number | undefined
  absoluteTimeout: number | undefined
  owner: { email: string; password: string } | undefined
  bootstrapKey: string | undefined
  /** For development: webhooks may go to this very machine, over http too. */
  webhooksAllowLoopback: boolean
  geoDb: string | undefined
  logLevel: string
  /** Variables named ROLLCALL_... that nothing reads: spelling mistakes, most likely. */
  unread: string[]
}

/** One or more variables are wrong; the message lists them all. */
export class BadConfiguration extends InWords {
  readonly code = 'bad_configuration'
}

/**
 * The only reader of the environment.
 *
 * @throws BadConfiguration with every wrong variable and what it should be; never with a value, which may be a secret
 */
export function readConfig(environment: Record<string, string | undefined>): Config {
  const given = Object.fromEntries(
    Object.entries(environment)
      .map(([name, value = '']) => [name, withoutEdges(name, value)] as const)
      .filter(([, value]) => value !== ''),
  )
  const parsed = Environment.safeParse(given)
  if (!parsed.success) {
    const lines = parsed.error.issues.map((issue) => `  ${issue.path.join('.')} ${issue.message}`)
    throw new BadConfiguration(
      `Rollcall did not start: the configuration is wrong.\n${[...new Set(lines)].join('\n')}\nNothing was changed. Set these variables right, or leave them out for the defaults in README.md.`,
    )
  }
  const env = parsed.data
  return {
    port: env.PORT,
    host: env.HOST,
    databaseUrl: env.DATABASE_URL,
    dataDir: env.ROLLCALL_DATA_DIR,
    publicUrl: env.ROLLCALL_PUBLIC_URL,
    trustedProxies: env.ROLLCALL_TRUSTED_PROXIES,
    leaseMs: env.ROLLCALL_LEASE_MS,
    cacheSize: env.ROLLCALL_CACHE_SIZE,
    keyRate: env.ROLLCALL_KEY_RATE,
    nodeName: env.ROLLCALL_NODE_NAME ?? `${hostname()}:${env.PORT}`,
    metricsToken: env.ROLLCALL_METRICS_TOKEN,
    idleTimeout: env.ROLLCALL_IDLE_TIMEOUT,
    absoluteTimeout: env.ROLLCALL_ABSOLUTE_TIMEOUT,
    owner:
      env.ROLLCALL_OWNER_EMAIL && env.ROLLCALL_OWNER_PASSWORD
        ? { email: env.ROLLCALL_OWNER_EMAIL, password: env.ROLLCALL_OWNER_PASSWORD }
        : undefined,
    bootstrapKey: env.ROLLCALL_BOOTSTRAP_KEY,
    webhooksAllowLoopback: env.ROLLCALL_WEBHOOKS_ALLOW_LOOPBACK,
    geoDb: env.ROLLCALL_GEO_DB,
    logLevel: env.LOG_LEVEL,
    unread: Object.keys(given).filter(
      (name) => /^ROLLCALL_/i.test(name) && !(name in Environment.shape) && !OF_THE_COMMAND.includes(name),
    ),
  }
}

/** What `rollcall` in a terminal reads, and the server does not. */
const OF_THE_COMMAND = ['ROLLCALL_URL', 'ROLLCALL_KEY', 'ROLLCALL_IMPORT_URL']

/** A file of secrets ends in a new line, which is part of no value. Of a password nothing is taken away unsaid. */
const withoutEdges = (name: string, value: string) => (name === 'ROLLCALL_OWNER_PASSWORD' ? value : value.trim())
