import { z } from '@hono/zod-openapi'
import { type Account, type Block, ROLES } from '../../accounts/types.js'
import { ONE_WAY, oneWay, optional, pageOf, paging, text, time, timeIn } from '../schemas.js'

const STATUSES = ['active', 'invited', 'blocked'] as const

export const AccountOut = z
  .object({
    id: z.string().openapi({ format: 'uuid' }),
    email: z.string().nullable(),
    name: z.string(),
    role: z.enum(ROLES),
    status: z.enum(STATUSES),
    createdAt: time,
    newPasswordRequired: z
      .boolean()
      .openapi({ description: 'Has to choose a new one at the next sign-in to Rollcall' }),
    block: z
      .object({ id: z.string(), until: time.nullable(), message: z.string().nullable() })
      .nullable()
      .openapi({ description: 'In force now; until null: until it is lifted' }),
  })
  .openapi('Account')

export function accountOut({ createdAt, block, ...account }: Account): z.infer<typeof AccountOut> {
  const inForce = block && { id: block.id, until: block.until?.toISOString() ?? null, message: block.message }
  const { id, email, name, role, status, newPasswordRequired } = account
  return { id, email, name, role, status, newPasswordRequired, createdAt: createdAt.toISOString(), block: inForce }
}

export const AccountPage = pageOf(AccountOut).openapi('AccountPage')

export const AccountQuery = z
  .strictObject({
    q: optional(text(200)).openapi({ type: 'string', description: 'Part of a name or an e-mail address, or an id' }),
    role: optional(z.enum(ROLES)),
    status: optional(z.enum(STATUSES)),
    ...paging,
  })
  .refine(oneWay, ONE_WAY)

const email = text(254)
const name = text(200)

export const CreateAccount = z
  .strictObject({
    email: email.optional(),
    name,
    role: z.enum(ROLES).optional().openapi({ description: 'Any but person needs the scope admin', default: 'person' }),
  })
  .openapi('CreateAccount')

export const InviteAccount = z
  .strictObject({ email, name, role: z.enum(ROLES).optional().openapi({ default: 'person' }) })
  .openapi('InviteAccount')

export const Invitation = z
  .object({
    account: AccountOut,
    link: z.url().openapi({ description: 'With which the person chooses a password, once; shown now and never again' }),
    expiresAt: time,
    warning: z
      .string()
      .nullable()
      .openapi({ description: 'Where the address could be taken for somebody else’s, in words' }),
  })
  .openapi('Invitation')

export const ChangeAccount = z
  .strictObject({ email: email.nullable().optional(), name: name.optional() })
  .refine(
    (changes) => changes.email !== undefined || changes.name !== undefined,
    'must change something: email or name',
  )
  .openapi('ChangeAccount')

export const RevokeAccountSessions = z.strictObject({ reason: text(500) }).openapi('RevokeAccountSessions')
export const RequireNewPassword = z
  .strictObject({ reason: text(500).openapi({ description: 'For the audit log' }) })
  .openapi('RequireNewPassword')
export const AccountSessionsRevoked = z.object({ ended: z.int() })

export const BlockOut = z
  .object({
    id: z.string().openapi({ format: 'uuid' }),
    kind: z.enum(['account', 'network']),
    account: z.object({ id: z.string(), name: z.string(), email: z.string().nullable() }).nullable(),
    network: z.string().nullable(),
    reason: z.string(),
    message: z.string().nullable().openapi({
      description: 'For the person, after a right password and on protected hosts that they were signed in to',
    }),
    until: time.nullable(),
    createdAt: time,
    createdBy: z.string(),
    lifted: z.object({ at: time, by: z.string(), reason: z.string().nullable() }).nullable(),
    ended: z
      .int()
      .openapi({ description: 'Sessions that it ended; of a large network the number grows for some moments' }),
  })
  .openapi('Block')

export function blockOut({ confirmBy: _, ...block }: Block): z.infer<typeof BlockOut> {
  return {
    ...block,
    until: block.until?.toISOString() ?? null,
    createdAt: block.createdAt.toISOString(),
    lifted: block.lifted && { ...block.lifted, at: block.lifted.at.toISOString() },
  }
}

export const BlockPage = pageOf(BlockOut).openapi('BlockPage')

export const BlockQuery = z
  .strictObject({
    q: optional(text(200)).openapi({
      type: 'string',
      description:
        'Part of a name or an e-mail address, an id, a network (those that it overlaps) or an address (those that cover it)',
    }),
    state: optional(z.enum(['active', 'lifted', 'all'])).openapi({ default: 'active' }),
    kind: optional(z.enum(['account', 'network'])),
    ...paging,
  })
  .refine(oneWay, ONE_WAY)

const terms = {
  reason: text(500).openapi({ description: 'For admins' }),
  until: timeIn
    .nullable()
    .optional()
    .openapi({ type: ['string', 'null'], format: 'date-time', description: 'Left out or null: until it is lifted' }),
}

export const BlockAccount = z
  .strictObject({ ...terms, message: text(500).nullable().optional().openapi({ description: 'For the person' }) })
  .openapi('BlockAccount')

export const BlockNetwork = z
  .strictObject({
    ...terms,
    network: text(64).openapi({ example: '203.0.113.0/24' }),
    endSessions: z.boolean().optional().openapi({
      description:
        'End what is signed in from there for good, up to a hundred within the call and the others, refused at once, in the background; else it is refused for as long as the block holds',
    }),
  })
  .openapi('BlockNetwork')
