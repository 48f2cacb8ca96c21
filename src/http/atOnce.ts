import type { IncomingMessage, ServerResponse } from 'node:http'

/**
 * Answers a request at once, before Hono and its adapter make anything of it: what asks most often is answered for less
 * than they cost.
 *
 * @param all the way of all requests, for what turns out to need it after its body was read
 * @returns false: nothing was done, and it goes the way of all requests
 */
export type AnswerAtOnce = (incoming: IncomingMessage, outgoing: ServerResponse, all: () => void) => boolean

/** Names and values in turn, as they go out. */
export const headerList = (headers: Record<string, string>): string[] => Object.entries(headers).flat()

/** What fails here fails on the way of all requests too, where it is logged and answered. */
export function orAllTheRest<T>(answer: () => T | undefined): T | undefined {
  try {
    return answer()
  } catch {
    return undefined
  }
}
