import { placeText } from '../../src/devices/words.js'
import type { Session, SessionDetail } from '../../src/sessions/types.js'
import { PostButton } from '../components/Button.js'
import { BrowserMark, Flag } from '../components/Icon.js'
import { hx, inDialog, reach, usePage } from '../components/page.js'
import { browserText, systemText } from '../components/SessionCells.js'
import { Time } from '../components/Time.js'
import { numberText } from '../words.js'
import { signsOutHere } from './sessionHead.js'

export function OthersSection({
  session: { account, others, state, end },
  yours,
}: {
  session: SessionDetail
  yours: boolean
}) {
  const may = reach(usePage(), account)
  if (!others.length) return null
  return (
    <section>
      <div class="sheet-section-head">
        <h2 class="clip">Other sessions of {account.name.split(' ')[0]}</h2>
        {may.revoke && !yours && (
          <a class="link" {...inDialog(`/admin/accounts/${account.id}/revoke-sessions`)}>
            Sign out all {numberText(others.length + (state === 'live' && !end ? 1 : 0))}
          </a>
        )}
      </div>
      {others.map((other) => (
        <OtherSession session={other} />
      ))}
    </section>
  )
}

function OtherSession({ session }: { session: Session }) {
  const page = usePage()
  const place = session.lastIp ? session.lastPlace : session.place
  const opens = hx({
    get: `/admin/sessions/${session.id}`,
    target: '#drawer',
    select: '#session',
    swap: 'innerHTML',
    'push-url': 'true',
  })
  return (
    <div class="other" id={`o-${session.id}`}>
      <BrowserMark browser={session.device.browser} />
      <a class="clip" href={`/admin/sessions/${session.id}`} {...opens}>
        {browserText(session.device)} on {systemText(session.device)}
      </a>
      <span class="where">
        <Flag country={place.country} />
        <span class="clip">
          {placeText(place)} · {session.app.name}
        </span>
      </span>
      <span class="secondary">
        <Time at={session.lastSeenAt} />
      </span>
      {reach(page, session.account).revoke && page.viewer?.sessionId !== session.id ? (
        <PostButton
          size="small"
          action={`/admin/sessions/${session.id}/revoke`}
          form={signsOutHere(session.id)}
          aria-label={`Sign out ${browserText(session.device)}`}
        >
          Sign out
        </PostButton>
      ) : (
        <span />
      )}
    </div>
  )
}
