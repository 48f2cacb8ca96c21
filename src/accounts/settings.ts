import { eq } from 'drizzle-orm'
import { z } from 'zod'
import { recordAudit } from '../audit/record.js'
import type { Actor } from '../audit/types.js'
import type { Database } from '../db/connect.js'
import { announce } from '../db/notices.js'
import { preparedOnce } from '../db/preparedOnce.js'
import { settings } from '../db/schema.js'
import { appendRevocations } from '../sessions/log/revocations.js'
import { authorityOf } from './authority.js'
import type { Settings } from './types.js'

const MINUTE = 60
const DAY = 86_400

const seconds = z
  .int()
  .min(MINUTE, 'at least one minute')
  .max(400 * DAY, 'at most 400 days')

/** For how many days things are kept at the least, where not for good. */
export const LEAST_DAYS = { sessionDays: 1, auditDays: 30 } as const

/** What may be set, for forms and the API alike. */
export const SettingsChanges = z.strictObject({
  idleTimeout: seconds.optional(),
  absoluteTimeout: seconds.optional(),
  adminIdleTimeout: seconds.optional(),
  adminAbsoluteTimeout: seconds.optional(),
  sessionLimit: z.int().min(1, 'at least one').max(1_000, 'at most 1,000').optional(),
  contact: z.string().trim().min(1, 'whom to ask').max(200, 'at most 200 characters').optional(),
  sessionDays: z
    .int()
    .min(LEAST_DAYS.sessionDays, 'at least one day')
    .max(36_500, 'at most 36,500 days')
    .nullable()
    .optional(),
  auditDays: z
    .int()
    .min(LEAST_DAYS.auditDays, 'at least 30 days')
    .max(36_500, 'at most 36,500 days')
    .nullable()
    .optional(),
  maskForViewers: z.boolean().optional(),
})
export type SettingsChanges = z.infer<typeof SettingsChanges>

export type SettingsAnswer =
  | { status: 'changed' | 'unchanged'; settings: Settings }
  | { status: 'refused'; why: 'not-allowed' }
  | { status: 'invalid'; problems: { path: string; message: string }[] }

export async function readSettings(db: Database): Promise<Settings> {
  const [row] = await db.select().from(settings).where(eq(settings.id, 1))
  if (!row) throw new Error('the row of the settings is missing')
  const { id: _, generation: __, ...values } = row
  return values
}

const readMasking = preparedOnce((db) =>
  db.select({ on: settings.maskForViewers }).from(settings).where(eq(settings.id, 1)).prepare('masking'),
)

/** Whether addresses and names are masked for viewers. */
export async function masksForViewers(db: Database): Promise<boolean> {
  const [row] = await readMasking(db).execute()
  return row?.on ?? true
}

/**
 * Changes what holds for everyone. Timeouts hold at once, for sessions that are there too. Audited with before and after.
 *
 * @returns `refused` to anybody but an owner
 */
export async function changeSettings(db: Database, changes: SettingsChanges, by: Actor): Promise<SettingsAnswer> {
  const read = SettingsChanges.safeParse(changes)
  if (!read.success) {
    const problems = read.error.issues.map(({ path, message }) => ({ path: path.join('.'), message }))
    return { status: 'invalid', problems }
  }
  return db.transaction(async (tx) => {
    if ((await authorityOf(tx, by)) !== 'owner') {
      await recordAudit(tx, by, 'settings.changed', {
        result: 'refused',
        target: SETTINGS,
        details: { after: defined(read.data), why: 'not-allowed' },
      })
      return { status: 'refused', why: 'not-allowed' }
    }
    await tx.select().from(settings).where(eq(settings.id, 1)).for('no key update')
    const before = await readSettings(tx)
    const after: Settings = { ...before, ...defined(read.data) }
    const problems = contradictions(after)
    if (problems.length > 0) return { status: 'invalid', problems }
    const changed = FIELDS.filter((field) => before[field] !== after[field])
    if (changed.length === 0) return { status: 'unchanged', settings: before }

    await tx.update(settings).set(after).where(eq(settings.id, 1))
    await appendRevocations(tx, [{ kind: 'policy', target: 'settings' }])
    await recordAudit(tx, by, 'settings.changed', {
      target: SETTINGS,
      details: {
        before: Object.fromEntries(changed.map((field) => [field, before[field]])),
        after: Object.fromEntries(changed.map((field) => [field, after[field]])),
      },
    })
    await announce(tx, { kind: 'policy' })
    return { status: 'changed', settings: after }
  })
}

const SETTINGS = { kind: 'settings', id: null, name: 'Settings' } as const

const FIELDS = [
  'idleTimeout',
  'absoluteTimeout',
  'adminIdleTimeout',
  'adminAbsoluteTimeout',
  'sessionLimit',
  'contact',
  'auditDays',
  'sessionDays',
  'maskForViewers',
] as const satisfies (keyof Settings)[]

/** An idle timeout beyond the absolute one would never be seen to work. */
function contradictions(after: Settings): { path: string; message: string }[] {
  const message = 'not longer than the session lasts at all'
  return [
    ...(after.idleTimeout > after.absoluteTimeout ? [{ path: 'idleTimeout', message }] : []),
    ...(after.adminIdleTimeout > after.adminAbsoluteTimeout ? [{ path: 'adminIdleTimeout', message }] : []),
  ]
}

function defined(changes: SettingsChanges): Partial<Settings> {
  return Object.fromEntries(Object.entries(changes).filter(([, value]) => value !== undefined))
}
