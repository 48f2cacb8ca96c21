import { createHmac, randomBytes } from 'node:crypto'

const PREFIX = 'whsec_'

/** 256 bits, as Standard Webhooks spells secrets. */
export const newSecret = (): string => PREFIX + randomBytes(32).toString('base64')

export interface Signed {
  'webhook-id': string
  'webhook-timestamp': string
  'webhook-signature': string
}

/**
 * The headers of one attempt. While a secret is being replaced there are two signatures, so that receivers may know
 * either.
 *
 * @param at of this attempt: receivers refuse old ones
 * @see https://github.com/standard-webhooks/standard-webhooks/blob/main/spec/standard-webhooks.md
 */
export function signed(id: string, at: Date, body: string, secrets: readonly string[]): Signed {
  const timestamp = String(Math.floor(at.getTime() / 1000))
  const content = `${id}.${timestamp}.${body}`
  const signatures = secrets.map((secret) => {
    const key = Buffer.from(secret.slice(PREFIX.length), 'base64')
    return `v1,${createHmac('sha256', key).update(content).digest('base64')}`
  })
  return { 'webhook-id': id, 'webhook-timestamp': timestamp, 'webhook-signature': signatures.join(' ') }
}
