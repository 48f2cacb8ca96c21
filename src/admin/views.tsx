import { Hono } from 'hono'
import { z } from 'zod'
import { DeleteViewPage, SaveViewPage, viewPath } from '../../templates/admin/savedViews.js'
import {
  changeView,
  deleteView,
  findView,
  LONGEST_VIEW_NAME,
  LONGEST_VIEW_QUERY,
  type SavedView,
  saveView,
  VIEW_LISTS,
  type ViewRefusal,
} from '../accounts/savedViews.js'
import type { Actor } from '../audit/types.js'
import { uuid, type ViewId } from '../db/ids.js'
import { allow } from '../http/authorise.js'
import type { AppContext, AppEnv } from '../http/env.js'
import { notFound, PublicError } from '../http/errors.js'
import { pageOf } from '../http/page.js'
import { readForm, readQuery } from '../http/parse.js'
import { goOn } from './goOn.js'

/** A list's own address, whatever was written in it; a page of it is no view. */
const query = z
  .string()
  .max(LONGEST_VIEW_QUERY, `is longer than ${LONGEST_VIEW_QUERY} characters`)
  .default('')
  .transform((text) => {
    const search = new URLSearchParams(text)
    for (const place of ['after', 'before']) search.delete(place)
    return search.toString()
  })
const Wanted = z.strictObject({ list: z.enum(VIEW_LISTS, 'must be sessions, accounts or audit'), query })
const NameForm = z.strictObject({ name: z.string().trim().max(400), shared: z.literal('on').optional() })
const NewForm = Wanted.extend(NameForm.shape)

/** Filters of lists under a name: one's own, and those that the team shares. */
export const viewsRoutes = new Hono<AppEnv>()

viewsRoutes.get('/new', allow('viewer'), async (c) => {
  const { list, query } = readQuery(c, Wanted)
  return c.html(<SaveViewPage page={await pageOf(c)} view={{ list, query, name: '', shared: false }} errors={{}} />)
})

viewsRoutes.post('/', allow('viewer'), async (c) => {
  const { shared, ...form } = await readForm(c, NewForm)
  const view = { ...form, shared: shared === 'on' }
  const wrong = nameProblem(view.name)
  const answer = wrong ? undefined : await saveView(c.var.db, view, adminOf(c))
  if (answer?.status === 'saved') {
    return goOn(c, viewPath(view), { tone: 'green', title: `“${view.name}” is saved`, text: 'It is under Views.' })
  }
  const errors = answer ? errorsOf(answer) : { name: wrong }
  return c.html(<SaveViewPage page={await pageOf(c)} view={view} errors={errors} />, 422)
})

viewsRoutes.get('/:id', allow('viewer'), async (c) => {
  const view = await ownView(c)
  return c.html(<SaveViewPage page={await pageOf(c)} view={view} id={view.id} errors={{}} />)
})

viewsRoutes.post('/:id', allow('viewer'), async (c) => {
  const view = await ownView(c)
  const { name, shared } = await readForm(c, NameForm)
  const changed = { ...view, name, shared: shared === 'on' }
  const wrong = nameProblem(name)
  const answer = wrong ? undefined : await changeView(c.var.db, view.id, changed, adminOf(c))
  if (answer?.status === 'changed') return goOn(c, viewPath(view), { tone: 'green', title: `“${name}” is changed` })
  const errors = answer ? errorsOf(answer) : { name: wrong ?? 'This view is not there any more.' }
  return c.html(<SaveViewPage page={await pageOf(c)} view={changed} id={view.id} errors={errors} />, 422)
})

viewsRoutes.get('/:id/delete', allow('viewer'), async (c) => {
  const view = await visibleView(c)
  if (!mayDelete(c, view)) throw ownersAlone()
  return c.html(<DeleteViewPage page={await pageOf(c)} view={view} />)
})

viewsRoutes.post('/:id/delete', allow('viewer'), async (c) => {
  const view = await visibleView(c)
  await readForm(c, z.strictObject({}))
  const answer = await deleteView(c.var.db, view.id, adminOf(c))
  if (answer?.status === 'refused') throw ownersAlone()
  return goOn(c, viewPath({ list: view.list, query: '' }), { tone: 'green', title: `“${view.name}” is deleted` })
})

function nameProblem(name: string): string | undefined {
  if (!name) return 'Give it a name.'
  return name.length > LONGEST_VIEW_NAME ? `At most ${LONGEST_VIEW_NAME} characters.` : undefined
}

const errorsOf = ({ why }: ViewRefusal): { name?: string; shared?: string } =>
  ({
    'name-taken': { name: 'You have a view of this list with this name already.' },
    'too-many': { name: 'You have as many views as there may be. Delete one that you no longer need.' },
    'not-allowed': { shared: 'Only responders and owners share views.' },
  })[why]

async function visibleView(c: AppContext): Promise<SavedView> {
  const id = uuid<ViewId>().safeParse(c.req.param('id'))
  const view = id.success ? await findView(c.var.db, id.data, c.var.current.account.id) : undefined
  if (!view) throw notFound('view')
  return view
}

async function ownView(c: AppContext): Promise<SavedView> {
  const view = await visibleView(c)
  if (view.owner.id !== c.var.current.account.id) throw notFound('view')
  return view
}

const mayDelete = (c: AppContext, view: SavedView): boolean =>
  view.owner.id === c.var.current.account.id || c.var.current.account.role === 'owner'

const adminOf = (c: AppContext) => c.var.actor as Extract<Actor, { kind: 'account' }>

const ownersAlone = () =>
  new PublicError(
    403,
    'forbidden',
    'Your role does not allow this',
    'A shared view is deleted by who made it, or by an owner. Nothing was changed.',
  )
