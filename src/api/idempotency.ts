import { createCipheriv, createDecipheriv, createHmac, hkdfSync, randomBytes, timingSafeEqual } from 'node:crypto'
import { and, eq, sql } from 'drizzle-orm'
import { createMiddleware } from 'hono/factory'
import { z } from 'zod'
import { type Database, rowsOf } from '../db/connect.js'
import type { KeyId } from '../db/ids.js'
import { onlyOnce } from '../db/retries.js'
import { idempotencyKeys } from '../db/schema.js'
import type { AppContext, AppEnv } from '../http/env.js'
import { badInput, PublicError } from '../http/errors.js'
import { positionWithin } from '../sessions/log/positions.js'
import { NotAllowed } from '../sessions/notAllowed.js'
import { readBearer } from './scope.js'

/**
 * Does a POST with an `Idempotency-Key` once, however often and to however many processes it is sent (S-55).
 *
 * The act, the note that it was done and its answer commit together: a crash leaves all of it or nothing. While one is
 * under way the others are told so. What was refused is not kept: nothing was done, it may be tried again.
 */
export const idempotent = createMiddleware<AppEnv>(async (c, next) => {
  const once = await readOnce(c)
  if (!once) return next()
  const { request, sealing } = once
  const outside = c.var.db
  try {
    await outside.transaction(async (tx) => {
      const earlier = await claim(tx, request)
      if (earlier) return giveAgain(c, sealing.open(earlier))
      c.set('db', tx)
      // The request is read, and its answer written, by whoever comes next: they can't be asked a second time.
      onlyOnce(tx)
      await next()
      // A fault may have spoilt the transaction; what refused in words may have left a line in the audit log.
      if (c.error && !(c.error instanceof PublicError || c.error instanceof NotAllowed)) throw new NothingToKeep()
      await keepAnswer(tx, c, request, sealing)
    })
  } catch (error) {
    if (!(error instanceof NothingToKeep)) throw error
  } finally {
    c.set('db', outside)
  }
})

/**
 * The same for an act that waits for somebody else: no transaction stays open for it. A process that is killed meanwhile
 * leaves the key claimed, and nobody knows how far it came: it may be tried again once no answer can come any more.
 */
export const idempotentOutside = createMiddleware<AppEnv>(async (c, next) => {
  const once = await readOnce(c)
  if (!once) return next()
  const { request, sealing } = once
  const { db } = c.var
  const earlier = await db.transaction((tx) => claim(tx, request))
  if (earlier) return giveAgain(c, sealing.open(earlier))
  await next()
  await keepAnswer(db, c, request, sealing)
})

/** Longer than anything that answers takes. */
const NO_ANSWER_SECONDS = 60

async function readOnce(c: AppContext): Promise<{ request: Request; sealing: Sealing } | undefined> {
  const given = c.req.header('idempotency-key')
  if (given === undefined) return undefined
  if (!/^[\x21-\x7e]{1,255}$/.test(given)) {
    throw badInput([{ path: 'Idempotency-Key', message: 'must be 1 to 255 printable characters without spaces' }])
  }
  const sealing = sealingFor(c, given)
  return { request: { keyId: c.var.apiKey.id, key: given, hash: await hashRequest(c, sealing.hashKey) }, sealing }
}

function giveAgain(c: AppContext, answer: Answer): void {
  c.res = replay(answer)
  c.set('position', answer.position)
}

interface Request {
  keyId: KeyId
  key: string
  hash: Uint8Array
}

/** @returns the sealed answer of the one that was done; undefined when this one is the first */
async function claim(tx: Database, { keyId, key, hash }: Request): Promise<Uint8Array | undefined> {
  const lock = sql`hashtextextended(${`${keyId} ${key}`}, 0)`
  const [turn] = rowsOf<{ free: boolean }>(await tx.execute(sql`select pg_try_advisory_xact_lock(${lock}) as free`))
  if (!turn?.free) throw inFlight
  const made = await tx
    .insert(idempotencyKeys)
    .values({ keyId, key, requestHash: hash })
    .onConflictDoNothing()
    .returning({ key: idempotencyKeys.key })
  if (made.length > 0) return undefined
  const [row] = await tx.select().from(idempotencyKeys).where(rowOf({ keyId, key }))
  if (!row || !timingSafeEqual(row.requestHash, hash)) throw reused
  if (row.answer) return row.answer
  const abandoned = sql`${idempotencyKeys.at} < now() - make_interval(secs => ${NO_ANSWER_SECONDS})`
  const taken = await tx
    .update(idempotencyKeys)
    .set({ at: sql`now()` })
    .where(and(rowOf({ keyId, key }), abandoned))
    .returning({ key: idempotencyKeys.key })
  if (taken.length === 0) throw inFlight
  return undefined
}

