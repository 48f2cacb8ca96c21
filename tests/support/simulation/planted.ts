/** Bugs of the database's side, planted to show that the simulation finds them. Those of the engine are planted in its text. */
export interface Planted {
  /** What is new is told by the order of ids, as if they were taken at the commit. */
  idOrder?: boolean
  /** The era is that of system and timeline alone: one that was set back to a backup has the same. */
  eraOfTimeline?: boolean
  /** A primary that was replaced goes on answering those who are connected to it. */
  unfencedPrimary?: boolean
  /** A touch writes back the row as it was read. */
  touchRevives?: boolean
  /** A node answers from memory whatever the app process has applied. */
  positionIgnored?: boolean
  /** An app process does not say what it has applied. */
  positionNotSent?: boolean
  /** Whether the past is certain is not asked: neither identity, nor a horizon that went backwards, nor a lost heartbeat. */
  pastNotAsked?: boolean
  /** A position from before what is left of the log is taken for a good one. */
  removalIgnored?: boolean
}
