/**
 * An IP address as 16 bytes (IPv4 as `::ffff:a.b.c.d`), in any spelling that a peer's address or a trusted proxy's header
 * has after it was read. The server reads what strangers send with a library; this stands in the client, without one.
 *
 * @returns undefined for what is no address: then only the server can tell
 */
export function addressBytes(text: string): Uint8Array | undefined {
  const bytes = new Uint8Array(16)
  return readAddress(text, bytes) ? bytes : undefined
}

/** The same into 16 bytes that are there. @returns false for what is no address */
export function readAddress(text: string, into: Uint8Array): boolean {
  const zone = text.indexOf('%')
  const address = zone < 0 ? text : text.slice(0, zone)
  into.fill(0)
  if (address.includes(':')) return readIpv6(address, into)
  into[10] = into[11] = 0xff
  // With its zone: IPv4 has none.
  return readIpv4(text, into, 12)
}

const scratch = new Uint8Array(16)
export const isAddress = (text: string): boolean => readAddress(text, scratch)

/** Whether these are an IPv4 address. */
export function isMapped(bytes: Uint8Array): boolean {
  for (let i = 0; i < 10; i++) if (bytes[i] !== 0) return false
  return bytes[10] === 0xff && bytes[11] === 0xff
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

const [DOT, ZERO, NINE] = [46, 48, 57]

function readIpv4(text: string, into: Uint8Array, at: number): boolean {
  let parts = 0
  let part = 0
  let digits = 0
  for (let i = 0; i <= text.length; i++) {
    const code = i < text.length ? text.charCodeAt(i) : DOT
    if (code === DOT) {
      if (digits === 0 || parts === 4) return false
      into[at + parts] = part
      parts += 1
      part = digits = 0
      continue
    }
    const hasLeadingZero = digits > 0 && part === 0
    if (code < ZERO || code > NINE || hasLeadingZero) return false
    part = part * 10 + code - ZERO
    digits += 1
    if (part > 255) return false
  }
  return parts === 4
}

function readIpv6(text: string, into: Uint8Array): boolean {
  const [head = '', tail, ...more] = text.split('::')
  // Dots stand at the end alone.
  if (more.length > 0 || /\..*:/.test(text)) return false
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
  for (const part of text.split(':')) {
    if (part.includes('.')) {
      const four = new Uint8Array(4)
      if (!readIpv4(part, four, 0)) return undefined
      bytes.push(...four)
    } else {
      if (!/^[0-9a-f]{1,4}$/i.test(part)) return undefined
      const group = Number.parseInt(part, 16)
      bytes.push(group >>> 8, group & 0xff)
    }
  }
  return bytes
}
