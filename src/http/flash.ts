import { z } from 'zod'
import type { ReceiptWord } from '../../templates/components/receiptWords.js'
import type { ToastProps } from '../../templates/components/Toast.js'
import { type Position, readPosition } from '../sessions/log/positions.js'
import { isSecure, readCookie } from './cookies.js'
import type { AppContext } from './env.js'

// A path of ours alone: the cookie could come from a neighbouring host.
const link = z.strictObject({
  href: z.string().regex(/^\/(admin|account)\/[\w/-]*(\?[\w=&-]*)?$/),
  text: z.string().max(160),
})

const Flash = z.strictObject({
  tone: z.enum(['green', 'amber', 'red']),
  title: z.string().max(300),
  text: z.string().max(500).optional(),
  link: link.optional(),
  undo: z.strictObject({ gives: z.string().max(200), links: z.array(link).max(2) }).optional(),
  act: z
    .strictObject({
      position: z.string().transform((text, context) => {
        const position = readPosition(text)
        if (position === undefined) context.addIssue({ code: 'custom', message: 'is no position' })
        return position ?? z.NEVER
      }),
      word: z.enum(['refused', 'in-force']),
    })
    .optional(),
})

/** A toast, and the act of which the next page is to show the receipt. */
export interface Flashed extends Omit<ToastProps, 'receipt'> {
  act?: { position: Position; word: ReceiptWord } | undefined
}

const name = (c: AppContext) => (isSecure(c) ? '__Host-rollcall-flash' : 'rollcall-flash')

/** Says on the next page what this request did: post, redirect, get. */
export function setToast(c: AppContext, toast: Flashed): void {
  const value = Buffer.from(JSON.stringify(toast)).toString('base64url')
  write(c, value, 30)
}

/** What the request before this one did; said once. */
export function takeToast(c: AppContext): Flashed | undefined {
  const value = readCookie(c.req.header('cookie'), name(c))
  if (!value) return undefined
  write(c, '', 0)
  try {
    return Flash.safeParse(JSON.parse(Buffer.from(value, 'base64url').toString('utf8'))).data as Flashed | undefined
  } catch {
    return undefined
  }
}

/** With who refuses by now what the act ended. What can't be read is said to be unknown. */
export async function withReceipt(c: AppContext, { act, ...toast }: Flashed): Promise<ToastProps> {
  if (!act) return toast
  const { receipts, node } = c.var
  const receipt = await receipts.read(act.position).catch(() => undefined)
  return { ...toast, receipt: { ...act, receipt, boundMs: node.leaseMs } }
}

function write(c: AppContext, value: string, maxAge: number) {
  const secure = isSecure(c) ? '; Secure' : ''
  c.header('Set-Cookie', `${name(c)}=${value}; Path=/; Max-Age=${maxAge}; HttpOnly; SameSite=Lax${secure}`, {
    append: true,
  })
}
