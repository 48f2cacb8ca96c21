import type { RollcallFailure } from './failure.js'

export interface VerifierOptions {
  /**
   * Where Rollcall is: `https://rollcall.example.com`, of one node or of a load balancer before several. Over plain http
   * it must be this machine (`localhost`, `127.0.0.1`, `[::1]`) or `allowHttp` must say so.
   */
  url: string | undefined
  /** An API key of your app with the scope `sessions:verify` (`rck_...`). It is sent to the origin of `url` alone. */
  key: string | undefined
  /**
   * The bound: a session that was ended is accepted for no longer than this after the act, whatever fails. In ms, from
   * 500 to 60,000; 2,000 by default. Not less than that of the server (`ROLLCALL_LEASE_MS`), or memory is seldom asked.
   */
  leaseMs?: number
  /** Sessions in memory; the one that was not asked for longest makes room. 100,000 by default. */
  cacheSize?: number
  /**
   * What to say when neither memory nor Rollcall can tell. `deny` (the default) denies with the reason `unavailable`.
   * `allow-cached` answers from what is remembered, however old it is: **the bound does not hold then**. The panel shows
   * it as a risk. A refused key, `fresh`, and a session that is not remembered are denied all the same.
   */
  onUnavailable?: 'deny' | 'allow-cached'
  /** How receipts and the panel's list call this process: `shop-web-3`. At most 100 printable ASCII characters. */
  name?: string | undefined
  /**
   * Told in words what fails, at most every 10 s of each kind (`code`). Without it, `console.warn`.
   * Checks never throw: what can't be decided is denied.
   */
  onFailure?: (failure: RollcallFailure) => void
  /**
   * Open connections (`onEnded`) end as `unavailable` when nobody could tell for this long whether they may go on. In ms,
   * or null for never. 30,000 by default; with `allow-cached`, never.
   */
  endAfterUnavailableMs?: number | null
  /** Lets the key and the tokens travel in the clear, in a private network that encrypts by itself. */
  allowHttp?: boolean
}

/** The options with their defaults, each checked. */
export interface Settings {
  /** Without a slash at the end. */
  base: string
  key: string
  leaseMs: number
  cacheSize: number
  onUnavailable: 'deny' | 'allow-cached'
  name: string | undefined
  endAfterUnavailableMs: number | null
}

/** @throws TypeError that says in words which option is wrong, and why */
export function readOptions(options: VerifierOptions): Settings {
  const { key = '', leaseMs = 2_000, cacheSize = 100_000, onUnavailable = 'deny', name } = options
  if (!/^rck_[\w-]{20,200}$/.test(key)) throw wrong('key', 'must be an API key such as rck_...')
  // The text "2000" would be put behind a time, not added to it.
  if (!(Number.isInteger(leaseMs) && leaseMs >= 500 && leaseMs <= 60_000))
    throw wrong('leaseMs', 'must be whole, from 500 to 60,000 ms')
  if (!(Number.isInteger(cacheSize) && cacheSize >= 1 && cacheSize <= 5_000_000))
    throw wrong('cacheSize', 'must be whole, from 1 to 5,000,000')
  if (onUnavailable !== 'deny' && onUnavailable !== 'allow-cached')
    throw wrong('onUnavailable', 'must be "deny" or "allow-cached"')
  if (name !== undefined && !/^[\x20-\x7e]{1,100}$/.test(name))
    throw wrong('name', 'must be 1 to 100 printable ASCII characters')
  const { endAfterUnavailableMs = onUnavailable === 'deny' ? 30_000 : null } = options
  if (endAfterUnavailableMs !== null && !(endAfterUnavailableMs >= 0))
    throw wrong('endAfterUnavailableMs', 'must be a number, or null')
  const base = readUrl(options.url, options.allowHttp === true)
  return { base, key, leaseMs, cacheSize, onUnavailable, name, endAfterUnavailableMs }
}

function readUrl(text: string | undefined, allowHttp: boolean): string {
  let url: URL
  try {
    url = new URL(text ?? '')
  } catch {
    throw wrong('url', 'must be an address such as https://rollcall.example.com')
  }
  const { protocol, username, password, search, hash, hostname, origin, pathname } = url
  if (username || password || search || hash) throw wrong('url', 'must have no user, query or fragment')
  if (protocol !== 'https:' && protocol !== 'http:') throw wrong('url', 'must be https')
  if (protocol === 'http:' && !allowHttp && !isThisMachine(hostname))
    throw wrong('url', 'is plain http to another machine: use https or allowHttp')
  return origin + pathname.replace(/\/+$/, '')
}

const isThisMachine = (host: string): boolean =>
  host === 'localhost' || host === '[::1]' || /^127(\.\d{1,3}){3}$/.test(host)

const wrong = (option: string, why: string): TypeError => new TypeError(`Rollcall: ${option} ${why}.`)
