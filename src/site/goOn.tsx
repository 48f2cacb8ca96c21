import { GoOnPage } from '../../templates/site/goOn.js'
import type { Role } from '../accounts/types.js'
import type { AppContext } from '../http/env.js'
import { pageOf } from '../http/page.js'
import { homeOf } from './enter.js'
import type { Destination } from './handOver.js'

/** A form may lead nowhere but here, and that holds for where it is redirected too (S-40): to another host goes a page of ours. */
export async function goOn(c: AppContext, to: Destination | undefined, role: Role) {
  if (!to?.host) return c.redirect(to?.url ?? homeOf(role), 303)
  c.header('Refresh', `0;url=${to.url}`)
  return c.html(<GoOnPage page={await pageOf(c)} host={to.host.host} url={to.url} />)
}
