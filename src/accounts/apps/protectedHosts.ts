import { asc, eq, type SQL, sql } from 'drizzle-orm'
import { recordAudit } from '../../audit/record.js'
import type { Actor, AuditAction } from '../../audit/types.js'
import type { Database } from '../../db/connect.js'
import { type AppId, BUILT_IN_APP, type HostId, newId } from '../../db/ids.js'
import { protectedHosts } from '../../db/schema/forward.js'
import { apps } from '../../db/schema.js'
import { appendRevocations } from '../../sessions/log/revocations.js'
import { authorityOf } from '../authority.js'
import { findApp } from './apps.js'
import { readHost } from './hostNames.js'
import { type HostRule, type Needed, plainPath } from './hostRules.js'

/** A host that a reverse proxy protects by asking `/verify`, or with `*.` before it all those with one label more. */
export interface ProtectedHost {
  id: HostId
  host: string
  app: { id: AppId; name: string }
  /** Who is let in where no rule says otherwise. */
  role: Needed
  rules: HostRule[]
  createdAt: Date
}

export type HostWanted = Pick<ProtectedHost, 'host' | 'role' | 'rules'> & { appId: AppId }

export type HostSaved =
  | { status: 'saved'; host: ProtectedHost }
  | { status: 'exists' | 'no-app' }
  | { status: 'invalid'; path: 'host' | 'rules'; problem: string }
  | { status: 'refused'; why: 'not-allowed' | 'built-in-app' }

export const MOST_RULES = 50

/** In the order of their names. An installation has tens of them. */
export async function listHosts(db: Database): Promise<ProtectedHost[]> {
  return selectHosts(db).orderBy(asc(protectedHosts.host)).limit(1_000)
}

export async function findHost(db: Database, id: HostId): Promise<ProtectedHost | undefined> {
  const [host] = await selectHosts(db).where(eq(protectedHosts.id, id))
  return host
}

/**
 * Protects a host, or changes how it is protected: in force everywhere within the bound.
 *
 * @param id of the one that is changed; a new one when left out
 * @param by an owner, or a key with scope `admin`
 * @param secure whether Rollcall is served over https: its hosts are then, too
 * @returns undefined when there is none with that id; `exists` when the host is another one's
 */
export async function saveHost(
  db: Database,
  wanted: HostWanted,
  by: Actor,
  { id, secure, own }: { id?: HostId | undefined; secure: boolean; own: string | undefined },
): Promise<HostSaved | undefined> {
  const read = readHost(wanted.host, { secure, own })
  if ('problem' in read) return { status: 'invalid', path: 'host', problem: read.problem }
  const { host } = read
  const rules = canonicalRules(wanted.rules)
  if (typeof rules === 'string') return { status: 'invalid', path: 'rules', problem: rules }
  return db.transaction(async (tx) => {
    const before = id && (await findHost(tx, id))
    if (id && !before) return undefined
    const action = before ? 'host.changed' : 'host.added'
    const why = await whyNot(tx, wanted.appId, by)
    if (why) {
      await record(tx, by, action, { id: id ?? null, host }, { result: 'refused', details: { why } })
      return { status: 'refused', why }
    }
    await holdApp(tx, sql`${wanted.appId}`)
    if (!(await findApp(tx, wanted.appId))) return { status: 'no-app' }
    const saved = await write(tx, { ...wanted, host, rules }, before)
    if (!saved) return { status: 'exists' }
    await tellFollowers(tx, before, saved)
    await record(tx, by, action, saved, {
      details: { ...(before ? { before: shown(before) } : {}), after: shown(saved) },
    })
    return { status: 'saved', host: saved }
  })
}

/** The same of what is named alone: the rest stays as it is by then, as somebody else may be changing it. */
export async function changeHost(
  db: Database,
  id: HostId,
  changes: { [field in keyof HostWanted]?: HostWanted[field] | undefined },
  by: Actor,
  where: { secure: boolean; own: string | undefined },
): Promise<HostSaved | undefined> {
  return db.transaction(async (tx) => {
    await holdApp(tx, sql`(select ${protectedHosts.appId} from ${protectedHosts} where ${protectedHosts.id} = ${id})`)
    await tx.execute(sql`select 1 from ${protectedHosts} where ${protectedHosts.id} = ${id} for update`)
    const before = await findHost(tx, id)
    if (!before) return undefined
    const { host = before.host, appId = before.app.id, role = before.role, rules = before.rules } = changes
    return saveHost(tx, { host, appId, role, rules }, by, { id, ...where })
  })
}

