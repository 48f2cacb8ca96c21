import { z } from 'zod'
import type { AccountId, SessionId } from './ids.js'

export const CHANNEL = 'rollcall_changes'

const Ids = <T extends string>() => z.array(z.string().transform((text) => text as T))

/**
 * What pages and streams want to hear of. A nudge: it makes things fast, and nothing relies on it.
 * `ids` null means "too many to name".
 */
export const Change = z.discriminatedUnion('kind', [
  z.object({
    kind: z.literal('started'),
    sessions: Ids<SessionId>().nullable(),
    accounts: Ids<AccountId>().nullable(),
  }),
  z.object({ kind: z.literal('ended'), sessions: Ids<SessionId>().nullable(), accounts: Ids<AccountId>().nullable() }),
  z.object({ kind: z.literal('touched') }),
  /** Something that may end trust beyond named sessions: a network block, a policy, a role. */
  z.object({ kind: z.literal('policy') }),
  z.object({ kind: z.literal('accounts') }),
  z.object({ kind: z.literal('blocks') }),
  z.object({ kind: z.literal('audit') }),
])
export type Change = z.infer<typeof Change>

/** @returns undefined for anything that is not one of our notices */
export function readChange(payload: string): Change | undefined {
  try {
    return Change.safeParse(JSON.parse(payload)).data
  } catch {
    return undefined
  }
}
