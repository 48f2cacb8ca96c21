import fc from 'fast-check'
import { expect, test } from 'vitest'
import { asObject, type Columns, csv, csvLine, jsonLines } from '../../../src/export/lines.js'

const COLUMNS: Columns<{ name: string; at: Date | null; n: number }> = [
  ['name', ({ name }) => name],
  ['at', ({ at }) => at],
  ['n', ({ n }) => n],
]

test('CSV has the names first, and each kind of cell in one spelling', () => {
  const { head, line, type } = csv(COLUMNS)
  expect(type).toContain('text/csv')
  expect(head).toBe('name,at,n\r\n')
  expect(line({ name: 'Raman, "Pri"', at: new Date('2026-11-28T12:00:00Z'), n: -3 })).toBe(
    '"Raman, ""Pri""",2026-11-28T12:00:00.000Z,-3\r\n',
  )
  expect(line({ name: 'two\nlines', at: null, n: 0 })).toBe('"two\nlines",,0\r\n')
})

test.each(['=1+1', '+1', '-1', '@SUM(A1)', '\tx', '\rx', '\nx', '＝1+1', '＋1', '－1', '＠SUM(A1)'])(
  'S-44 a text that begins like %j starts no formula',
  (text) => {
    expect(parseCsv(csvLine([text]))).toEqual([[`'${text}`]])
  },
)

test.each([
  ['hello;=1+1', "hello;'=1+1"],
  ['hello;;@SUM(A1);', "hello;;'@SUM(A1);"],
  ['hello\t-1', "hello\t'-1"],
  ['hello\n+1', "hello\n'+1"],
  ['hello\r\n＝1+1', "hello\r\n'＝1+1"],
  ['Mozilla/5.0 (X11; Linux) a=b; c-d', 'Mozilla/5.0 (X11; Linux) a=b; c-d'],
])('S-44 %j starts no formula either, where a semicolon or a tab parts the cells', (text, disarmed) => {
  expect(parseCsv(csvLine([text]))).toEqual([[disarmed]])
})

test('S-44 whatever stands in the cells, a reader by RFC 4180 gets it back, and no cell begins a formula', () => {
  // Every second character is one that matters.
  const character = fc.constantFrom('a', 'é', '🙂', ' ', ...'",\r\n=+-@\t;')
  const cell = fc.string({ unit: character, maxLength: 6 })
  fc.assert(
    fc.property(fc.array(fc.array(cell, { minLength: 2, maxLength: 4 }), { minLength: 1, maxLength: 4 }), (rows) => {
      const read = parseCsv(rows.map((row) => csvLine(row)).join(''))
      const undone = (text: string) =>
        text.replace(/^'(?=[=+\-@\t\r\n])/, '').replace(/(?<=[;\t\r\n])'(?=[=+\-@])/g, '')
      expect(read.map((row) => row.map(undone))).toEqual(rows)
      expect(read.flat().some((text) => /^[=+\-@\t\r]|[;\t\r\n][=+\-@]/.test(text))).toBe(false)
    }),
  )
})

test('JSON Lines are one object a line, whatever is in it', () => {
  const { line } = jsonLines(asObject(COLUMNS))
  const text = line({ name: 'a\nb\u2028', at: null, n: 1 })
  expect(text.trimEnd().split('\n')).toHaveLength(1)
  expect(JSON.parse(text)).toEqual({ name: 'a\nb\u2028', at: null, n: 1 })
})

/** RFC 4180, written without a look at the writer. */
function parseCsv(text: string): string[][] {
  const rows: string[][] = []
  let row: string[] = []
  for (let i = 0; i < text.length; ) {
    let cell = ''
    if (text[i] === '"') {
      for (i++; i < text.length && (text[i] !== '"' || text[i + 1] === '"'); i++) {
        if (text[i] === '"') i++
        cell += text[i]
      }
      i++
    } else while (i < text.length && text[i] !== ',' && text[i] !== '\r') cell += text[i++]
    row.push(cell)
    if (text[i] === ',') i++
    else {
      expect(text.slice(i, i + 2)).toBe('\r\n')
      i += 2
      rows.push(row)
      row = []
    }
  }
  return rows
}
