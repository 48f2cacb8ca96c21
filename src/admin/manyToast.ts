import type { ReceiptWord } from '../../templates/components/receiptWords.js'
import type { ToastProps } from '../../templates/components/Toast.js'
import { countText } from '../../templates/words.js'
import { TERMS_PROBLEMS } from '../accounts/blocks/blockTerms.js'
import type { Outcome } from '../accounts/manyAccounts.js'
import type { AccountSummary } from '../accounts/types.js'
import { REFUSALS } from './accountsOf.js'
import { undoBlocks } from './undo.js'

export interface ManyWords {
  /** After "are": "blocked". */
  done: string
  /** What those were that nothing had to be done to. */
  already?: string
  receipt: ReceiptWord
}

/** Of those that were blocked, in the order in which they were. */
const blocksIn = (outcomes: Outcome[]) =>
  outcomes.flatMap((one) => (one.status === 'done' && one.block ? [one.block] : []))

const NAMED = 3

/** What was done to many accounts, in the words of the person who did it: how many, who was left out and why. */
export function manyToast(outcomes: Outcome[], words: ManyWords, accounts: AccountSummary[]): ToastProps {
  const done = outcomes.flatMap((one) => (one.status === 'done' ? [one] : []))
  const already = outcomes.filter(({ status }) => status === 'already').length
  const gone = outcomes.filter(({ status }) => status === 'gone').length
  const leftOut = outcomes.flatMap((one) => (one.status === 'left-out' ? [one] : []))
  const ended = done.reduce((sum, one) => sum + one.ended, 0)
  const nameOf = new Map(accounts.map(({ id, name }) => [id, name.slice(0, 60)]))
  const names = leftOut.slice(0, NAMED).map(({ id, why }) => `${nameOf.get(id) ?? 'One'}: ${inWords(why)}`)
  const text = [
    ended > 0 && `${countText(ended, 'session')} ended.`,
    already > 0 && words.already && `${countText(already, 'other')} ${are(already)} ${words.already}.`,
    gone > 0 && `${countText(gone, 'account')} ${are(gone)} not there any more.`,
    leftOut.length > 0 && `Left out: ${names.join(' ')}`,
    leftOut.length > NAMED && `And ${countText(leftOut.length - NAMED, 'other')}.`,
  ]
  return {
    tone: leftOut.length > 0 ? 'amber' : 'green',
    title: `${countText(done.length, 'account')} ${are(done.length)} ${words.done}`,
    text: text.filter(Boolean).join(' ').slice(0, 500) || undefined,
    undo: undoBlocks(blocksIn(outcomes)),
  }
}

const are = (n: number) => (n === 1 ? 'is' : 'are')

const WHY = { ...REFUSALS, ...TERMS_PROBLEMS }
const inWords = (why: keyof typeof WHY) => WHY[why]
