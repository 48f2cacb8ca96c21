import type { AppIcon } from '../../src/accounts/types.js'
import type { AuditEvent } from '../../src/audit/types.js'
import { type AccountId, type AppId, type AuditEventId, newId, type SessionId } from '../../src/db/ids.js'
import type { Device, Place } from '../../src/devices/types.js'
import type { Facet, Facets, Session, SessionDetail } from '../../src/sessions/types.js'
import type { Page } from '../../templates/components/page.js'

/* The people of the design's pictures, for previews of the pages. */

export const NOW = new Date('2026-11-24T12:04:00Z')
const ago = (minutes: number, seconds = 0) => new Date(NOW.getTime() - minutes * 60_000 - seconds * 1000)

type Line = [
  name: string,
  email: string,
  browser: string,
  os: string,
  model: string | null,
  ip: string,
  city: string,
  country: string,
  latitude: number,
  longitude: number,
  asn: number,
  owner: string,
  app: string,
  method: string,
  minutes: number,
  seenSeconds: number,
]
const LINES: Line[] = [
  [
    'Aiko Tanaka',
    'aiko.tanaka@northwind.io',
    'Safari 26.1',
    'iOS 26.1',
    'iPhone',
    '203.0.113.96',
    'Lisbon',
    'PT',
    38.72,
    -9.14,
    3243,
    'MEO',
    'Console',
    'password',
    4,
    38,
  ],
  [
    'Priya Raman',
    'priya@northwind.io',
    'Chrome 142.0',
    'Windows 11',
    null,
    '203.0.113.34',
    'Frankfurt',
    'DE',
    50.11,
    8.68,
    60729,
    'Tor exit',
    'Billing',
    'password',
    4,
    21,
  ],
  [
    'Sam Okafor',
    'sam@northwind.io',
    'Chrome 142.0',
    'Android 15',
    null,
    '203.0.113.170',
    'Lagos',
    'NG',
    6.52,
    3.38,
    29465,
    'MTN',
    'Mobile',
    'password',
    26,
    190,
  ],
  [
    'Ada Byrne',
    'ada@northwind.io',
    'Firefox 145.0',
    'macOS 15.1',
    null,
    '192.0.2.18',
    'Dublin',
    'IE',
    53.35,
    -6.26,
    5466,
    'Eir',
    'Rollcall',
    'password',
    52,
    1,
  ],
  [
    'Noor Haddad',
    'noor@northwind.io',
    'Safari 26.0',
    'iPadOS 26',
    'iPad',
    '198.51.100.140',
    'Beirut',
    'LB',
    33.89,
    35.5,
    39010,
    'Terranet',
    'Billing',
    'password',
    68,
    490,
  ],
  [
    'Mara Lindqvist',
    'mara@northwind.io',
    'Chrome 142.0',
    'macOS 15',
    null,
    '203.0.113.42',
    'London',
    'GB',
    51.51,
    -0.13,
    20712,
    'Andrews & Arnold',
    'Console',
    'password',
    130,
    2,
  ],
  [
    'Nguyễn Linh',
    'linh@northwind.io',
    'Chrome 142.0',
    'macOS 15',
    null,
    '192.0.2.201',
    'Da Nang',
    'VN',
    16.05,
    108.2,
    45899,
    'VNPT',
    'Console',
    'password',
    190,
    730,
  ],
  [
    'Zofia Wiśniewska',
    'zofia@northwind.io',
    'Firefox 145.0',
    'Linux',
    null,
    '2001:db8:8a::19',
    'Kraków',
    'PL',
    50.06,
    19.94,
    5617,
    'Orange Polska',
    'Console',
    'password',
    250,
    900,
  ],
  [
    'Tomás Silva',
    'tomas@northwind.io',
    'Firefox 145.0',
    'Windows 11',
    null,
    '203.0.113.133',
    'São Paulo',
    'BR',
    -23.55,
    -46.63,
    28573,
    'Claro',
    'Console',
    'password',
    310,
    680,
  ],
  [
    'Aiko Tanaka',
    'aiko.tanaka@northwind.io',
    'Edge 142.0',
    'Windows 11',
    null,
    '198.51.100.91',
    'Osaka',
    'JP',
    34.69,
    135.5,
    17676,
    'SoftBank',
    'Console',
    'password',
    365,
    130,
  ],
  [
    'Jonas Weber',
    'jonas.weber@northwind.io',
    'Firefox 145.0',
    'Linux',
    null,
    '198.51.100.17',
    'Berlin',
    'DE',
    52.52,
    13.4,
    3320,
    'Deutsche Telekom',
    'Console',
    'password',
    1200,
    12,
  ],
  [
    'Kofi Mensah',
    'kofi@northwind.io',
    'Chrome 142.0',
    'Windows 11',
    null,
    '198.51.100.66',
    'Accra',
    'GH',
    5.6,
    -0.19,
    30986,
    'Scancom',
    'Billing',
    'password',
    1300,
    850,
  ],
  [
    'Diego Fuentes',
    'diego@northwind.io',
    'Safari 26.0',
    'iOS 26.1',
    'iPhone',
    '192.0.2.108',
    'Mexico City',
    'MX',
    19.43,
    -99.13,
    8151,
    'Uninet',
    'Mobile',
    'password',
    1500,
    300,
  ],
  [
    'Leila Haddadi',
    'leila@northwind.io',
    'Chrome 141.0',
    'Windows 10',
    null,
    '198.51.100.33',
    'Casablanca',
    'MA',
    33.57,
    -7.59,
    36903,
    'Maroc Telecom',
    'Console',
    'password',
    1800,
    1200,
  ],
  [
    'Grace Kim',
    'grace@northwind.io',
    'Samsung Internet 28',
    'Android 15',
    'Galaxy S24',
    '203.0.113.77',
    'Seoul',
    'KR',
    37.57,
    126.98,
    4766,
    'Korea Telecom',
    'Mobile',
    'password',
    2000,
    60,
  ],
  [
    'Oliver Smith',
    'oliver@northwind.io',
    'Chrome 142.0',
    'Chrome OS',
    null,
    '192.0.2.90',
    'Sydney',
    'AU',
    -33.87,
    151.21,
    1221,
    'Telstra',
    'Console',
    'password',
    2500,
    4000,
  ],
  [
    'Emma Johansen',
    'emma@northwind.io',
    'Safari 26.0',
    'macOS 15',
    null,
    '10.4.0.12',
    '',
    '',
    0,
    0,
    0,
    '',
    'Console',
    'password',
    3000,
    600,
  ],
  [
    'Marcus Lee',
    'marcus@northwind.io',
    'Chrome 142.0',
    'Windows 11',
    null,
    '198.51.100.201',
    'New York',
    'US',
    40.71,
    -74.01,
    7922,
    'Comcast',
    'Console',
    'password',
    3400,
    90,
  ],
  [
    'Sofia Rossi',
    'sofia@northwind.io',
    'Firefox 144.0',
    'Ubuntu',
    null,
    '203.0.113.9',
    'Milan',
    'IT',
    45.46,
    9.19,
    3269,
    'Telecom Italia',
    'Warehouse',
    'password',
    4000,
    5000,
  ],
  [
    'Build robot',
    '',
    'curl 8.9',
    '',
    null,
    '192.0.2.44',
    'Ashburn',
    'US',
    39.04,
    -77.49,
    14618,
    'Amazon',
    'API',
    'api',
    5000,
    15,
  ],
]

