import type { Job } from '../../src/sessions/jobs.js'
import { Badge } from '../components/Badge.js'
import { ButtonLink } from '../components/Button.js'
import { Card } from '../components/Card.js'
import { Facts } from '../components/Facts.js'
import { hx, type Page, usePage } from '../components/page.js'
import { ReceiptLines, type ReceiptProps } from '../components/Receipt.js'
import { Time } from '../components/Time.js'
import { Layout } from '../layout.js'
import { countText } from '../words.js'
import { ActHeading } from './actHeading.js'

interface JobProps {
  page: Page
  job: Job
  receipt: ReceiptProps | undefined
}

/** One act that ended many: that it holds, and how far the rows are. One may leave and come back. */
export function JobPage({ page, job, receipt }: JobProps) {
  const title = jobTitle(job)
  return (
    <Layout page={page} nav="sessions" title={title} heading={<ActHeading from={FROM} title={title} />}>
      <div class="band narrow">
        <Card title={title} aside={<JobState job={job} />} line>
          <div class="stack">
            {receipt && <ReceiptLines {...receipt} />}
            <Facts
              facts={[
                ['By', job.by.name],
                ['When', <Time at={job.at} />],
                ['Reason', job.reason ?? 'None given'],
              ]}
            />
          </div>
        </Card>
        <Progress job={job} />
      </div>
    </Layout>
  )
}

const FROM = [
  { href: '/admin/sessions', text: 'Sessions' },
  { href: '/admin/jobs', text: 'Mass sign-outs' },
]

/** "Sign-out of everyone", "Sign-out of everyone in Billing" */
export const jobTitle = ({ what }: Job): string =>
  what === 'everyone' ? 'Sign-out of everyone' : `Sign-out of everyone in ${what}`

export function JobState({ job }: { job: Job }) {
  return job.state === 'done' ? <Badge tone="green">Done</Badge> : <Badge tone="indigo">Marking rows</Badge>
}

/** Brought anew while it moves and is looked at; without script by the link. */
function Progress({ job }: { job: Job }) {
  const { path } = usePage()
  const running = job.state === 'running'
  return (
    <section class="card" id="job-progress" aria-live="polite" {...(running ? asksAgain(path) : {})}>
      <div class="card-body stack">
        {running && <progress class="progress" aria-label="Rows marked" />}
        <p>
          {running ? `${countText(job.marked, 'row')} marked so far. ` : `${countText(job.marked, 'row')} marked. `}
          <span class="muted">
            {running
              ? 'All of these sessions are refused already: what goes on is that lists and the log of each are written. You may leave this page.'
              : 'Each session says when it ended, why, and by whom.'}
          </span>
        </p>
        {running && (
          <div>
            <ButtonLink href={path}>Look again</ButtonLink>
          </div>
        )}
      </div>
    </section>
  )
}

const asksAgain = (path: string) =>
  hx({
    get: path,
    trigger: 'rollcall:beat from:body',
    select: '#job-progress',
    swap: 'outerMorph',
    headers: '{"Rollcall-Background":"1"}',
    'status:4xx': 'swap:none',
    'status:5xx': 'swap:none',
  })
