import { z } from 'zod'
import type { ToastProps } from '../../templates/components/Toast.js'
import { isSecure, readCookie } from './cookies.js'
import type { AppContext } from './env.js'

const Flash = z.strictObject({
  tone: z.enum(['green', 'amber', 'red']),
  title: z.string().max(300),
  text: z.string().max(500).optional(),
  // A path of ours alone: the cookie could come from a neighbouring host.
  link: z.strictObject({ href: z.string().regex(/^\/(admin|account)\/[\w/-]*$/), text: z.string().max(80) }).optional(),
})

const name = (c: AppContext) => (isSecure(c) ? '__Host-rollcall-flash' : 'rollcall-flash')

/** Says on the next page what this request did: post, redirect, get. */
export function setToast(c: AppContext, toast: ToastProps): void {
  const value = Buffer.from(JSON.stringify(toast)).toString('base64url')
  write(c, value, 30)
}

/** What the request before this one did; said once. */
export function takeToast(c: AppContext): ToastProps | undefined {
  const value = readCookie(c.req.header('cookie'), name(c))
  if (!value) return undefined
  write(c, '', 0)
  try {
    return Flash.safeParse(JSON.parse(Buffer.from(value, 'base64url').toString('utf8'))).data as ToastProps | undefined
  } catch {
    return undefined
  }
}

function write(c: AppContext, value: string, maxAge: number) {
  const secure = isSecure(c) ? '; Secure' : ''
  c.header('Set-Cookie', `${name(c)}=${value}; Path=/; Max-Age=${maxAge}; HttpOnly; SameSite=Lax${secure}`, {
    append: true,
  })
}
