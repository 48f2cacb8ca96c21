/** What is stored under one id, as this process has read or written it. */
export interface Copy {
  /** How Rollcall finds it. */
  key: string
  /** JSON. */
  content: string
  /** The session of whoever is signed in with it, and its token. */
  session: string | null
  token: string | null
  /** The token, read once. */
  words: Int32Array
  /** Monotonic time from which on one that nobody is signed in with is asked for again. */
  lapsesAt: number
  /** Wall time of the last touch by this process, for the cookie's own. */
  touchedAt: number | undefined
}

/** A look-up that is under way: what happens meanwhile may make its answer stale. */
export interface Load {
  readonly sid: string
  readonly key: string
  stale: boolean
}

/** In characters: a hundred thousand usual ones. */
const MOST_CHARACTERS = 64 * 1024 * 1024

/**
 * The contents that this process alone may answer from its memory. Whether the session is still good is not decided
 * here. The one that was not asked for longest makes room.
 */
export class Copies {
  readonly #bySid = new Map<string, Copy>()
  readonly #sidOf = new Map<string, string>()
  readonly #loads = new Set<Load>()
  #characters = 0

  constructor(readonly capacity: number) {}

  get count(): number {
    return this.#bySid.size
  }

  find(sid: string): Copy | undefined {
    const copy = this.#bySid.get(sid)
    if (copy === undefined || this.#bySid.size < this.capacity) return copy
    this.#bySid.delete(sid)
    this.#bySid.set(sid, copy)
    return copy
  }

  begin(sid: string, key: string): Load {
    const load = { sid, key, stale: false }
    this.#loads.add(load)
    return load
  }

  /** @param copy left out where nothing may be kept */
  end(load: Load, copy?: Copy): void {
    this.#loads.delete(load)
    if (copy && !load.stale) this.keep(load.sid, copy)
  }

  keep(sid: string, copy: Copy): void {
    this.drop(sid)
    this.#bySid.set(sid, copy)
    this.#sidOf.set(copy.key, sid)
    this.#characters += copy.content.length
    for (const oldest of this.#bySid.keys()) {
      if (this.#bySid.size <= this.capacity && this.#characters <= MOST_CHARACTERS) break
      this.drop(oldest)
    }
  }

  /** It is being changed by this process: what is being looked up may be older. */
  drop(sid: string): void {
    for (const load of this.#loads) if (load.sid === sid) load.stale = true
    const copy = this.#bySid.get(sid)
    if (!copy) return
    this.#bySid.delete(sid)
    this.#sidOf.delete(copy.key)
    this.#characters -= copy.content.length
  }

  /** Another process has come to it. */
  dropKey(key: string): void {
    for (const load of this.#loads) if (load.key === key) load.stale = true
    const sid = this.#sidOf.get(key)
    if (sid !== undefined) this.drop(sid)
  }

  clear(): void {
    for (const load of this.#loads) load.stale = true
    this.#bySid.clear()
    this.#sidOf.clear()
    this.#characters = 0
  }
}
