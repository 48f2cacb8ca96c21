import { ButtonLink } from '../components/Button.js'
import type { Page } from '../components/page.js'
import { PlainLayout } from '../layout.js'

/** After a sign-in that was asked for by another host. The browser goes on by itself; the link is for those that do not. */
export function GoOnPage({ page, host, url }: { page: Page; host: string; url: string }) {
  return (
    <PlainLayout page={page} title="Signed in" heading="You are signed in" lead={`Going on to ${host}.`}>
      <ButtonLink variant="primary" size="form" href={url}>
        Go on
      </ButtonLink>
    </PlainLayout>
  )
}
