import { Hono } from 'hono'
import { z } from 'zod'
import { BlockManyPage, LiftManyPage, SignOutManyPage } from '../../templates/admin/accountsMany.js'
import { accountsBlockedBy } from '../accounts/blocks/listBlocks.js'
import { findAccounts } from '../accounts/list.js'
import {
  blockAccounts,
  liftAccountBlocks,
  MOST_ACCOUNTS,
  type Outcome,
  signOutAccounts,
} from '../accounts/manyAccounts.js'
import type { AccountSummary } from '../accounts/types.js'
import { databaseTime } from '../db/connect.js'
import { type AccountId, type BlockId, type SessionId, uuid } from '../db/ids.js'
import { allow } from '../http/authorise.js'
import { clearSessionCookie } from '../http/cookies.js'
import type { AppContext, AppEnv } from '../http/env.js'
import { PERHAPS_IN_PART } from '../http/errors.js'
import { pageOf } from '../http/page.js'
import { readForm } from '../http/parse.js'
import { safeReturnTo } from '../http/returnTo.js'
import { findSessions } from '../sessions/lists/walk.js'
import { type BlockErrors, BlockForm, readTermsForm } from './accountsBlockForm.js'
import { type AccountPowers, powersOver } from './accountsMay.js'
import { REFUSALS } from './accountsOf.js'
import { goOn } from './goOn.js'
import { type ManyWords, manyToast } from './manyToast.js'
import { countProblem, MANY } from './typed.js'

/** What is done to accounts that were selected in the list; each act is a page of its own that a dialog may show. */
export const manyAccounts = new Hono<AppEnv>()

const LIST = '/admin/accounts'

const Ids = z
  .union([uuid<AccountId>(), z.array(uuid<AccountId>())])
  .transform((ids) => [...new Set([ids].flat())])
  .refine((ids) => ids.length <= MOST_ACCOUNTS, `at most ${MOST_ACCOUNTS} accounts at once`)

const Sessions = z.array(uuid<SessionId>()).max(MOST_ACCOUNTS)

const Selection = { account: Ids, count: z.string().max(20).optional(), return_to: z.string().max(2_000).optional() }

/** Those that the act is for, and who is left out, with why: before it is done. */
export interface Selected {
  chosen: AccountSummary[]
  leftOut: { account: AccountSummary; why: string }[]
  /** The number has to be typed. */
  many: boolean
  returnTo: string
}

async function selected(
  c: AppContext,
  ids: readonly AccountId[],
  returnTo: string | undefined,
  may: (powers: AccountPowers) => boolean,
  needless?: (account: AccountSummary) => string | undefined,
): Promise<Selected> {
  const accounts = await findAccounts(c.var.db, ids)
  const judged = accounts.map((account) => {
    const powers = powersOver(account, c.var.current)
    const why = may(powers) ? needless?.(account) : REFUSALS[powers.own ? 'self' : 'not-allowed']
    return { account, why }
  })
  const chosen = judged.flatMap(({ account, why }) => (why === undefined ? [account] : []))
  return {
    chosen,
    leftOut: judged.flatMap(({ account, why }) => (why === undefined ? [] : [{ account, why }])),
    many: chosen.length > MANY,
    returnTo: safeReturnTo(returnTo) ?? LIST,
  }
}

function idsOf(c: AppContext): AccountId[] {
  const ids = Ids.safeParse(c.req.queries('account') ?? [])
  return ids.success ? ids.data : []
}

/** Whose the sessions are that were ticked in the list of sessions. */
async function ownersOf(c: AppContext): Promise<AccountId[] | undefined> {
  const ticked = Sessions.safeParse(c.req.queries('session'))
  if (!ticked.success) return undefined
  const sessions = await findSessions(c.var.db, ticked.data)
  return [...new Set(sessions.map(({ account }) => account.id))]
}

const done = (c: AppContext, returnTo: string | undefined, outcomes: Outcome[], words: ManyWords, accounts: Selected) =>
  goOn(c, safeReturnTo(returnTo) ?? LIST, manyToast(outcomes, words, accounts.chosen), words.receipt)

// Block ---------------------------------------------------------------------------------------------------------------

const toBlock = (c: AppContext, ids: readonly AccountId[], returnTo: string | undefined) =>
  selected(
    c,
    ids,
    returnTo,
    (powers) => powers.block,
    ({ block }) => (block ? 'Blocked already: the block stays as it is.' : undefined),
  )

manyAccounts.get('/block', allow('responder'), async (c) => {
  const accounts = await toBlock(c, (await ownersOf(c)) ?? idsOf(c), c.req.query('return_to'))
  return c.html(<BlockManyPage page={await pageOf(c)} accounts={accounts} values={{}} errors={{}} />)
})

