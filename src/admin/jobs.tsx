import { Hono } from 'hono'
import { z } from 'zod'
import { JobPage } from '../../templates/admin/job.js'
import { JobsPage } from '../../templates/admin/jobs.js'
import { type JobId, uuid } from '../db/ids.js'
import { allow } from '../http/authorise.js'
import type { AppContext, AppEnv } from '../http/env.js'
import { notFound } from '../http/errors.js'
import { pageOf } from '../http/page.js'
import { readForm } from '../http/parse.js'
import { findJob, type Job, listJobs } from '../sessions/many/jobs.js'
import { steerJob } from '../sessions/many/steerJob.js'
import { goOn } from './goOn.js'
import { receiptOf } from './receipts.js'

/** What ended many sessions at once, and how far it is. */
export const jobsRoutes = new Hono<AppEnv>()

jobsRoutes.get('/', allow('viewer'), async (c) =>
  c.html(<JobsPage page={await pageOf(c)} jobs={await listJobs(c.var.db)} />),
)

jobsRoutes.get('/:id', allow('viewer'), async (c) => {
  const job = await jobOf(c)
  const receipt = await receiptOf(c, job.position)
  return c.html(<JobPage page={await pageOf(c)} job={job} receipt={receipt} />)
})

for (const [act, to] of [
  ['pause', 'paused'],
  ['resume', 'running'],
] as const) {
  jobsRoutes.post(`/:id/${act}`, allow('responder'), async (c) => {
    const job = await jobOf(c)
    await readForm(c, z.strictObject({}))
    const changed = job.set !== null && (await steerJob(c.var.db, job.id as JobId, to, c.var.actor))
    return goOn(c, `/admin/jobs/${job.id}`, changed ? undefined : { tone: 'amber', title: 'Nothing was changed' })
  })
}

async function jobOf(c: AppContext): Promise<Job> {
  const id = uuid().safeParse(c.req.param('id'))
  const job = id.success ? await findJob(c.var.db, id.data) : undefined
  if (!job) throw notFound('job')
  return job
}
