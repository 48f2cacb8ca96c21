import { type SessionData, Store } from 'express-session'
import { systemClock } from '../../follower/clock.js'
import { inTime } from '../../follower/follower.js'
import { TOKEN_WORDS } from '../../follower/token.js'
import { RollcallFailure } from '../failure.js'
import { type Following, followRollcall } from '../follow.js'
import { readOptions } from '../options.js'
import { blockedNetwork, unavailable } from '../refusals.js'
import type { Verifier, VerifyRequest } from '../types.js'
import { accountOfSession } from './accounts.js'
import { maxAgeOf, renewCookie } from './cookieAge.js'
import { Copies, type Copy } from './copies.js'
import { attachRollcall } from './middleware.js'
import { addressOf, type RollcallStoreOptions, type StoreRequest, visitOf } from './options.js'
import { clearOther, readOther, removeOther } from './otherStore.js'
import { createRequests, type Found } from './requests.js'
import { type Callback, settle } from './settle.js'
import { readSid, type Sid, tokenOf } from './sid.js'

/** What a session object of the app's was loaded or saved with. */
interface Loaded {
  copy: Copy
  maxAge: number | null
  /** Of the request, once it is known: Express works it out anew each time. */
  ip: string | null | undefined
}

/**
 * On the session object itself, where neither JSON nor express-session sees it: in a `WeakMap` that each request adds to,
 * V8's young collections take the values for alive.
 */
const LOADED = Symbol('what Rollcall loaded')
const loadedOf = (session: object): Loaded | undefined => (session as { [LOADED]?: Loaded })[LOADED]
const setLoaded = (session: object, loaded: Loaded): void => {
  ;(session as { [LOADED]?: Loaded })[LOADED] = loaded
}

/** A look-up by the store itself is no use by the person: a save or a touch is. */
const LOOK_UP: VerifyRequest = Object.freeze({ background: true })
/** One that nobody is signed in with, and whose cookie does not say when it lapses, is asked for again after this. */
const ASK_AGAIN_MS = 3_600_000
/** How often a use by nobody in particular travels. */
const TOUCH_EVERY_MS = 60_000
const MOST_TOUCHED = 100_000

/**
 * A store for express-session: who is signed in to the app is in Rollcall's panel, and whoever is signed out there is
 * out at the next click. It follows Rollcall until `stop` is called.
 *
 * What it holds is answered from memory, as long as no other process of the app asks for the same session.
 *
 * @example
 * const store = new RollcallStore({ url: 'https://rollcall.example.com', key: process.env.ROLLCALL_KEY })
 * app.use(session({ store, secret: process.env.SESSION_SECRET, resave: false, saveUninitialized: false }))
 */
export class RollcallStore extends Store {
  /** For guards of routes and sockets: it follows for the store anyway. */
  readonly verifier: Verifier
  readonly #options: RollcallStoreOptions
  readonly #following: Following
  readonly #engine: Following['engine']
  readonly #requests: ReturnType<typeof createRequests>
  readonly #copies: Copies
  readonly #mayAnswerOld: boolean
  readonly #leaseMs: number
  /** Saves of one session come one after the other. */
  readonly #saving = new Map<string, Promise<unknown>>()
  readonly #touched = new Map<string, number>()

