import type { ActiveSession } from '../http/env.js'

/** What the application behind the proxy is told of who it is; of nobody, nothing. */
export function identityHeaders({ session, account }: ActiveSession): Record<string, string> {
  return {
    'X-Rollcall-Account': account.id,
    'X-Rollcall-Email': account.email === null ? '' : inAscii(account.email),
    'X-Rollcall-Session': session.id,
    'X-Rollcall-Roles': account.role,
  }
}

/** Percent-encoded where it is no plain ASCII, the percent sign too: two addresses never look the same. */
const inAscii = (text: string) => text.replace(/[^\x21-\x24\x26-\x7e]+/g, (part) => encodeURIComponent(part))
