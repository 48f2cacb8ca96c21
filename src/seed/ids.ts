/** A UUIDv7 from its parts, for tens of millions of them: milliseconds since 1970 and 64 bits (RFC 9562, 5.7). */
export function idAt(ms: number, high: number, low: number): string {
  const time = Math.floor(ms).toString(16).padStart(12, '0')
  const a = (high >>> 0).toString(16).padStart(8, '0')
  const b = (low >>> 0).toString(16).padStart(8, '0')
  const variant = ((Number.parseInt(a[3] ?? '0', 16) & 3) | 8).toString(16)
  return `${time.slice(0, 8)}-${time.slice(8)}-7${a.slice(0, 3)}-${variant}${a.slice(4, 7)}-${a[7]}${b}${b.slice(0, 3)}`
}
