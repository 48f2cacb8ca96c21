import { and, asc, desc, eq, gt, inArray, isNull, type SQL, sql } from 'drizzle-orm'
import type { Actor } from '../../audit/types.js'
import { type Database, rowsOf } from '../../db/connect.js'
import { type ImportId, newId } from '../../db/ids.js'
import { insertAll } from '../../db/insertAll.js'
import { networkImportLines, networkImports } from '../../db/schema/imports.js'
import { type Finding, type ImportLine, MOST_COUNTED_A_LINE, type NetworkImport } from './imports.js'
import { blockNetworks, type NetworkBlocked } from './networkBlocks.js'
import type { Reviewed } from './reviewNetworks.js'

/** Networks that one transaction blocks: while it is open, nobody can sign in. */
const BLOCKED_AT_ONCE = 1_000
/** The same of sessions, by what the review counted: as many as a block ends itself, so that each line can say its own. */
const ENDED_AT_ONCE = MOST_COUNTED_A_LINE

const isWanted = inArray(networkImportLines.finding, ['block', 'overlaps'])

/** Keeps a review, so that what was seen is what is done. */
export async function saveImport(
  db: Database,
  { name, endSessions }: { name: string; endSessions: boolean },
  lines: Reviewed[],
  by: Actor,
): Promise<ImportId> {
  const id = newId<ImportId>()
  await db.transaction(async (tx) => {
    await tx.insert(networkImports).values({ id, name, endSessions, createdByName: by.name })
    await insertAll(
      tx,
      networkImportLines,
      lines.map(({ problem: _, ...line }) => ({ importId: id, ...line })),
    )
  })
  return id
}

export async function findImport(db: Database, id: ImportId): Promise<NetworkImport | undefined> {
  const [row] = await db.select().from(networkImports).where(eq(networkImports.id, id))
  if (!row) return undefined
  // Index: network_import_lines_finding; at most ten thousand lines.
  const groups = rowsOf<{
    finding: Finding
    outcome: ImportLine['outcome']
    lines: number
    sessions: number
    ended: number
    more: boolean
  }>(
    await db.execute(sql`
      select ${networkImportLines.finding} as finding, ${networkImportLines.outcome} as outcome, count(*)::int as lines,
        coalesce(sum(${networkImportLines.sessions}), 0)::int as sessions, sum(${networkImportLines.ended})::int as ended,
        bool_or(${networkImportLines.sessions} is null or ${networkImportLines.sessions} >= ${MOST_COUNTED_A_LINE}) as more
      from ${networkImportLines} where ${networkImportLines.importId} = ${id} group by 1, 2`),
  )
  const summed = (which: (group: (typeof groups)[number]) => boolean, what: 'lines' | 'sessions' | 'ended' = 'lines') =>
    groups.reduce((sum, group) => sum + (which(group) ? group[what] : 0), 0)
  const wanted = ({ finding }: { finding: Finding }) => finding === 'block' || finding === 'overlaps'
  const findings: NetworkImport['findings'] = {}
  for (const { finding, lines } of groups) findings[finding] = (findings[finding] ?? 0) + lines
  return {
    id,
    name: row.name,
    createdAt: row.createdAt,
    createdBy: row.createdByName,
    endSessions: row.endSessions,
    findings,
    wanted: summed(wanted),
    pending: summed((group) => wanted(group) && group.outcome === null),
    outcomes: {
      blocked: summed(({ outcome }) => outcome === 'blocked'),
      kept: summed(({ outcome }) => outcome === 'kept'),
      refused: summed(({ outcome }) => outcome === 'refused'),
    },
    sessions: summed(wanted, 'sessions'),
    orMore: groups.some((group) => wanted(group) && group.more),
    ended: summed(() => true, 'ended'),
  }
}

/** The newest imports, for who comes back to one. */
export async function listImports(
  db: Database,
): Promise<{ id: ImportId; name: string; createdAt: Date; createdBy: string }[]> {
  return db
    .select({
      id: networkImports.id,
      name: networkImports.name,
      createdAt: networkImports.createdAt,
      createdBy: networkImports.createdByName,
    })
    .from(networkImports)
    .orderBy(desc(networkImports.id))
    .limit(5)
}

