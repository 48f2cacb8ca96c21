import { type Follower, inTime } from './follower.js'
import { clocksAgree, read } from './lease.js'
import { type Load, Memory } from './memory.js'
import { denied, noneOfEach } from './reasons.js'
import { HASH_AT, hashesMatch, readSecret, readToken, TOKEN_WORDS } from './token.js'
import type { CheckRequest, Clock, DenialReason, Loaded, Transport, Verdict } from './types.js'

/** And half a lease at most: a node's refusal may be remembered once more in an app process, and the bound is for both. */
const REFUSED_FOR_MS = 1_000
/** An ended session does not come back, unless the past itself is set back: then the follower begins anew. */
const ENDED_FOR_MS = 60_000
const MOST_REFUSED = 10_000
const MOST_LOADS = 10_000
/** A load that something overtook is made anew, so often; then its answer holds for this one check and is not kept. */
const MOST_TRIES = 3

export interface VerifierOptions {
  transport: Pick<Transport, 'load'>
  memory: Memory
  follower: Pick<Follower, 'leaseLeft' | 'age' | 'now' | 'position'>
  clock: Clock
  leaseMs: number
  /** What to do when neither memory nor the database may be asked. `allow-cached` is a risk: the bound does not hold then. */
  onUnavailable?: 'deny' | 'allow-cached' | undefined
  onFailure?: ((error: unknown) => void) | undefined
}

export interface Verifier {
  /**
   * Decides whether a token is good now. Never throws: what can't be decided is `denied`, `unavailable`.
   *
   * @param token as the client sent it; anything but a session token's one spelling is `unknown`
   */
  verify(token: string, request?: CheckRequest): Promise<Verdict>
  /** The same, with how long ago what it rests on was known to be so (ms): for whoever passes the verdict on. */
  verifyWithAge(token: string, request?: CheckRequest): Promise<{ verdict: Verdict; ageMs: number }>
  /**
   * The same from memory alone, without I/O or await; "ask" where memory can't tell.
   *
   * @param read the token, by `Memory.read`: for whoever asks about one often
   */
  verifyCached(token: string, request?: CheckRequest, read?: Int32Array): Verdict | 'ask'
  readonly stats: { hits: number; misses: number; denials: Record<DenialReason, number> }
}

interface Judged {
  verdict: Verdict
  /** Monotonic time at which it was asked for. */
  began: number
}

