/** Anything that gives a request's headers by name: a `Headers`, or `{ get: (name) => c.req.header(name) }`. */
export interface HeaderSource {
  get(name: string): string | null | undefined
}

/** Text from a header, fit to keep and show: no control characters, at most 64 characters, null when nothing is left. */
export function readable(text: string | undefined): string | null {
  const kept = text
    ?.slice(0, 256)
    .replace(/[\p{Cc}\p{Cf}]/gu, '')
    .trim()
  // Cut before surrogates are looked for: the cut may leave half of a pair.
  return (
    kept
      ?.slice(0, 64)
      .replace(/\p{Cs}/gu, '')
      .trim() || null
  )
}

/** The first numbers of a version: `leadingNumbers('142.0.7444.60', 2)` is `142.0`. Null when it starts with none. */
export function leadingNumbers(version: string | undefined, count: number): string | null {
  const numbers = version?.match(/^\d{1,9}(\.\d{1,9})*/)?.[0]
  return numbers?.split('.', count).join('.') ?? null
}
