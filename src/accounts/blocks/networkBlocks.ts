import { and, eq, isNull, sql } from 'drizzle-orm'
import { recordAudit, recordAuditOfEach } from '../../audit/record.js'
import type { Actor } from '../../audit/types.js'
import { type Database, databaseTime } from '../../db/connect.js'
import type { BlockId } from '../../db/ids.js'
import { announce } from '../../db/notices.js'
import { blocks } from '../../db/schema.js'
import { canonicalAddress, inNetworks, parseNetworks } from '../../devices/address.js'
import { BLOCK_IN_FORCE } from '../../sessions/live.js'
import { appendRevocations } from '../../sessions/log/revocations.js'
import { lockNetworkBlocks } from '../../sessions/start.js'
import { authorityOf } from '../authority.js'
import { toBlock } from '../read.js'
import { atLeast, type Block, type Role } from '../types.js'
import { insertBlocks, type NewBlock, termsOf } from './blocks.js'
import { type BlockTerms, type TermsProblem, termsProblem } from './blockTerms.js'
import { endFromNetworks } from './endFromNetworks.js'
import { isTooWide, networksBeyond, networksTable, readNetwork } from './networkReach.js'

export interface NetworkTerms extends BlockTerms {
  /** An address or a network, in any spelling. */
  network: string
  /** End what is signed in from there; else those sessions are refused for as long as the block holds. */
  endSessions?: boolean | undefined
  /** The author's own address, typed, when the network contains it. */
  confirmOwnAddress?: string | undefined
}

export type NetworkBlocked =
  /** `more`: others are refused already, and end in the background. `kept`: it was blocked before, and nothing was changed. */
  | { status: 'blocked'; block: Block; ended: number; more: boolean; kept: boolean }
  /** `problem` says in words what is wrong with the network. */
  | { status: 'refused'; why: 'bad-network' | 'everything' | 'too-wide'; problem: string }
  | { status: 'refused'; why: 'own-address'; address: string }
  | { status: 'refused'; why: 'not-allowed' | 'owner-inside' | TermsProblem }

/** So long stands a block over its author's own address, unless it is confirmed from there. */
const CONFIRMED_WITHIN_MS = 5 * 60_000

type NetworkRefused = Extract<NetworkBlocked, { status: 'refused' }>

/**
 * The one road to a blocked network (S-10). A block that covers its author's own address needs that address typed, and
 * undoes itself after five minutes unless `confirmBlock` comes from there; until then the author's own session is spared.
 */
export async function blockNetwork(db: Database, terms: NetworkTerms, by: Actor): Promise<NetworkBlocked> {
  const [answer] = await blockNetworks(db, [terms], by)
  if (!answer) throw new Error('one network was asked for and none answered')
  return answer
}

export interface ManyOptions {
  keep?: boolean
  sparingOwners?: boolean
  /** For the audit log. */
  details?: Record<string, unknown>
}

/**
 * The same for up to a thousand, in one transaction: each is blocked or refused by itself.
 *
 * @param list each network once
 * @param keep leaves a block in force as it is, instead of replacing it
 * @param sparingOwners leaves networks alone that another owner is signed in from, whoever asks
 * @returns an answer to each, in their order
 */
export async function blockNetworks(
  db: Database,
  list: readonly NetworkTerms[],
  by: Actor,
  { keep = false, sparingOwners = false, details = {} }: ManyOptions = {},
): Promise<NetworkBlocked[]> {
  return db.transaction(async (tx) => {
    // Two blocks of one network at the same moment: the second replaces the first. A sign-in under way commits first, so
    // that its session is found, or looks at the blocks when this one is there (S-13).
    await lockNetworkBlocks(tx)
    // After the wait, not before it: who signed in meanwhile was there before the block, and the job ends them too.
    const now = await databaseTime(tx)
    const read = list.map((terms) => ({ terms, read: readNetwork(terms.network) }))
    const networks = read.flatMap(({ read }) => ('network' in read ? [read.network] : []))
    const authority = await authorityOf(tx, by)
    const beyond = await networksBeyond(tx, networks, by, authority, sparingOwners)
    const judged = read.map(({ terms, read }): Judged => {
      if ('problem' in read) return { terms, refused: { status: 'refused', ...read } }
      const { network } = read
      const coversAuthor = 'ip' in by && inNetworks(by.ip, parseNetworks([network]))
      const asked = { network, terms, coversAuthor }
      const why = whyNot(asked, by, authority, beyond) ?? termsProblem(terms, now)
      if (!why) return asked
      return { network, terms, refused: typeof why === 'string' ? { status: 'refused', why } : why }
    })
    await recordRefusals(tx, judged, by, details)
    const kept = keep ? await inForce(tx, networks) : new Map<string, NetworkBlocked>()
    const accepted = judged.flatMap((one) => ('refused' in one || kept.has(one.network) ? [] : [one]))
    const blocked = new Map([...kept, ...(await setBlocks(tx, accepted, now, by, details))])
    return judged.map((one) => ('refused' in one ? one.refused : answerTo(blocked, one.network)))
  })
}

