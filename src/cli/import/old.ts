/** One session as the old store holds it. */
export interface OldSession {
  /** The app's own id: it stays in this process, Rollcall gets its hash. */
  sid: string
  /** JSON, to the letter. */
  content: string
  /** Seconds; null: it does not say. */
  left: number | null
}
