import { readFileSync, writeFileSync } from 'node:fs'
import { type Option, renderSvg } from '../../src/pictures/echarts.js'
import { Report } from './harness/report.js'

/**
 * Draws how the panel's times grow with the number of sessions, as the README shows it, from what `bench:panel` wrote
 * with `--json`: `npm run bench:growth -- growth.svg 100000=small.json 1000000=middle.json 10000000=large.json`.
 */
const [file = '', ...found] = process.argv.slice(2)
const SHOWN: [name: string, row: string][] = [
  ['list, page', 'list as a page: no filter'],
  ['list, three and four filters, page', 'list as a page: three and four filters'],
  ['search sessions', 'search sessions: e-mail, name, address, network, id'],
  ['search accounts', 'search accounts: e-mail, name'],
  ['overview', 'overview with charts'],
  ['sign out one', 'sign out one session'],
  ['block an account', 'block an account with some 50 sessions'],
]
const COLOURS = ['#4f46e5', '#7c3aed', '#b42318', '#b54708', '#067647', '#175cd3', '#475467']

const reports = found.map((pair) => {
  const [, sessions, path] = /^(\d+)=(.+)$/.exec(pair) ?? []
  if (!sessions || !path) throw new Error(`"${pair}" is not NUMBER=FILE`)
  return { sessions: Number(sessions), rows: Report.parse(JSON.parse(readFileSync(path, 'utf8'))).rows }
})
if (!file || reports.length < 2) throw new Error('give a file to write, and two reports or more as NUMBER=FILE')

/** Null where there was nothing to ask about: a small company has no account with fifty sessions. */
const p95Of = (rows: string[][], what: string): number | null => {
  const p95 = Number(rows.find(([name]) => name === what)?.[2]?.replaceAll(',', ''))
  return Number.isNaN(p95) ? null : p95
}
const short = (n: number) => (n >= 1_000_000 ? `${n / 1_000_000} M` : `${n / 1_000} k`)

const option: Option = {
  animation: false,
  color: COLOURS,
  backgroundColor: '#ffffff',
  grid: { left: 56, right: 250, top: 40, bottom: 48 },
  xAxis: {
    type: 'category',
    data: reports.map(({ sessions }) => `${short(sessions)} live sessions`),
    boundaryGap: false,
    axisLabel: { color: '#475467' },
  },
  yAxis: {
    type: 'value',
    name: 'p95, ms',
    nameTextStyle: { color: '#475467' },
    axisLabel: { color: '#475467' },
    splitLine: { lineStyle: { color: '#eaecf0' } },
  },
  series: SHOWN.map(([name, what]) => ({
    type: 'line',
    name,
    data: reports.map(({ rows }) => p95Of(rows, what)),
    lineStyle: { width: 2 },
    endLabel: { show: true, formatter: '{a}', color: 'inherit', distance: 8 },
    labelLayout: { moveOverlap: 'shiftY' },
  })),
}
// Of a picture nobody points at anything.
const drawn = renderSvg(option, 900, 380).replace(/<style[\s\S]*?<\/style>\n?/g, '')
const title = `<title>p95 of the panel's requests by live sessions</title>`
writeFileSync(
  file,
  drawn.replace(/<svg[^>]*>/, (svg) => `${svg}\n${title}`),
)
console.log(`${file}: ${reports.map(({ sessions }) => short(sessions)).join(', ')}`)
