import { Hono } from 'hono'
import { z } from 'zod'
import { ImportPage } from '../../templates/admin/importNetworks.js'
import { ImportReviewPage } from '../../templates/admin/importReview.js'
import { LiftImportPage } from '../../templates/admin/liftImport.js'
import { absoluteText } from '../../templates/words.js'
import { FINDINGS, type ImportLine, type NetworkImport } from '../accounts/blocks/imports.js'
import { countImported, liftImport } from '../accounts/blocks/liftImport.js'
import { applyImport, findImport, listImportLines, listImports, saveImport } from '../accounts/blocks/networkImports.js'
import { MOST_LINES, readNetworkList } from '../accounts/blocks/networkList.js'
import { reviewNetworks } from '../accounts/blocks/reviewNetworks.js'
import { databaseTime } from '../db/connect.js'
import { type ImportId, uuid } from '../db/ids.js'
import { csvLine } from '../export/lines.js'
import { allow } from '../http/authorise.js'
import type { AppContext, AppEnv } from '../http/env.js'
import { notFound, PERHAPS_IN_PART } from '../http/errors.js'
import { readLook } from '../http/look.js'
import { pageOf } from '../http/page.js'
import { readForm, readQuery } from '../http/parse.js'
import { BlockForm, readTermsForm } from './accountsBlockForm.js'
import { notAllowed } from './accountsOf.js'
import { goOn } from './goOn.js'
import { importedToast, liftedToast } from './importedToast.js'
import { countProblem, MANY } from './typed.js'

/** Lists of networks to be blocked: read, reviewed, then done as they were reviewed. */
export const importRoutes = new Hono<AppEnv>()

const LINES_SHOWN = 100

importRoutes.get('/', allow('responder'), async (c) => importPage(c, { end_sessions: 'on' }, {}))

const ImportForm = BlockForm.pick({ reason: true, other: true, until: true, date: true, zone: true }).extend({
  list: z.string().optional(),
  /** The text of an uploaded file, its name, and why there is none. */
  file: z.string().optional(),
  file_name: z.string().max(500).optional(),
  file_problem: z.string().max(500).optional(),
  end_sessions: z.literal('on').optional(),
})
export type ImportValues = Partial<z.infer<typeof ImportForm>>
export type ImportErrors = Partial<Record<'list' | 'file' | 'reason' | 'other' | 'until' | 'date', string>>

const importPage = async (c: AppContext, values: ImportValues, errors: ImportErrors, status: 200 | 422 = 200) =>
  c.html(
    <ImportPage page={await pageOf(c)} values={values} errors={errors} before={await listImports(c.var.db)} />,
    status,
  )

/** First step: what is in the list, and what blocking it would come to. */
importRoutes.post('/', allow('responder'), async (c) => {
  const values = await readForm(c, ImportForm, { file: 'file' })
  const { db, actor } = c.var
  const now = await databaseTime(db)
  const terms = readTermsForm(values, now)
  const from = values.file?.trim() || values.file_problem ? 'file' : 'list'
  const text = values[from] ?? ''
  const listed = values.file_problem
    ? { problem: values.file_problem }
    : text.trim() === ''
      ? { problem: 'Choose a file, or write the networks here.' }
      : 'terms' in terms
        ? readNetworkList(text, terms.terms, now)
        : []
  if ('errors' in terms || 'problem' in listed) {
    const errors = {
      ...('errors' in terms ? terms.errors : {}),
      ...('problem' in listed ? { [from]: listed.problem } : {}),
    }
    return importPage(c, values, errors, 422)
  }
  const { zone } = readLook(c)
  const reviewed = await reviewNetworks(db, listed, actor, (at) => absoluteText(at, zone))
  const name = (from === 'file' && values.file_name?.trim()) || 'Pasted list'
  const id = await saveImport(
    db,
    { name: name.slice(0, 120), endSessions: values.end_sessions === 'on' },
    reviewed,
    actor,
  )
  return goOn(c, pathOf(id))
})

// The review, and what came of it -------------------------------------------------------------------------------------

