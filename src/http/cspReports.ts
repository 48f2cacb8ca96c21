import { z } from 'zod'
import type { AppContext } from './env.js'
import { createFloodGate } from './floodGate.js'
import { hideSecrets } from './requestLog.js'

const LINES_A_MINUTE = 5

const Report = z.object({
  'csp-report': z.object({
    'document-uri': z.string().optional(),
    'blocked-uri': z.string().optional(),
    'effective-directive': z.string().optional(),
    'violated-directive': z.string().optional(),
  }),
})

/**
 * Browsers report here what the Content-Security-Policy stopped: a mistake of ours, or an attack (S-40). Anybody can
 * send anything, and a page's address may hold a one-time link (S-61): only what names the violation is logged, seldom.
 */
export function cspReports(): (c: AppContext) => Promise<Response> {
  const gate = createFloodGate({ aMinute: LINES_A_MINUTE })
  return async (c) => {
    const told = tell(await c.req.text())
    const missed = told && gate.pass('report')
    if (missed !== undefined)
      c.var.log.warn({ requestId: c.var.requestId, ...told, missed }, 'content security policy violated')
    return c.body(null, 204)
  }
}

function tell(text: string): { directive: string; blocked: string; path: string } | undefined {
  const report = readReport(text)
  if (!report) return undefined
  const directive = report['effective-directive'] ?? report['violated-directive'] ?? ''
  return {
    directive: /^[a-z-]{1,40}$/.test(directive) ? directive : '?',
    blocked: blockedOrigin(report['blocked-uri'] ?? ''),
    path: pathOf(report['document-uri'] ?? ''),
  }
}

function readReport(text: string) {
  try {
    return Report.safeParse(JSON.parse(text)).data?.['csp-report']
  } catch {
    return undefined
  }
}

/** `inline`, `eval` and the like, or where something was to be had from. */
function blockedOrigin(blocked: string): string {
  if (/^[a-z-]{1,40}$/.test(blocked)) return blocked
  return URL.canParse(blocked) ? new URL(blocked).origin.slice(0, 200) : '?'
}

const pathOf = (address: string): string =>
  URL.canParse(address) ? hideSecrets(new URL(address).pathname).slice(0, 200) : '?'
