import { findOwnBlock } from '../accounts/blocks/ownBlock.js'
import { readSettings } from '../accounts/settings.js'
import type { AppContext } from '../http/env.js'
import { forwardPage } from '../http/forwardPage.js'
import { provenBy } from '../sessions/lists/explain.js'

export type ForwardRefusal = 'blocked' | 'network-blocked' | 'role' | 'app'

/**
 * What happened, why, and what to do about it.
 *
 * @param token what the browser brought: who proves by it to be the person that is blocked gets to see what was written for them
 */
export async function refusal(c: AppContext, why: ForwardRefusal, host: string, token?: string): Promise<Response> {
  const { contact } = await readSettings(c.var.db)
  const { title, text, help } = WORDS[why]
  const message = why === 'blocked' && token ? await messageFor(c, token) : undefined
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
  // Whoever wrote to them said whom to ask, or that nobody helps.
  const words = message === undefined ? `${text(host)} ${help(contact)}` : text(host)
  return forwardPage(c, { title, text: words, message, children }, 403)
}

async function messageFor(c: AppContext, token: string): Promise<string | undefined> {
  const proven = await provenBy(c.var.db, token)
  const block = proven && (await findOwnBlock(c.var.db, proven.accountId))
  return block?.message ?? undefined
}

interface Words {
  title: string
  /** Why. */
  text: (host: string) => string
  /** What to do about it. */
  help: (contact: string) => string
}

const WORDS: Record<ForwardRefusal, Words> = {
  blocked: {
    title: 'This account is blocked',
    text: (host) => `An administrator has blocked it, so you can’t open ${host}.`,
    help: (contact) => `If that is a mistake, contact ${contact}.`,
  },
  'network-blocked': {
    title: 'This network is blocked',
    text: (host) => `Nobody can open ${host} from where you are now.`,
    help: (contact) => `Try another network, or contact ${contact}.`,
  },
  role: {
    title: 'Your role does not allow this',
    text: (host) => `You are signed in, but this part of ${host} is for people with another role.`,
    help: (contact) => `If you need it, contact ${contact}.`,
  },
  app: {
    title: 'This application is switched off',
    text: (host) => `An administrator has switched it off, so nobody can open ${host} at the moment.`,
    help: (contact) => `Try again later, or contact ${contact}.`,
  },
}