const inFlight = new PublicError(
  409,
  'in-flight',
  'This request is being worked on',
  'Another one with the same Idempotency-Key has not finished. Ask again in a moment for its answer.',
  { retryAfterSeconds: 1 },
)

const reused = new PublicError(
  422,
  'key-reused',
  'This Idempotency-Key belongs to another request',
  'Take a new key for a new request; the same key is for sending the very same request again. Nothing was changed.',
)

async function keepAnswer(tx: Database, c: AppContext, request: Request, sealing: Sealing): Promise<void> {
  if (!c.res.ok) {
    await tx.delete(idempotencyKeys).where(rowOf(request))
    return
  }
  const body = await c.res.clone().text()
  const answer = sealing.seal({ status: c.res.status, body, position: positionWithin(tx) })
  await tx.update(idempotencyKeys).set({ status: c.res.status, answer }).where(rowOf(request))
}

/** Takes the transaction back; the answer is the one that the error handler gave. */
class NothingToKeep extends Error {}

const rowOf = ({ keyId, key }: Pick<Request, 'keyId' | 'key'>) =>
  and(eq(idempotencyKeys.keyId, keyId), eq(idempotencyKeys.key, key))

const replay = ({ status, body }: Answer) =>
  new Response(body, { status, headers: { 'Content-Type': 'application/json', 'Idempotency-Replayed': 'true' } })

async function hashRequest(c: AppContext, hashKey: Uint8Array): Promise<Uint8Array> {
  const { pathname, search } = new URL(c.req.url)
  return createHmac('sha256', hashKey)
    .update(`${c.req.method} ${pathname}${search}\n`)
    .update(new Uint8Array(await c.req.arrayBuffer()))
    .digest()
}

const Answer = z.object({
  status: z.int(),
  body: z.string(),
  position: z.templateLiteral(['x', z.string()]).optional(),
})
type Answer = z.infer<typeof Answer>

interface Sealing {
  hashKey: Uint8Array
  seal(answer: Answer): Uint8Array
  open(sealed: Uint8Array): Answer
}

const NONCE_BYTES = 12
const TAG_BYTES = 16

/**
 * An answer may hold a session token or a key, which must not be readable in the database (S-01, S-60). It is sealed
 * with keys that only the caller's API key yields, of which the database has nothing but the hash.
 *
 * @see RFC 5869 (HKDF), NIST SP 800-38D (GCM)
 */
function sealingFor(c: AppContext, key: string): Sealing {
  const secret = readBearer(c) ?? ''
  const derive = (purpose: string) => new Uint8Array(hkdfSync('sha256', secret, 'rollcall idempotency', purpose, 32))
  const sealKey = derive('answer')
  const bound = Buffer.from(`${c.var.apiKey.id} ${key}`)
  return {
    hashKey: derive('request'),
    seal(answer) {
      const nonce = randomBytes(NONCE_BYTES)
      const cipher = createCipheriv('aes-256-gcm', sealKey, nonce).setAAD(bound)
      const sealed = Buffer.concat([cipher.update(JSON.stringify(answer)), cipher.final()])
      return Buffer.concat([nonce, cipher.getAuthTag(), sealed])
    },
    open(sealed) {
      const decipher = createDecipheriv('aes-256-gcm', sealKey, sealed.subarray(0, NONCE_BYTES)).setAAD(bound)
      decipher.setAuthTag(sealed.subarray(NONCE_BYTES, NONCE_BYTES + TAG_BYTES))
      const opened = Buffer.concat([decipher.update(sealed.subarray(NONCE_BYTES + TAG_BYTES)), decipher.final()])
      return Answer.parse(JSON.parse(opened.toString()))
    },
  }
}

const BATCH = 1_000

/** Forgets what is older than a day, answers with it: nobody is given them after that. Index: idempotency_keys_at. */
export async function pruneIdempotencyKeys(db: Database): Promise<void> {
  for (let removed = BATCH; removed === BATCH; ) {
    const gone = await db.execute(sql`
      delete from ${idempotencyKeys} where ctid = any(array(
        select ctid from ${idempotencyKeys}
        where ${idempotencyKeys.at} < now() - interval '1 day' limit ${BATCH}))
      returning 1`)
    removed = rowsOf(gone).length
  }
}
