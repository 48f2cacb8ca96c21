/** A record, with the line of the text that it begins on, from 1. */
export interface CsvRecord {
  line: number
  fields: string[]
  /** A quotation mark in it that nothing closes, or that stands where none belongs: `fields` say nothing then. */
  isBroken: boolean
}

/**
 * Reads comma-separated values: quoted fields with commas, line ends and doubled quotation marks in them; CRLF, LF or CR;
 * a byte order mark. Blank lines are left out, and those that begin with `#` or `;`, which lists use for comments.
 *
 * A quotation mark that nothing closes breaks its own line alone, and not all that follow.
 *
 * @see RFC 4180
 */
export function* readCsv(text: string): Generator<CsvRecord> {
  let at = text.startsWith('\uFEFF') ? 1 : 0
  let line = 1
  while (at < text.length) {
    const end = endOfLine(text, at)
    if (/^[ \t]*([#;].*)?$/.test(text.slice(at, end.from))) {
      at = end.to
      line += 1
      continue
    }
    const record = readRecord(text, at)
    if (record) {
      yield { line, fields: record.fields, isBroken: false }
      line += linesIn(text, at, record.to)
      at = record.to
    } else {
      yield { line, fields: [text.slice(at, end.from)], isBroken: true }
      line += 1
      at = end.to
    }
  }
}

const PLAIN = /[^",\r\n]*/y
const QUOTED = /"([^"]*(?:""[^"]*)*)"/y

/** @returns undefined for a broken one */
function readRecord(text: string, from: number): { fields: string[]; to: number } | undefined {
  const fields: string[] = []
  for (let at = from; ; at += 1) {
    const isQuoted = text[at] === '"'
    const pattern = isQuoted ? QUOTED : PLAIN
    pattern.lastIndex = at
    const found = pattern.exec(text)
    if (!found) return undefined
    fields.push(isQuoted ? (found[1] ?? '').replaceAll('""', '"') : found[0])
    at = pattern.lastIndex
    if (text[at] === ',') continue
    if (at < text.length && text[at] !== '\r' && text[at] !== '\n') return undefined
    return { fields, to: endOfLine(text, at).to }
  }
}

/** Where the line ends, and where the next one begins. */
function endOfLine(text: string, at: number): { from: number; to: number } {
  LINE_END.lastIndex = at
  const found = LINE_END.exec(text)
  return found ? { from: found.index, to: LINE_END.lastIndex } : { from: text.length, to: text.length }
}
const LINE_END = /\r\n|\n|\r/g

function linesIn(text: string, from: number, to: number): number {
  return text.slice(from, to).match(LINE_END)?.length ?? 0
}
