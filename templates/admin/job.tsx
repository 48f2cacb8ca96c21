import type { Job } from '../../src/sessions/many/jobs.js'
import { Badge } from '../components/Badge.js'
import { ButtonLink, PostButton } from '../components/Button.js'
import { Card, Notice } from '../components/Card.js'
import { Facts } from '../components/Facts.js'
import { hx, type Page, usePage } from '../components/page.js'
import { ReceiptLines, type ReceiptProps } from '../components/Receipt.js'
import { Time } from '../components/Time.js'
import { Layout } from '../layout.js'
import { countText, numberText } from '../words.js'
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
      <div class="band narrow job">
        <Card title={title} line>
          <div class="stack">
            {endedNothing(job) ? <p>{nobodyLeft(job)}</p> : receipt && <ReceiptLines {...receipt} />}
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

/** "Sign-out of everyone", "Sign-out of everyone in Billing", "Sign-out of network 203.0.113.0/24" */
export function jobTitle({ kind, what }: Job): string {
  if (kind === 'filter') return `Sign-out of ${what}`
  return what === 'everyone' ? 'Sign-out of everyone' : `Sign-out of everyone in ${what}`
}

export function JobState({ job: { state } }: { job: Job }) {
  if (state === 'done') return <Badge tone="green">Done</Badge>
  return state === 'paused' ? <Badge tone="amber">Paused</Badge> : <Badge tone="indigo">Marking rows</Badge>
}

export const endedNothing = ({ set, state, marked }: Job) => set !== null && state === 'done' && marked === 0

/** What stands in the place of a receipt, which there is none of. */
export function nobodyLeft({ set }: Job): string {
  const before = set?.goneBefore ?? 0
  if (before > 1) return `Nobody was left to sign out: all ${numberText(before)} in the preview had gone before.`
  if (before === 1) return 'Nobody was left to sign out: the one in the preview had gone before.'
  const others = (set?.refused ?? 0) + (set?.spared ?? 0) > 0
  return `Nobody was left to sign out: ${others ? 'what matched was left alone' : 'nothing matched'}.`
}

/** Brought anew while it moves and is looked at; without script by the link. */
function Progress({ job }: { job: Job }) {
  const { path } = usePage()
  const { set, marked, state } = job
  return (
    <section class="card" id="job-progress" {...(state === 'running' ? asksAgain(path) : {})}>
      <div class="card-head" data-line>
        <h2>{state === 'done' ? 'Result' : 'Progress'}</h2>
        <JobState job={job} />
      </div>
      <div class="card-body stack">
        {state !== 'done' && (
          <progress
            class="progress"
            aria-label="Rows marked"
            {...(set ? { max: Math.max(1, set.total), value: marked + set.gone } : {})}
          />
        )}
        {set ? <Counts job={job} /> : <p>{countText(marked, 'row')} marked.</p>}
        <p class="muted">{MEANING[state]}</p>
        {state !== 'done' && <Steering job={job} />}
      </div>
      <p class="visually-hidden" id="job-said" role="status">
        {saidOf(job)}
      </p>
    </section>
  )
}

/** For who cannot see the bar, at each quarter: the numbers change every three seconds. */
function saidOf({ set, marked, state }: Job): string {
  if (state === 'done') return `Done: ${countText(marked, 'row')} marked`
  const quarters = set ? Math.floor((4 * (marked + set.gone)) / Math.max(1, set.total)) : 0
  const part = quarters > 0 ? `${25 * Math.min(quarters, 3)} % of the rows marked` : 'Rows are being marked'
  return state === 'paused' ? `Paused: ${part}` : part
}

const MEANING = {
  running:
    'All of these sessions are refused already. What goes on is that each row gets its end written, for lists and reports: you may leave this page.',
  paused: 'All of these sessions stay refused. Their rows get their end written when you resume.',
  done: 'Each session says when it ended, why, and by whom.',
}

function Counts({ job: { set, marked, state } }: { job: Job }) {
  if (!set) return null
  const left = set.total - set.gone - marked
  const facts: [string, string][] = [
    [state === 'done' ? 'Signed out' : 'Rows marked', numberText(marked)],
    ...(state === 'done' ? [] : [['Still to mark', numberText(left)] satisfies [string, string]]),
    ['Already gone', alreadyGone(set)],
    ['Left alone', leftAlone(set)],
  ]
  if (set.previewed !== null) facts.push(['In the preview', countText(set.previewed, 'session')])
  return <Facts facts={facts} />
}

/** Nobody looked them up at the preview, so the numbers are all there is to compare. */
function alreadyGone({ total, gone, previewed, goneBefore }: NonNullable<Job['set']>): string {
  const ended = total - gone
  if (goneBefore && goneBefore >= gone) {
    const of = ended === 0 ? `All ${numberText(goneBefore)}` : `At least ${numberText(goneBefore)} of those`
    return `${of} in the preview, ended by themselves or by somebody else`
  }
  if (gone > 0) return `${numberText(gone)}, ended by themselves or by somebody else`
  return ended > (previewed ?? ended) ? 'Not to be told: more matched than in the preview' : 'None'
}

function leftAlone({ refused, spared }: NonNullable<Job['set']>): string {
  const who = [
    refused > 0 && `${countText(refused, 'session')} of people that only an owner can sign out`,
    spared > 0 && 'the author’s own session',
  ].filter(Boolean)
  return who.length > 0 ? who.join(', ') : 'None'
}

function Steering({ job: { id, set, state } }: { job: Job }) {
  const { path, can } = usePage()
  return (
    <div class="act-foot">
      {state === 'running' && <ButtonLink href={path}>Look again</ButtonLink>}
      {set && can.revoke && state === 'running' && (
        <PostButton action={`/admin/jobs/${id}/pause`}>Pause marking</PostButton>
      )}
      {set && can.revoke && state === 'paused' && (
        <PostButton variant="primary" action={`/admin/jobs/${id}/resume`}>
          Resume marking
        </PostButton>
      )}
    </div>
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

/** Over the list of sessions: what is still being marked, so that whoever left finds it again. */
export function OpenJobs({ jobs }: { jobs: Job[] }) {
  return (
    <>
      {jobs.map((job) => (
        <Notice icon="log-out">
          <span class="spread">
            <span class="wrap">
              {jobTitle(job)}: {numberText(job.marked)} of {countText(job.set?.total ?? 0, 'row')} marked
              {job.state === 'paused' && ', paused'}
            </span>
            <a class="link" href={`/admin/jobs/${job.id}`}>
              See how far it is
            </a>
          </span>
        </Notice>
      ))}
    </>
  )
}