const BlockManyForm = BlockForm.omit({ also_network: true, network: true, session: true, replaces: true }).extend(
  Selection,
)
export type BlockManyValues = Partial<z.infer<typeof BlockManyForm>>
export type BlockManyErrors = BlockErrors & { count?: string }

manyAccounts.post('/block', allow('responder'), async (c) => {
  const values = await readForm(c, BlockManyForm)
  const { db, actor } = c.var
  const ids = values.account
  const accounts = await toBlock(c, ids, values.return_to)
  const read = readTermsForm(values, await databaseTime(db))
  const count = countProblem(ids.length, values.count, 'accounts')
  if ('errors' in read || count) {
    const errors = { ...('errors' in read ? read.errors : {}), ...(count ? { count } : {}) }
    return c.html(<BlockManyPage page={await pageOf(c)} accounts={accounts} values={values} errors={errors} />, 422)
  }
  c.set('doneSoFar', PERHAPS_IN_PART)
  const outcomes = await blockAccounts(db, ids, read.terms, actor)
  return done(
    c,
    values.return_to,
    outcomes,
    { done: 'blocked', already: 'blocked already', receipt: 'refused' },
    accounts,
  )
})

// Sign out everywhere -------------------------------------------------------------------------------------------------

const toSignOut = (c: AppContext, ids: readonly AccountId[], returnTo: string | undefined) =>
  selected(c, ids, returnTo, (powers) => powers.revoke)

manyAccounts.get('/revoke-sessions', allow('responder'), async (c) => {
  const accounts = await toSignOut(c, idsOf(c), c.req.query('return_to'))
  return c.html(<SignOutManyPage page={await pageOf(c)} accounts={accounts} values={{}} />)
})

const reason = z.string().trim().max(500, 'at most 500 characters').optional()
const SignOutManyForm = z.strictObject({ ...Selection, reason, also_me: z.literal('on').optional() })
export type SignOutManyValues = Partial<z.infer<typeof SignOutManyForm>>

manyAccounts.post('/revoke-sessions', allow('responder'), async (c) => {
  const values = await readForm(c, SignOutManyForm)
  const { account: ids, reason, also_me, count, return_to } = values
  const { db, actor, current } = c.var
  const accounts = await toSignOut(c, ids, return_to)
  const problem = countProblem(ids.length, count, 'accounts')
  if (problem) return c.html(<SignOutManyPage page={await pageOf(c)} {...{ accounts, values, problem }} />, 422)
  const except = also_me ? undefined : current.session.id
  c.set('doneSoFar', PERHAPS_IN_PART)
  const outcomes = await signOutAccounts(db, ids, reason || null, actor, except)
  if (also_me && ids.includes(current.account.id)) {
    clearSessionCookie(c)
    return goOn(c, '/sign-in')
  }
  const words: ManyWords = { done: 'signed out everywhere', receipt: 'refused' }
  return done(c, return_to, outcomes, words, accounts)
})

// Unblock -------------------------------------------------------------------------------------------------------------

const toLift = (c: AppContext, ids: readonly AccountId[], returnTo: string | undefined) =>
  selected(
    c,
    ids,
    returnTo,
    (powers) => powers.block,
    ({ block }) => (block ? undefined : 'Not blocked.'),
  )

manyAccounts.get('/lift-block', allow('responder'), async (c) => {
  const accounts = await toLift(c, (await justBlocked(c)) ?? idsOf(c), c.req.query('return_to'))
  return c.html(<LiftManyPage page={await pageOf(c)} accounts={accounts} values={{}} />)
})

const Blocks = z.object({ first: uuid<BlockId>(), last: uuid<BlockId>() })

/** For who takes back what they did: the accounts between two of their blocks. */
async function justBlocked(c: AppContext): Promise<AccountId[] | undefined> {
  const between = Blocks.safeParse(c.req.query())
  if (!between.success) return undefined
  return accountsBlockedBy(c.var.db, c.var.current.account.id, between.data, MOST_ACCOUNTS)
}

const LiftManyForm = z.strictObject({ ...Selection, reason })
export type LiftManyValues = Partial<z.infer<typeof LiftManyForm>>

manyAccounts.post('/lift-block', allow('responder'), async (c) => {
  const values = await readForm(c, LiftManyForm)
  const { account: ids, reason, count, return_to } = values
  const accounts = await toLift(c, ids, return_to)
  const problem = countProblem(ids.length, count, 'accounts')
  if (problem) return c.html(<LiftManyPage page={await pageOf(c)} {...{ accounts, values, problem }} />, 422)
  c.set('doneSoFar', PERHAPS_IN_PART)
  const outcomes = await liftAccountBlocks(c.var.db, ids, reason || null, c.var.actor)
  const words: ManyWords = { done: 'unblocked', already: 'not blocked', receipt: 'in-force' }
  return done(c, return_to, outcomes, words, accounts)
})
