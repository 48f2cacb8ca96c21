import { readSettings } from '../accounts/settings.js'
import type { AppContext } from '../http/env.js'
import { forwardPage } from '../http/forwardPage.js'

export type ForwardRefusal = 'blocked' | 'network-blocked' | 'role' | 'app'

/** What happened, why, and what to do about it. */
export async function refusal(c: AppContext, why: ForwardRefusal, host: string): Promise<Response> {
  const { contact } = await readSettings(c.var.db)
  const { title, text } = WORDS[why]
  const children = why === 'role' && (
    <>
      <a class="button" href="/">
        Go to the start of {host}
      </a>
      <a class="button" href="/.rollcall/sign-out">
        Sign out, to use another account
      </a>
    </>
  )
  return forwardPage(c, { title, text: text(host, contact), children }, 403)
}

const WORDS: Record<ForwardRefusal, { title: string; text: (host: string, contact: string) => string }> = {
  blocked: {
    title: 'This account is blocked',
    text: (host, contact) =>
      `An administrator has blocked it, so you can’t open ${host}. If that is a mistake, contact ${contact}.`,
  },
  'network-blocked': {
    title: 'This network is blocked',
    text: (host, contact) =>
      `Nobody can open ${host} from where you are now. Try another network, or contact ${contact}.`,
  },
  role: {
    title: 'Your role does not allow this',
    text: (host, contact) =>
      `You are signed in, but this part of ${host} is for people with another role. If you need it, contact ${contact}.`,
  },
  app: {
    title: 'This application is switched off',
    text: (host, contact) =>
      `An administrator has switched it off, so nobody can open ${host} at the moment. Try again later, or contact ${contact}.`,
  },
}
