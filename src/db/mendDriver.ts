import { readFileSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'

interface Mend {
  broken: string
  whole: string
}

/**
 * Mends seven mistakes of postgres.js 3.4.9, at each build, in node_modules. Of the last five its issues know nothing yet.
 *
 * - A write that was put off is made on a socket that has been closed meanwhile, which throws where nobody can catch it and
 *   ends the process.
 * - A connection that was closed with such a write pending never writes again.
 * - An answer that breaks off amid its rows, by a timeout, an error or the connection's end, leaves the count of rows as it
 *   was: the connection's next answer begins with holes, as if there were no such key, session or block.
 * - What is asked anew, because the statement's name or plan is gone (an altered table, a pooler), is asked with parameters
 *   that were made into text twice: bytes that match nothing, JSON within JSON, and `true` as false.
 * - It is asked in two trips, and what is sent between them is taken for a part of it: the connection never answers again.
 *   What its parameters are is known from the first time.
 * - A transaction whose connection closed goes on upon what that one becomes when it connects anew: outside of any
 *   transaction, half done, or rolling back that of somebody else.
 * - What is asked between a socket's error and its end, as a transaction's `rollback` is, is never answered, and its
 *   connection never used again: a second of resets, and the pool was empty for good.
 *
 * @see https://github.com/porsager/postgres/issues/1208, https://github.com/porsager/postgres/pull/1209
 */
const CONNECTION: Mend[] = [
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
    broken: `    query = results = errorResponse = null
    result = new Result()
    connectTimer`,
    whole: `    query = results = errorResponse = null
    result = new Result()
    rows = 0
    connectTimer`,
  },
  {
    broken: `    q.retried = error
    execute(q)
`,
    whole: `    q.retried = error
    q.parameters = null
    execute(q)
`,
  },
  {
    broken: `    q.describeFirst = q.onlyDescribe || (parameters.length && !q.prepared)
    q.statement = q.prepared
      ? statements[q.signature]
      : { string, types, name`,
    whole: `    q.describeFirst = q.onlyDescribe || (parameters.length && !q.prepared && !q.retried)
    q.statement = q.prepared
      ? statements[q.signature]
      : { string, types: q.retried ? q.statement.types : types, name`,
  },
  {
    broken: `    !hadError && (query || sent.length) && error(Errors.connection('CONNECTION_CLOSED', options, socket))
`,
    whole: `    if (query || sent.length)
      error(Errors.connection('CONNECTION_CLOSED', options, socket))
    query = results = errorResponse = null
`,
  },
]

const TRANSACTION: Mend[] = [
  {
    broken: `      , connection
      , prepare = null
`,
    whole: `      , connection
      , gone = null
      , prepare = null
`,
  },
  {
    broken: `        new Promise((_, reject) => connection.onclose = reject)
`,
    whole: `        new Promise((_, reject) => connection.onclose = error => {
          gone = error
          while (queries.length)
            queries.shift().reject(error)
          reject(error)
        })
`,
  },
  {
    broken: `        q.catch(e => uncaughtError || (uncaughtError = e))
        c.queue`,
    whole: `        q.catch(e => uncaughtError || (uncaughtError = e))
        if (gone)
          return q.reject(gone)
        c.queue`,
  },
]

mend('connection.js', CONNECTION)
mend('index.js', TRANSACTION)

function mend(file: string, mends: Mend[]) {
  const path = join(dirname(createRequire(import.meta.url).resolve('postgres')), '..', '..', 'src', file)
  const before = readFileSync(path, 'utf8')
  let text = before
  for (const { broken, whole } of mends) {
    if (text.includes(whole)) continue
    if (text.split(broken).length !== 2) {
      throw new Error(
        `postgres.js has changed, and ${import.meta.url} no longer fits it. If its new version closes issue 1208, remove that file; else adapt it.`,
      )
    }
    text = text.replace(broken, whole)
  }
  if (text !== before) writeFileSync(path, text)
}
