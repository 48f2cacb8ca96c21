import type { App } from '../../src/accounts/apps/apps.js'
import { deviceText, placeText } from '../../src/devices/words.js'
import type { Arrivals } from '../../src/sessions/lists/arrivals.js'
import { IconTile } from '../components/Icon.js'
import { hx, type Page, PageProvider } from '../components/page.js'
import { Time } from '../components/Time.js'
import { AppSteps, IN_USE } from './appSteps.js'

interface FirstSessionProps {
  app: App
  arrivals: Arrivals
}

export const hasArrived = ({ live, ended }: Arrivals): boolean => live + ended > 0

/** Waits for the first session of an app, and turns green by itself: it asks when the panel hears that something happened. */
export function FirstSession({ app, arrivals }: FirstSessionProps) {
  const arrived = hasArrived(arrivals)
  const path = `/admin/apps/${app.id}`
  return (
    <section
      class="card card-body first-session"
      id="first-session"
      data-state={arrived ? 'arrived' : 'waiting'}
      aria-live="polite"
      {...(arrived ? {} : asksAgain(`${path}/first-session`))}
    >
      <IconTile name={arrived ? 'circle-check' : 'clock'} tone={arrived ? 'green' : undefined} size={26} />
      <div class="grow wrap">
        {arrived ? (
          <Arrived arrivals={arrivals} />
        ) : (
          <>
            <h2>Waiting for the first session…</h2>
            <p class="muted">Sign in to {app.name}: this turns green by itself.</p>
            <noscript>
              <a class="link" href={`${path}/connect`}>
                Look again
              </a>
            </noscript>
          </>
        )}
      </div>
    </section>
  )
}

function Arrived({ arrivals: { newest } }: { arrivals: Arrivals }) {
  return (
    <>
      <h2>It works: the first session is here</h2>
      <p class="muted">
        {newest ? (
          <>
            <a class="link" href={`/admin/sessions/${newest.id}`}>
              {newest.account.name}
            </a>
            , {deviceText(newest.device)}, {placeText(newest.lastPlace)}, <Time at={newest.createdAt} />
          </>
        ) : (
          'It has ended meanwhile.'
        )}
      </p>
    </>
  )
}

/** By the panel's own stream, or by polls where there is none. */
const asksAgain = (get: string) =>
  hx({
    get,
    trigger: ['changes', 'catch-up', 'poll', 'tick'].map((event) => `rollcall:${event} from:body`).join(', '),
    select: '#first-session',
    'select-oob': '#app-steps',
    swap: 'outerMorph',
    headers: '{"Rollcall-Background":"1"}',
    sync: 'this:replace',
    'status:4xx': 'swap:none',
    'status:5xx': 'swap:none',
  })

/** What it asks for. */
export function FirstSessionPart({ page, ...props }: FirstSessionProps & { page: Page }) {
  return (
    <PageProvider page={page}>
      <FirstSession {...props} />
      {hasArrived(props.arrivals) && <AppSteps at={IN_USE} />}
    </PageProvider>
  )
}
