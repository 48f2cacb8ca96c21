import { ForwardPage } from '../../templates/site/forward.js'
import { readSettings } from '../accounts/settings.js'
import type { AppContext } from '../http/env.js'

export type ForwardRefusal = 'blocked' | 'network-blocked' | 'role' | 'app'

/** A page of its own that needs no other file: what stands on that host is not ours. */
export async function refusal(c: AppContext, why: ForwardRefusal, host: string): Promise<Response> {
  const { contact } = await readSettings(c.var.db)
  const { title, text } = WORDS[why]
  return c.html(<ForwardPage title={title} text={`${text(host)} Contact ${contact}.`} />, 403)
}

const WORDS: Record<ForwardRefusal, { title: string; text: (host: string) => string }> = {
  blocked: { title: 'This account is blocked', text: (host) => `You can’t open ${host}.` },
  'network-blocked': {
    title: 'This network is blocked',
    text: (host) => `You can’t open ${host} from here.`,
  },
  role: {
    title: 'Your role does not allow this',
    text: (host) => `You are signed in, and this part of ${host} is for others.`,
  },
  app: { title: 'This application is switched off', text: (host) => `Nobody can open ${host} at the moment.` },
}