const appIds = new Map<string, AppId>()
const ICONS: Record<string, AppIcon> = { Console: 'code', Billing: 'credit-card', Mobile: 'message-square' }
const accountIds = new Map<string, AccountId>()
function idOf<T extends string>(ids: Map<string, T>, key: string): T {
  const id = ids.get(key) ?? newId<T>()
  ids.set(key, id)
  return id
}

function placeOf([, , , , , , city, country, latitude, longitude, asn, networkOwner]: Line): Place {
  if (!city)
    return {
      kind: 'private',
      country: null,
      region: null,
      city: null,
      latitude: null,
      longitude: null,
      asn: null,
      networkOwner: null,
    }
  return { kind: 'place', country, region: null, city, latitude, longitude, asn, networkOwner }
}

function versioned(text: string): [string | null, string | null] {
  const match = /^(.*?)(?: ([\d.]+))?$/.exec(text)
  return [match?.[1] || null, match?.[2] ?? null]
}

export function aSession(line: Line): Session {
  const [name, email, browserLine, osLine, model, ip, , , , , , , app, method, minutes, seenSeconds] = line
  const [browser, browserVersion] = versioned(browserLine)
  const [os, osVersion] = versioned(osLine)
  const device: Device = {
    browser,
    browserVersion,
    os,
    osVersion,
    type:
      model === 'iPad' ? 'tablet' : model || os === 'Android' ? 'mobile' : browser === 'curl' ? 'script' : 'desktop',
    model,
  }
  const createdAt = ago(minutes)
  return {
    id: newId<SessionId>(createdAt),
    account: {
      id: idOf(accountIds, email || name),
      name,
      email: email || null,
      role: name === 'Ada Byrne' ? 'owner' : 'person',
      blocked: false,
    },
    app: { id: idOf(appIds, app), name: app, icon: ICONS[app] ?? 'app-window' },
    state: 'live',
    createdAt,
    expiresAt: new Date(createdAt.getTime() + 30 * 86_400_000),
    lastSeenAt: ago(0, seenSeconds),
    requests: 61 + minutes,
    method,
    ip,
    place: placeOf(line),
    lastIp: ip,
    lastPlace: placeOf(line),
    device,
    userAgent: `Mozilla/5.0 (${model ?? os}; CPU ${os} like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) ${browserLine}`,
    end: null,
  }
}

export const SESSIONS = LINES.map(aSession)
const you = SESSIONS[3] as Session

export const ADA = { kind: 'account', id: you.account.id as string, name: 'Ada Byrne' }

