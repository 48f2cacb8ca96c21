import { and, eq, isNull, sql } from 'drizzle-orm'
import { recordAudit } from '../audit/record.js'
import type { Actor } from '../audit/types.js'
import { type Database, rowsOf } from '../db/connect.js'
import type { BlockId } from '../db/ids.js'
import { announce } from '../db/notices.js'
import { accounts, blocks, sessionActivity, sessions } from '../db/schema.js'
import { canonicalAddress, canonicalNetwork, inNetworks, parseNetworks } from '../devices/address.js'
import { endSessions } from '../sessions/end.js'
import { appendRevocations } from '../sessions/revocations.js'
import { lockNetworkBlocks } from '../sessions/start.js'
import { authorityOf } from './authority.js'
import { insertBlock, termsOf } from './blocks.js'
import { type BlockTerms, readTerms, type TermsProblem } from './blockTerms.js'
import { fromLiveOrRefusedByNetwork } from './liveSessions.js'
import { toBlock } from './read.js'
import { atLeast, type Block } from './types.js'

export interface NetworkTerms extends BlockTerms {
  /** An address or a network, in any spelling. */
  network: string
  /** End what is signed in from there; else those sessions are refused for as long as the block holds. */
  endSessions?: boolean | undefined
  /** The author's own address, typed, when the network contains it. */
  confirmOwnAddress?: string | undefined
}

export type NetworkBlocked =
  | { status: 'blocked'; block: Block; ended: number }
  /** `problem` says in words what is wrong with the network. */
  | { status: 'refused'; why: 'bad-network' | 'everything' | 'too-wide'; problem: string }
  | { status: 'refused'; why: 'own-address'; address: string }
  | { status: 'refused'; why: 'not-allowed' | 'owner-inside' | TermsProblem }

export interface NetworkPreview {
  network: string
  /** Those whose last address is in it, and how many accounts have them. */
  sessions: number
  accounts: number
  /** The one who asks is in it. */
  coversYou: boolean
}

/** What a block would hit. Counted by the sessions' last address, with what another block of networks refuses already. */
export async function previewNetworkBlock(
  db: Database,
  typed: string,
  ip: string | null = null,
): Promise<NetworkPreview | { error: string }> {
  const read = readNetwork(typed)
  if ('problem' in read) return { error: read.problem }
  const [row] = rowsOf<{ sessions: string; accounts: string }>(
    await db.execute(sql`
      select count(*) as sessions, count(distinct ${sessions.accountId}) as accounts ${fromLiveSessionsIn(read.network)}`),
  )
  const coversYou = inNetworks(ip, parseNetworks([read.network]))
  return { network: read.network, sessions: Number(row?.sessions), accounts: Number(row?.accounts), coversYou }
}

/**
 * The one road to a blocked network (S-10). A block that covers its author's own address needs that address typed, and
 * undoes itself after five minutes unless `confirmBlock` comes from there; until then the author's own session is spared.
 */
export async function blockNetwork(db: Database, terms: NetworkTerms, by: Actor): Promise<NetworkBlocked> {
  const read = readNetwork(terms.network)
  if ('problem' in read) return { status: 'refused', ...read }
  const { network } = read
  const ownAddress = 'ip' in by && inNetworks(by.ip, parseNetworks([network])) ? by.ip : null
  return db.transaction(async (tx) => {
    // Two blocks of one network at the same moment: the second replaces the first. A sign-in under way commits first, so
    // that its session is found, or looks at the blocks when this one is there (S-13).
    await lockNetworkBlocks(tx)
    const forbidden = await whyNot(tx, network, by)
    if (forbidden) return refuse(tx, network, terms, by, inWords(forbidden, network))
    const wrong = await readTerms(tx, terms)
    if (wrong) return refuse(tx, network, terms, by, { why: wrong })
    if (ownAddress && canonicalAddress(terms.confirmOwnAddress ?? '') !== canonicalAddress(ownAddress)) {
      return refuse(tx, network, terms, by, { why: 'own-address', address: ownAddress })
    }

    const before = await replaceBlock(tx, network, by)
    const spared = ownAddress && by.kind === 'account' ? sql` and ${sessions.id} <> ${by.sessionId}` : sql``
    const ended = terms.endSessions
      ? await endSessions(tx, sql`${sessions.id} in (select ${sessions.id} ${fromLiveSessionsIn(network)}${spared})`, {
          reason: 'network-blocked',
          by,
          note: terms.reason,
        })
      : []
    const confirmBy = ownAddress ? sql`now() + interval '5 minutes'` : null
    const block = await insertBlock(tx, { kind: 'network', network, ended: ended.length, confirmBy }, terms, by)
    await appendRevocations(tx, [{ kind: 'network', target: network }])
    await recordAudit(tx, by, 'network.blocked', {
      target: { kind: 'network', id: network, name: network },
      reason: terms.reason,
      details: { ...(before ? { before: termsOf(before) } : {}), after: termsOf(block), ended: ended.length },
    })
    await announce(tx, { kind: 'blocks' })
    await announce(tx, { kind: 'policy' })
    return { status: 'blocked', block: toBlock(block, null), ended: ended.length }
  })
}

