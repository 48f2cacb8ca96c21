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
 * Semicolons or tabs stand for the commas where the first line has one: so spreadsheets write them where a comma is a
 * decimal point.
 *
 * A quotation mark that nothing closes breaks its own line alone, and not all that follow.
 *
 * @see RFC 4180
 */
export function* readCsv(text: string): Generator<CsvRecord> {
  let at = text.startsWith('\uFEFF') ? 1 : 0
  let line = 1
  let separator: Separator | undefined
  while (at < text.length) {
    const end = endOfLine(text, at)
    if (/^[ \t]*([#;].*)?$/.test(text.slice(at, end.from))) {
      at = end.to
      line += 1
      continue
    }
    separator ??= separatorIn(text.slice(at, end.from))
    const record = readRecord(text, at, separator)
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

type Separator = ',' | ';' | '\t'

/** Behind the first field of the first line. What follows a blank is a note: "203.0.113.0/24 ; SBL1234". */
function separatorIn(line: string): Separator {
  const [, found] = /^(?:"[^"]*"|[^\s,;"]+)([;\t])/.exec(line) ?? []
  return found === ';' || found === '\t' ? found : ','
}

const PLAIN = { ',': /[^",\r\n]*/y, ';': /[^";\r\n]*/y, '\t': /[^"\t\r\n]*/y }
const QUOTED = /"([^"]*(?:""[^"]*)*)"/y

/** @returns undefined for a broken one */
function readRecord(text: string, from: number, separator: Separator): { fields: string[]; to: number } | undefined {
  const fields: string[] = []
  for (let at = from; ; at += 1) {
    const isQuoted = text[at] === '"'
    const pattern = isQuoted ? QUOTED : PLAIN[separator]
    pattern.lastIndex = at
    const found = pattern.exec(text)
    if (!found) return undefined
    fields.push(isQuoted ? (found[1] ?? '').replaceAll('""', '"') : found[0])
    at = pattern.lastIndex
    if (text[at] === separator) continue
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
