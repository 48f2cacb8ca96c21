import { and, or, type SQL, sql } from 'drizzle-orm'
import { accounts } from '../db/schema.js'
import { escapedLike, hasWord, SHORTEST_PART } from '../db/words.js'

const MOST_WORDS = 8

/** Accounts that have every word of what was typed in their name or e-mail address. Indexes: as `idsInNames`. */
export function inNames(text: string): SQL {
  const { words, areShort } = wordsOf(text)
  return all(words.map(areShort ? begins : contains))
}

/**
 * A query for the ids of at most so many of them, in no order: found in some milliseconds, however many there are.
 * Indexes: accounts_words, and for words of one or two letters accounts_name_start and accounts_email_start.
 */
export function idsInNames(text: string, most: number): SQL {
  const { words, areShort } = wordsOf(text)
  if (!areShort) return sql`select id from ${accounts} where ${inNames(text)} limit ${most}`
  const [first = '', ...others] = words
  // In the order of the index, so that it is the index that is read.
  const arms = [NAME, ADDRESS].map((read) => {
    const where = all([beginsWith(read, first), ...others.map(begins)])
    return sql`(select id from ${accounts} where ${where} order by ${read} limit ${most})`
  })
  return sql`${sql.join(arms, sql` union `)} limit ${most}`
}

function wordsOf(text: string): { words: string[]; areShort: boolean } {
  const words = text.toLowerCase().split(/\s+/).filter(Boolean).slice(0, MOST_WORDS)
  // Beside a long word, a short one only narrows: it may stand anywhere. Short ones alone have to begin the name or the address.
  return { words, areShort: words.every((word) => word.length < SHORTEST_PART) }
}

const all = (parts: SQL[]): SQL => and(...parts) ?? sql`false`

const NAME_AND_ADDRESS = sql`lower(${accounts.name} || ' ' || coalesce(${accounts.email}, ''))`
const NAME = sql`lower(${accounts.name}) collate "C"`
const ADDRESS = sql`${accounts.emailKey} collate "C"`

const contains = (word: string): SQL => hasWord(NAME_AND_ADDRESS, word)

const begins = (word: string): SQL => or(beginsWith(NAME, word), beginsWith(ADDRESS, word)) ?? sql`false`

const beginsWith = (read: SQL, word: string) => sql`${read} like ${`${escapedLike(word)}%`}`