/** The app before its hosts, as who deletes it does: they come first, or find the host. */
const holdApp = (tx: Database, id: SQL) => tx.execute(sql`select 1 from ${apps} where ${apps.id} = ${id} for share`)

/** Nobody is let in there any more. @returns undefined when there is none */
export async function removeHost(
  db: Database,
  id: HostId,
  by: Actor,
): Promise<{ status: 'removed'; host: ProtectedHost } | { status: 'refused'; why: 'not-allowed' } | undefined> {
  return db.transaction(async (tx) => {
    const host = await findHost(tx, id)
    if (!host) return undefined
    if ((await authorityOf(tx, by)) !== 'owner') {
      await record(tx, by, 'host.removed', host, { result: 'refused', details: { why: 'not-allowed' } })
      return { status: 'refused', why: 'not-allowed' }
    }
    await tx.delete(protectedHosts).where(eq(protectedHosts.id, id))
    await tellFollowers(tx, host)
    await record(tx, by, 'host.removed', host, { details: { before: shown(host) } })
    return { status: 'removed', host }
  })
}

/** @returns what is wrong with them, in words, where something is */
function canonicalRules(rules: HostRule[]): HostRule[] | string {
  if (rules.length > MOST_RULES) return `must be at most ${MOST_RULES}`
  const canonical: HostRule[] = []
  for (const { path, role } of rules) {
    const plain = plainPath(path)?.replace(/(?<=.)\/$/, '')
    if (plain === undefined || path.length > 200 || /[?#]/.test(path))
      return `must have paths such as /admin; “${path.slice(0, 60)}” is none`
    if (canonical.some((one) => one.path === plain)) return `has ${plain} twice`
    canonical.push({ path: plain, role })
  }
  return canonical
}

/** Rollcall's own sessions are for Rollcall alone (S-38). */
async function whyNot(tx: Database, appId: AppId, by: Actor) {
  if ((await authorityOf(tx, by)) !== 'owner') return 'not-allowed'
  return appId === BUILT_IN_APP ? 'built-in-app' : undefined
}

async function write(
  tx: Database,
  { host, appId, role, rules }: HostWanted,
  before: ProtectedHost | undefined,
): Promise<ProtectedHost | undefined> {
  const [taken] = await selectHosts(tx).where(eq(protectedHosts.host, host))
  if (taken && taken.id !== before?.id) return undefined
  const id = before?.id ?? newId<HostId>()
  const values = { host, appId, role, rules }
  const written = before
    ? await tx.update(protectedHosts).set(values).where(eq(protectedHosts.id, id)).returning({ id: protectedHosts.id })
    : await tx
        .insert(protectedHosts)
        .values({ id, ...values })
        .onConflictDoNothing()
        .returning({ id: protectedHosts.id })
  return written.length > 0 ? findHost(tx, id) : undefined
}

/** By the entry of an app: each process then reads anew which hosts there are. */
const tellFollowers = (tx: Database, ...hosts: (ProtectedHost | undefined)[]) =>
  appendRevocations(
    tx,
    [...new Set(hosts.flatMap((host) => host?.app.id ?? []))].map((target) => ({ kind: 'app', target })),
  )

const shown = ({ host, app, role, rules }: ProtectedHost) => ({
  host,
  app: app.name,
  role,
  rules: rules.map((rule) => `${rule.path}: ${rule.role}`),
})

const record = (
  tx: Database,
  by: Actor,
  action: Extract<AuditAction, `host.${string}`>,
  { id, host }: { id: HostId | null; host: string },
  entry: Parameters<typeof recordAudit>[3],
) => recordAudit(tx, by, action, { target: { kind: 'host', id, name: host }, ...entry })

const selectHosts = (db: Database) =>
  db
    .select({
      id: protectedHosts.id,
      host: protectedHosts.host,
      app: { id: apps.id, name: apps.name },
      role: protectedHosts.role,
      rules: protectedHosts.rules,
      createdAt: protectedHosts.createdAt,
    })
    .from(protectedHosts)
    .innerJoin(apps, eq(apps.id, protectedHosts.appId))
    .$dynamic()