const ReviewQuery = z.strictObject({
  show: z.enum(FINDINGS, `must be one of ${FINDINGS.join(', ')}`).optional(),
  after: z.coerce.number().int().min(0).max(10_000_000).optional(),
})

importRoutes.get('/:id', allow('responder'), async (c) => reviewPage(c, await importOf(c), readQuery(c, ReviewQuery)))

async function reviewPage(
  c: AppContext,
  found: NetworkImport,
  query: z.output<typeof ReviewQuery> & { problem?: string },
  status: 200 | 422 = 200,
) {
  const { show, after } = query
  const findings = show && [show]
  const lines = await listImportLines(c.var.db, found.id, { findings, after, limit: LINES_SHOWN + 1 })
  const next = lines.length > LINES_SHOWN ? lines[LINES_SHOWN - 1]?.line : undefined
  const shown = lines.slice(0, LINES_SHOWN)
  return c.html(
    <ImportReviewPage page={await pageOf(c)} found={found} lines={shown} next={next} many={MANY} {...query} />,
    status,
  )
}

const ApplyForm = z.strictObject({ count: z.string().max(20).optional() })

importRoutes.post('/:id/apply', allow('responder'), async (c) => {
  const found = await importOf(c)
  const { count } = await readForm(c, ApplyForm)
  const problem = countProblem(found.pending, count, 'networks')
  if (problem) return reviewPage(c, found, { problem }, 422)
  c.set('doneSoFar', PERHAPS_IN_PART)
  await applyImport(c.var.db, found, c.var.actor)
  return goOn(c, pathOf(found.id), importedToast((await findImport(c.var.db, found.id)) ?? found))
})

// Lift ----------------------------------------------------------------------------------------------------------------

importRoutes.get('/:id/lift', allow('responder'), async (c) => liftPage(c, await importOf(c)))

const LiftForm = z.strictObject({
  reason: z.string().trim().max(500, 'at most 500 characters').optional(),
  count: z.string().max(20).optional(),
})

importRoutes.post('/:id/lift', allow('responder'), async (c) => {
  const found = await importOf(c)
  const { reason, count } = await readForm(c, LiftForm)
  const { db, actor } = c.var
  const problem = countProblem(await countImported(db, found.id), count, 'blocks')
  if (problem) return liftPage(c, found, problem, 422)
  c.set('doneSoFar', PERHAPS_IN_PART)
  const lifted = await liftImport(db, found, reason || null, actor)
  if (lifted === 'refused') throw notAllowed('Only responders and owners lift blocks.')
  return goOn(c, pathOf(found.id), liftedToast(found.id, lifted, await countImported(db, found.id)), 'in-force')
})

async function liftPage(c: AppContext, found: NetworkImport, problem?: string, status: 200 | 422 = 200) {
  const blocks = await countImported(c.var.db, found.id)
  return c.html(<LiftImportPage page={await pageOf(c)} many={MANY} {...{ found, blocks, problem }} />, status)
}

importRoutes.get('/:id/report.csv', allow('responder'), async (c) => {
  const found = await importOf(c)
  const lines = await listImportLines(c.var.db, found.id, { limit: MOST_LINES })
  return c.body(reportOf(lines), 200, {
    'Content-Type': 'text/csv; charset=utf-8; header=present',
    'Content-Disposition': `attachment; filename="rollcall-import-${found.createdAt.toISOString().slice(0, 10)}.csv"`,
  })
})

const reportOf = (lines: ImportLine[]): string =>
  [
    csvLine(['line', 'written', 'network', 'reason', 'until', 'finding', 'detail', 'sessions', 'outcome', 'ended']),
    ...lines.map(({ line, written, network, reason, until, finding, detail, sessions, outcome, ended }) =>
      csvLine([line, written, network, reason, until, finding, detail, sessions, outcome, outcome && ended]),
    ),
  ].join('')

const pathOf = (id: ImportId) => `/admin/blocks/import/${id}`

async function importOf(c: AppContext): Promise<NetworkImport> {
  const id = uuid<ImportId>().safeParse(c.req.param('id'))
  const found = id.success ? await findImport(c.var.db, id.data) : undefined
  if (!found) throw notFound('import')
  return found
}
