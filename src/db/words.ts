import { type SQL, sql } from 'drizzle-orm'

/** Shorter parts have no trigram: they are in too much to be looked up. */
export const SHORTEST_PART = 3

/**
 * Whether a word is anywhere in a text that a trigram index has. Of an e-mail address the index is asked for what stands before
 * the @: what stands after it is in many.
 *
 * @param text as the index has it, in small letters
 * @param word in small letters
 */
export function hasWord(text: SQL, word: string): SQL {
  const [local = ''] = word.split('@')
  const pattern = `%${escapedLike(word)}%`
  if (local === word || local.length < SHORTEST_PART) return sql`${text} like ${pattern}`
  return sql`(${text} like ${`%${escapedLike(local)}@%`} and ${text} || '' like ${pattern})`
}

/** As a part of a pattern of LIKE it means itself. */
export const escapedLike = (text: string): string => text.replaceAll(/[\\%_]/g, '\\$&')
