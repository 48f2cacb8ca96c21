import { createFollower, type Follower, type FollowerOptions } from './follower.js'
import { Memory } from './memory.js'
import { createNetworks } from './networks.js'
import type { Clock, FollowerStats, RefusedNetwork, Transport } from './types.js'
import { createVerifier, type Verifier, type VerifierOptions } from './verifier.js'
import { createWatchers, type Watchers, type WhenEnded } from './watchers.js'

export interface EngineOptions extends Pick<FollowerOptions, 'onApplied' | 'random'> {
  transport: Transport
  clock: Clock
  leaseMs: number
  /** Sessions in memory; the one that was not asked for longest makes room. */
  cacheSize: number
  onUnavailable?: VerifierOptions['onUnavailable']
  /** null: never. */
  endAfterUnavailableMs?: number | null
  onFailure?: ((error: unknown) => void) | undefined
}

/** Everything one process needs to check sessions from memory: put together once for nodes and app processes. */
export interface Engine extends Pick<Verifier, 'verify' | 'verifyCached' | 'verifyWithAge'> {
  follower: Follower
  /** To read a token once, for whoever asks about it often; and what is known of a session beside the verdict. */
  memory: Pick<Memory, 'read' | 'find'>
  /** Of an open connection. @returns what ends the watch */
  onEnded(sessionId: string, whenEnded: WhenEnded, from?: { ip?: string | null | undefined }): () => void
  /** Somebody has heard that it is over. */
  forget(sessionId: string): void
  watching(): number
  /** All in force, as of the position. */
  networks(): readonly RefusedNetwork[]
  stats(): FollowerStats
  start(): Promise<void>
  stop(): void
}

export function createEngine(options: EngineOptions): Engine {
  const memory = new Memory(options.cacheSize, createNetworks(options.leaseMs))
  const follower = createFollower({
    ...options,
    memory,
    onApplied(applied) {
      watchers.applied(applied.entries, applied.anew)
      options.onApplied?.(applied)
    },
  })
  const watchers: Watchers = createWatchers({
    ...options,
    memory,
    leaseLeft: follower.leaseLeft,
    now: follower.now,
    endAfterUnavailableMs: options.endAfterUnavailableMs ?? Number.POSITIVE_INFINITY,
  })
  const verifier = createVerifier({ ...options, memory, follower })
  return {
    ...verifier,
    memory,
    follower,
    onEnded: (id, whenEnded, { ip = null } = {}) => watchers.watch({ id, ip }, whenEnded),
    forget: (id) => memory.forget(id),
    watching: () => watchers.count,
    networks: () => memory.networks.list,
    stats: () => ({
      ...verifier.stats,
      denials: { ...verifier.stats.denials },
      ...follower.stats,
      sessions: memory.sessions,
      accounts: memory.accounts,
      evicted: memory.evicted,
      wrongSecrets: memory.wrongSecrets,
      leaseLeftMs: follower.leaseLeft(),
      ageMs: follower.age(),
    }),
    start: follower.start,
    stop() {
      follower.stop()
      watchers.stop()
    },
  }
}
