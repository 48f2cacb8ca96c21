import type { LateFollower, Receipt } from '../../src/sessions/receipts/summary.js'
import { numberText } from '../words.js'
import { Badge } from './Badge.js'
import { Icon, IconTile } from './Icon.js'
import { hx } from './page.js'
import {
  boundLine,
  isGreen,
  lateOf,
  lateText,
  noReceiptText,
  type ReceiptWord,
  receiptText,
  shortReceiptText,
} from './receiptWords.js'

export interface ReceiptProps {
  /** Of the act. */
  position: string
  word: ReceiptWord
  /** Undefined where nothing is known of it. */
  receipt: Receipt | undefined
  boundMs: number
}

/**
 * Within a toast. Asks again by itself until it is complete; without script it stays as it was when the page came. Until
 * then it comes anew each second, and `static/js/toast.js` says when it stands otherwise.
 */
export function ToastReceipt(props: ReceiptProps) {
  const { receipt, word, position, boundMs } = props
  const again = asksAgain(props, 'toast')
  return (
    <div class="receipt" id={`receipt-${position}`} data-state={stateOf(receipt)} aria-live={again && 'off'} {...again}>
      <StateTile receipt={receipt} />
      <p>{receipt ? `${receiptText(receipt, word)}${receipt.complete ? '.' : ''}` : noReceiptText(boundMs, word)}</p>
      {receipt && <Bars receipt={receipt} />}
      {receipt && lateOf(receipt).map((one) => <Late one={one} />)}
      {receipt && (
        <p class="receipt-foot">
          <span>{boundLine(receipt)}</span>
          <a class="link" href={`/admin/receipts/${position}/audit-entry`}>
            Open audit entry
          </a>
        </p>
      )}
    </div>
  )
}

/** The same in a line or two: in the drawer of an ended session, in an audit entry. */
export function ReceiptLines(props: ReceiptProps) {
  const { receipt, word, position, boundMs } = props
  const text = receipt ? receiptText(receipt, word) : noReceiptText(boundMs, word)
  return (
    <div class="receipt-lines" id={`lines-${position}`} {...asksAgain(props, 'lines')}>
      <p class="receipt-line" data-state={stateOf(receipt)}>
        <Icon name={receipt && isGreen(receipt) ? 'check' : 'clock'} size={14} />
        <span>{text}</span>
      </p>
      {receipt && lateOf(receipt).map((one) => <Late one={one} />)}
      {receipt && <p class="secondary">{boundLine(receipt)}.</p>}
    </div>
  )
}

/** For a row that is leaving the list. */
export function RowReceipt({ receipt }: { receipt: Receipt | undefined }) {
  if (!receipt) return null
  return (
    <span
      class="with-mark receipt-line"
      data-state={stateOf(receipt)}
      title={`${receiptText(receipt, 'refused')}. ${boundLine(receipt)}.`}
    >
      <Icon name={isGreen(receipt) ? 'check' : 'clock'} size={13} />
      <span class="clip">{shortReceiptText(receipt)}</span>
    </span>
  )
}

type State = 'green' | 'late' | 'waiting' | 'unknown'

function stateOf(receipt: Receipt | undefined): State {
  if (!receipt) return 'unknown'
  if (isGreen(receipt)) return 'green'
  return lateOf(receipt).length > 0 ? 'late' : 'waiting'
}

function asksAgain(
  { receipt, position, word }: ReceiptProps,
  shape: 'toast' | 'lines',
): Record<string, string> | undefined {
  if (!receipt || receipt.complete) return undefined
  return hx({
    get: `/admin/receipts/${position}?shape=${shape}&word=${word}`,
    // What is there after two seconds had no answer that took its place.
    trigger: 'load, every 2s',
    swap: 'outerHTML',
    headers: '{"Rollcall-Background":"1"}',
    'status:4xx': 'swap:none',
    'status:5xx': 'swap:none',
  })
}

function StateTile({ receipt }: { receipt: Receipt | undefined }) {
  const state = stateOf(receipt)
  return (
    <IconTile
      name={state === 'green' ? 'check' : 'clock'}
      tone={state === 'green' ? 'green' : state === 'late' ? 'amber' : undefined}
    />
  )
}

/** More would only be a texture. */
const MOST_BARS = 24

function Bars({ receipt: { nodes, apps } }: { receipt: Receipt }) {
  if (nodes.of + apps.of < 2) return null
  return (
    <div class="receipt-bars">
      <Bar name="Nodes" {...nodes} />
      {apps.of > 0 && <Bar name="App processes" {...apps} />}
    </div>
  )
}

function Bar({ name, have, of }: { name: string; have: number; of: number }) {
  return (
    <div>
      <p class="secondary">
        {name}, {numberText(have)} of {numberText(of)}
      </p>
      {of <= MOST_BARS && (
        <p class="receipt-bar" aria-hidden="true">
          {Array.from({ length: of }, (_, i) => (
            <span data-has={i < have ? '' : undefined} />
          ))}
        </p>
      )}
    </div>
  )
}

function Late({ one }: { one: LateFollower }) {
  return (
    <div class="receipt-late">
      <p class="wrap">
        <span class="mono">{one.name}</span>
        {one.app && ` (${one.app})`} {lateText(one)}
      </p>
      <Badge tone="amber">{badgeOf(one)}</Badge>
    </div>
  )
}

function badgeOf({ state, allowsCached }: LateFollower): string {
  if (state === 'waiting') return 'Not confirmed'
  return allowsCached ? 'May still accept' : 'Late, failing closed'
}
