/** What stands in one column of one row. */
export type Cell = string | number | boolean | Date | null | undefined

/** The columns of a list that is taken along, by their names, in order. */
export type Columns<T> = readonly (readonly [name: string, cell: (item: T) => Cell])[]

/** How a list is written, line by line. */
export interface Format<T> {
  /** Media type. */
  type: string
  /** Of the file. */
  extension: string
  /** Before the first item. */
  head: string
  line(item: T): string
}

/** RFC 4180, with the names of the columns in the first line. */
export const csv = <T>(columns: Columns<T>): Format<T> => ({
  type: 'text/csv; charset=utf-8; header=present',
  extension: 'csv',
  head: csvLine(columns.map(([name]) => name)),
  line: (item) => csvLine(columns.map(([, cell]) => cell(item))),
})

/** One JSON object a line. */
export const jsonLines = <T>(toJson: (item: T) => object): Format<T> => ({
  type: 'application/jsonl; charset=utf-8',
  extension: 'jsonl',
  head: '',
  line: (item) => `${JSON.stringify(toJson(item))}\n`,
})

/** The same columns as an object; what is not known is null. */
export const asObject =
  <T>(columns: Columns<T>) =>
  (item: T): object =>
    Object.fromEntries(columns.map(([name, cell]) => [name, cell(item) ?? null]))

export const csvLine = (cells: readonly Cell[]): string => `${cells.map(csvCell).join(',')}\r\n`

function csvCell(cell: Cell): string {
  if (cell === null || cell === undefined) return ''
  const text = cell instanceof Date ? cell.toISOString() : typeof cell === 'string' ? disarmed(cell) : String(cell)
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text
}

/**
 * A spreadsheet takes a text that begins so for a formula and runs it, in some languages with the wide signs of Chinese
 * and Japanese too; an apostrophe makes it text (S-44). Where it parts cells at semicolons, as in much of Europe, or at
 * tabs, quotes that stand within a cell hold nothing together: what follows one of those, or a new line, begins a cell.
 *
 * @see OWASP, CSV Injection
 */
const disarmed = (text: string): string => text.replace(/^(?=[\t\r\n])|(?<=^|[;\t\r\n])(?=[=+\-@＝＋－＠])/g, "'")
