import { Hono } from 'hono'
import { z } from 'zod'
import { AuditChainPage } from '../../templates/admin/auditChain.js'
import { chainState, checkChain } from '../audit/checkChain.js'
import { compareHead } from '../audit/compareHead.js'
import { allow } from '../http/authorise.js'
import type { AppEnv } from '../http/env.js'
import { pageOf } from '../http/page.js'
import { readForm, readQuery } from '../http/parse.js'
import { goOn } from './goOn.js'

const HERE = '/admin/audit/chain'
/** A check of a log that is not large is done by then, and the page after it says what was found. */
const PATIENCE_MS = 1_500

export const auditChainRoutes = new Hono<AppEnv>()

const ChainQuery = z.strictObject({ head: z.string().max(200).optional() })

auditChainRoutes.get('/', allow('viewer'), async (c) => {
  const { head } = readQuery(c, ChainQuery)
  const { db } = c.var
  const chain = await chainState(db)
  const compared = head === undefined ? undefined : await compareHead(db, head)
  return c.html(<AuditChainPage page={await pageOf(c)} chain={chain} noted={head} compared={compared} />)
})

auditChainRoutes.post('/check', allow('responder'), async (c) => {
  await readForm(c, z.strictObject({}))
  const { db, log, actor } = c.var
  const check = checkChain(db, actor.name).catch((error: unknown) => {
    log.error({ err: error }, 'the chain over the audit log could not be verified')
    return 'failed' as const
  })
  const report = await Promise.race([check, new Promise<'under way'>((go) => setTimeout(go, PATIENCE_MS, 'under way'))])
  if (report === 'under way' || report === undefined)
    return goOn(c, HERE, { tone: 'amber', title: 'The chain is being verified', text: 'This page says how far it is.' })
  if (report === 'failed')
    return goOn(c, HERE, {
      tone: 'red',
      title: 'The chain could not be read to its end',
      text: 'Try again in a moment.',
    })
  return goOn(
    c,
    HERE,
    report.problemCount === 0
      ? { tone: 'green', title: 'The chain is whole', text: 'Nothing was changed, removed or put in.' }
      : { tone: 'red', title: 'The chain is broken', text: 'What is wrong where stands on this page.' },
  )
})
