import type { Terminal } from './terminal.js'

export interface Column<T> {
  title: string
  cell: (item: T) => string | number | null | undefined
  /** Never cut: another command wants it as it is. */
  whole?: boolean
}

const GAP = '  '
const NARROWEST = 8

/**
 * A table for people, as wide as the terminal: the widest columns are cut first, and the last ones left out where that
 * is not enough. Whole where it goes into a file or pipe.
 */
export function table<T>(terminal: Terminal, columns: readonly Column<T>[], items: readonly T[]): string {
  const rows = items.map((item) => columns.map(({ cell }) => printable(String(cell(item) ?? ''))))
  const widths = columns.map(({ title }, at) => Math.max(title.length, ...rows.map((row) => lengthOf(row[at] ?? ''))))
  if (terminal.columns !== undefined) narrow(widths, columns, terminal.columns)
  const line = (cells: string[]) =>
    widths
      .map((width, at) => padded(cells[at] ?? '', width))
      .join(GAP)
      .trimEnd()
  const head = line(columns.map(({ title }) => title))
  return `${[terminal.colour ? `\u001b[1m${head}\u001b[22m` : head, ...rows.map(line)].join('\n')}\n`
}

function narrow(widths: number[], columns: readonly { whole?: boolean }[], available: number) {
  while (widths.length > 1 && widths.reduce((sum, width) => sum + width + GAP.length, -GAP.length) > available) {
    const widest = Math.max(...widths.filter((_, at) => !columns[at]?.whole))
    if (widest <= NARROWEST) widths.pop()
    else widths[widths.findIndex((width, at) => width === widest && !columns[at]?.whole)] = widest - 1
  }
}

const lengthOf = (text: string) => [...text].length

function padded(text: string, width: number): string {
  const characters = [...text]
  if (characters.length > width) return `${characters.slice(0, width - 1).join('')}…`
  return text + ' '.repeat(width - characters.length)
}

/** What others wrote (names, user agents) must not steer the terminal: no escape sequence, no right-to-left override. */
export const printable = (text: string): string => text.replaceAll(/[\p{Cc}\p{Bidi_Control}\u2028\u2029]/gu, '\ufffd')

/** A list: a table, or with --json what the API answered. */
export function show<T>(
  terminal: Terminal,
  { json }: { json?: boolean },
  answer: { items: readonly T[]; next?: string | null },
  columns: readonly Column<T>[],
  none: string,
) {
  if (json) return showJson(terminal, answer)
  if (answer.items.length === 0) return terminal.err(`${none}\n`)
  terminal.out(table(terminal, columns, answer.items))
  if (answer.next) terminal.err(`There are more: --after ${answer.next}\n`)
}

export const showJson = (terminal: Terminal, answer: unknown) => terminal.out(`${JSON.stringify(answer, null, 2)}\n`)

/** What was done: a sentence, or with --json what the API answered. */
export function tell(terminal: Terminal, { json }: { json?: boolean }, answer: unknown, sentence: string) {
  if (json) showJson(terminal, answer)
  else terminal.out(`${printable(sentence)}\n`)
}

/** 2026-11-28 16:45, in UTC as the API says it. */
export const moment = (at: string | null | undefined) => at?.slice(0, 16).replace('T', ' ')