/**
 * Keeps a block that covers its author's own address. Only from inside the network, in time: whoever can do that has
 * seen that they know what they do.
 *
 * @returns undefined when there is nothing to confirm
 */
export async function confirmBlock(
  db: Database,
  id: BlockId,
  by: Actor,
): Promise<{ status: 'confirmed'; block: Block } | { status: 'refused'; why: 'not-from-there' } | undefined> {
  return db.transaction(async (tx) => {
    const [block] = await tx
      .select()
      .from(blocks)
      .where(and(eq(blocks.id, id), isNull(blocks.liftedAt), sql`${blocks.confirmBy} > now()`))
      .for('update')
    if (!block?.network) return undefined
    if (!('ip' in by) || !inNetworks(by.ip, parseNetworks([block.network])))
      return { status: 'refused', why: 'not-from-there' }
    const [confirmed] = await tx.update(blocks).set({ confirmBy: null }).where(eq(blocks.id, id)).returning()
    await appendRevocations(tx, [{ kind: 'network', target: block.network }])
    await recordAudit(tx, by, 'network.blocked', {
      target: { kind: 'network', id: block.network, name: block.network },
      reason: block.reason,
      details: { confirmed: true },
    })
    await announce(tx, { kind: 'blocks' })
    await announce(tx, { kind: 'policy' })
    return confirmed && { status: 'confirmed', block: toBlock(confirmed, null) }
  })
}

function readNetwork(typed: string): { network: string } | { why: 'bad-network' | 'everything'; problem: string } {
  const read = canonicalNetwork(typed)
  if ('error' in read) return { why: 'bad-network', problem: read.error }
  if (!read.network.endsWith('/0')) return read
  return {
    why: 'everything',
    problem: `${read.network} is every address there is: it would lock everybody out, you included.`,
  }
}

/** Wider ones could lock every owner out: only an owner sets them (S-32). */
const WIDEST = { ipv4: 8, ipv6: 16 }

/** A responder can't end what an owner has open by way of their network, nor an app's key an admin's (S-35, S-38). */
async function whyNot(tx: Database, network: string, by: Actor) {
  const authority = await authorityOf(tx, by)
  if (!atLeast(authority, 'responder')) return 'not-allowed'
  if (authority === 'owner') return undefined
  if (isTooWide(network)) return 'too-wide'
  const outOfReach = by.kind === 'key' ? sql`${accounts.role} <> 'person'` : sql`${accounts.role} = 'owner'`
  const [owner] = rowsOf(await tx.execute(sql`select 1 ${fromLiveSessionsIn(network)} and ${outOfReach} limit 1`))
  return owner ? 'owner-inside' : undefined
}

const isTooWide = (network: string) =>
  Number(network.slice(network.indexOf('/') + 1)) < (network.includes(':') ? WIDEST.ipv6 : WIDEST.ipv4)

const inWords = (why: NonNullable<Awaited<ReturnType<typeof whyNot>>>, network: string) =>
  why === 'too-wide'
    ? { why, problem: `${network} is a large part of all addresses there are: only an owner may block it.` }
    : { why }

type Refusal<T = Extract<NetworkBlocked, { status: 'refused' }>> = T extends unknown ? Omit<T, 'status'> : never

async function refuse(tx: Database, network: string, terms: NetworkTerms, by: Actor, refusal: Refusal) {
  await recordAudit(tx, by, 'network.blocked', {
    result: 'refused',
    target: { kind: 'network', id: network, name: network },
    reason: terms.reason,
    details: { why: refusal.why },
  })
  return { status: 'refused', ...refusal } as const
}

/** Lifts the block of the very same network, if there is one; the new terms count, and both stay in the history. */
async function replaceBlock(tx: Database, network: string, by: Actor) {
  const [before] = await tx
    .update(blocks)
    .set({ liftedAt: sql`now()`, liftedByName: by.name, liftReason: 'Replaced by another block' })
    .where(and(sql`${blocks.network} = ${network}::cidr`, isNull(blocks.liftedAt)))
    .returning()
  return before
}

/**
 * With those that an overlapping block refuses already: this one hits them too, and goes on when the other is lifted.
 * Index: sessions_live_id; network blocks are rare, and this walks what is live once.
 */
const fromLiveSessionsIn = (network: string) =>
  sql`${fromLiveOrRefusedByNetwork} and ${sessionActivity.lastIp} <<= ${network}::inet`