/** Lines in the order of the file. Indexes: network_import_lines_pkey, network_import_lines_finding */
export async function listImportLines(
  db: Database,
  id: ImportId,
  { findings, after = 0, limit }: { findings?: Finding[] | undefined; after?: number | undefined; limit: number },
): Promise<ImportLine[]> {
  return selectLines(
    db,
    and(
      eq(networkImportLines.importId, id),
      gt(networkImportLines.line, after),
      findings && inArray(networkImportLines.finding, findings),
    ),
    limit,
  )
}

async function selectLines(db: Database, which: SQL | undefined, limit: number): Promise<ImportLine[]> {
  const rows = await db
    .select()
    .from(networkImportLines)
    .where(which)
    .orderBy(asc(networkImportLines.line))
    .limit(limit)
  return rows.map(({ importId: _, ...line }) => line)
}

/**
 * Blocks what the review found to be blocked, up to a thousand lines a transaction, by the road that every block takes:
 * each line's outcome commits with its block. What came between the review and now is looked at again: what is blocked by
 * now stays as it is, and what covers the author or an owner by now is left alone. After a crash the rest is pending, and
 * calling this again does just that.
 *
 * @param atOnce lines of one transaction
 * @returns how many lines this call dealt with
 */
export async function applyImport(
  db: Database,
  found: NetworkImport,
  by: Actor,
  atOnce = BLOCKED_AT_ONCE,
): Promise<number> {
  for (let total = 0; ; ) {
    const lines = await db.transaction((tx) => applyBatch(tx, found, by, atOnce))
    if (lines === 0) return total
    total += lines
  }
}

async function applyBatch(
  tx: Database,
  { id, endSessions }: Pick<NetworkImport, 'id' | 'endSessions'>,
  by: Actor,
  atOnce: number,
): Promise<number> {
  // Somebody else who has the same list done waits here, and finds what is left.
  await tx.select({ id: networkImports.id }).from(networkImports).where(eq(networkImports.id, id)).for('no key update')
  const pending = and(eq(networkImportLines.importId, id), isWanted, isNull(networkImportLines.outcome))
  const lines = upTo(ENDED_AT_ONCE, await selectLines(tx, pending, atOnce))
  if (lines.length === 0) return 0
  const answers = await blockNetworks(
    tx,
    lines.map(({ network, reason, until }) => ({ network: network ?? '', reason, until, endSessions })),
    by,
    { keep: true, sparingOwners: true, details: { import: id } },
  )
  const outcomes = lines.map(({ line, detail }, nth) => ({ line, ...outcomeOf(answers[nth], detail) }))
  await tx.execute(sql`
    update ${networkImportLines} set outcome = done.outcome, detail = done.detail, ended = done.ended
    from json_to_recordset(${JSON.stringify(outcomes)}::text::json) as done (line int, outcome text, detail text, ended int)
    where ${networkImportLines.importId} = ${id} and ${networkImportLines.line} = done.line`)
  return lines.length
}

/** The first lines that together hit no more sessions than that, and one at least. */
function upTo(sessions: number, lines: ImportLine[]): ImportLine[] {
  let hit = 0
  const beyond = lines.findIndex((line, nth) => {
    hit += line.sessions ?? 0
    return hit > sessions && nth > 0
  })
  return beyond === -1 ? lines : lines.slice(0, beyond)
}

function outcomeOf(answer: NetworkBlocked | undefined, detail: string | null) {
  if (!answer) throw new Error('a line was not answered')
  if (answer.status === 'refused') return { outcome: 'refused', detail: REFUSED[answer.why], ended: 0 }
  return answer.kept
    ? { outcome: 'kept', detail: 'Blocked by somebody in the meantime; left as it is.', ended: 0 }
    : { outcome: 'blocked', detail, ended: answer.ended }
}

const REFUSED: Record<Extract<NetworkBlocked, { status: 'refused' }>['why'], string> = {
  'bad-network': 'It is no network.',
  everything: 'It is every address there is.',
  'too-wide': 'A large part of all addresses there are: only an owner may block it.',
  'own-address': 'Your own address is in it now.',
  'owner-inside': 'An owner is signed in from there now.',
  'not-allowed': 'Your role does not allow this any more.',
  'no-reason': 'It has no reason.',
  'until-past': 'Its end lies in the past by now.',
  'until-far': 'Its end is more than ten years ahead.',
}

/** Index: none; an installation has a few of them. */
export async function pruneImports(db: Database): Promise<void> {
  await db.delete(networkImports).where(sql`${networkImports.createdAt} < now() - interval '7 days'`)
}
