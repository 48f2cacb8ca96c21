import { type Database, databaseTime } from '../../db/connect.js'

/** What pages offer as a reason. */
export const PICKED_REASONS = ['compromised', 'left the company', 'attack', 'spam', 'policy'] as const

export interface BlockTerms {
  /** For admins. */
  reason: string
  /** Null: until somebody lifts it. */
  until?: Date | null | undefined
  /** For the person, after a right password. */
  message?: string | null | undefined
}

export type TermsProblem = 'no-reason' | 'until-past' | 'until-far'

/** In words, for pages and the API. */
export const TERMS_PROBLEMS: Record<TermsProblem, string> = {
  'no-reason': 'Write a reason: whoever looks at the block later will want to know.',
  'until-past': 'The end of the block lies in the past. Choose a later time.',
  'until-far':
    'The end of the block is more than ten years ahead. Leave it open instead: it stays until somebody lifts it.',
}

/** By the database's time, which is the time that ends the block (S-56). */
export async function readTerms(tx: Database, terms: BlockTerms): Promise<TermsProblem | undefined> {
  return termsProblem(terms, terms.until ? await databaseTime(tx) : new Date())
}

const FURTHEST_YEARS = 10

/** @param now the database's time */
export function termsProblem({ reason, until }: BlockTerms, now: Date): TermsProblem | undefined {
  if (reason.trim() === '') return 'no-reason'
  if (!until) return undefined
  if (Number.isNaN(until.getTime()) || until <= now) return 'until-past'
  const furthest = new Date(now)
  furthest.setUTCFullYear(now.getUTCFullYear() + FURTHEST_YEARS)
  return until > furthest ? 'until-far' : undefined
}
