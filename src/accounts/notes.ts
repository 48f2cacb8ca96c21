import { and, desc, eq } from 'drizzle-orm'
import { recordAudit } from '../audit/record.js'
import type { Actor } from '../audit/types.js'
import type { Database } from '../db/connect.js'
import { type AccountId, type NoteId, newId } from '../db/ids.js'
import { announce } from '../db/notices.js'
import { accountNotes } from '../db/schema.js'
import { lockAccount } from '../sessions/start.js'
import { authorityOf, neededFor } from './authority.js'
import { findAccount } from './read.js'
import { type Account, atLeast } from './types.js'

export const LONGEST_NOTE = 1_000
/** About one account: they are read as one list. */
export const MOST_NOTES = 100

/** What an admin wrote down about an account, for the other ones. The person never sees it. */
export interface Note {
  id: NoteId
  /** Plain text, lines and all. */
  note: string
  /** With the name that they had then. */
  by: { kind: string; id: string | null; name: string }
  createdAt: Date
}

type Refused = { status: 'refused'; why: 'not-allowed' | 'too-many-notes' }

/** The notes about an account, newest first; `MOST_NOTES` at most. Index: account_notes_account. */
export async function listNotes(db: Database, account: AccountId): Promise<Note[]> {
  const rows = await db
    .select()
    .from(accountNotes)
    .where(eq(accountNotes.accountId, account))
    .orderBy(desc(accountNotes.id))
    .limit(MOST_NOTES)
  return rows.map(toNote)
}

/** Index: the primary key. */
export async function findNote(db: Database, account: AccountId, id: NoteId): Promise<Note | undefined> {
  const [row] = await db.select().from(accountNotes).where(isNote(account, id))
  return row && toNote(row)
}

/**
 * Writes down a note about an account. The audit log has who did that and when, and not the words: those can be taken
 * away again, and it can't.
 *
 * @returns undefined when there is no such account
 */
export async function addNote(
  db: Database,
  account: AccountId,
  note: string,
  by: Actor,
): Promise<{ status: 'added'; note: Note } | Refused | undefined> {
  return db.transaction(async (tx) => {
    const of = await findLocked(tx, account)
    if (!of) return undefined
    const id = newId<NoteId>()
    const why = (await whyNot(tx, of, by)) ?? (await whyNoMore(tx, account))
    if (why) return refuse(tx, by, 'account.note-added', of, why)
    const values = { id, accountId: account, note, byKind: by.kind, byId: 'id' in by ? by.id : null, byName: by.name }
    const [row] = await tx.insert(accountNotes).values(values).returning()
    if (!row) throw new Error('an insert gave no row')
    await recordAudit(tx, by, 'account.note-added', { ...about(of), details: { noteId: id } })
    await announce(tx, { kind: 'accounts' })
    return { status: 'added', note: toNote(row) }
  })
}

/**
 * Removes a note, whoever wrote it.
 *
 * @returns undefined when there is no such note about this account
 */
export async function removeNote(
  db: Database,
  account: AccountId,
  id: NoteId,
  by: Actor,
): Promise<{ status: 'removed'; note: Note } | Refused | undefined> {
  return db.transaction(async (tx) => {
    const of = await findLocked(tx, account)
    const note = of && (await findNote(tx, account, id))
    if (!of || !note) return undefined
    const why = await whyNot(tx, of, by)
    if (why) return refuse(tx, by, 'account.note-removed', of, why)
    await tx.delete(accountNotes).where(isNote(account, id))
    await recordAudit(tx, by, 'account.note-removed', { ...about(of), details: { noteId: id } })
    await announce(tx, { kind: 'accounts' })
    return { status: 'removed', note }
  })
}

/** One at a time about an account: else there could be one more than there may be. */
async function findLocked(tx: Database, id: AccountId): Promise<Account | undefined> {
  await lockAccount(tx, id)
  return findAccount(tx, id)
}

/** It reaches as far as a block (S-35, S-38), and to oneself. */
async function whyNot(tx: Database, { role }: Account, by: Actor) {
  return atLeast(await authorityOf(tx, by), neededFor(role, by)) ? undefined : 'not-allowed'
}

/** Index: account_notes_account. */
async function whyNoMore(tx: Database, account: AccountId) {
  return (await tx.$count(accountNotes, eq(accountNotes.accountId, account))) < MOST_NOTES
    ? undefined
    : 'too-many-notes'
}

async function refuse(
  tx: Database,
  by: Actor,
  action: 'account.note-added' | 'account.note-removed',
  of: Account,
  why: Refused['why'],
): Promise<Refused> {
  await recordAudit(tx, by, action, { ...about(of), result: 'refused', details: { why } })
  return { status: 'refused', why }
}

const about = ({ id, name }: Account) => ({ target: { kind: 'account', id, name }, accountId: id })

const isNote = (account: AccountId, id: NoteId) => and(eq(accountNotes.id, id), eq(accountNotes.accountId, account))

const toNote = ({ id, note, byKind, byId, byName, createdAt }: typeof accountNotes.$inferSelect): Note => ({
  id,
  note,
  by: { kind: byKind, id: byId, name: byName },
  createdAt,
})
