import { validate } from 'uuid'
import type { Page } from '../../templates/components/page.js'
import { reach } from '../../templates/components/page.js'
import type { PaletteResult } from '../../templates/components/palette.js'
import { countText, roleText } from '../../templates/words.js'
import { listAccounts } from '../accounts/list.js'
import type { AccountSummary } from '../accounts/types.js'
import { findAuditEvent } from '../audit/list.js'
import { auditSentence, sentenceText } from '../audit/sentence.js'
import type { Database } from '../db/connect.js'
import type { AuditEventId, SessionId } from '../db/ids.js'
import { canonicalAddress, limitNetworks, networkAround } from '../devices/address.js'
import { deviceText, placeText } from '../devices/words.js'
import { mask } from '../masking/mask.js'
import { maskedNetwork, maskText } from '../masking/text.js'
import { listSessions } from '../sessions/lists/list.js'
import { findSession } from '../sessions/read.js'
import type { Session } from '../sessions/types.js'
import { appsNamed } from './paletteApps.js'
import { placesNamed } from './palettePlaces.js'

const PEOPLE_SHOWN = 6
const SESSIONS_SHOWN = 4
/** Acts are offered on people as long as it is plain who is meant. */
const PEOPLE_ACTED_ON = 2
const SHORTEST_NAME = 2
/** "block priya", "sign out 203.0.113.7": what follows is looked for, and what is to be done with it comes first. */
const VERB = /^(block|ban|sign[\s-]?out)\s+(?=\S)/i

/**
 * What somebody may mean by what they typed: people, sessions, networks, apps, pages, and the actions that their role allows.
 * Nothing typed: every page and action.
 */
export async function findForPalette(
  db: Database,
  typed: string,
  page: Pick<Page, 'can' | 'viewer'>,
): Promise<PaletteResult[]> {
  if (page.viewer?.masked) return findForMasked(db, typed, page)
  const [verb = ''] = VERB.exec(typed) ?? []
  const meant = typed.slice(verb.length).trim()
  const network = meant ? networkResults(meant, page) : []
  const found = network.length > 0 ? await sessionsFrom(db, meant) : await peopleAndSessions(db, meant, page)
  const results = [...network, ...found, ...(await appsNamed(db, meant, page)), ...placesNamed(typed, page.can)]
  if (!verb) return results
  return results.toSorted((a, b) => Number(b.kind === 'Action') - Number(a.kind === 'Action'))
}

/** Nobody is found by what is masked for who looks; an address stands for the network that is shown of it. */
async function findForMasked(
  db: Database,
  typed: string,
  page: Pick<Page, 'can' | 'viewer'>,
): Promise<PaletteResult[]> {
  const shown = maskText(typed)
  const network = maskedNetwork(shown) ?? shown
  return [
    ...(shown.includes('/') || network !== shown ? networkResults(network, page) : []),
    ...(validate(typed) ? await byId(db, typed.toLowerCase(), mask) : []),
    ...(await appsNamed(db, typed, page)),
    ...placesNamed(typed, page.can),
  ]
}

async function peopleAndSessions(
  db: Database,
  meant: string,
  page: Pick<Page, 'can' | 'viewer'>,
): Promise<PaletteResult[]> {
  if (meant.length < SHORTEST_NAME) return []
  const { items } = await listAccounts(db, { q: meant }, { limit: PEOPLE_SHOWN })
  const acts = items.length <= PEOPLE_ACTED_ON ? items.flatMap((account) => actsOn(account, page)) : []
  return [...items.map(toPerson), ...acts, ...(validate(meant) ? await byId(db, meant.toLowerCase()) : [])]
}

function toPerson({ id, name, email, role, status, liveSessions }: AccountSummary): PaletteResult {
  const more = [
    email,
    role === 'person' ? undefined : roleText(role),
    status === 'blocked' ? 'Blocked' : liveSessions > 0 ? countText(liveSessions, 'live session') : undefined,
  ]
  return { kind: 'Person', href: `/admin/accounts/${id}`, icon: 'user', text: name, detail: joined(more) }
}

function actsOn(account: AccountSummary, page: Pick<Page, 'can' | 'viewer'>): PaletteResult[] {
  const { id, name, status, liveSessions } = account
  const may = reach(page, account)
  const results: PaletteResult[] = []
  if (liveSessions > 0) {
    const href = `/admin/sessions?account=${id}`
    results.push({ kind: 'Sessions', href, icon: 'radio', text: `Sessions of ${name}` })
  }
  if (may.revoke && liveSessions > 0) {
    const href = `/admin/accounts/${id}/revoke-sessions`
    results.push({ kind: 'Action', href, icon: 'log-out', text: `Sign out ${name} everywhere…` })
  }
  if (may.block && status !== 'blocked') {
    const href = `/admin/accounts/${id}/block`
    results.push({ kind: 'Action', href, icon: 'ban', tone: 'red', text: `Block ${name}…` })
  }
  return results
}

async function byId(db: Database, id: string, seen = <T>(found: T): T => found): Promise<PaletteResult[]> {
  const session = await findSession(db, id as SessionId)
  if (session) return [toResult(seen(session))]
  const event = await findAuditEvent(db, id as AuditEventId)
  if (!event) return []
  const text = sentenceText(auditSentence(seen(event)))
  return [{ kind: 'Event', href: `/admin/audit/${id}`, icon: 'scroll-text', text }]
}

/** An address has the network around it beside itself; where host bits are set, the network that was meant stands there. */
function networkResults(meant: string, { can }: Pick<Page, 'can'>): PaletteResult[] {
  const address = canonicalAddress(meant)
  const read = address ? undefined : networkAround(meant)
  const typed = address ?? (read && 'network' in read ? read.network : undefined)
  if (!typed) return []
  const around = address ? limitNetworks(address).slice(0, 1) : []
  return [
    ...[typed, ...around].map((network): PaletteResult => {
      const href = `/admin/sessions?ip=${encodeURIComponent(network)}`
      return { kind: 'Sessions', href, icon: 'radio', text: `Sessions from ${network}` }
    }),
    ...(can.block ? [typed] : []).map((network): PaletteResult => {
      const href = `/admin/blocks/new?network=${encodeURIComponent(network)}`
      return { kind: 'Action', href, icon: 'ban', tone: 'red', text: `Block ${network}…` }
    }),
    {
      kind: 'Page',
      href: `/admin/audit?q=${encodeURIComponent(typed)}`,
      icon: 'scroll-text',
      text: `Audit log: from ${typed}`,
    },
  ]
}

/** Of an address the newest live sessions themselves; a network may have thousands. */
async function sessionsFrom(db: Database, meant: string): Promise<PaletteResult[]> {
  const ip = canonicalAddress(meant)
  if (!ip) return []
  const { items } = await listSessions(db, { ip }, { limit: SESSIONS_SHOWN })
  return items.map(toResult)
}

function toResult({ id, account, device, lastPlace, state, app }: Session): PaletteResult {
  return {
    kind: 'Session',
    href: `/admin/sessions/${id}`,
    icon: 'monitor-smartphone',
    text: account.name,
    detail: joined([state === 'ended' ? 'Ended' : undefined, deviceText(device), placeText(lastPlace), app.name]),
  }
}

const joined = (parts: (string | null | undefined)[]) => parts.filter(Boolean).join(' · ')
