/**
 * An IP address as 16 bytes (IPv4 as `::ffff:a.b.c.d`), in any spelling that a peer's address or a trusted proxy's header
 * has after it was read. The server reads what strangers send with a library; this stands in the client, without one.
 *
 * @returns undefined for what is no address: then only the server can tell
 */
export function addressBytes(text: string): Uint8Array | undefined {
  const bytes = new Uint8Array(16)
  const zone = text.indexOf('%')
  const address = zone < 0 ? text : text.slice(0, zone)
  if (!address.includes(':')) {
    bytes[10] = bytes[11] = 0xff
    return readIpv4(address, bytes, 12) ? bytes : undefined
  }
  return readIpv6(address, bytes) ? bytes : undefined
}

/** @returns whether the first `length` bits are the same */
export function isInNetwork(address: Uint8Array, network: Uint8Array, length: number): boolean {
  const whole = length >>> 3
  for (let i = 0; i < whole; i++) if (address[i] !== network[i]) return false
  const rest = length & 7
  if (rest === 0) return true
  const mask = 0xff << (8 - rest)
  return (((address[whole] as number) ^ (network[whole] as number)) & mask & 0xff) === 0
}

/** Canonical, as the log names it. Lengths count from the 16 bytes' beginning. */
export function readNetwork(text: string): { bytes: Uint8Array; length: number } | undefined {
  const [address = '', prefix] = text.split('/')
  const bytes = addressBytes(address)
  if (!bytes) return undefined
  const bits = address.includes(':') ? 128 : 32
  const length = prefix === undefined ? bits : Number(prefix)
  return Number.isInteger(length) && length >= 0 && length <= bits ? { bytes, length: length + 128 - bits } : undefined
}

function readIpv4(text: string, into: Uint8Array, at: number): boolean {
  const parts = text.split('.')
  if (parts.length !== 4) return false
  for (let i = 0; i < 4; i++) {
    const part = parts[i] as string
    if (!/^(0|[1-9]\d{0,2})$/.test(part) || Number(part) > 255) return false
    into[at + i] = Number(part)
  }
  return true
}

function readIpv6(text: string, into: Uint8Array): boolean {
  const [head, tail, ...more] = text.split('::')
  if (head === undefined || more.length > 0) return false
  const before = groups(head)
  const after = tail === undefined ? [] : groups(tail)
  if (!before || !after) return false
  const length = before.length + after.length
  if (tail === undefined ? length !== 16 : length > 14) return false
  into.set(before, 0)
  into.set(after, 16 - after.length)
  return true
}

function groups(text: string): number[] | undefined {
  if (text === '') return []
  const bytes: number[] = []
  const parts = text.split(':')
  for (const [i, part] of parts.entries()) {
    if (part.includes('.')) {
      const four = new Uint8Array(4)
      if (i !== parts.length - 1 || !readIpv4(part, four, 0)) return undefined
      bytes.push(...four)
    } else {
      if (!/^[0-9a-f]{1,4}$/i.test(part)) return undefined
      const group = Number.parseInt(part, 16)
      bytes.push(group >>> 8, group & 0xff)
    }
  }
  return bytes
}
