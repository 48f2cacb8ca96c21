import { or, type SQL, sql } from 'drizzle-orm'
import { validate } from 'uuid'
import { blocks } from '../../db/schema.js'
import { canonicalAddress, networkAround, networkBeginning } from '../../devices/address.js'
import { inNames } from '../inNames.js'

/** What a search of the blocks asks about. */
export type BlockSearch = { kind: 'address' | 'network' | 'id' | 'words'; text: string }

/** @returns undefined where nothing was typed */
export function readBlockSearch(typed: string | undefined): BlockSearch | undefined {
  const text = typed?.trim() ?? ''
  if (text === '') return undefined
  if (validate(text)) return { kind: 'id', text: text.toLowerCase() }
  const address = canonicalAddress(text)
  if (address) return { kind: 'address', text: address }
  const network = readNetwork(text)
  return network ? { kind: 'network', text: network } : { kind: 'words', text }
}

/** Where host bits are set, the network that was meant. */
function readNetwork(text: string): string | undefined {
  if (!text.includes('/')) return networkBeginning(text)
  const read = networkAround(text)
  return 'network' in read ? read.network : undefined
}

/**
 * Blocks that a search means: of an address the networks that cover it; of a network those that cover it or lie in it; of
 * words the people who have all of them in their name or e-mail address. Over blocks and the accounts joined to them.
 *
 * Indexes, of what is not lifted: blocks_networks; blocks_pkey and blocks_one_an_account; accounts_words and others as
 * `inNames`, or accounts_pkey where fewer are blocked than have the words.
 */
export function isSearched(search: BlockSearch): SQL | undefined {
  switch (search.kind) {
    case 'address':
      return sql`(${blocks.kind} = 'network' and ${blocks.network} >>= ${search.text}::inet)`
    case 'network':
      return sql`(${blocks.kind} = 'network' and ${blocks.network} && ${search.text}::inet)`
    case 'id':
      return or(sql`${blocks.id} = ${search.text}`, sql`${blocks.accountId} = ${search.text}`)
    case 'words':
      return sql`(${blocks.kind} = 'account' and ${inNames(search.text)})`
  }
}
