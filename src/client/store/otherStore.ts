import type { SessionData } from 'express-session'
import { RollcallFailure } from '../failure.js'

/** What is used of the store that an app comes from: any store for express-session has it. */
export interface OtherStore {
  get(sid: string, callback: (error: unknown, session?: SessionData | null) => void): void
  destroy(sid: string, callback?: (error?: unknown) => void): void
  clear?(callback?: (error?: unknown) => void): void
}

/** @returns null where it has none */
export const readOther = async (store: OtherStore, sid: string): Promise<SessionData | null> =>
  (await ask<SessionData | null>((done) => store.get(sid, done))) ?? null

export const removeOther = (store: OtherStore, sid: string): Promise<void> => ask((done) => store.destroy(sid, done))

/** @throws TypeError where it can't: whoever is signed in there would come over afterwards */
export async function clearOther(store: OtherStore): Promise<void> {
  if (!store.clear) throw new TypeError('The store that `movingFrom` names can’t be cleared; nothing was.')
  await ask((done) => store.clear?.(done))
}

/** @throws RollcallFailure that names it: nobody should look for its fault at Rollcall */
async function ask<T = void>(act: (done: (error: unknown, value?: T) => void) => void): Promise<T> {
  try {
    return await new Promise<T>((resolve, reject) =>
      act((error, value) => (error ? reject(error) : resolve(value as T))),
    )
  } catch (error) {
    const words = `The store that \`movingFrom\` names has failed: ${String(error)}.`
    throw Object.assign(new RollcallFailure('old-store', words, error), { status: 503 })
  }
}
