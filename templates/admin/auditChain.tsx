import type { Child } from 'hono/jsx'
import type { ChainState, LastCheck } from '../../src/audit/checkChain.js'
import type { HeadCompared } from '../../src/audit/compareHead.js'
import type { ChainProblem } from '../../src/audit/verify.js'
import { Button, PostButton } from '../components/Button.js'
import { Card, Notice } from '../components/Card.js'
import { CopyLine, Facts } from '../components/Facts.js'
import { Field } from '../components/Field.js'
import { Icon } from '../components/Icon.js'
import { type Page, usePage } from '../components/page.js'
import { Layout } from '../layout.js'
import { absoluteText, countText, numberText, spanText } from '../words.js'

interface AuditChainProps {
  page: Page
  chain: ChainState
  /** A head as somebody noted it, and what came of the comparison. */
  noted: string | undefined
  compared: HeadCompared | undefined
}

/** What was verified of the audit log, what is wrong where, and the head to be noted elsewhere. */
export function AuditChainPage({ page, chain, noted, compared }: AuditChainProps) {
  const { last, running } = chain
  const { zone } = page.look
  return (
    <Layout
      page={page}
      nav="audit"
      title="Chain of the audit log"
      heading={
        <>
          <nav class="crumbs" aria-label="Where this is">
            <a href="/admin/audit">Audit log</a>
            <Icon name="chevron-right" />
            <span aria-current="page">Chain</span>
          </nav>
          <h1>Chain</h1>
        </>
      }
      subtitle="Whether the log still says what it said."
      refresh="/admin/audit/chain"
      refreshOn="audit"
      actions={
        page.can.block &&
        !running && (
          <PostButton action="/admin/audit/chain/check" variant="primary" icon="link">
            Verify now
          </PostButton>
        )
      }
    >
      <div class="settings-column">
        {running && (
          <Notice tone="indigo" icon="clock" title="The chain is being verified">
            <p>
              {countText(running.events, 'event')} so far, begun on {absoluteText(running.startedAt, zone)} by{' '}
              {running.by}.
            </p>
          </Notice>
        )}
        {last ? <Found last={last} /> : !running && <NotYet />}
        {last && last.report.problemCount > 0 && <Problems {...last.report} />}
        {last && <Checked last={last} />}
        <NotedHead noted={noted} compared={compared} whole={last?.report.problemCount === 0} />
      </div>
    </Layout>
  )
}

function Found({ last: { report, startedAt } }: { last: LastCheck }) {
  const { zone } = usePage().look
  const { problems, problemCount, events } = report
  if (problemCount === 0) {
    return (
      <Notice tone="green" icon="circle-check" title="Nothing was changed, removed, put in or moved">
        <p>
          {countText(events, 'event')}, all that were sealed by {absoluteText(startedAt, zone)}. Newer ones are sealed
          within seconds and verified next.
        </p>
      </Notice>
    )
  }
  const datedBack = problems.every(({ kind }) => kind === 'backdated')
  return (
    <Notice
      tone={datedBack ? 'amber' : 'red'}
      icon="triangle-alert"
      title={`${countText(problemCount, 'thing')} ${problemCount === 1 ? 'is' : 'are'} not as ${problemCount === 1 ? 'it' : 'they'} should be`}
    >
      <p>
        {datedBack
          ? 'An event that says a time long before it came into the log was written by hand, or the database’s clock was wrong.'
          : 'Somebody has changed the tables past Rollcall, or the disk did. Compare with a backup or an export, and look at who can reach the database.'}
      </p>
    </Notice>
  )
}

function NotYet() {
  return (
    <Notice icon="link" title="Not verified yet">
      <p>Rollcall verifies the chain by itself, within a minute of its start.</p>
    </Notice>
  )
}

const KINDS: Record<ChainProblem['kind'], string> = {
  changed: 'Says something else than when it was sealed',
  removed: 'Was written, and is gone',
  inserted: 'Was put in past the log',
  backdated: 'Came into the log long after the time that it says',
  'seal-changed': 'The seal was changed',
  'seal-removed': 'The seal is gone, with its events or without',
  'head-differs': 'The head is another one than was noted',
}

