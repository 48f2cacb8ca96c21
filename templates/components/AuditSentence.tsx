import type { IconName } from '../../src/assets/icons.js'
import { auditSentence } from '../../src/audit/sentence.js'
import type { AuditEvent } from '../../src/audit/types.js'
import { besideText } from '../words.js'
import type { Tone } from './Icon.js'
import { Isolated } from './Isolated.js'
import { usePage } from './page.js'

/**
 * "Ada Byrne signed out Priya Raman's session on Chrome on Windows from 203.0.113.7 - reason: compromised"
 *
 * @param brief where room is short: "You" for the reader, first names, no device and no address
 */
export function AuditSentence({ event, brief }: { event: AuditEvent; brief?: boolean }) {
  const { viewer, look } = usePage()
  const parts = auditSentence(event, brief ? { you: viewer?.accountId, brief } : {})
  return (
    <span class="audit-sentence">
      {parts.map(({ text, at, strong, mono, muted }) => {
        if (at) return <time datetime={at.toISOString()}>{besideText(at, event.at, look.zone)}</time>
        if (strong) {
          return (
            <strong class={mono ? 'mono' : undefined}>
              <bdi>{text}</bdi>
            </strong>
          )
        }
        const words = <Isolated text={text} />
        return muted || mono ? <span class={muted ? 'muted' : 'mono'}>{words}</span> : words
      })}
    </span>
  )
}

const RED: AuditEvent['action'][] = [
  'account.blocked',
  'network.blocked',
  'app.disabled',
  'killswitch.used',
  'detection.opened',
]

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
    'detection.opened': 'triangle-alert',
    'sessions.revoked': 'log-out',
    'account.sessions-revoked': 'log-out',
    'account.created': 'user-plus',
    'account.invited': 'mail',
    'account.updated': 'pencil',
    'account.role-changed': 'shield',
    'account.blocked': 'ban',
    'account.block-lifted': 'lock-open',
    'account.password-changed': 'key-round',
    'account.password-required': 'key-round',
    'account.unlocked': 'lock-open',
    'account.note-added': 'message-square',
    'account.note-removed': 'message-square',
    'network.blocked': 'network',
    'network.block-lifted': 'lock-open',
    'setup.completed': 'check',
    'key.created': 'key-round',
    'key.revoked': 'key-round',
    'settings.changed': 'settings',
    'view.shared': 'bookmark',
    'view.withdrawn': 'bookmark',
    'app.changed': 'settings',
    'app.disabled': 'ban',
    'app.enabled': 'lock-open',
    'killswitch.used': 'ban',
  }
  const red = RED.includes(action)
  return { name: icons[action] ?? 'activity', tone: red ? 'red' : undefined }
}
