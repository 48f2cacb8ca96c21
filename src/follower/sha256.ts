/**
 * SHA-256 of the 43 characters of a token's secret, which fit one block. Here because the Web's own digest can't be had
 * without an await, and a check from memory must not wait; `tests/unit/follower/token.test.ts` holds it against Node's.
 *
 * @see FIPS 180-4, 6.2
 */
export const SECRET_CHARACTERS = 43

const ROUNDS = firstPrimes(64).map((prime) => fraction(Math.cbrt(prime)))
const K = Int32Array.from(ROUNDS)
const START = Int32Array.from(firstPrimes(8).map((prime) => fraction(Math.sqrt(prime))))
const W = new Int32Array(64)

/**
 * @param text ASCII; the secret is its 43 characters from `from` on
 * @param into its 8 words from `at` on, big-endian
 */
export function hashSecretInto(text: string, from: number, into: Int32Array, at: number): void {
  for (let i = 0; i < 10; i++) {
    const c = from + i * 4
    W[i] =
      (text.charCodeAt(c) << 24) |
      (text.charCodeAt(c + 1) << 16) |
      (text.charCodeAt(c + 2) << 8) |
      text.charCodeAt(c + 3)
  }
  W[10] =
    (text.charCodeAt(from + 40) << 24) | (text.charCodeAt(from + 41) << 16) | (text.charCodeAt(from + 42) << 8) | 0x80
  W[11] = W[12] = W[13] = W[14] = 0
  W[15] = SECRET_CHARACTERS * 8
  for (let i = 16; i < 64; i++) {
    const x = W[i - 15] as number
    const y = W[i - 2] as number
    const s0 = ((x >>> 7) | (x << 25)) ^ ((x >>> 18) | (x << 14)) ^ (x >>> 3)
    const s1 = ((y >>> 17) | (y << 15)) ^ ((y >>> 19) | (y << 13)) ^ (y >>> 10)
    W[i] = (s0 + s1 + (W[i - 7] as number) + (W[i - 16] as number)) | 0
  }
  let a = START[0] as number
  let b = START[1] as number
  let c = START[2] as number
  let d = START[3] as number
  let e = START[4] as number
  let f = START[5] as number
  let g = START[6] as number
  let h = START[7] as number
  for (let i = 0; i < 64; i++) {
    const s1 = ((e >>> 6) | (e << 26)) ^ ((e >>> 11) | (e << 21)) ^ ((e >>> 25) | (e << 7))
    const t1 = (h + s1 + (g ^ (e & (f ^ g))) + (K[i] as number) + (W[i] as number)) | 0
    const s0 = ((a >>> 2) | (a << 30)) ^ ((a >>> 13) | (a << 19)) ^ ((a >>> 22) | (a << 10))
    const t2 = (s0 + ((a & b) | (c & (a | b)))) | 0
    h = g
    g = f
    f = e
    e = (d + t1) | 0
    d = c
    c = b
    b = a
    a = (t1 + t2) | 0
  }
  into[at] = (a + (START[0] as number)) | 0
  into[at + 1] = (b + (START[1] as number)) | 0
  into[at + 2] = (c + (START[2] as number)) | 0
  into[at + 3] = (d + (START[3] as number)) | 0
  into[at + 4] = (e + (START[4] as number)) | 0
  into[at + 5] = (f + (START[5] as number)) | 0
  into[at + 6] = (g + (START[6] as number)) | 0
  into[at + 7] = (h + (START[7] as number)) | 0
}

function firstPrimes(count: number): number[] {
  const primes: number[] = []
  for (let candidate = 2; primes.length < count; candidate++) {
    if (primes.every((prime) => candidate % prime !== 0)) primes.push(candidate)
  }
  return primes
}

/** The first 32 bits of what comes after the point. */
function fraction(root: number): number {
  return ((root % 1) * 2 ** 32) | 0
}
