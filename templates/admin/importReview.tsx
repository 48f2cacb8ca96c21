import {
  FINDINGS,
  type Finding,
  type ImportLine,
  MOST_COUNTED_A_LINE,
  type NetworkImport,
} from '../../src/accounts/blocks/imports.js'
import { Badge } from '../components/Badge.js'
import { Button, ButtonLink } from '../components/Button.js'
import { Card, Notice } from '../components/Card.js'
import { Field } from '../components/Field.js'
import { Pager } from '../components/Pager.js'
import { inDialog, type Page, usePage } from '../components/page.js'
import { Chip, Chips, Count, Toolbar } from '../components/Toolbar.js'
import { Layout } from '../layout.js'
import { countText, momentText, numberText } from '../words.js'
import { ActHeading } from './actHeading.js'

interface ReviewProps {
  page: Page
  found: NetworkImport
  /** Of this page. */
  lines: ImportLine[]
  show?: Finding | undefined
  after?: number | undefined
  /** The last line of this page, where more follow. */
  next: number | undefined
  /** Of more networks than these the number is typed. */
  many: number
  problem?: string | undefined
}

/** Second step: what each line comes to, then what came of it. */
export function ImportReviewPage({ page, found, lines, show, after, next, many, problem }: ReviewProps) {
  const all = Object.values(found.findings).reduce((sum, n) => sum + n, 0)
  const shown = show ? (found.findings[show] ?? 0) : all
  return (
    <Layout
      page={page}
      nav="blocks"
      title={found.name}
      heading={
        <ActHeading
          from={[
            { href: '/admin/blocks', text: 'Blocks' },
            { href: '/admin/blocks/import', text: 'Block a list of networks' },
          ]}
          title={found.name}
        />
      }
      actions={
        <ButtonLink href={`${pathOf(found)}/report.csv`} download>
          Report as CSV
        </ButtonLink>
      }
    >
      <div class="import">
        {found.pending > 0 ? <Ask found={found} many={many} problem={problem} /> : <Done found={found} />}
      </div>
      <Toolbar>
        <Chips label="Lines">
          <Chip href={pathOf(found)} on={!show} count={all}>
            All lines
          </Chip>
          {FINDINGS.filter((finding) => found.findings[finding]).map((finding) => (
            <Chip href={`${pathOf(found)}?show=${finding}`} on={show === finding} count={found.findings[finding] ?? 0}>
              {finding === 'block' ? wantedText(found) : WORDS[finding]}
            </Chip>
          ))}
        </Chips>
        <Count n={shown} one="line" />
      </Toolbar>
      <Lines lines={lines} />
      <Pager
        newer={after ? linesPath(found, show) : null}
        older={next ? linesPath(found, show, next) : null}
        words={{ newer: 'From the beginning', older: 'Next' }}
      >
        In the order of the list
      </Pager>
    </Layout>
  )
}

const pathOf = ({ id }: NetworkImport) => `/admin/blocks/import/${id}`

function linesPath(found: NetworkImport, show: Finding | undefined, after?: number): string {
  const query = new URLSearchParams({ ...(show ? { show } : {}), ...(after ? { after: String(after) } : {}) })
  return query.size > 0 ? `${pathOf(found)}?${query}` : pathOf(found)
}

const WORDS: Record<Finding, string> = {
  block: 'To be blocked',
  overlaps: 'Overlap a block',
  'in-force': 'Blocked already',
  duplicate: 'Twice in the list',
  'own-address': 'Your own address',
  'owner-inside': 'An owner’s address',
  'too-wide': 'Too wide',
  malformed: 'Not readable',
}

/** What nothing stands against, before and after it was done. */
function wantedText({ pending, wanted, outcomes }: NetworkImport): string {
  if (pending === wanted) return WORDS.block
  return outcomes.blocked === wanted ? 'Blocked' : 'Not blocked before'
}

function Ask({ found, many, problem }: Pick<ReviewProps, 'found' | 'many' | 'problem'>) {
  const { pending, wanted, sessions, endSessions } = found
  const what = countText(pending, 'network')
  const begun = pending < wanted
  return (
    <Card title={begun ? `Block the other ${what}?` : `Block ${what}?`}>
      <form method="post" action={`${pathOf(found)}/apply`} class="import-form">
        <p>
          {sessions === 0 && !found.orMore ? 'Nobody is signed in from there now.' : <Hits found={found} />}{' '}
          {sessions > 0 && (endSessions ? 'They end for good.' : 'They are refused while the blocks hold.')} Refuses
          sign-in from there. Lines that are left out stay as they are.
        </p>
        {begun && (
          <Notice
            tone="amber"
            icon="info"
            title={`${numberText(wanted - pending)} of ${countText(wanted, 'network')} are done`}
          >
            <p>It was interrupted. Going on does the rest, and nothing twice.</p>
          </Notice>
        )}
        {pending > many && (
          <Field
            name="count"
            label={`Type ${pending} to go on`}
            required
            inputmode="numeric"
            autocomplete="off"
            data-typed
            error={problem}
            hint="The number of networks."
          />
        )}
        <div class="row">
          <Button variant="danger-solid" icon="ban">
            Block {what}
          </Button>
          <ButtonLink href="/admin/blocks">Cancel</ButtonLink>
        </div>
      </form>
    </Card>
  )
}

