import type { DenialReason, Verdict } from './types.js'

/** Why a token may be refused. */
export const REASONS = ['unknown', 'ended', 'expired', 'idle', 'blocked', 'network-blocked', 'unavailable'] as const

const ofEach = <T>(value: (reason: DenialReason) => T): Record<DenialReason, T> =>
  Object.fromEntries(REASONS.map((reason) => [reason, value(reason)])) as Record<DenialReason, T>

/** One verdict for each reason, for everybody: nobody may change it. */
export const DENIED = ofEach((reason): Verdict => Object.freeze({ status: 'denied', reason } as const))

export const denied = (reason: DenialReason): Verdict => DENIED[reason]

export const noneOfEach = (): Record<DenialReason, number> => ofEach(() => 0)
