import type { z } from 'zod'
import type { AppContext } from './env.js'
import { badInput, PublicError } from './errors.js'
import { readSearched } from './masking.js'

/** The largest form of ours ends 200 sessions at once. */
const MOST_FIELDS = 500

/**
 * The fields of a posted form, checked. One of them may hold a text file: its text is that field, its name the field
 * `<file>_name`, and `<file>_problem` why it can't be read.
 *
 * @throws PublicError 400 with a message for each field; also for fields the form does not have (S-53)
 */
export async function readForm<T extends z.ZodType>(
  c: AppContext,
  schema: T,
  { file }: { file?: string } = {},
): Promise<z.output<T>> {
  return check(schema, await rawForm(c, file))
}

/** @param anyWords nothing is looked for by them alone that is masked for who typed them */
export function readQuery<T extends z.ZodType>(
  c: AppContext,
  schema: T,
  { anyWords = false }: { anyWords?: boolean } = {},
): z.output<T> {
  const query: Record<string, string> = {}
  for (const [name, values] of Object.entries(c.req.queries())) {
    if (values.length > 1) throw badInput([{ path: name, message: 'is given more than once' }])
    if (values[0]?.includes('\0')) throw badInput([{ path: name, message: 'holds a NUL character' }])
    if (!values[0]) continue
    const searched = anyWords ? { value: values[0] } : readSearched(c, name, values[0])
    if ('problem' in searched) throw badInput([{ path: name, message: searched.problem }])
    query[name] = searched.value
  }
  return check(schema, query)
}

/** A part of an address that can't be read: what is wrong with it, in words. */
export interface Nonsense {
  field: string
  value: string
  message: string
}

/** What a list is asked for, as far as it can be read; the rest is left out, and named for the page to say. */
export function readListQuery<T extends z.ZodType>(
  c: AppContext,
  schema: T,
): { query: z.output<T>; nonsense: Nonsense[] } {
  const query: Record<string, string> = {}
  const nonsense: Nonsense[] = []
  for (const [field, [value = '', ...more]] of Object.entries(c.req.queries())) {
    if (more.length > 0) nonsense.push({ field, value: '', message: 'is given more than once' })
    else if (value.includes('\0')) nonsense.push({ field, value: '', message: 'holds a NUL character' })
    else if (value) {
      const searched = readSearched(c, field, value)
      if ('value' in searched) query[field] = searched.value
      else nonsense.push({ field, value, message: searched.problem })
    }
  }
  const parsed = schema.safeParse(query)
  if (parsed.success) return { query: parsed.data, nonsense }
  for (const { path: field, message } of parsed.error.issues.flatMap(inWords)) {
    if (query[field] !== undefined) nonsense.push({ field, value: query[field], message })
    delete query[field]
  }
  return { query: check(schema, query), nonsense }
}

export function check<T extends z.ZodType>(schema: T, input: unknown): z.output<T> {
  const parsed = schema.safeParse(input)
  if (parsed.success) return parsed.data
  throw badInput(parsed.error.issues.flatMap(inWords))
}

/** What our schemas say themselves stands; what the validator says in its own jargon is put in words for people. */
function inWords(issue: z.core.$ZodIssue): { path: string; message: string }[] {
  const path = issue.path.join('.') || 'request'
  if (issue.code === 'unrecognized_keys') return issue.keys.map((key) => ({ path: key, message: 'is not known here' }))
  if (issue.code === 'too_big' && issue.origin === 'string' && issue.message.startsWith('Too big'))
    return [{ path, message: `is longer than ${issue.maximum} characters` }]
  if (issue.code === 'invalid_type' && issue.message.startsWith('Invalid input'))
    return [
      { path, message: issue.message.endsWith('received undefined') ? 'is missing' : `must be ${issue.expected}` },
    ]
  return [{ path, message: issue.message }]
}

/** A field that is there several times is a list. */
async function rawForm(c: AppContext, file: string | undefined): Promise<Record<string, string | string[]>> {
  const type = c.req.header('content-type') ?? ''
  if (!/^application\/x-www-form-urlencoded\b|^multipart\/form-data\b/i.test(type)) {
    throw new PublicError(
      415,
      'not-a-form',
      'This address takes a form',
      'Send it as application/x-www-form-urlencoded. Nothing was changed.',
    )
  }
  const entries = [...(await readFields(c)).entries()]
  if (entries.length > MOST_FIELDS)
    throw badInput([{ path: 'request', message: `has ${entries.length} fields; at most ${MOST_FIELDS} are read` }])
  const fields: Record<string, string | string[]> = Object.create(null)
  for (const [name, sent] of entries) {
    const value = typeof sent === 'string' ? sent : name === file && (await textOf(sent))
    if (value === false) throw badInput([{ path: name, message: 'must be text, not a file' }])
    if (typeof sent !== 'string') fields[`${name}_name`] = sent.name
    if (value === undefined) {
      fields[`${name}_problem`] = 'This is not text in UTF-8. Save it as CSV in UTF-8, or as plain text.'
      continue
    }
    if (value.includes('\0')) throw badInput([{ path: name, message: 'holds a NUL character' }])
    const known = fields[name]
    if (Array.isArray(known)) known.push(value)
    else fields[name] = known === undefined ? value : [known, value]
  }
  return { ...fields }
}

async function readFields(c: AppContext): Promise<FormData> {
  try {
    return await c.req.formData()
  } catch (error) {
    // Of one that is too large, or whose sender has gone, something else is said.
    if (!(error instanceof TypeError)) throw error
    throw new PublicError(
      400,
      'bad-input',
      'The form can’t be read',
      'It is cut off, or not divided as its Content-Type says. Nothing was changed.',
    )
  }
}

/** @returns undefined for what is no UTF-8: half of the characters would be other ones than those that were meant */
async function textOf(file: Blob): Promise<string | undefined> {
  try {
    const text = new TextDecoder('utf-8', { fatal: true }).decode(await file.arrayBuffer())
    return text.includes('\0') ? undefined : text
  } catch {
    return undefined
  }
}
