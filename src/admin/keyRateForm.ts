import { orNothing } from './settingsForm.js'

/** How many requests a minute a key may make, as it was typed; nothing: as the server says. Left out where it was not asked. */
export function readRate(
  typed: string | undefined,
): { rate: number | null | undefined } | { errors: { rate: string } } {
  if (typed === undefined) return { rate: undefined }
  const rate = orNothing(typed, 1)
  return Number.isNaN(rate) ? { errors: { rate: 'Write a whole number, such as 600, or nothing.' } } : { rate }
}
