import type { SessionData } from 'express-session'

/** What is used of the store that an app comes from: any store for express-session has it. */
export interface OtherStore {
  get(sid: string, callback: (error: unknown, session?: SessionData | null) => void): void
  destroy(sid: string, callback?: (error?: unknown) => void): void
  clear?(callback?: (error?: unknown) => void): void
}

/** @returns null where it has none */
export const readOther = (store: OtherStore, sid: string): Promise<SessionData | null> =>
  new Promise((resolve, reject) => {
    store.get(sid, (error, session) => (error ? reject(error) : resolve(session ?? null)))
  })

export const removeOther = (store: OtherStore, sid: string): Promise<void> =>
  new Promise((resolve, reject) => {
    store.destroy(sid, (error) => (error ? reject(error) : resolve()))
  })

/** @throws TypeError where it can't: whoever is signed in there would come over afterwards */
export const clearOther = (store: OtherStore): Promise<void> =>
  new Promise((resolve, reject) => {
    if (!store.clear) throw new TypeError('The store that `movingFrom` names can’t be cleared; nothing was.')
    store.clear((error) => (error ? reject(error) : resolve()))
  })
