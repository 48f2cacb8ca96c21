import { findUsableKey } from '../accounts/apps/keys.js'
import { checkChain } from '../audit/checkChain.js'
import { type AuditFormat, auditFormat } from '../audit/export.js'
import { type AuditFilter, listAudit } from '../audit/list.js'
import { recordAudit } from '../audit/record.js'
import { type ChainReport, type NotedHead, Stopped } from '../audit/verify.js'
import type { AppContext } from '../http/env.js'
import { PublicError, unavailable } from '../http/errors.js'
import { exportFile } from '../http/exports.js'
import { hasScope, readBearer } from './scope.js'

/** Of one query: bounded, because the embedded database works on the event loop. */
const LINES_AT_ONCE = 200

/** The audit log as a file. Who took it, and how much of it, is written into the log itself. */
export function exportAudit(
  c: AppContext,
  { format = 'jsonl', ...filter }: AuditFilter & { format?: AuditFormat | undefined },
): Promise<Response> {
  const { db, actor, apiKey, requestId } = c.var
  const secret = readBearer(c) ?? ''
  return exportFile(c, {
    name: 'rollcall-audit-log',
    format: auditFormat(format),
    who: apiKey.id,
    read: (after) => listAudit(db, filter, { after, limit: LINES_AT_ONCE }),
    mayGoOn: async () => {
      const key = await findUsableKey(db, secret)
      return key !== undefined && hasScope(key, 'audit:read')
    },
    done: async (rows, whole) => {
      await recordAudit(db, actor, 'list.exported', {
        result: whole ? 'done' : 'failed',
        target: { kind: 'list', id: null, name: 'Audit log' },
        details: { format, rows, filter, app: apiKey.app.name },
        requestId,
      })
    },
  })
}

const PATIENCE_MS = 2_000
const AGAIN_MS = 200

/**
 * Verifies the chain now. What came of it is remembered for the panel, except of what a caller alone had noted.
 *
 * @throws PublicError 409 when another verification is under way, and is not done in a moment
 */
export async function verifyNow(c: AppContext, noted: NotedHead | undefined): Promise<ChainReport> {
  const { db, apiKey } = c.var
  const until = performance.now() + PATIENCE_MS
  for (;;) {
    const report = await checkChain(db, apiKey.name, { noted, signal: c.req.raw.signal }).catch((error: unknown) => {
      // Nobody is there any more who would read it.
      throw error instanceof Stopped ? unavailable() : error
    })
    if (report) return report
    if (performance.now() > until) throw running()
    await new Promise((resolve) => setTimeout(resolve, AGAIN_MS))
  }
}

const running = () =>
  new PublicError(409, 'check-running', 'The chain is being verified already', 'Try again when it is done.', {
    retryAfterSeconds: 10,
  })
