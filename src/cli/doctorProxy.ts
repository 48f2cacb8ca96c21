import ipaddr from 'ipaddr.js'
import type { Api } from './api.js'
import type { Finding } from './finding.js'

/** Of the addresses that are for examples: nobody comes from there. */
const FORGED = '192.0.2.77'
const check = 'proxy headers'

/** Whether Rollcall believes whoever says where they come from. @throws CommandFailed */
export async function checkForwarding(api: Api): Promise<Finding> {
  const seen = async (headers: Record<string, string>) =>
    (await api.ask<{ ip: string | null }>('GET', '/client', { headers })).ip
  return judgeForwarding(api.url, await seen({}), await seen({ 'x-forwarded-for': FORGED }))
}

/**
 * @param ip where Rollcall takes the one who asks to come from
 * @param forged the same, for a request that says that it comes from elsewhere
 */
export function judgeForwarding(url: string, ip: string | null, forged: string | null): Finding {
  if (url.startsWith('http:'))
    return forged === FORGED
      ? { check, is: 'ok', found: 'Rollcall trusts a proxy on this machine, and believes it.' }
      : { check, is: 'ok', found: 'Rollcall trusts no proxy on this machine: a forged X-Forwarded-For is ignored.' }
  if (forged === FORGED)
    return {
      check,
      is: 'failed',
      found: 'A visitor who sends X-Forwarded-For is believed: anybody may come from anywhere.',
      toDo: 'Have the proxy set that header itself, and let ROLLCALL_TRUSTED_PROXIES name nothing but the proxy.',
    }
  if (ip === null || ipaddr.process(ip).range() !== 'unicast')
    return {
      check,
      is: 'warning',
      found: `Rollcall takes you to come from ${ip ?? 'nowhere'}.`,
      toDo: 'Where that is the proxy and not you, set ROLLCALL_TRUSTED_PROXIES to it, and have it send X-Forwarded-For.',
    }
  return { check, is: 'ok', found: `Rollcall takes you to come from ${ip}, and a forged X-Forwarded-For is ignored.` }
}