/** The one door through which every check goes: memory while the lease holds, else the way to the database. */
export function createVerifier(options: VerifierOptions): Verifier {
  const { transport, memory, follower, clock, leaseMs, onUnavailable = 'deny', onFailure } = options
  const refused = new Map<string, { until: number; epoch: number; verdict: Verdict }>()
  /** The last look-up. */
  let failed = false
  const loads = new Map<string, Promise<Judged>>()
  const scratch = new Int32Array(TOKEN_WORDS)
  const stats = {
    hits: 0,
    misses: 0,
    denials: noneOfEach(),
  }

  function verifyCached(token: string, request: CheckRequest = NO_REQUEST, read?: Int32Array): Verdict | 'ask' {
    const words = read ?? scratch
    if (!read && !memory.read(token, words)) return counted(denied('unknown'))
    const mayRemember = !request.fresh && follower.leaseLeft() > 0
    const verdict = mayRemember ? memory.check(token, words, request, follower.now()) : 'ask'
    if (verdict !== 'ask') {
      stats.hits += 1
      return counted(verdict)
    }
    if (!readSecret(token, words)) return counted(denied('unknown'))
    const before = mayRemember && refusedBefore(words)
    return before ? counted(before) : 'ask'
  }

  async function verify(token: string, request: CheckRequest = NO_REQUEST): Promise<Verdict> {
    const verdict = verifyCached(token, request)
    return verdict === 'ask' ? (await ask(token, request)).verdict : verdict
  }

  async function verifyWithAge(token: string, request: CheckRequest = NO_REQUEST) {
    const ageMs = follower.age()
    const verdict = verifyCached(token, request)
    if (verdict !== 'ask') return { verdict, ageMs }
    const asked = await ask(token, request)
    return { verdict: asked.verdict, ageMs: clock.monotonicMs() - asked.began }
  }

  async function ask(token: string, request: CheckRequest): Promise<Judged> {
    stats.misses += 1
    const asked = await (request.fresh ? load(token, request) : loadOnce(token, request))
    counted(asked.verdict)
    return asked
  }

  /** Checks of the same token at the same time share one look-up. */
  function loadOnce(token: string, request: CheckRequest): Promise<Judged> {
    const key = `${token} ${request.appId ?? ''} ${request.ip ?? ''}`
    // Nobody waits a lease for what has just been waited for in vain: one look-up at a time finds out when that is over.
    failed &&= follower.leaseLeft() === 0
    let loading = loads.get(key)
    if (loading === undefined && loads.size < (failed ? 1 : MOST_LOADS)) {
      loading = load(token, request).finally(() => loads.delete(key))
      loads.set(key, loading)
    }
    if (loading && !failed) return loading
    return Promise.resolve({ verdict: withoutAnswer(token, request), began: clock.monotonicMs() })
  }

  async function load(token: string, request: CheckRequest): Promise<Judged> {
    for (let tries = 1; ; tries++) {
      const began = read(clock)
      const under = memory.begin()
      const without = () => {
        failed = true
        memory.abandon()
        return { verdict: withoutAnswer(token, request), began: began.monotonic }
      }
      let loaded: Loaded
      try {
        loaded = await inTime(transport.load(token, request, follower.position), clock, leaseMs)
      } catch (error) {
        onFailure?.(error)
        return without()
      }
      const now = read(clock)
      const age = now.monotonic - began.monotonic + (loaded.status === 'unknown' ? 0 : loaded.ageMs)
      if (age >= leaseMs || !clocksAgree(began, now)) return without()
      failed = false
      const { verdict, isFresh } = take(loaded, { under, began: began.monotonic }, token, request)
      if (isFresh || tries === MOST_TRIES) return { verdict, began: began.monotonic }
    }
  }

  function take(
    loaded: Loaded,
    { under, began }: { under: Load; began: number },
    token: string,
    request: CheckRequest,
  ): { verdict: Verdict; isFresh: boolean } {
    readToken(token, scratch)
    if (loaded.status === 'unknown') {
      memory.abandon()
      rememberRefusal(loaded.idIsFree ? idKey(scratch) : tokenKey(scratch), 'unknown', began, under.epoch)
      return { verdict: denied('unknown'), isFresh: true }
    }
    if (loaded.status === 'denied') {
      memory.abandon()
      const { reason, ageMs } = loaded
      if (FINAL.has(reason)) rememberRefusal(tokenKey(scratch), reason, began - ageMs, under.epoch)
      return { verdict: denied(reason), isFresh: true }
    }
    const { facts, networkBlocked } = loaded
    const judgedByLast = (request.ip ?? null) === null
    const isFresh = memory.keep(under, facts, judgedByLast && !networkBlocked)
    return { verdict: judge(facts, networkBlocked, request), isFresh }
  }

  function judge(facts: Extract<Loaded, { status: 'known' }>['facts'], networkBlocked: boolean, request: CheckRequest) {
    if (!hashesMatch(scratch, facts.secretHash, 0)) return denied('unknown')
    if (request.appId !== undefined && request.appId !== facts.appId) return denied('unknown')
    if (networkBlocked && !facts.over) return denied('network-blocked')
    return Memory.verdictOf(facts)
  }

  /** Fails closed, unless the app chose otherwise. */
  function withoutAnswer(token: string, request: CheckRequest): Verdict {
    if (onUnavailable === 'deny' || request.fresh || !memory.read(token, scratch)) return denied('unavailable')
    const remembered = memory.check(token, scratch, request, follower.now())
    return remembered === 'ask' ? denied('unavailable') : remembered
  }

  function refusedBefore(words: Int32Array): Verdict | undefined {
    if (refused.size === 0) return undefined
    const now = clock.monotonicMs()
    const found = refused.get(idKey(words)) ?? refused.get(tokenKey(words))
    return found && found.until > now && found.epoch === memory.epoch ? found.verdict : undefined
  }

  /** Bounded, and short: guessing does not reach the database, and whatever is born a moment later is soon found. */
  function rememberRefusal(key: string, reason: DenialReason, since: number, epoch: number) {
    const now = clock.monotonicMs()
    for (const [old, { until }] of refused) {
      if (until > now && refused.size < MOST_REFUSED) break
      refused.delete(old)
    }
    const forMs = reason === 'ended' ? ENDED_FOR_MS : Math.min(REFUSED_FOR_MS, leaseMs / 2)
    refused.delete(key)
    refused.set(key, { until: since + forMs, epoch, verdict: denied(reason) })
  }

  const idKey = (words: Int32Array) => words.slice(0, HASH_AT).join()
  /** Of a wrong secret, its hash: an id is public, and whoever knows it must not shut its owner out. */
  const tokenKey = (words: Int32Array) => words.slice(0, HASH_AT + 3).join()

  function counted(verdict: Verdict): Verdict {
    if (verdict.status === 'denied') stats.denials[verdict.reason] += 1
    return verdict
  }

  return { verify, verifyCached, verifyWithAge, stats }
}

/** These do not depend on where the request comes from, nor on a use that is not written yet. */
const FINAL: ReadonlySet<DenialReason> = new Set(['ended', 'expired', 'blocked'])

const NO_REQUEST: CheckRequest = Object.freeze({})
