/** How a try to sign in ended. */
export type Entry = 'in' | 'wrong' | 'blocked' | 'later'

/** One browser's way into one app: keeps its cookie, and knows whether it believes to be signed in. */
export interface Door {
  /** The session token it holds, if any. */
  token(): string | undefined
  enter(ip: string): Promise<Entry>
  /** Uses the app. @returns whether the session is still good; if not, the token is dropped */
  use(ip: string): Promise<boolean>
  leave(ip: string): Promise<void>
}

/** The server gave an answer that the simulation has no name for. */
export class OddAnswer extends Error {
  constructor(request: string, status: number) {
    super(`${request} answered ${status}`)
  }
}
