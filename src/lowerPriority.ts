import { getPriority, setPriority } from 'node:os'

const LOWEST = 19

/**
 * Of the thread that calls it, below what it has. Nothing where it would be the whole process's: Linux alone has a priority
 * for each thread.
 */
export function lowerPriority(by: number): void {
  if (process.platform === 'linux') setPriority(Math.min(LOWEST, getPriority() + by))
}
