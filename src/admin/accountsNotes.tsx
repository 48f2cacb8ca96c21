import { Hono } from 'hono'
import { z } from 'zod'
import { AddNotePage, RemoveNotePage } from '../../templates/admin/accountNote.js'
import { addNote, findNote, LONGEST_NOTE, MOST_NOTES, removeNote } from '../accounts/notes.js'
import type { Account } from '../accounts/types.js'
import { type NoteId, uuid } from '../db/ids.js'
import { allow } from '../http/authorise.js'
import type { AppContext, AppEnv } from '../http/env.js'
import { notFound } from '../http/errors.js'
import { pageOf } from '../http/page.js'
import { readForm } from '../http/parse.js'
import { powersOver } from './accountsMay.js'
import { accountOf, notAllowed, pathOf, REFUSALS } from './accountsOf.js'
import { goOn } from './goOn.js'

/** What admins write down about one account. */
export const accountNotes = new Hono<AppEnv>()

/** A form sends each end of a line as two characters. */
const AddForm = z.strictObject({ note: z.string().transform((note) => note.replaceAll('\r\n', '\n').trim()) })

accountNotes.get('/:id/notes/new', allow('responder'), async (c) => addPage(c, await noteworthy(c)))

accountNotes.post('/:id/notes', allow('responder'), async (c) => {
  const account = await accountOf(c)
  const { note } = await readForm(c, AddForm)
  const problem = problemOf(note)
  if (problem) return addPage(c, account, note, problem, 422)
  const answer = await addNote(c.var.db, account.id, note, c.var.actor)
  if (!answer) throw notFound('account')
  if (answer.status === 'refused') return addPage(c, account, note, REFUSED[answer.why], 422)
  return goOn(c, pathOf(account), { tone: 'green', title: `The note about ${account.name.slice(0, 120)} is kept` })
})

accountNotes.get('/:id/notes/:note/remove', allow('responder'), async (c) => {
  const account = await noteworthy(c)
  const note = await findNote(c.var.db, account.id, noteId(c))
  if (!note) throw notFound('note')
  return c.html(<RemoveNotePage page={await pageOf(c)} account={account} note={note} />)
})

accountNotes.post('/:id/notes/:note/remove', allow('responder'), async (c) => {
  const account = await accountOf(c)
  await readForm(c, z.strictObject({}))
  const answer = await removeNote(c.var.db, account.id, noteId(c), c.var.actor)
  if (!answer) throw notFound('note')
  if (answer.status === 'refused') throw notAllowed(REFUSED[answer.why])
  return goOn(c, pathOf(account), { tone: 'green', title: 'The note is removed' })
})

const REFUSED = {
  'not-allowed': REFUSALS['not-allowed'],
  'too-many-notes': `There are ${MOST_NOTES} notes about them, which is as many as there may be. Remove one first.`,
}

function problemOf(note: string): string | undefined {
  if (note === '') return 'Write down what the next one should know.'
  if (note.length <= LONGEST_NOTE) return undefined
  return `At most ${LONGEST_NOTE.toLocaleString('en')} characters; these are ${note.length.toLocaleString('en')}.`
}

/** @throws PublicError where the viewer's role does not reach the account */
async function noteworthy(c: AppContext): Promise<Account> {
  const account = await accountOf(c)
  if (!powersOver(account, c.var.current).note) throw notAllowed(REFUSALS['not-allowed'])
  return account
}

function noteId(c: AppContext): NoteId {
  const id = uuid<NoteId>().safeParse(c.req.param('note'))
  if (!id.success) throw notFound('note')
  return id.data
}

const addPage = async (c: AppContext, account: Account, note = '', problem?: string, status: 200 | 422 = 200) =>
  c.html(<AddNotePage page={await pageOf(c)} {...{ account, note, problem }} />, status)
