import { z } from 'zod'
import { atLeast } from '../accounts/types.js'
import { recordAudit } from '../audit/record.js'
import { BUILT_IN_APP } from '../db/ids.js'
import type { Page } from '../db/page.js'
import { asObject, type Columns, csv, type Format, jsonLines } from '../export/lines.js'
import { readSessionCookie } from '../http/cookies.js'
import type { AppContext } from '../http/env.js'
import { exportFile } from '../http/exports.js'
import { mask } from '../masking/mask.js'

/** Of the addresses `/admin/.../export`, beside the list's own filter. */
export const exportFormat = z.enum(['csv', 'jsonl'], 'must be csv or jsonl')
export type ExportFormat = z.infer<typeof exportFormat>

/** Lines of one query: bounded, because the embedded database works on the event loop. */
export const EXPORTED_AT_ONCE = 200

/** A list whose lines are its columns, in both formats. */
export const inColumns = <T>(columns: Columns<T>, format: ExportFormat): Format<T> =>
  format === 'csv' ? csv(columns) : jsonLines(asObject(columns))

interface ListExport<T> {
  /** "Sessions": in the file's name and in the audit log. */
  list: string
  as: string
  format: Format<T>
  /** As it stands in the address, for the audit log. */
  filter: Record<string, unknown>
  read(after: string | undefined): Promise<Page<T>>
}

/** A list of the panel as a file, with the filter that is set. It leaves a line in the audit log: who took what, and how much. */
export function exportList<T>(c: AppContext, { list, as, format, filter, read }: ListExport<T>): Promise<Response> {
  const { db, actor, current, ip, verifier, requestId, masked } = c.var
  const token = readSessionCookie(c) ?? ''
  return exportFile(c, {
    name: `rollcall-${list.toLowerCase().replaceAll(' ', '-')}`,
    format,
    who: current.account.id,
    read: async (after) => (masked ? mask(await read(after)) : read(after)),
    mayGoOn: async () => {
      const verdict = await verifier.verify(token, { appId: BUILT_IN_APP, ip, fresh: true })
      return verdict.status === 'active' && atLeast(verdict.account.role, 'viewer')
    },
    done: async (rows, whole) => {
      await recordAudit(db, actor, 'list.exported', {
        result: whole ? 'done' : 'failed',
        target: { kind: 'list', id: null, name: list },
        accountId: current.account.id,
        details: { format: as, rows, filter },
        requestId,
      })
    },
  })
}