  /** @throws TypeError that says which option is wrong */
  constructor(options: RollcallStoreOptions) {
    super()
    this.#options = options
    this.#following = followRollcall(options, ({ entries, anew }) => {
      if (anew) this.#copies.clear()
      for (const { kind, target } of entries) if (kind === 'stored') this.#copies.dropKey(target)
    })
    this.verifier = this.#following.verifier
    this.#engine = this.#following.engine
    const { cacheSize, leaseMs, onUnavailable } = readOptions(options)
    this.#copies = new Copies(cacheSize)
    this.#requests = createRequests(this.#following, leaseMs)
    this.#leaseMs = leaseMs
    this.#mayAnswerOld = onUnavailable === 'allow-cached'
    void this.verifier.started.then(() => this.emit('connect'))
  }

  override get(sid: string): Promise<SessionData | null>
  override get(sid: string, callback: Callback<SessionData | null>): Promise<unknown>
  override get(sid: string, callback?: Callback<SessionData | null>): Promise<unknown> {
    return this.#settle(callback, () => this.#get(sid))
  }

  override set(sid: string, session: SessionData, callback?: Callback<void>): Promise<void> {
    return this.#settle(callback, () => this.#save(sid, session))
  }

  override touch(sid: string, session: SessionData, callback?: Callback<void>): Promise<void> {
    return this.#settle(callback, () => this.#touch(sid, session))
  }

  override destroy(sid: string, callback?: Callback<void>): Promise<void> {
    return this.#settle(callback, () => this.#end(sid, 'signed-out'))
  }

  /** All that the app has stored and would find, in no order; who is signed in is better asked of Rollcall itself. */
  override all(): Promise<SessionData[]>
  override all(callback: Callback<SessionData[]>): Promise<unknown>
  override all(callback?: Callback<SessionData[]>): Promise<unknown> {
    return this.#settle(callback, async () => (await this.#requests.all()).map((content) => JSON.parse(content)))
  }

  override length(): Promise<number>
  override length(callback: Callback<number>): Promise<unknown>
  override length(callback?: Callback<number>): Promise<unknown> {
    return this.#settle(callback, () => this.#requests.count())
  }

  /** Signs everybody out. */
  override clear(callback?: Callback<void>): Promise<void> {
    return this.#settle(callback, async () => {
      if (this.#options.movingFrom) await clearOther(this.#options.movingFrom)
      await this.#requests.clear()
      this.#copies.clear()
    })
  }

  /** The same person goes on under a new id: the panel shows the old session as replaced. */
  override regenerate(req: Parameters<Store['regenerate']>[0], callback: (error?: unknown) => unknown): void {
    void this.#settle<void>(
      (error) => {
        this.generate(req)
        callback(error ?? undefined)
      },
      () => this.#end(req.sessionID, 'replaced'),
    )
  }

  /** express-session gives it: a session that nothing is in yet. */
  declare generate: (req: Parameters<Store['regenerate']>[0]) => void

  override createSession(req: Parameters<Store['createSession']>[0], data: SessionData) {
    const loaded = loadedOf(data)
    const isFirst = req.session === undefined
    const session = super.createSession(req, data)
    if (!loaded) return session
    setLoaded(session, loaded)
    // express-session hands what is thrown here to the app; when it loads a session once more, nobody would catch it.
    const { token } = loaded.copy
    if (isFirst && token && 'headers' in req) {
      loaded.ip = this.#ipOf(req)
      this.#refuseNetwork(token, loaded.ip)
    }
    return session
  }

  /**
   * Sets `req.rollcall` to the session and account of whoever is signed in, for `requireSession` and the like of
   * `rollcall/express`. After `session(...)`.
   */
  middleware() {
    return attachRollcall(this.verifier, {
      tokenOf: (req) => (req.session ? loadedOf(req.session)?.copy.token : undefined),
      requestOf: (req) => this.#requestOf(req),
    })
  }

  /**
   * Ends following; requests go on as if there were no sessions. The last uses are told first, for which a Rollcall that
   * does not answer is waited for no longer than a lease.
   */
  async stop(): Promise<void> {
    this.emit('disconnect')
    await inTime(this.verifier.stop(), systemClock, this.#leaseMs).catch(() => {})
  }

  #get(sid: string): SessionData | null | Promise<SessionData | null> {
    const copy = this.#copies.find(sid)
    if (!copy) return this.#load(sid)
    if (!copy.token)
      return this.#engine.follower.leaseLeft() > 0 && performance.now() < copy.lapsesAt
        ? this.#parse(copy)
        : this.#loadAgain(sid, copy)
    if (this.#following.calls.keyIsRefused) throw unavailable()
    const verdict = this.#engine.verifyCached(copy.token, undefined, copy.words)
    if (verdict === 'ask') return this.#askAgain(sid, copy, copy.token)
    if (verdict.status === 'active') return this.#parse(copy)
    if (verdict.reason === 'unavailable') throw unavailable()
    this.#copies.drop(sid)
    return null
  }

  async #askAgain(sid: string, copy: Copy, token: string): Promise<SessionData | null> {
    const verdict = await this.verifier.verify(token, LOOK_UP)
    if (verdict.status === 'denied' && verdict.reason === 'unavailable') throw unavailable()
    if (verdict.status === 'denied') {
      this.#copies.drop(sid)
      return null
    }
    const mayAnswer = this.#engine.follower.leaseLeft() > 0 || this.#mayAnswerOld
    return mayAnswer && this.#copies.find(sid) === copy ? this.#parse(copy) : this.#load(sid)
  }

  async #loadAgain(sid: string, copy: Copy): Promise<SessionData | null> {
    try {
      return await this.#load(sid)
    } catch (error) {
      if (this.#mayAnswerOld && performance.now() < copy.lapsesAt) return this.#parse(copy)
      throw error
    }
  }

  async #load(sid: string): Promise<SessionData | null> {
    const read = readSid(sid)
    const load = this.#copies.begin(sid, read.key)
    let copy: Copy | undefined
    try {
      const found = (await this.#requests.find(read)) ?? (await this.#comeOver(sid, read))
      if (!found) return null
      const good = this.#copyOf(read, found.session, found.data)
      if (good.token) {
        const verdict = await this.verifier.verify(good.token, LOOK_UP)
        if (verdict.status === 'denied' && verdict.reason === 'unavailable') throw unavailable()
        if (verdict.status === 'denied') return null
      }
      if (found.mayHold && this.#engine.follower.leaseLeft() > 0) copy = good
      return this.#parse(good)
    } finally {
      this.#copies.end(load, copy)
    }
  }

  /** What the store that the app comes from still has. */
  async #comeOver(sid: string, read: Sid): Promise<Found | undefined> {
    const { movingFrom, method = 'app' } = this.#options
    const session = movingFrom && (await readOther(movingFrom, sid))
    const maxAge = maxAgeOf(session?.cookie)
    if (!movingFrom || !session || maxAge === 0) return undefined
    await this.#requests.move(read, {
      data: JSON.stringify(session),
      account: this.#accountOf(session),
      maxAge,
      method,
    })
    await removeOther(movingFrom, sid)
    return this.#requests.find(read)
  }

  #copyOf(read: Sid, session: string | null, content: string): Copy {
    const token = session === null ? null : tokenOf(session, read)
    const words = new Int32Array(TOKEN_WORDS)
    if (token) this.#engine.memory.read(token, words)
    const lapsesAt = performance.now() + ASK_AGAIN_MS
    return { key: read.key, content, session, token, words, lapsesAt, touchedAt: undefined }
  }

  #parse(copy: Copy): SessionData {
    const session: SessionData = JSON.parse(copy.content)
    renewCookie(session.cookie, copy.touchedAt)
    setLoaded(session, { copy, maxAge: maxAgeOf(session.cookie), ip: undefined })
    return session
  }

  #save(sid: string, session: SessionData): Promise<void> {
    return this.#inTurn(sid, async () => {
      const maxAge = maxAgeOf(session.cookie)
      const read = readSid(sid)
      this.#copies.drop(sid)
      if (maxAge === 0) return this.#requests.end(read, 'signed-out')
      const req = requestIn(session)
      const content = JSON.stringify(session)
      const kept = await this.#requests.keep(read, {
        data: content,
        account: this.#accountOf(session),
        visit: req && visitOf(req, this.#ipOf(req)),
        maxAge,
        loadedWith: loadedOf(session)?.copy.session,
        method: this.#options.method ?? 'app',
      })
      const copy = this.#copyOf(read, kept.session, content)
      setLoaded(session, { copy, maxAge, ip: undefined })
      if (copy.token && req) this.verifier.verifyCached(copy.token, this.#requestOf(req))
      if (kept.mayHold && this.#engine.follower.leaseLeft() > 0) this.#copies.keep(sid, this.#lapsing(copy, maxAge))
      else this.#copies.drop(sid)
    })
  }

  #lapsing(copy: Copy, maxAge: number | null): Copy {
    copy.lapsesAt = performance.now() + Math.min(maxAge === null ? ASK_AGAIN_MS : maxAge * 1_000, ASK_AGAIN_MS)
    return copy
  }

  #touch(sid: string, session: SessionData): void | Promise<void> {
    const loaded = loadedOf(session)
    const maxAge = maxAgeOf(session.cookie)
    const req = requestIn(session)
    // What the app has set the cookie to since must be stored, though nothing else has changed.
    if (loaded && loaded.maxAge !== maxAge) return this.#save(sid, session)
    const copy = loaded?.copy ?? this.#copies.find(sid)
    if (copy) {
      copy.touchedAt = Date.now()
      if (!copy.token) this.#lapsing(copy, maxAge)
    }
    if (req && this.#isBackground(req)) return
    // Checked when it was loaded: that it was used is told without checking it once more, and never revives it (S-12).
    if (copy?.session) this.verifier.touch(copy.session, { ip: (req && (loaded?.ip ?? this.#ipOf(req))) ?? null })
    else this.#touchNobody(sid, maxAge, req)
  }

  /** Sent behind the answer, and not each time: a cookie's age is kept to within a tenth of it. */
  #touchNobody(sid: string, maxAge: number | null, req: StoreRequest | undefined): void {
    const now = performance.now()
    const everyMs = Math.min(TOUCH_EVERY_MS, (maxAge ?? Number.POSITIVE_INFINITY) * 100)
    if (now - (this.#touched.get(sid) ?? Number.NEGATIVE_INFINITY) < everyMs) return
    if (this.#touched.size >= MOST_TOUCHED) this.#touched.clear()
    this.#touched.set(sid, now)
    this.#requests.touch(readSid(sid), (req && this.#ipOf(req)) ?? null).catch(this.#following.tell)
  }

  #end(sid: string, why: 'signed-out' | 'replaced'): Promise<void> {
    this.#copies.drop(sid)
    this.#touched.delete(sid)
    return this.#inTurn(sid, async () => {
      this.#copies.drop(sid)
      await this.#requests.end(readSid(sid), why)
      if (this.#options.movingFrom) await removeOther(this.#options.movingFrom, sid)
    })
  }

  #inTurn<T>(sid: string, act: () => Promise<T>): Promise<T> {
    const turn = (this.#saving.get(sid) ?? Promise.resolve()).then(act, act)
    this.#saving.set(sid, turn)
    const leave = () => {
      if (this.#saving.get(sid) === turn) this.#saving.delete(sid)
    }
    turn.then(leave, leave)
    return turn
  }

  #settle<T>(callback: Callback<T> | undefined, act: () => T | Promise<T>): Promise<T | undefined> {
    return settle(callback, act, this.#following.tell)
  }

  /** @throws RollcallFailure 403 where the network that the request comes from is blocked */
  #refuseNetwork(token: string, ip: string | null | undefined): void {
    if (this.#engine.networks().length === 0) return
    const verdict = this.verifier.verifyCached(token, { ip, background: true })
    if (verdict !== 'ask' && verdict.status === 'denied' && verdict.reason === 'network-blocked') throw blockedNetwork()
  }

  #accountOf(session: SessionData) {
    try {
      return (this.#options.account ?? accountOfSession)({ ...session })
    } catch (error) {
      throw new RollcallFailure('callback-threw', `\`account\` has thrown: ${String(error)}.`, error)
    }
  }

  #requestOf(req: StoreRequest, ip = this.#ipOf(req)): VerifyRequest {
    return { ip, background: this.#isBackground(req) }
  }

  #ipOf = (req: StoreRequest) => (this.#options.clientIp ?? addressOf)(req)
  #isBackground = (req: StoreRequest) => this.#options.isBackground?.(req) ?? false
}

/** express-session hangs the request on its sessions; a plain object has none. */
function requestIn(session: object): StoreRequest | undefined {
  const { req } = session as { req?: StoreRequest }
  return req?.headers ? req : undefined
}
