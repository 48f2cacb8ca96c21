import { hashKeyedInto } from './keyedHash.js'
import type { Networks } from './networks.js'
import { DENIED } from './reasons.js'
import { Rows } from './rows.js'
import { Texts } from './texts.js'
import { hashesMatch, KEYED_AT, readId, readSecret, SECRET_AT, TOKEN_WORDS, uuidText, uuidWords } from './token.js'
import type { ActiveVerdict, CheckRequest, Entry, Facts, Verdict } from './types.js'

/**
 * Words of a session's row, behind its id; doubles lie on even ones. What each check reads comes first, so that it lies in
 * one or two lines of the processor's cache: of a large table each further line costs as much as a good deal of computing.
 */
/** The keyed hash of the secret, once it was proven; 2 words. */
const PROVEN = 4
const EXPIRY_DEADLINE = 6
const IDLE_DEADLINE = 8
/** Why it is over, by its place in `OVER`, 0 while it is live; and whether a check without an address may be answered. */
const STATE = 10
const STAMP = 11
const APP = 12
const ACCOUNT = 13
const IDLE_SECONDS = 14
/** How many moves to the front there had been when it was moved there. */
const MOVED = 15
const HASH = 16
const CREATED = 24
const EXPIRES = 26
const NEWER = 28
const OLDER = 29
const METHOD = 30
const SESSION_WORDS = 32

/** Words of an account's row. */
const TEXT = 4
const SESSIONS = 5
const MARK = 6
const ACCOUNT_WORDS = 8

const OVER = [undefined, 'ended', 'expired', 'idle', 'blocked'] as const
const OVER_BITS = 0xff
/** The log named it: it is over, and by its own deadlines only the database can tell whether it had been before. */
const NAMED = OVER.length
const LAST_ADDRESS_IS_FINE = 0x100

/** Stamps are 32 bits: before they run out, everything is forgotten once. */
const LAST_STAMP = 0xffff_fff0
/**
 * Verdicts that are kept as built: a busy session does not build its own anew for each check. Up to so many sessions all
 * of them are; with more, objects would weigh on the garbage collector, and only the busiest are.
 */
const ALL_BUILT = 1 << 17
const BUSIEST_BUILT = 1 << 14

/** So many that were named while loads are under way are told apart; further ones make all of those loads stale. */
const MOST_NAMED = 10_000

/** Below so many the order of use is exact. */
const FEW = 1 << 12

/** A look-up that is under way: what is applied meanwhile may make its answer stale. */
export interface Load {
  readonly stamp: number
  readonly epoch: number
}

/**
 * What one process remembers of sessions. Nothing here knows of leases or transports: whoever asks has made sure that
 * it may.
 *
 * Each row carries the stamp of when its load began; what the log names gets a mark. A row counts while its stamp is not
 * older than the marks of its account, its app and everything: ending all of an account is one write, whatever it has.
 */
export class Memory {
  readonly #sessions: Rows
  readonly #accounts: Rows
  readonly #texts = new Texts()
  readonly #names: string[] = []
  readonly #appMarks: number[] = []
  readonly #builtMask: number
  readonly #built: ({ row: number; stamp: number; verdict: ActiveVerdict } | undefined)[]
  readonly #builtOnce: Int32Array
  readonly #key = new Int32Array(TOKEN_WORDS)
  readonly #secretKey = crypto.getRandomValues(new Int32Array(2))
  /** When what was applied while loads were under way; empty when none is. */
  readonly #sinceLoads = new Map<string, number>()
  /** So many moves to the front may pass before a session that is used is moved there again. */
  readonly #unmoved: number
  #moves = 0
  #newest = -1
  #oldest = -1
  #loads = 0
  #stamp = 1
  #epoch = 0
  #floor = 0
  #networkMark = 0
  /** The latest of any account. */
  #accountMark = 0
  evicted = 0
  wrongSecrets = 0

