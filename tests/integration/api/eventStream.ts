import type { RevocationsEvent } from '../../../src/follower/wire.js'

/** A stream as an app process reads it: each event with its name and id, and everything that was sent. */
export interface ReadStream {
  status: number
  headers: Headers
  /** The next event; rejects when the stream ends before. */
  next(): Promise<{ id: string; data: RevocationsEvent }>
  /** Reads until it says that; rejects when the stream ends before. */
  hears(text: string): Promise<void>
  /** Reads to its end: a stream that stays open never resolves. @returns all that was sent */
  rest(): Promise<string>
  close(): Promise<void>
}

export async function openStream(url: string, key: string, query = ''): Promise<ReadStream> {
  const response = await fetch(`${url}/api/v1/revocations/stream${query}`, {
    headers: { authorization: `Bearer ${key}` },
  })
  const reader = response.body?.pipeThrough(new TextDecoderStream()).getReader()
  let all = ''
  let taken = 0

  async function more(): Promise<boolean> {
    const chunk = await reader?.read()
    all += chunk?.value ?? ''
    return chunk?.done === false
  }

  return {
    status: response.status,
    headers: response.headers,
    async next() {
      for (;;) {
        const found = /event: revocations\nid: (.*)\ndata: (.*)\n\n/.exec(all.slice(taken))
        if (found) {
          taken += found.index + found[0].length
          return { id: found[1] ?? '', data: JSON.parse(found[2] ?? '') }
        }
        if (!(await more())) throw new Error(`the stream ended before the next event:\n${all}`)
      }
    },
    async hears(text) {
      while (!all.includes(text)) if (!(await more())) throw new Error(`the stream ended before ${text}:\n${all}`)
    },
    async rest() {
      while (await more());
      return all
    },
    close: async () => reader?.cancel(),
  }
}