const Hits = ({ found: { sessions, orMore } }: { found: NetworkImport }) => (
  <>
    Line by line they hit <strong>{countText(sessions, 'live session')}</strong>
    {orMore && ' or more'}.
  </>
)

function Done({ found }: { found: NetworkImport }) {
  const { outcomes, ended, wanted } = found
  const { blocked, kept, refused } = outcomes
  if (wanted === 0) {
    return (
      <Notice tone="amber" icon="info" title="Nothing in this list is to be blocked">
        <p>Each line says why.</p>
      </Notice>
    )
  }
  const rest = [
    ended > 0 && `${countText(ended, 'session')} ended.`,
    kept > 0 && `${countText(kept, 'network')} had been blocked in the meantime.`,
    refused > 0 && `${countText(refused, 'network')} left out in the end: those lines say why.`,
  ]
  return (
    <Notice
      tone={refused > 0 ? 'amber' : 'green'}
      icon={refused > 0 ? 'info' : 'check'}
      title={`${countText(blocked, 'network')} blocked`}
    >
      <p>{rest.filter(Boolean).join(' ') || 'All of them by this list.'}</p>
      {blocked > 0 && (
        <div class="row notice-actions">
          <ButtonLink size="small" icon="lock-open" {...inDialog(`${pathOf(found)}/lift`)}>
            Lift its blocks…
          </ButtonLink>
        </div>
      )}
    </Notice>
  )
}

function Lines({ lines }: { lines: ImportLine[] }) {
  return (
    <div class="table-card">
      <table class="table import-table" data-cards>
        <caption class="visually-hidden">Lines of the list</caption>
        <thead>
          <tr>
            <th scope="col">Line</th>
            <th scope="col">Network</th>
            <th scope="col">Result</th>
            <th scope="col">Why</th>
            <th scope="col">Until</th>
            <th scope="col">Sessions</th>
          </tr>
        </thead>
        <tbody>
          {lines.map((line) => (
            <Line line={line} />
          ))}
        </tbody>
      </table>
    </div>
  )
}

function Line({
  line: { line, written, network, reason, until, finding, detail, sessions, outcome, ended },
}: {
  line: ImportLine
}) {
  const { now, look } = usePage()
  const isIn = finding === 'block' || finding === 'overlaps'
  return (
    <tr id={`l-${line}`}>
      <td data-label="Line">{line}</td>
      <th scope="row" data-label="Network">
        <span class="mono wrap">{network ?? written}</span>
      </th>
      <td data-label="Result">
        <div class="import-result">
          <Result finding={finding} outcome={outcome} />
          {detail && <span class="muted wrap">{detail}</span>}
        </div>
      </td>
      <td data-label="Why">{isIn ? <span class="wrap b-reason">{reason}</span> : <span class="muted">–</span>}</td>
      <td data-label="Until">
        {isIn ? until ? momentText(until, now, look.zone) : 'Until lifted' : <span class="muted">–</span>}
      </td>
      <td data-label="Sessions">
        {outcome === 'blocked' ? (
          `${numberText(ended)} ended`
        ) : sessions === null ? (
          <span class="muted">–</span>
        ) : (
          atLeast(sessions)
        )}
      </td>
    </tr>
  )
}

const atLeast = (sessions: number) => `${numberText(sessions)}${sessions >= MOST_COUNTED_A_LINE ? ' or more' : ''}`

function Result({ finding, outcome }: Pick<ImportLine, 'finding' | 'outcome'>) {
  if (outcome === 'blocked') {
    return (
      <Badge tone="red" icon="ban">
        Blocked
      </Badge>
    )
  }
  if (outcome) return <Badge tone="amber">{outcome === 'kept' ? 'Blocked already' : 'Left out'}</Badge>
  if (finding === 'block' || finding === 'overlaps') return <Badge tone="outline">{WORDS[finding]}</Badge>
  return <Badge tone={finding === 'malformed' ? 'red' : 'amber'}>{WORDS[finding]}</Badge>
}
