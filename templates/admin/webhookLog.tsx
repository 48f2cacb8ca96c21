import type { LogQuery } from '../../src/admin/settingsWebhooks.js'
import type { Page as ListPage } from '../../src/db/page.js'
import type { Nonsense } from '../../src/http/parse.js'
import type { Delivery } from '../../src/webhooks/log.js'
import { Badge } from '../components/Badge.js'
import { Button, PostButton } from '../components/Button.js'
import { NonsenseChips, NonsenseNotes } from '../components/Nonsense.js'
import { Pager } from '../components/Pager.js'
import { usePage } from '../components/page.js'
import { EmptyState } from '../components/States.js'
import { Time } from '../components/Time.js'
import { Chip, Chips, Toolbar } from '../components/Toolbar.js'
import { numberText } from '../words.js'

interface DeliveryLogProps {
  /** The page of the webhook. */
  here: string
  log: ListPage<Delivery>
  query: LogQuery
  nonsense: Nonsense[]
  disabled: boolean
}

const STATES = [
  [undefined, 'All'],
  ['pending', 'Waiting'],
  ['delivered', 'Delivered'],
  ['given-up', 'Given up'],
] as const

/** What was sent in the last 30 days, newest first. */
export function DeliveryLog({ here, log, query, nonsense, disabled }: DeliveryLogProps) {
  const at = (more: Record<string, string | undefined>) => pathOf(here, { state: query.state, ...more })
  return (
    <section class="deliveries" aria-labelledby="deliveries-title">
      <h2 id="deliveries-title">Deliveries</h2>
      <NonsenseNotes nonsense={nonsense} />
      <Toolbar>
        <Chips label="State">
          {STATES.map(([state, label]) => (
            <Chip href={pathOf(here, { state })} on={query.state === state}>
              {label}
            </Chip>
          ))}
        </Chips>
        <NonsenseChips nonsense={nonsense} />
        {!disabled && <ReplayFailed here={here} />}
      </Toolbar>
      {log.items.length > 0 ? <Table here={here} items={log.items} disabled={disabled} /> : <Nothing />}
      <Pager newer={log.previous && at({ before: log.previous })} older={log.next && at({ after: log.next })}>
        Newest first
      </Pager>
    </section>
  )
}

function pathOf(here: string, query: Record<string, string | undefined>): string {
  const set = Object.entries(query).filter((one): one is [string, string] => one[1] !== undefined)
  return set.length > 0 ? `${here}?${new URLSearchParams(set)}` : here
}

function ReplayFailed({ here }: { here: string }) {
  return (
    <form method="post" action={`${here}/replay`}>
      <select class="select" name="since" aria-label="Given up in the last">
        <option value="1h">Last hour</option>
        <option value="24h" selected>
          Last 24 hours
        </option>
        <option value="7d">Last 7 days</option>
        <option value="30d">Last 30 days</option>
      </select>
      <Button icon="history">Send what was given up</Button>
    </form>
  )
}

function Nothing() {
  return (
    <div class="card">
      <EmptyState icon="history" title="Nothing was sent" small>
        What is sent here appears with what was answered, for 30 days.
      </EmptyState>
    </div>
  )
}

function Table({ here, items, disabled }: { here: string; items: Delivery[]; disabled: boolean }) {
  return (
    <div class="table-card">
      <table class="table deliveries-table" data-cards>
        <caption class="visually-hidden">Deliveries, newest first</caption>
        <thead>
          <tr>
            <th scope="col">Event</th>
            <th scope="col">When</th>
            <th scope="col">State</th>
            <th scope="col">Answer</th>
            <th scope="col">Tries</th>
            <th scope="col">Next try</th>
            <th scope="col">
              <span class="visually-hidden">Actions</span>
            </th>
          </tr>
        </thead>
        <tbody>
          {items.map((delivery) => (
            <Row here={here} delivery={delivery} disabled={disabled} />
          ))}
        </tbody>
      </table>
    </div>
  )
}

function Row({ here, delivery, disabled }: { here: string; delivery: Delivery; disabled: boolean }) {
  const { id, messageId, type, at, attempts, nextAt } = delivery
  const isTest = type === 'rollcall.test'
  return (
    <tr id={`d-${id}`}>
      <th scope="row" class="k-name">
        <div class="cell-two">
          <span class="mono clip">
            {type}
            {isTest && (
              <>
                {' '}
                <Badge inline>Test</Badge>
              </>
            )}
          </span>
          <span class="mono clip muted" title={messageId}>
            {messageId}
          </span>
        </div>
      </th>
      <td data-label="When">
        <Time at={at} />
      </td>
      <td data-label="State">
        <State state={delivery.state} attempts={attempts} isTest={isTest} />
      </td>
      <td data-label="Answer">
        <AnswerCell delivery={delivery} />
      </td>
      <td data-label="Tries">{numberText(attempts)}</td>
      <td data-label="Next try">
        <NextTry at={nextAt} />
      </td>
      <td class="end">
        {!disabled && !isTest && (
          <PostButton size="small" action={`${here}/replay`} hidden={{ delivery: String(id) }}>
            Send again<span class="visually-hidden"> {messageId}</span>
          </PostButton>
        )}
      </td>
    </tr>
  )
}

function NextTry({ at }: { at: Date | null }) {
  const { now } = usePage()
  if (!at) return <span class="muted">None</span>
  return at > now ? <Time at={at} /> : <span>At its turn</span>
}

function State({ state, attempts, isTest }: Pick<Delivery, 'state' | 'attempts'> & { isTest: boolean }) {
  if (state === 'delivered') return <Badge tone="green">Delivered</Badge>
  if (state === 'given-up') return <Badge tone="red">{isTest ? 'Failed' : 'Given up'}</Badge>
  return attempts > 0 ? <Badge tone="amber">Failed, waiting</Badge> : <Badge>Waiting</Badge>
}

function AnswerCell({ delivery: { status, durationMs, answer, problem } }: { delivery: Delivery }) {
  if (status === null && !problem) return <span class="muted">None yet</span>
  const first = status === null ? problem : `${status} after ${numberText(durationMs ?? 0)} ms`
  return (
    <div class="cell-two">
      <span class="clip" title={problem ?? undefined}>
        {first}
      </span>
      {answer && (
        <span class="mono clip muted" title={answer.slice(0, 300)}>
          {answer.slice(0, 300)}
        </span>
      )}
    </div>
  )
}
