import { parseAccept } from 'hono/utils/accept'

export type Encoding = 'br' | 'gzip'

/** The best of what a browser takes by its `Accept-Encoding`, or undefined for as it is. */
export function acceptedEncoding(header: string | undefined): Encoding | undefined {
  const accepted = parseAccept(header ?? '').filter(({ q }) => q > 0)
  return (['br', 'gzip'] as const).find((encoding) => accepted.some(({ type }) => type === encoding))
}
