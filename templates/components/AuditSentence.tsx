import type { Child } from 'hono/jsx'
import type { IconName } from '../../src/assets/icons.js'
import type { AuditEvent } from '../../src/audit/types.js'
import { countText, roleText } from '../words.js'
import type { Tone } from './Icon.js'
import { usePage } from './page.js'

/** "Ada Byrne signed out Priya Raman's session on Chrome, Windows from 203.0.113.7 - reason: compromised" */
export function AuditSentence({ event, brief }: { event: AuditEvent; brief?: boolean }) {
  const { viewer } = usePage()
  const you = event.actor.id !== null && event.actor.id === viewer?.accountId
  return (
    <span class="audit-sentence">
      <strong>{you && brief ? 'You' : event.actor.name}</strong> {sentence(event, you && Boolean(brief))}
      {event.reason && (
        <span class="muted">
          {brief ? ' · ' : ' - reason: '}
          {event.reason}
        </span>
      )}
    </span>
  )
}

/** How an event looks at the start of its line. */
export function auditIcon({ action, result }: Pick<AuditEvent, 'action' | 'result'>): {
  name: IconName
  tone: Tone | undefined
} {
  if (result === 'refused' || action === 'sign-in.refused' || action === 'access.refused')
    return { name: 'triangle-alert', tone: 'amber' }
  const icons: Partial<Record<AuditEvent['action'], IconName>> = {
    'session.started': 'log-in',
    'session.ended': 'log-out',
    'session.revoked': 'log-out',
    'account.sessions-revoked': 'log-out',
    'account.created': 'user-plus',
    'account.invited': 'mail',
    'account.updated': 'pencil',
    'account.role-changed': 'shield',
    'account.blocked': 'ban',
    'account.block-lifted': 'lock-open',
    'account.password-changed': 'key-round',
    'account.unlocked': 'lock-open',
    'network.blocked': 'network',
    'network.block-lifted': 'lock-open',
    'setup.completed': 'check',
    'key.created': 'key-round',
    'key.revoked': 'key-round',
    'settings.changed': 'settings',
  }
  const red = action === 'account.blocked' || action === 'network.blocked'
  return { name: icons[action] ?? 'activity', tone: red ? 'red' : undefined }
}

function sentence(event: AuditEvent, you: boolean): Child {
  const target = <Target event={event} />
  const self = event.target?.id !== null && event.target?.id === event.actor.id
  switch (event.action) {
    case 'session.started':
      return 'signed in'
    case 'session.ended':
      return 'signed out'
    case 'session.revoked':
      return (
        <>
          signed out {possessive(event)} session{onDevice(event)}
        </>
      )
    case 'account.sessions-revoked':
      return (
        <>
          signed out {ended(event, 'all sessions')} of {target}
        </>
      )
    case 'account.created':
      return <>made the account {target}</>
    case 'account.invited':
      return <>invited {target}</>
    case 'account.updated':
      return self ? `changed ${you ? 'your' : 'their'} own name or e-mail` : <>changed the account {target}</>
    case 'account.role-changed':
      return (
        <>
          changed the role of {target}
          {roleChange(event)}
        </>
      )
    case 'account.blocked':
      return (
        <>
          blocked {target}
          {event.details.ended ? `, ending ${ended(event, 'sessions')}` : ''}
        </>
      )
    case 'account.block-lifted':
      return <>lifted the block on {target}</>
    case 'account.password-changed':
      return self || !event.target ? 'changed the password' : <>changed the password of {target}</>
    case 'account.unlocked':
      return <>unlocked {target}</>
    case 'network.blocked':
      return (
        <>
          blocked the network {target}
          {event.details.ended ? `, ending ${ended(event, 'sessions')}` : ''}
        </>
      )
    case 'network.block-lifted':
      return <>lifted the block on the network {target}</>
    case 'sign-in.refused':
      return event.target && event.target.name !== event.actor.name ? (
        <>tried to sign in as {target}</>
      ) : (
        'tried to sign in'
      )
    case 'setup.completed':
      return 'set up Rollcall and became its first owner'
    case 'key.created':
      return <>made the API key {target}</>
    case 'key.revoked':
      return <>revoked the API key {target}</>
    case 'app.created':
      return <>added the app {target}</>
    case 'settings.changed':
      return 'changed the settings'
    case 'access.refused':
      return event.target ? <>tried to reach {target}</> : 'tried what the role does not allow'
  }
}

function Target({ event }: { event: AuditEvent }) {
  if (!event.target) return <>someone</>
  const mono = event.target.kind === 'network' || event.target.kind === 'address'
  return <strong class={mono ? 'mono' : undefined}>{event.target.name}</strong>
}

function possessive({ details }: AuditEvent): Child {
  return typeof details.account === 'string' ? (
    <>
      <strong>{details.account}</strong>’s
    </>
  ) : (
    'a'
  )
}

function onDevice({ details }: AuditEvent): Child {
  return (
    <>
      {typeof details.device === 'string' && ` on ${details.device}`}
      {typeof details.ip === 'string' && (
        <>
          {' '}
          from <span class="mono">{details.ip}</span>
        </>
      )}
    </>
  )
}

function ended({ details }: AuditEvent, otherwise: string): string {
  return typeof details.ended === 'number' ? countText(details.ended, 'session') : otherwise
}

function roleChange({ details }: AuditEvent): string {
  const role = details.after?.role
  return role === 'person' || role === 'viewer' || role === 'responder' || role === 'owner'
    ? ` to ${roleText(role).toLowerCase()}`
    : ''
}