function Problems({ problems, problemCount }: { problems: ChainProblem[]; problemCount: number }) {
  return (
    <Card title="What is wrong, and where" line flush>
      <table class="table">
        <caption class="visually-hidden">What is wrong</caption>
        <thead>
          <tr>
            <th scope="col">What</th>
            <th scope="col">Event</th>
            <th scope="col">Seal</th>
          </tr>
        </thead>
        <tbody>
          {problems.map(({ kind, event, seal }) => (
            <tr>
              <td>{KINDS[kind]}</td>
              <td>
                {event === null ? (
                  <span class="muted">None by itself</span>
                ) : kind === 'removed' ? (
                  <span class="mono">{event}</span>
                ) : (
                  <a class="link mono" href={`/admin/audit/${event}`}>
                    {event}
                  </a>
                )}
              </td>
              <td>{seal === null ? <span class="muted">Not sealed</span> : numberText(seal)}</td>
            </tr>
          ))}
        </tbody>
      </table>
      {problemCount > problems.length && (
        <p class="card-body muted">And {countText(problemCount - problems.length, 'more', 'more')}.</p>
      )}
    </Card>
  )
}

function Checked({ last: { report, startedAt, finishedAt, by } }: { last: LastCheck }) {
  const { zone } = usePage().look
  const facts: [string, Child][] = [
    ['Verified', `${absoluteText(startedAt, zone)}, in ${spanText(finishedAt.getTime() - startedAt.getTime())}`],
    ['By', by],
    ['Events', numberText(report.events)],
    ['Seals', report.to === 0 ? 'None yet' : `${numberText(report.from)} to ${numberText(report.to)}`],
    ...(report.through ? [['Last seal', absoluteText(report.through, zone)] satisfies [string, Child]] : []),
    ...(report.head ? [['Head', <CopyLine text={report.head} what="head" />] satisfies [string, Child]] : []),
  ]
  return (
    <Card title="What was verified" line>
      <Facts facts={facts} />
    </Card>
  )
}

interface NotedHeadProps {
  noted: string | undefined
  compared: HeadCompared | undefined
  whole: boolean
}

/** A chain alone proves nothing against who can write all of it anew; a head that lies elsewhere does. */
function NotedHead({ noted, compared, whole }: NotedHeadProps) {
  return (
    <Card title="Compare with a head that you noted" line>
      <form class="stack" method="get" action="/admin/audit/chain">
        <p class="muted">
          Whoever may write to the database can write the whole chain anew. Note the head where they can’t reach it (a
          ticket, a mail to yourself): as long as the chain holds it, nothing before it has changed.
        </p>
        {compared && compared !== 'no-head' && <Compared compared={compared} whole={whole} />}
        <Field
          name="head"
          label="Head"
          value={noted}
          maxlength={200}
          autocomplete="off"
          spellcheck={false}
          error={compared === 'no-head' ? 'A head is a number, a dot and 64 letters and digits, as above.' : undefined}
        />
        <div>
          <Button>Compare head</Button>
        </div>
      </form>
    </Card>
  )
}

function Compared({ compared, whole }: { compared: Exclude<HeadCompared, 'no-head'>; whole: boolean }) {
  if (compared === 'differs') {
    return (
      <Notice tone="red" icon="triangle-alert" title="The chain does not hold this head">
        <p>It was written anew or cut off after the head was noted, or the head is of another Rollcall.</p>
      </Notice>
    )
  }
  if (compared === 'too-old') {
    return (
      <Notice tone="amber" icon="clock" title="This head is older than the log is kept">
        <p>Its events were removed when their time was over. Note a newer one.</p>
      </Notice>
    )
  }
  return (
    <Notice tone={whole ? 'green' : 'amber'} icon="circle-check" title="The chain holds this head">
      <p>
        {whole
          ? 'Nothing before it has changed since it was noted.'
          : 'What the verification found above is wrong all the same.'}
      </p>
    </Notice>
  )
}
