import { SettingsChanges } from '../settings.js'
import type { Settings } from '../types.js'
import type { App } from './apps.js'

/** What an owner may change of an app at any time. Null timeouts, and a null limit: what holds for everyone. */
export interface AppTerms {
  name?: string | undefined
  icon?: App['icon'] | undefined
  /** What its processes do when they can't tell whether a session is good. "allow-cached" is a risk. */
  onUnavailable?: App['onUnavailable'] | undefined
  idleTimeout?: number | null | undefined
  absoluteTimeout?: number | null | undefined
  sessionLimit?: number | null | undefined
  role?: App['role'] | undefined
}

const TERMS = ['name', 'icon', 'onUnavailable', 'idleTimeout', 'absoluteTimeout', 'sessionLimit', 'role'] as const

/** Those that would be other than they are. */
export function changedTerms(before: App, wanted: AppTerms): Partial<App> {
  return Object.fromEntries(
    TERMS.flatMap((name) => {
      const value = name === 'name' ? wanted.name?.trim() : wanted[name]
      return value === undefined || value === before[name] ? [] : [[name, value]]
    }),
  )
}

/**
 * What is wrong with what is changed, in words that go on from "must be".
 *
 * @param after the app as it would be
 */
export function termsProblem(
  after: App,
  { name, idleTimeout, absoluteTimeout, sessionLimit }: Partial<App>,
  settings: Settings,
): { path: keyof AppTerms; problem: string } | undefined {
  if (name === '' || (name?.length ?? 0) > 100) return { path: 'name', problem: 'of 1 to 100 characters' }
  const numbers = { idleTimeout, absoluteTimeout, sessionLimit }
  for (const path of ['idleTimeout', 'absoluteTimeout', 'sessionLimit'] as const) {
    const read = SettingsChanges.shape[path].safeParse(numbers[path] ?? undefined)
    if (!read.success) return { path, problem: read.error.issues[0]?.message ?? 'another number' }
  }
  if (idleTimeout === undefined && absoluteTimeout === undefined) return undefined
  const idle = after.idleTimeout ?? settings.idleTimeout
  const absolute = after.absoluteTimeout ?? settings.absoluteTimeout
  if (idle <= absolute) return undefined
  const path = after.idleTimeout === null ? 'absoluteTimeout' : 'idleTimeout'
  return {
    path,
    problem:
      path === 'idleTimeout'
        ? 'not longer than the session lasts at all'
        : 'at least as long as it may lie unused by the settings',
  }
}
