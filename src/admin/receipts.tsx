import { Hono } from 'hono'
import { z } from 'zod'
import { PageProvider } from '../../templates/components/page.js'
import { ReceiptLines, type ReceiptProps, ToastReceipt } from '../../templates/components/Receipt.js'
import type { ReceiptWord } from '../../templates/components/receiptWords.js'
import { findAuditEventOfAct } from '../audit/list.js'
import { allow } from '../http/authorise.js'
import type { AppContext, AppEnv } from '../http/env.js'
import { notFound } from '../http/errors.js'
import { pageWithoutDatabase } from '../http/page.js'
import { readQuery } from '../http/parse.js'
import { type Position, readPosition } from '../sessions/log/positions.js'

/** The page asks again after it, so a late process and what is left of its lease are said soon. */
const LONGEST_WAIT_MS = 800

export const receiptsRoutes = new Hono<AppEnv>()

/** For pages about one act; undefined where none is. */
export async function receiptOf(
  c: AppContext,
  position: Position | null | undefined,
  word: ReceiptWord = 'refused',
): Promise<ReceiptProps | undefined> {
  if (!position) return undefined
  const receipt = (await c.var.receipts.readMany([position])).get(position)
  return { position, word, receipt, boundMs: c.var.node.leaseMs }
}

const ReceiptQuery = z.strictObject({
  shape: z.enum(['toast', 'lines'], 'must be toast or lines'),
  word: z.enum(['refused', 'in-force'], 'must be refused or in-force'),
})

/** A part of an open page: answers once the receipt is complete, or after a moment. */
receiptsRoutes.get('/:position', allow('viewer'), async (c) => {
  const { shape, word } = readQuery(c, ReceiptQuery)
  const position = positionOf(c)
  const { receipts, node } = c.var
  const receipt = await receipts.until(position, LONGEST_WAIT_MS)
  // The rows that are leaving say it too.
  if (receipt?.complete) c.header('HX-Trigger', 'rollcall:receipt')
  const props: ReceiptProps = { position, word, receipt, boundMs: node.leaseMs }
  return c.html(
    <PageProvider page={pageWithoutDatabase(c)}>
      {shape === 'toast' ? <ToastReceipt {...props} /> : <ReceiptLines {...props} />}
    </PageProvider>,
  )
})

receiptsRoutes.get('/:position/audit-entry', allow('viewer'), async (c) => {
  const event = await findAuditEventOfAct(c.var.db, positionOf(c))
  return c.redirect(event ? `/admin/audit/${event.id}` : '/admin/audit', 303)
})

function positionOf(c: AppContext): Position {
  const position = readPosition(c.req.param('position') ?? '')
  if (!position) throw notFound('receipt')
  return position
}
