import { type BlockTerms, TERMS_PROBLEMS, termsProblem } from './blockTerms.js'
import type { ListedNetwork } from './imports.js'
import { readNetwork } from './networkReach.js'
import { readCsv } from './readCsv.js'

export const MOST_LINES = 10_000
const LONGEST_REASON = 500
const SHOWN = 200

/**
 * Reads a list of networks: `network[,reason[,until]]` a line, or columns in any order under their names. What is wrong
 * with a line is said of that line, and the others are read all the same.
 *
 * @param terms for lines that name no reason or no end
 * @param now the database's time
 * @returns `problem` where there is no list
 */
export function readNetworkList(text: string, terms: BlockTerms, now: Date): ListedNetwork[] | { problem: string } {
  const listed: ListedNetwork[] = []
  const firstAt = new Map<string, number>()
  let columns: Columns = { network: 0, reason: 1, until: 2, most: 3 }
  let isFirst = true
  for (const { line, fields, isBroken } of readCsv(text)) {
    const named = isFirst && !isBroken ? readHeader(fields) : undefined
    isFirst = false
    if (named) {
      columns = named
      continue
    }
    if (listed.length === MOST_LINES)
      return { problem: `The list has more than ${MOST_LINES.toLocaleString('en-GB')} networks. Split it.` }
    const written = fields.join(',').replaceAll(/\s+/g, ' ').trim().slice(0, SHOWN)
    const one: ListedNetwork = { line, written, network: null, reason: terms.reason, until: terms.until ?? null }
    const problem = isBroken
      ? 'A quotation mark in it is not closed, or stands in the middle of a field.'
      : readFields(fields, columns, one, now)
    if (problem) one.problem = { finding: 'malformed', detail: problem }
    else if (one.network !== null) {
      const first = firstAt.get(one.network)
      if (first === undefined) firstAt.set(one.network, line)
      else one.problem = { finding: 'duplicate', detail: `The same network as in line ${first}.` }
    }
    listed.push(one)
  }
  return listed.length > 0 ? listed : { problem: 'There is no network in it: nothing but comments and blank lines.' }
}

interface Columns {
  network: number
  reason: number
  until: number
  /** More fields than these are a mistake; Infinity where other columns have names. */
  most: number
}

const NAMES = {
  network: ['network', 'networks', 'cidr', 'ip', 'address', 'range', 'prefix'],
  reason: ['reason', 'comment', 'note', 'description'],
  until: ['until', 'expires', 'end'],
}

/** @returns undefined for what is a line like any other */
function readHeader(fields: string[]): Columns | undefined {
  const names = fields.map((field) => field.trim().toLowerCase())
  const find = (known: string[]) => names.findIndex((name) => known.includes(name))
  const network = find(NAMES.network)
  if (network < 0) return undefined
  return { network, reason: find(NAMES.reason), until: find(NAMES.until), most: Number.POSITIVE_INFINITY }
}

/** @returns what is wrong with the line, in words */
function readFields(fields: string[], columns: Columns, into: ListedNetwork, now: Date): string | undefined {
  if (fields.length > columns.most && fields.slice(columns.most).some((field) => field.trim() !== ''))
    return `It has ${fields.length} columns; network, reason and until are read. A reason with a comma in it goes in quotation marks.`
  // "203.0.113.0/24 ; SBL1234": how some public lists write their notes.
  const typed = (fields[columns.network] ?? '').replace(/\s*[#;].*$/s, '').trim()
  if (typed === '') return 'It names no network.'
  const read = readNetwork(typed)
  if ('problem' in read) return read.problem
  into.network = read.network
  const reason = (fields[columns.reason] ?? '').trim()
  if (reason.length > LONGEST_REASON) return `Its reason is longer than ${LONGEST_REASON} characters.`
  if (reason !== '') into.reason = reason
  const until = (fields[columns.until] ?? '').trim()
  if (until !== '') {
    const time = readTime(until)
    if (!time) return `"${until.slice(0, 40)}" is no time: write it like 2026-12-31 or 2026-12-31T18:00Z.`
    into.until = time
  }
  const wrong = termsProblem(into, now)
  return wrong && TERMS_PROBLEMS[wrong]
}

const TIME = /^(\d{4}-\d\d-\d\d)(?:[T ](\d\d:\d\d(?::\d\d)?(?:\.\d+)?)\s*(Z|UTC|[+-]\d\d:?\d\d)?)?$/i

/** A day means its beginning; without a zone it is UTC. */
function readTime(text: string): Date | undefined {
  const [, day, clock = '00:00', zone = 'Z'] = TIME.exec(text) ?? []
  if (day === undefined) return undefined
  const offset = /^(z|utc)$/i.test(zone) ? 'Z' : zone.includes(':') ? zone : `${zone.slice(0, 3)}:${zone.slice(3)}`
  const time = new Date(`${day}T${clock}${offset}`)
  const midnight = new Date(`${day}T00:00Z`)
  if (Number.isNaN(time.getTime()) || Number.isNaN(midnight.getTime())) return undefined
  // To JavaScript 31 February is in March; to whoever wrote it, it is a mistake.
  return midnight.toISOString().startsWith(day) ? time : undefined
}
