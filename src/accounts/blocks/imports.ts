import type { ImportId } from '../../db/ids.js'

/** What a review found of a line of a list of networks. The first two are done when the list is; the others are left out. */
export const FINDINGS = [
  'block',
  'overlaps', // with a block in force of another network: it is blocked all the same
  'in-force', // this very network is blocked already
  'duplicate', // of a line before it
  'own-address',
  'owner-inside',
  'too-wide',
  'malformed',
] as const
export type Finding = (typeof FINDINGS)[number]

/** A line of a list, read: `problem` says in words what is wrong with it. */
export interface ListedNetwork {
  line: number
  /** As it was written. */
  written: string
  network: string | null
  reason: string
  /** Null: until somebody lifts it. */
  until: Date | null
  problem?: { finding: Extract<Finding, 'malformed' | 'duplicate' | 'too-wide'>; detail: string } | undefined
}

export interface ImportLine {
  line: number
  written: string
  network: string | null
  reason: string
  until: Date | null
  finding: Finding
  detail: string | null
  /** Live ones from there when it was reviewed, among at most `MOST_COUNTED_A_LINE`; null when nobody counted any more. */
  sessions: number | null
  /** `kept`: it was blocked in the meantime, and was left as it was. */
  outcome: 'blocked' | 'kept' | 'refused' | null
  ended: number
}

/** This number of sessions means "or more". */
export const MOST_COUNTED_A_LINE = 1_000

export interface NetworkImport {
  id: ImportId
  name: string
  createdAt: Date
  createdBy: string
  endSessions: boolean
  /** Lines by finding. */
  findings: Partial<Record<Finding, number>>
  /** Of those that are to be blocked: how many, and how many are still to be done. */
  wanted: number
  pending: number
  outcomes: { blocked: number; kept: number; refused: number }
  /** Live sessions that the wanted ones hit, line by line; `orMore`: not all were counted. */
  sessions: number
  orMore: boolean
  /** Sessions that ended. */
  ended: number
}
