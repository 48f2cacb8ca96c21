import { writeFileSync } from 'node:fs'
import { parseArgs } from 'node:util'
import { z } from 'zod'
import type { Machine } from './machine.js'

const Target = z.object({
  what: z.string(),
  wanted: z.string(),
  got: z.string(),
  met: z.boolean(),
})
export type Target = z.infer<typeof Target>

/** What one benchmark found. */
export const Report = z.object({
  title: z.string(),
  columns: z.array(z.string()),
  rows: z.array(z.array(z.string())),
  targets: z.array(Target),
  /** What a reader must know to repeat or to doubt it. */
  notes: z.array(z.string()),
})
export type Report = z.infer<typeof Report>

/** @param least in the same unit as `got`; the ratio of two things measured in the same run, for most */
export function atLeast(what: string, least: number, got: number, unit: string): Target {
  return { what, wanted: `at least ${number(least)}${unit}`, got: `${number(got)}${unit}`, met: got >= least }
}

export function atMost(what: string, most: number, got: number, unit: string): Target {
  return { what, wanted: `at most ${number(most)}${unit}`, got: `${number(got)}${unit}`, met: got <= most }
}

/** Prints it and, with `--json FILE`, writes it there too, with the machine and the date. */
export function report(machine: Machine, found: Report): void {
  console.log(`\n${found.title}\n${inWords(machine)}\n`)
  console.log(table(found.columns, found.rows))
  if (found.targets.length > 0) console.log(`\n${targetTable(found.targets)}`)
  for (const note of found.notes) console.log(`- ${note}`)
  const { values } = parseArgs({ options: { json: { type: 'string' } }, strict: false })
  if (typeof values['json'] === 'string') {
    writeFileSync(values['json'], `${JSON.stringify({ machine, ...found }, null, 2)}\n`)
  }
}

export const targetTable = (targets: readonly Target[]) =>
  table(
    ['target', 'wanted', 'measured', 'met'],
    targets.map(({ what, wanted, got, met }) => [what, wanted, got, met ? 'yes' : 'NO']),
  )

export function inWords({ cpu, cores, memoryGb, node, system, at, busyBefore }: Machine): string {
  const doubt = busyBefore > 5 ? `\nPreliminary: others used ${busyBefore} % of the machine when this began.` : ''
  return `${at.slice(0, 10)}, ${cores} cores of ${cpu}, ${memoryGb} GB, ${system}, Node ${node}${doubt}`
}

/** Markdown, aligned for reading as text. */
export function table(columns: readonly string[], rows: readonly (readonly string[])[]): string {
  const widths = columns.map((column, at) => Math.max(column.length, ...rows.map((row) => row[at]?.length ?? 0)))
  const line = (cells: readonly string[]) =>
    `| ${widths.map((width, at) => (at === 0 ? (cells[at] ?? '').padEnd(width) : (cells[at] ?? '').padStart(width))).join(' | ')} |`
  const rule = `| ${widths.map((width, at) => (at === 0 ? '-'.repeat(width) : `${'-'.repeat(width - 1)}:`)).join(' | ')} |`
  return [line(columns), rule, ...rows.map(line)].join('\n')
}

/** 1,234 · 12.3 · 0.12 */
export function number(value: number): string {
  const digits = Math.abs(value) >= 100 ? 0 : Math.abs(value) >= 10 ? 1 : 2
  return value.toLocaleString('en', { maximumFractionDigits: digits })
}
