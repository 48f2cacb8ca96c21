import { readFileSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'

/**
 * Mends three mistakes of postgres.js 3.4.9, at each build, in node_modules: a write that was put off is made on a socket
 * that has been closed meanwhile, which throws where nobody can catch it and ends the process; a connection that was
 * closed with such a write pending never writes again; and one that was closed amid the rows of an answer goes on to
 * count from there, so that the first answer after it seems to have no first row, as if there were no such key, session
 * or block. All happen when a database restarts under load. The third is not reported there yet.
 *
 * @see https://github.com/porsager/postgres/issues/1208, https://github.com/porsager/postgres/pull/1209
 */
const MENDS: { broken: string; whole: string }[] = [
  {
    broken: `    const x = socket.write(chunk, fn)
    nextWriteTimer !== null && clearImmediate(nextWriteTimer)
    chunk = nextWriteTimer = null
    return x
`,
    whole: `    nextWriteTimer !== null && clearImmediate(nextWriteTimer)
    const pending = chunk
    chunk = nextWriteTimer = null
    if (socket === null) return (error(Errors.connection('CONNECTION_CLOSED', options, socket)), false)
    return socket.write(pending, fn)
`,
  },
  {
    broken: `    clearImmediate(nextWriteTimer)
    if (socket) {
`,
    whole: `    clearImmediate(nextWriteTimer)
    chunk = nextWriteTimer = null
    if (socket) {
`,
  },
  {
    broken: `    clearImmediate(nextWriteTimer)
    socket.removeListener`,
    whole: `    clearImmediate(nextWriteTimer)
    chunk = nextWriteTimer = null
    socket.removeListener`,
  },
  {
    broken: `    incoming = Buffer.alloc(0)
    remaining = 0
`,
    whole: `    incoming = Buffer.alloc(0)
    remaining = rows = 0
`,
  },
]

const path = join(dirname(createRequire(import.meta.url).resolve('postgres')), '..', '..', 'src', 'connection.js')
const before = readFileSync(path, 'utf8')
let text = before
for (const { broken, whole } of MENDS) {
  if (text.includes(whole)) continue
  if (text.split(broken).length !== 2) {
    throw new Error(
      `postgres.js has changed, and ${import.meta.url} no longer fits it. If its new version closes issue 1208, remove that file; else adapt it.`,
    )
  }
  text = text.replace(broken, whole)
}
if (text !== before) writeFileSync(path, text)