interface Asked {
  network: string
  terms: NetworkTerms
  coversAuthor: boolean
}

type Judged = Asked | { network?: string; terms: NetworkTerms; refused: NetworkRefused }

function answerTo(blocked: Map<string, NetworkBlocked>, network: string): NetworkBlocked {
  const answer = blocked.get(network)
  if (!answer) throw new Error(`the block of ${network} was not stored`)
  return answer
}

function whyNot({ network, terms, coversAuthor }: Asked, by: Actor, authority: Role, beyond: Set<string>) {
  if (!atLeast(authority, 'responder')) return 'not-allowed'
  if (authority !== 'owner' && isTooWide(network)) {
    const problem = `${network} is a large part of all addresses there are: only an owner may block it.`
    return { status: 'refused', why: 'too-wide', problem } as const
  }
  if (beyond.has(network)) return 'owner-inside'
  const address = 'ip' in by && coversAuthor ? by.ip : null
  if (address && canonicalAddress(terms.confirmOwnAddress ?? '') !== canonicalAddress(address))
    return { status: 'refused', why: 'own-address', address } as const
  return undefined
}

async function recordRefusals(tx: Database, judged: Judged[], by: Actor, details: Record<string, unknown>) {
  const entries = judged.flatMap((one) =>
    'refused' in one && one.network
      ? [
          {
            result: 'refused' as const,
            target: { kind: 'network', id: one.network, name: one.network },
            reason: one.terms.reason,
            details: { ...details, why: one.refused.why },
          },
        ]
      : [],
  )
  await recordAuditOfEach(tx, by, 'network.blocked', entries)
}

async function setBlocks(tx: Database, accepted: Asked[], now: Date, by: Actor, details: Record<string, unknown>) {
  const answers = new Map<string, NetworkBlocked>()
  if (accepted.length === 0) return answers
  const networks = accepted.map(({ network }) => network)
  const replaced = await replaceBlocks(tx, networks, by)
  const there = accepted.flatMap(({ network, terms }) => (terms.endSessions ? [{ network, reason: terms.reason }] : []))
  const { ended, more } = await endFromNetworks(tx, there, by)
  const wanted = accepted.map(
    ({ network, terms, coversAuthor }): NewBlock => ({
      kind: 'network',
      network,
      terms,
      createdAt: now,
      ended: ended.get(network) ?? 0,
      stillEnding: more && terms.endSessions === true,
      confirmBy: coversAuthor ? new Date(now.getTime() + CONFIRMED_WITHIN_MS) : null,
    }),
  )
  const rows = await insertBlocks(tx, wanted, by)
  await appendRevocations(
    tx,
    networks.map((target) => ({ kind: 'network', target })),
  )
  const entries = rows.map((block, nth) => {
    const network = networks[nth] ?? ''
    const before = replaced.get(network)
    answers.set(network, {
      status: 'blocked',
      block: toBlock(block, null),
      ended: block.ended,
      more: block.stillEnding,
      kept: false,
    })
    return {
      target: { kind: 'network', id: network, name: network },
      reason: block.reason,
      details: {
        ...details,
        ...(before ? { before: termsOf(before) } : {}),
        after: termsOf(block),
        ended: block.ended,
        ...(block.stillEnding ? { more } : {}),
      },
    }
  })
  await recordAuditOfEach(tx, by, 'network.blocked', entries)
  await announce(tx, { kind: 'blocks' }, { kind: 'policy' })
  return answers
}

/** Index: blocks_one_a_network. */
async function inForce(tx: Database, networks: string[]): Promise<Map<string, NetworkBlocked>> {
  if (networks.length === 0) return new Map()
  const rows = await tx
    .select()
    .from(blocks)
    .where(and(isOneOf(networks), BLOCK_IN_FORCE))
  return new Map(
    rows.map((row) => {
      const block = toBlock(row, null)
      return [row.network ?? '', { status: 'blocked', block, ended: 0, more: false, kept: true }]
    }),
  )
}

const isOneOf = (networks: string[]) =>
  sql`(${blocks.network} in (select asked.network from ${networksTable(networks)})
    and ${blocks.kind} = 'network' and ${blocks.liftedAt} is null)`

/** One that has run out and is not lifted yet makes room too. */
async function replaceBlocks(tx: Database, networks: string[], by: Actor) {
  const replaced = await tx
    .update(blocks)
    .set({ liftedAt: sql`now()`, liftedByName: by.name, liftReason: 'Replaced by another block' })
    .where(isOneOf(networks))
    .returning()
  return new Map(replaced.map((block) => [block.network ?? '', block]))
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
    await announce(tx, { kind: 'blocks' }, { kind: 'policy' })
    return confirmed && { status: 'confirmed', block: toBlock(confirmed, null) }
  })
}
