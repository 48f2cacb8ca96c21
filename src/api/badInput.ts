import type { z } from 'zod'
import { badInput, notFound } from '../http/errors.js'

type Checked = { success: true } | { success: false; target: string; error: z.core.$ZodError }

/**
 * What a request that does not fit its schema gets: each field with its message. A path that can't name anything names
 * nothing.
 *
 * @throws PublicError
 */
export function badInputHook(checked: Checked): void {
  if (checked.success) return
  if (checked.target === 'param') throw notFound('id')
  throw badInput(
    checked.error.issues.flatMap((issue) => explain(issue, checked.target === 'query' ? 'parameter' : 'field')),
  )
}

const MOST_SHOWN = 20

function explain(issue: z.core.$ZodIssue, what: string): { path: string; message: string }[] {
  const path = issue.path.map(String)
  if (issue.code !== 'unrecognized_keys') return [{ path: show(path), message: issue.message }]
  return issue.keys
    .slice(0, MOST_SHOWN)
    .map((key) => ({ path: show([...path, key]), message: `is not a ${what} of this request` }))
}

const show = (path: string[]) => path.join('.').slice(0, 200).toWellFormed() || 'request'
