import { CommandFailed, EXIT, refused } from '../exit.js'
import type { OldSession } from './old.js'

const PAGE = 500

/** What connect-redis has stored, in no order. Only SCAN, MGET and PTTL are sent. */
export async function* redisStore(url: string, prefix: string): AsyncGenerator<OldSession[]> {
  const { createClient } = await load()
  const client = createClient({ url, socket: { reconnectStrategy: false } })
  // Each command says so itself.
  client.on('error', () => {})
  await client.connect().catch((error: Error) => {
    throw new CommandFailed(EXIT.unreachable, `No answer from the old store’s Redis: ${error.message}.`)
  })
  try {
    const seen = new Set<string>()
    for await (const found of client.scanIterator({ MATCH: `${escaped(prefix)}*`, COUNT: PAGE })) {
      // A scan may name a key more than once.
      const keys = found.filter((key) => !seen.has(key))
      for (const key of keys) seen.add(key)
      if (keys.length === 0) continue
      const [contents, lefts] = await Promise.all([client.mGet(keys), Promise.all(keys.map((key) => client.pTTL(key)))])
      yield keys.flatMap((key, at) => {
        const [content, left = -1] = [contents[at], lefts[at]]
        // It has gone since it was named.
        if (typeof content !== 'string') return []
        return [{ sid: key.slice(prefix.length), content, left: left < 0 ? null : left / 1_000 }]
      })
    }
  } finally {
    client.destroy()
  }
}

const escaped = (prefix: string) => prefix.replaceAll(/[\\*?[\]^-]/g, '\\$&')

/** Loaded only here: the server needs no Redis. */
async function load() {
  try {
    return await import('redis')
  } catch {
    throw refused(
      'The Redis client is not installed: run npm install redis beside Rollcall, and this again. Nothing was changed.',
    )
  }
}
