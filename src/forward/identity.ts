import type { ActiveSession } from '../http/env.js'

/**
 * What the application behind the proxy is told of who it is. All four are always there, empty for nobody: Caddy 2.6 puts
 * the name of its placeholder in the place of one that is missing, and that would be somebody.
 */
export function identityHeaders(current: ActiveSession | undefined): Record<string, string> {
  return {
    'X-Rollcall-Account': current?.account.id ?? '',
    'X-Rollcall-Email': inAscii(current?.account.email ?? ''),
    'X-Rollcall-Session': current?.session.id ?? '',
    'X-Rollcall-Roles': current?.account.role ?? '',
  }
}

/** Percent-encoded where it is no plain ASCII, the percent sign too: two addresses never look the same. */
const inAscii = (text: string) => text.replace(/[^\x21-\x24\x26-\x7e]+/g, (part) => encodeURIComponent(part))
