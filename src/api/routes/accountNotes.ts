import { createRoute, OpenAPIHono, z } from '@hono/zod-openapi'
import { addNote, LONGEST_NOTE, listNotes, MOST_NOTES, type Note, removeNote } from '../../accounts/notes.js'
import { findAccount } from '../../accounts/read.js'
import type { AccountId, NoteId } from '../../db/ids.js'
import type { AppEnv } from '../../http/env.js'
import { notFound } from '../../http/errors.js'
import { badInputHook } from '../badInput.js'
import { answer, body, bodyProblems, forScope, forScopeCreating, problems } from '../operation.js'
import { refusal } from '../refusals.js'
import { id, NoQuery, pathId, text, time } from '../schemas.js'

const NoteOut = z
  .object({
    id: z.string().openapi({ format: 'uuid' }),
    note: z.string().openapi({ example: 'Works from Singapore in the first week of each quarter.' }),
    by: z.object({ kind: z.string(), id: z.string().nullable(), name: z.string() }),
    createdAt: time,
  })
  .openapi('Note')

const noteOut = ({ createdAt, ...note }: Note): z.infer<typeof NoteOut> => ({
  ...note,
  createdAt: createdAt.toISOString(),
})

const Notes = z
  .object({ items: z.array(NoteOut).openapi({ description: `Newest first; ${MOST_NOTES} at most` }) })
  .openapi('Notes')
const AddNote = z
  .strictObject({ note: text(LONGEST_NOTE).openapi({ description: 'Plain text; the person never sees it' }) })
  .openapi('AddNote')

/** What admins write down about an account, for one another: no app's key reads it. */
export const accountNotes = new OpenAPIHono<AppEnv>({ defaultHook: badInputHook })
const tags = ['Accounts']
const params = pathId<AccountId>()

accountNotes.openapi(
  createRoute({
    method: 'get',
    path: '/accounts/{id}/notes',
    operationId: 'listNotes',
    summary: 'What admins wrote down about an account',
    tags,
    ...forScope('admin'),
    request: { params, query: NoQuery },
    responses: { 200: answer('All of them', Notes), ...problems(404) },
  }),
  async (c) => {
    const account = await findAccount(c.var.db, c.req.valid('param').id)
    if (!account) throw notFound('account')
    return c.json({ items: (await listNotes(c.var.db, account.id)).map(noteOut) }, 200)
  },
)

accountNotes.openapi(
  createRoute({
    method: 'post',
    path: '/accounts/{id}/notes',
    operationId: 'addNote',
    summary: 'Write down a note about an account',
    tags,
    ...forScopeCreating('admin'),
    request: { params, query: NoQuery, body: body(AddNote) },
    responses: { 201: answer('It is there', NoteOut), ...bodyProblems(404, 409, 422) },
  }),
  async (c) => {
    const added = await addNote(c.var.db, c.req.valid('param').id, c.req.valid('json').note, c.var.actor)
    if (!added) throw notFound('account')
    if (added.status !== 'added') throw refusal(added)
    return c.json(noteOut(added.note), 201)
  },
)

accountNotes.openapi(
  createRoute({
    method: 'delete',
    path: '/accounts/{id}/notes/{note}',
    operationId: 'removeNote',
    summary: 'Remove a note, whoever wrote it',
    tags,
    ...forScope('admin'),
    request: {
      params: params.extend({ note: id<NoteId>().openapi({ param: { name: 'note', in: 'path' } }) }),
      query: NoQuery,
    },
    responses: { 200: answer('As it was', NoteOut), ...problems(404) },
  }),
  async (c) => {
    const { id: account, note } = c.req.valid('param')
    const removed = await removeNote(c.var.db, account, note, c.var.actor)
    if (!removed) throw notFound('note')
    if (removed.status !== 'removed') throw refusal(removed)
    return c.json(noteOut(removed.note), 200)
  },
)
