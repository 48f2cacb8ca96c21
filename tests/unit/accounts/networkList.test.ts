import fc from 'fast-check'
import { describe, expect, it, test } from 'vitest'
import { readNetworkList } from '../../../src/accounts/blocks/networkList.js'
import { readCsv } from '../../../src/accounts/blocks/readCsv.js'

const NOW = new Date('2026-11-28T12:00:00Z')
const read = (text: string) => readNetworkList(text, { reason: 'attack', until: null }, NOW)
const lines = (text: string) => {
  const listed = read(text)
  if ('problem' in listed) throw new Error(listed.problem)
  return listed
}

/** As RFC 4180 has it, every field in quotation marks or none. */
const written = (records: string[][], quoted: boolean, lineEnd: string) =>
  records.map((fields) => fields.map((f) => (quoted ? `"${f.replaceAll('"', '""')}"` : f)).join(',')).join(lineEnd)

describe('reading CSV', () => {
  it('gives back any fields that were written in quotation marks, with any line end', () => {
    const records = fc.array(fc.array(fc.string({ unit: 'binary' }), { minLength: 1, maxLength: 4 }), { maxLength: 6 })
    fc.assert(
      fc.property(records, fc.constantFrom('\n', '\r\n', '\r'), fc.boolean(), (wanted, lineEnd, mark) => {
        const text = `${mark ? '\uFEFF' : ''}${written(wanted, true, lineEnd)}`
        expect([...readCsv(text)].map(({ fields }) => fields)).toEqual(wanted)
      }),
    )
  })

  it('takes any text without throwing, and never loses the count of lines', () => {
    const text = fc.string({ unit: fc.constantFrom('"', ',', '\n', '\r', '#', 'a', ' ') })
    fc.assert(
      fc.property(text, (noise) => {
        const marked = `${noise.replaceAll('"', '')}\nlast`
        const last = [...readCsv(marked)].at(-1)
        expect(last).toMatchObject({ line: marked.split(/\r\n|\n|\r/).length, fields: ['last'] })
        expect([...readCsv(noise)].length).toBeLessThanOrEqual(noise.split(/\r\n|\n|\r/).length)
      }),
    )
  })

  it('breaks one line, and not those after it, where a quotation mark is not closed', () => {
    expect([...readCsv('a,"b\nc,d\n"e"f\ng')]).toEqual([
      { line: 1, fields: ['a,"b'], isBroken: true },
      { line: 2, fields: ['c', 'd'], isBroken: false },
      { line: 3, fields: ['"e"f'], isBroken: true },
      { line: 4, fields: ['g'], isBroken: false },
    ])
  })

  it('takes a time that grows with the text, whatever is in it', () => {
    // Quadratic, this would take minutes.
    expect([...readCsv('"\n'.repeat(50_001))]).toHaveLength(25_001)
  })
})

describe('reading a list of networks', () => {
  it('knows a header, comments, blank lines, quotation marks, a byte order mark and CRLF', () => {
    const text =
      '\uFEFF# blocked by hand\r\nNetwork,Until,Owner,Reason\r\n\r\n203.0.113.0/24,2027-01-31,us,"spam, a lot"\r\n; more\r\n2001:DB8::/32\r\n'
    expect(lines(text)).toMatchObject([
      { line: 4, network: '203.0.113.0/24', reason: 'spam, a lot', until: new Date('2027-01-31T00:00:00Z') },
      { line: 6, network: '2001:db8::/32', reason: 'attack', until: null },
    ])
  })

  test.each([
    ['semicolons', 'network;reason;until\r\n203.0.113.0/24;"spam; more, even";2027-01-31\r\n2001:db8::/32;;\r\n'],
    ['tabs', 'network\treason\tuntil\n203.0.113.0/24\tspam; more, even\t2027-01-31\n2001:db8::/32\t\t\n'],
    ['semicolons, without a header', '203.0.113.0/24;"spam; more, even";2027-01-31\n2001:db8::/32'],
    ['semicolons and quotation marks', '"203.0.113.0/24";"spam; more, even";"2027-01-31"\n"2001:db8::/32"'],
  ])('knows columns between %s, as spreadsheets write them', (_, text) => {
    const [one, two] = lines(text)
    expect(one).toMatchObject({
      network: '203.0.113.0/24',
      reason: 'spam; more, even',
      until: new Date('2027-01-31T00:00:00Z'),
    })
    expect(two).toMatchObject({ network: '2001:db8::/32', reason: 'attack', until: null })
    for (const line of [one, two]) expect(line).not.toHaveProperty('problem')
  })

  test.each([
    ['203.0.113.7 ; SBL1234', { network: '203.0.113.7/32' }],
    ['203.0.113.0/24,spam,2026-12-31T18:00Z', { reason: 'spam', until: new Date('2026-12-31T18:00:00Z') }],
    ['203.0.113.0/24,,2026-12-31 18:00', { reason: 'attack', until: new Date('2026-12-31T18:00:00Z') }],
    ['203.0.113.0/24,,2026-12-31 18:00+02:00', { until: new Date('2026-12-31T16:00:00Z') }],
    ['203.0.113.0/24,spam,,', { reason: 'spam' }],
  ])('%s is read', (text, expected) => {
    expect(lines(text)).toMatchObject([expected])
    expect(lines(text)[0]).not.toHaveProperty('problem')
  })

  test.each([
    ['203.0.113.7/24', 'did you mean 203.0.113.0/24?'],
    ['0.0.0.0/0', 'every address there is'],
    ['the office', 'not an address or a network'],
    [',spam', 'It names no network.'],
    ['203.0.113.0/24,spam,more,and more', 'It has 4 columns'],
    [`203.0.113.0/24,${'x'.repeat(501)}`, 'longer than 500 characters'],
    ['203.0.113.0/24,,tomorrow', '"tomorrow" is no time'],
    ['203.0.113.0/24,,2027-02-31', '"2027-02-31" is no time'],
    ['203.0.113.0/24,,2027-13-01', 'is no time'],
    ['203.0.113.0/24,,2020-01-01', 'lies in the past'],
    ['203.0.113.0/24,,2090-01-01', 'more than ten years ahead'],
    ['"203.0.113.0/24', 'A quotation mark in it is not closed'],
  ])('%s is said to be wrong, in words, and the next line is read all the same', (text, words) => {
    const [wrong, right] = lines(`${text}\n198.51.100.1`)
    expect(wrong).toMatchObject({ problem: { finding: 'malformed', detail: expect.stringContaining(words) } })
    expect(right).toMatchObject({ network: '198.51.100.1/32' })
    expect(right).not.toHaveProperty('problem')
  })

  it('names the first of two lines with one network, in any spelling', () => {
    expect(lines('2001:db8::/32\n2001:0DB8:0::/32')[1]).toMatchObject({
      problem: { finding: 'duplicate', detail: 'The same network as in line 1.' },
    })
  })

  it('is refused as a whole where it is empty, or longer than can be reviewed', () => {
    expect(read('# nothing\n\n')).toMatchObject({ problem: expect.stringContaining('no network in it') })
    expect(read('203.0.113.7\n'.repeat(10_001))).toMatchObject({ problem: expect.stringContaining('more than 10,000') })
  })
})
