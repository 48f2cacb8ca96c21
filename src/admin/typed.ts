import { showBidiControls } from '../http/bidiControls.js'

/** What is done to more than these has its number typed. */
export const MANY = 100

/** @returns what is wrong with the number that was typed, for beside its field */
export const countProblem = (n: number, typed: string | undefined, of: string): string | undefined =>
  n > MANY && typed?.replaceAll(/[\s,.]/g, '') !== String(n) ? `Type ${n}, the number of ${of}.` : undefined

/** A name is typed as it is shown: what a page shows otherwise nobody could type. */
export const isTyped = (typed: string, name: string): boolean =>
  showBidiControls(typed.trim()) === showBidiControls(name.trim())
