import type { Columns } from '../export/lines.js'
import type { AccountSummary, Block } from './types.js'

export const ACCOUNT_COLUMNS: Columns<AccountSummary> = [
  ['id', ({ id }) => id],
  ['name', ({ name }) => name],
  ['email', ({ email }) => email],
  ['role', ({ role }) => role],
  ['status', ({ status }) => status],
  ['hasPassword', ({ hasPassword }) => hasPassword],
  ['createdAt', ({ createdAt }) => createdAt],
  ['liveSessions', ({ liveSessions }) => liveSessions],
  ['lastSeenAt', ({ lastSeenAt }) => lastSeenAt],
  ['blockedUntil', ({ block }) => block?.until],
  ['blockReason', ({ block }) => block?.reason],
]

export const BLOCK_COLUMNS: Columns<Block> = [
  ['id', ({ id }) => id],
  ['kind', ({ kind }) => kind],
  ['network', ({ network }) => network],
  ['accountId', ({ account }) => account?.id],
  ['name', ({ account }) => account?.name],
  ['email', ({ account }) => account?.email],
  ['reason', ({ reason }) => reason],
  ['message', ({ message }) => message],
  ['createdAt', ({ createdAt }) => createdAt],
  ['createdBy', ({ createdBy }) => createdBy],
  ['until', ({ until }) => until],
  ['liftedAt', ({ lifted }) => lifted?.at],
  ['liftedBy', ({ lifted }) => lifted?.by],
  ['liftReason', ({ lifted }) => lifted?.reason],
  ['sessionsEnded', ({ ended }) => ended],
  ['confirmBy', ({ confirmBy }) => confirmBy],
]
