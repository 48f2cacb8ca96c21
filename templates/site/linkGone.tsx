import { ButtonLink } from '../components/Button.js'
import type { Page } from '../components/page.js'
import { PlainLayout } from '../layout.js'

export type LinkGone = 'set-up' | 'set-up-done' | 'invitation'

/** A one-time link that is unknown, used or too old. Which of them is not said: it would tell who guesses. */
export function LinkGonePage({ page, what }: { page: Page; what: LinkGone }) {
  const { title, lead } = WORDS[what]
  return (
    <PlainLayout page={page} title={title} lead={lead}>
      <ButtonLink href="/sign-in" size="form">
        Go to sign-in
      </ButtonLink>
    </PlainLayout>
  )
}

const WORDS: Record<LinkGone, { title: string; lead: string }> = {
  'set-up': {
    title: 'This set-up link does not work',
    lead: 'It works once, for 24 hours, and each start of Rollcall replaces it: the good one is in the log of the process that started last. Restart Rollcall for a new one.',
  },
  'set-up-done': {
    title: 'Rollcall is set up already',
    lead: 'It has an owner. Sign in, or ask an owner for an invitation.',
  },
  invitation: {
    title: 'This link does not work any more',
    lead: 'It may have been used, replaced by a newer one, or be older than seven days. Ask an administrator for a new link.',
  },
}