  constructor(
    readonly capacity: number,
    readonly networks: Networks,
  ) {
    this.#sessions = new Rows(SESSION_WORDS, capacity)
    this.#accounts = new Rows(ACCOUNT_WORDS, capacity)
    this.#unmoved = capacity < FEW ? 0 : capacity >>> 1
    const built = capacity <= ALL_BUILT ? 2 ** Math.ceil(Math.log2(capacity)) : BUSIEST_BUILT
    this.#builtMask = built - 1
    this.#built = new Array(built)
    this.#builtOnce = new Int32Array(built).fill(-1)
  }

  /** Rises whenever everything is forgotten. */
  get epoch(): number {
    return this.#epoch
  }

  get sessions(): number {
    return this.#sessions.count
  }

  get accounts(): number {
    return this.#accounts.count
  }

  /**
   * Reads a token for `check`: its id, and the hash by which its secret is known once it was proven.
   *
   * @param words `TOKEN_WORDS` of them
   * @returns false for what can be no token
   */
  read(token: string, words: Int32Array): boolean {
    // With the character before it the secret fills whole words.
    return readId(token, words) && hashKeyedInto(token, SECRET_AT - 1, this.#secretKey, words)
  }

  /** @param words of the token, by `read`; its secret is read where it must be */
  check(token: string, words: Int32Array, request: CheckRequest, now: number): Verdict | 'ask' {
    const row = this.#sessions.find(words, 0)
    if (row < 0) return 'ask'
    const ints = this.#sessions.ints(row)
    const base = this.#sessions.base(row)
    if (!this.#counts(ints, base)) return 'ask'
    if (!this.#proves(token, words, ints, base)) {
      this.wrongSecrets += 1
      return DENIED.unknown
    }
    if (request.appId !== undefined && request.appId !== this.#names[ints[base + APP] as number]) return DENIED.unknown
    const state = (ints[base + STATE] as number) & OVER_BITS
    const over = OVER[state]
    if (over) return DENIED[over]
    // Another node may know of a use, and the database alone knows the time: past a deadline it is asked.
    const floats = this.#sessions.floats(row)
    const half = base >>> 1
    if (now >= (floats[half + EXPIRY_DEADLINE / 2] as number) || now >= (floats[half + IDLE_DEADLINE / 2] as number))
      return 'ask'
    if (state === NAMED) return DENIED.ended
    if (!this.networks.isEmpty) {
      const refused = this.#refused(ints, base, request, now)
      if (refused) return refused === 'ask' ? 'ask' : DENIED['network-blocked']
    }
    if (request.use)
      floats[half + IDLE_DEADLINE / 2] = Math.max(
        floats[half + IDLE_DEADLINE / 2] as number,
        now + (ints[base + IDLE_SECONDS] as number) * 1_000,
      )
    this.#moveToFront(row, ints, base)
    return this.#verdict(row, ints, base)
  }

  /** The verdict of a session by its facts, whether they are kept or not; the address is judged by the caller. */
  static verdictOf(facts: Facts): Verdict {
    if (facts.over) return DENIED[facts.over]
    const { id, appId, method, createdAt, expiresAt, idleTimeoutMs, account } = facts
    return {
      status: 'active',
      session: { id, appId, method, createdAt: new Date(createdAt), expiresAt: new Date(expiresAt), idleTimeoutMs },
      account,
    }
  }

  begin(): Load {
    this.#loads += 1
    return { stamp: this.#stamp, epoch: this.#epoch }
  }

  /** Ends a load that brought nothing to keep. */
  abandon(): void {
    this.#loads -= 1
    if (this.#loads === 0) this.#sinceLoads.clear()
  }

  /**
   * Ends a load and keeps what it brought, unless anything that concerns it was applied since it began (S-14).
   *
   * @param lastAddressIsFine the load was judged by the session's last address, and that is not refused
   * @returns false when it is stale
   */
  keep(load: Load, facts: Facts, lastAddressIsFine: boolean): boolean {
    const stale = this.#isStale(load, facts)
    this.abandon()
    if (!stale && !facts.unsure) this.#write(load, facts, lastAddressIsFine)
    return !stale
  }

  /** Takes in one entry of the log, of a newer node's kinds too. Idempotent, and cheap: O(1) whatever it ends. */
  apply({ kind, target }: Pick<Entry, 'kind' | 'target'>): void {
    if (kind === 'key' || kind === 'stored') return
    if (this.#stamp >= LAST_STAMP) this.clear()
    const mark = ++this.#stamp
    if (this.#loads > 0) {
      const isNamed = kind === 'session' || kind === 'account' || kind === 'app'
      this.#sinceLoads.set(isNamed && this.#sinceLoads.size < MOST_NAMED ? target : '*', mark)
    }
    if (kind === 'session') {
      const row = this.rowOf(target)
      if (row >= 0) this.#end(row)
    } else if (kind === 'account') {
      const row = uuidWords(target, this.#key, 0) ? this.#accounts.find(this.#key, 0) : -1
      if (row < 0) return
      this.#accounts.set(row, MARK, mark | 0)
      this.#accountMark = mark
    } else if (kind === 'app') this.#appMarks[this.#nameIndex(target)] = mark
    else if (kind === 'network') this.#networkMark = mark
    else this.#floor = mark
  }

  /** Forgets everything; loads under way bring nothing that is kept. */
  clear(): void {
    this.#sessions.clear()
    this.#accounts.clear()
    this.#texts.clear()
    this.#built.fill(undefined)
    this.#appMarks.length = 0
    this.#names.length = 0
    this.#sinceLoads.clear()
    this.networks.clear()
    this.#newest = this.#oldest = -1
    this.#stamp = 1
    this.#floor = this.#networkMark = this.#accountMark = 0
    this.#epoch += 1
  }

  /** What is remembered of a session, whether it still counts or not; and until when memory may decide, in follower time. */
  find(id: string): { accountId: string; counts: boolean; expiry: number; idle: number } | undefined {
    const row = this.rowOf(id)
    if (row < 0) return undefined
    const ints = this.#sessions.ints(row)
    const base = this.#sessions.base(row)
    const floats = this.#sessions.floats(row)
    const account = ints[base + ACCOUNT] as number
    return {
      accountId: uuidText(this.#accounts.ints(account), this.#accounts.base(account)),
      counts: this.#counts(ints, base) && ((ints[base + STATE] as number) & OVER_BITS) === 0,
      expiry: floats[(base + EXPIRY_DEADLINE) / 2] as number,
      idle: floats[(base + IDLE_DEADLINE) / 2] as number,
    }
  }

  /** Forgets one session: somebody has heard that it is over. */
  forget(id: string): void {
    const row = this.rowOf(id)
    if (row >= 0) this.#remove(row)
  }

  rowOf(id: string): number {
    return uuidWords(id, this.#key, 0) ? this.#sessions.find(this.#key, 0) : -1
  }

  #counts(ints: Int32Array, base: number): boolean {
    const stamp = (ints[base + STAMP] as number) >>> 0
    if (stamp < this.#floor) return false
    if (stamp < (this.#appMarks[ints[base + APP] as number] ?? 0)) return false
    return stamp >= this.#accountMark || stamp >= this.#accounts.get(ints[base + ACCOUNT] as number, MARK) >>> 0
  }

  /** By its SHA-256, in constant time (S-01). From then on it is known by its keyed hash, which costs much less. */
  #proves(token: string, words: Int32Array, ints: Int32Array, base: number): boolean {
    const first = (words[KEYED_AT] as number) ^ (ints[base + PROVEN] as number)
    const second = (words[KEYED_AT + 1] as number) ^ (ints[base + PROVEN + 1] as number)
    if ((first | second) === 0) return true
    if (!readSecret(token, words) || !hashesMatch(words, ints, base + HASH)) return false
    ints.set(words.subarray(KEYED_AT), base + PROVEN)
    return true
  }

  #refused(ints: Int32Array, base: number, { ip }: CheckRequest, now: number): boolean | 'ask' {
    if (ip !== null && ip !== undefined) return this.networks.refuses(ip, now)
    const known = ((ints[base + STATE] as number) & LAST_ADDRESS_IS_FINE) !== 0
    return known && (ints[base + STAMP] as number) >>> 0 >= this.#networkMark ? false : 'ask'
  }

  #isStale({ stamp, epoch }: Load, { id, account, appId }: Facts): boolean {
    if (epoch !== this.#epoch) return true
    for (const name of ['*', id, account.id, appId]) if ((this.#sinceLoads.get(name) ?? 0) > stamp) return true
    return false
  }

  #write({ stamp }: Load, facts: Facts, lastAddressIsFine: boolean): void {
    if (!uuidWords(facts.id, this.#key, 0)) return
    let row = this.#sessions.find(this.#key, 0)
    // Of two loads at once the one that began later knows more.
    if (row >= 0 && this.#sessions.get(row, STAMP) >>> 0 > stamp) return
    if (row >= 0) this.#unlink(row)
    else {
      if (this.#sessions.count >= this.capacity) {
        this.#remove(this.#oldest)
        this.evicted += 1
      }
      row = this.#sessions.insert(this.#key, 0)
      this.#sessions.set(row, ACCOUNT, -1)
    }
    const ints = this.#sessions.ints(row)
    const base = this.#sessions.base(row)
    const floats = this.#sessions.floats(row)
    const half = base >>> 1
    this.#joinAccount(ints, base, facts.account)
    ints.set(facts.secretHash, base + HASH)
    ints[base + PROVEN] = ints[base + PROVEN + 1] = 0
    ints[base + APP] = this.#nameIndex(facts.appId)
    ints[base + METHOD] = this.#nameIndex(facts.method)
    ints[base + STAMP] = stamp | 0
    ints[base + IDLE_SECONDS] = Math.floor(facts.idleTimeoutMs / 1_000)
    ints[base + STATE] = OVER.indexOf(facts.over) | (lastAddressIsFine ? LAST_ADDRESS_IS_FINE : 0)
    floats[half + CREATED / 2] = facts.createdAt
    floats[half + EXPIRES / 2] = facts.expiresAt
    floats[half + EXPIRY_DEADLINE / 2] = facts.expiryDeadline
    floats[half + IDLE_DEADLINE / 2] = facts.idleDeadline
    this.#built[row & this.#builtMask] = undefined
    this.#linkInFront(row, ints, base)
  }

  /** An account's name and role stand once, however many sessions it has; the newest load knows them best. */
  #joinAccount(ints: Int32Array, base: number, account: Facts['account']): void {
    const before = ints[base + ACCOUNT] as number
    if (!uuidWords(account.id, this.#key, 0)) throw new Error('no UUID')
    let row = this.#accounts.find(this.#key, 0)
    if (row < 0) row = this.#accounts.insert(this.#key, 0)
    const own = this.#accounts.ints(row)
    const at = this.#accounts.base(row)
    if (own[at + SESSIONS] !== 0) this.#texts.drop(own[at + TEXT] as number)
    own[at + TEXT] = this.#texts.keep(`${account.role}\0${account.email ?? '\x01'}\0${account.name}`)
    if (before === row) return
    own[at + SESSIONS] = (own[at + SESSIONS] as number) + 1
    ints[base + ACCOUNT] = row
    if (before >= 0) this.#leaveAccount(before)
  }

  #leaveAccount(row: number): void {
    const ints = this.#accounts.ints(row)
    const base = this.#accounts.base(row)
    const left = (ints[base + SESSIONS] as number) - 1
    ints[base + SESSIONS] = left
    if (left > 0) return
    this.#texts.drop(ints[base + TEXT] as number)
    this.#accounts.remove(row)
  }

  /** Whoever brings it is refused without asking anybody; it is the first to make room. */
  #end(row: number): void {
    const ints = this.#sessions.ints(row)
    const base = this.#sessions.base(row)
    const state = (ints[base + STATE] as number) & OVER_BITS
    // Named again: a nudge told of it before the log did.
    if (!this.#counts(ints, base) || (state !== 0 && state !== NAMED)) {
      this.#remove(row)
      return
    }
    ints[base + STATE] = NAMED
    this.#built[row & this.#builtMask] = undefined
    this.#unlink(row)
    this.#linkBehind(row, ints, base)
  }

  #remove(row: number): void {
    this.#unlink(row)
    this.#leaveAccount(this.#sessions.get(row, ACCOUNT))
    this.#built[row & this.#builtMask] = undefined
    this.#sessions.remove(row)
  }

  #verdict(row: number, ints: Int32Array, base: number): ActiveVerdict {
    const stamp = ints[base + STAMP] as number
    const place = row & this.#builtMask
    const built = this.#built[place]
    if (built !== undefined && built.row === row && built.stamp === stamp) return built.verdict
    const verdict = this.#build(row, ints, base)
    // Kept from the second time on: what is built once dies young, and costs the garbage collector nothing.
    if (this.#builtOnce[place] === row) this.#built[place] = { row, stamp, verdict: frozen(verdict) }
    else this.#builtOnce[place] = row
    return verdict
  }

  #build(row: number, ints: Int32Array, base: number): ActiveVerdict {
    const floats = this.#sessions.floats(row)
    const half = base >>> 1
    const account = ints[base + ACCOUNT] as number
    const accountInts = this.#accounts.ints(account)
    const accountBase = this.#accounts.base(account)
    const text = this.#texts.read(accountInts[accountBase + TEXT] as number)
    const email = text.indexOf('\0')
    const name = text.indexOf('\0', email + 1)
    return {
      status: 'active',
      session: {
        id: uuidText(ints, base),
        appId: this.#names[ints[base + APP] as number] ?? '',
        method: this.#names[ints[base + METHOD] as number] ?? '',
        createdAt: new Date(floats[half + CREATED / 2] as number),
        expiresAt: new Date(floats[half + EXPIRES / 2] as number),
        idleTimeoutMs: (ints[base + IDLE_SECONDS] as number) * 1_000,
      },
      account: {
        id: uuidText(accountInts, accountBase),
        name: text.slice(name + 1),
        email: text.charCodeAt(email + 1) === 1 ? null : text.slice(email + 1, name),
        role: text.slice(0, email),
      },
    }
  }

  /** Apps and methods are few: their names stand once. */
  #nameIndex(name: string): number {
    const known = this.#names.indexOf(name)
    return known >= 0 ? known : this.#names.push(name) - 1
  }

  /** Not at each use, where there are many: what is used at least once in half as many moves is not the oldest. */
  #moveToFront(row: number, ints: Int32Array, base: number): void {
    if (this.#newest === row || ((this.#moves - (ints[base + MOVED] as number)) | 0) < this.#unmoved) return
    this.#unlink(row)
    this.#linkInFront(row, ints, base)
  }

  #linkInFront(row: number, ints: Int32Array, base: number): void {
    this.#moves = (this.#moves + 1) | 0
    ints[base + MOVED] = this.#moves
    ints[base + NEWER] = -1
    ints[base + OLDER] = this.#newest
    if (this.#newest >= 0) this.#sessions.set(this.#newest, NEWER, row)
    this.#newest = row
    if (this.#oldest < 0) this.#oldest = row
  }

  #linkBehind(row: number, ints: Int32Array, base: number): void {
    ints[base + NEWER] = this.#oldest
    ints[base + OLDER] = -1
    if (this.#oldest >= 0) this.#sessions.set(this.#oldest, OLDER, row)
    this.#oldest = row
    if (this.#newest < 0) this.#newest = row
  }

  #unlink(row: number): void {
    const ints = this.#sessions.ints(row)
    const base = this.#sessions.base(row)
    const newer = ints[base + NEWER] as number
    const older = ints[base + OLDER] as number
    if (newer >= 0) this.#sessions.set(newer, OLDER, older)
    else this.#newest = older
    if (older >= 0) this.#sessions.set(older, NEWER, newer)
    else this.#oldest = newer
  }
}

/** It is handed out many times over: nobody may change it for the next one. */
function frozen(verdict: ActiveVerdict): ActiveVerdict {
  Object.freeze(verdict.session)
  Object.freeze(verdict.account)
  return Object.freeze(verdict)
}
