import { and, or, type SQL, sql } from 'drizzle-orm'
import { accounts } from '../db/schema.js'

/** Parts shorter than this are in too many names to be looked up: they have to begin the name or the address. */
const SHORTEST_PART = 3
const MOST_WORDS = 8

/**
 * Accounts that have every word of what was typed in their name or e-mail address. Indexes: accounts_words, and for a
 * word of one or two letters accounts_name_start and accounts_email_start.
 */
export function inNames(text: string): SQL | undefined {
  const words = text.toLowerCase().split(/\s+/).filter(Boolean).slice(0, MOST_WORDS)
  const long = words.filter((word) => word.length >= SHORTEST_PART)
  // Beside a long word, a short one only narrows: it may stand anywhere.
  if (long.length > 0) return and(...words.map((word) => sql`${NAME_AND_ADDRESS} like ${`%${escaped(word)}%`}`))
  return and(...words.map(begins))
}

const NAME_AND_ADDRESS = sql`lower(${accounts.name} || ' ' || coalesce(${accounts.email}, ''))`

function begins(word: string): SQL | undefined {
  const pattern = `${escaped(word)}%`
  return or(
    sql`lower(${accounts.name}) collate "C" like ${pattern}`,
    sql`${accounts.emailKey} collate "C" like ${pattern}`,
  )
}

const escaped = (word: string) => word.replaceAll(/[\\%_]/g, '\\$&')