export function anEnded(
  session: Session,
  reason: NonNullable<Session['end']>['reason'],
  by: NonNullable<Session['end']>['by'] = ADA,
): Session {
  return { ...session, state: 'ended', end: { at: ago(0, 2), reason, note: 'compromised', by, position: null } }
}

export function aPage(nonce: string, path: string, theme?: Page['theme'], role: 'owner' | 'viewer' = 'owner'): Page {
  const acts = role === 'owner'
  return {
    nonce,
    path,
    now: NOW,
    theme,
    look: { density: 'comfortable', hiddenColumns: [], singleKeys: true, zone: 'UTC' },
    viewer: {
      accountId: you.account.id,
      sessionId: you.id,
      name: 'Ada Byrne',
      email: you.account.email,
      role,
      masked: false,
    },
    can: { revoke: acts, block: acts, own: acts },
    liveSessions: { n: 48_213, how: 'exact' },
    placeCredit: 'IP geolocation by DB-IP',
  }
}

export function facetsOf(sessions: Session[]): Facets {
  const by = (read: (session: Session) => [string | null, string?]): Facet[] => {
    const counts = new Map<string, Facet>()
    for (const session of sessions) {
      const [value, label] = read(session)
      const key = value ?? 'unknown'
      counts.set(key, { value: key, label: label ?? key, count: (counts.get(key)?.count ?? 0) + 1 })
    }
    return [...counts.values()].sort((a, b) => (b.count ?? 0) - (a.count ?? 0))
  }
  return {
    app: by((session) => [session.app.id, session.app.name]),
    country: by((session) => [session.place.country]),
    browser: by((session) => [session.device.browser]),
    os: by((session) => [session.device.os]),
    device: by((session) => [session.device.type]),
    method: by((session) => [session.method]),
  }
}

export function detailOf(session: Session): SessionDetail {
  const osaka = SESSIONS[9] as Session
  const first = session.ip ? [{ ip: session.ip, place: session.place, firstSeenAt: session.createdAt }] : []
  const moved =
    session.account.name === 'Aiko Tanaka'
      ? [
          { ip: '198.51.100.91', place: osaka.place, firstSeenAt: ago(3) },
          { ip: session.ip ?? '', place: session.place, firstSeenAt: ago(1) },
        ]
      : []
  return {
    ...session,
    addresses: [...first, ...moved],
    others: SESSIONS.filter((other) => other.account.id === session.account.id && other.id !== session.id),
    sharedAddressAccounts: session.account.name === 'Priya Raman' ? 2 : 0,
    network: '203.0.113.0/24',
  }
}

const event = (minutes: number, action: AuditEvent['action'], more: Partial<AuditEvent>): AuditEvent => ({
  id: newId<AuditEventId>(),
  at: ago(minutes),
  action,
  result: 'done',
  actor: { kind: 'account', id: you.account.id, name: 'Ada Byrne' },
  ip: '192.0.2.18',
  country: 'IE',
  city: 'Dublin',
  target: null,
  accountId: null,
  sessionId: null,
  reason: null,
  details: {},
  requestId: null,
  position: null,
  ...more,
})

const jonas = { kind: 'account' as const, id: 'jonas', name: 'Jonas Weber' }
export const EVENTS: AuditEvent[] = [
  event(18, 'account.sessions-revoked', {
    target: { kind: 'account', id: 'x', name: 'Leila Haddadi' },
    reason: 'left the company',
    details: { ended: 3 },
  }),
  event(42, 'account.block-lifted', {
    actor: jonas,
    target: { kind: 'account', id: 'y', name: 'Kofi Mensah' },
    reason: 'mistake',
  }),
  event(62, 'network.blocked', {
    actor: { kind: 'account', id: 'm', name: 'Mara Lindqvist' },
    target: { kind: 'network', id: null, name: '2001:db8:bad::/48' },
    details: { ended: 2 },
  }),
  event(130, 'session.revoked', {
    target: { kind: 'session', id: 's', name: 'Chrome 142 on Windows' },
    details: { account: 'Priya Raman', device: 'Chrome 142 on Windows', ip: '203.0.113.7' },
    reason: 'compromised',
  }),
  event(185, 'settings.changed', { actor: jonas, reason: 'policy' }),
]

/** A day of quarters of an hour with the shape of office hours. */
export function aDay(
  live: number,
): { at: Date; live: number; online: number; signIns: number; failures: number; ended: number }[] {
  return Array.from({ length: 96 }, (_, i) => {
    const at = new Date(Math.floor(NOW.getTime() / 900_000 - 95 + i) * 900_000)
    const hour = at.getUTCHours() + at.getUTCMinutes() / 60
    const busy = Math.exp(-((hour - 12.5) ** 2) / 20)
    return {
      at,
      live: Math.round(live * (0.66 + 0.32 * busy) + Math.sin(i / 5) * live * 0.01),
      online: Math.round(live * 0.6 * (0.5 + busy / 2)),
      signIns: Math.round(live * 0.02 * (0.15 + busy)),
      failures: Math.round(live * 0.0007 + (i > 92 ? live * 0.006 : 0)),
      ended: Math.round(live * 0.01 * busy),
    }
  })
}
