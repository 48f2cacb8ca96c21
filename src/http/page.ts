import type { Page, Theme } from '../../templates/components/page.js'
import { atLeast } from '../accounts/types.js'
import { countLive } from '../sessions/lists/counts.js'
import { isBackground } from './authorise.js'
import { readCookie } from './cookies.js'
import type { AppContext } from './env.js'
import { takeToast, withReceipt } from './flash.js'
import { readLook } from './look.js'

/**
 * What every page is told of its request. On pages for everyone there is no viewer.
 *
 * @param page what is known without asking, where the caller needs it while the rest is read
 */
export async function pageOf(c: AppContext, page: Page = pageWithoutDatabase(c)): Promise<Page> {
  // A refresh in the background must not swallow what the page after it is to say.
  const toast = isBackground(c) ? undefined : takeToast(c)
  return {
    ...page,
    liveSessions: atLeast(page.viewer?.role ?? 'person', 'viewer') ? await countLive(c.var.db) : undefined,
    placeCredit: c.var.places.credit,
    toast: toast && (await withReceipt(c, toast)),
  }
}

/** For pages that say what went wrong: the database may be what did. */
export function pageWithoutDatabase(c: AppContext): Page {
  const current = c.get('current')
  const role = current?.account.role ?? 'person'
  return {
    path: c.req.path + new URL(c.req.url).search,
    nonce: c.var.nonce,
    now: new Date(),
    theme: readTheme(c),
    look: readLook(c),
    viewer: current && {
      accountId: current.account.id,
      sessionId: current.session.id,
      name: current.account.name,
      email: current.account.email,
      role,
      masked: c.get('masked') ?? false,
    },
    can: { revoke: atLeast(role, 'responder'), block: atLeast(role, 'responder'), own: role === 'owner' },
  }
}

function readTheme(c: AppContext): Theme | undefined {
  const theme = readCookie(c.req.header('cookie'), 'theme')
  return theme === 'dark' || theme === 'light' ? theme : undefined
}
