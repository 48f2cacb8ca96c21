import type { AppContext } from './env.js'

const LONGEST = 2_000

/** Browsers report here what the Content-Security-Policy stopped: a mistake of ours, or an attack (S-40). */
export async function cspReports(c: AppContext): Promise<Response> {
  const report = (await c.req.text()).slice(0, LONGEST)
  c.var.log.warn({ requestId: c.var.requestId, report }, 'content security policy violated')
  return c.body(null, 204)
}
