import { crc32, deflateSync } from 'node:zlib'
import type { Palette } from './palette.js'

const SIGNATURE = Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a])

/** In as few bits for a pixel as its colours need, and nothing in it but the picture. */
export function colouredPng({ colours, pixels }: Palette, width: number, height: number): Buffer {
  const bits = [1, 2, 4].find((n) => colours.length <= 2 ** n)
  if (!bits) throw new Error(`${colours.length} colours are too many`)
  const opaque = colours.every(([, , , alpha]) => alpha === 255)
  return Buffer.concat([
    SIGNATURE,
    header(width, height, bits, 3),
    chunk('PLTE', Buffer.from(colours.flatMap((colour) => colour.slice(0, 3)))),
    ...(opaque ? [] : [chunk('tRNS', Buffer.from(colours.map(([, , , alpha]) => alpha)))]),
    content(pixels, width, bits),
  ])
}

/** @param pixels from 0, black, to 15, white */
export function greyPng(pixels: number[], width: number, height: number): Buffer {
  return Buffer.concat([SIGNATURE, header(width, height, 4, 0), content(pixels, width, 4)])
}

function header(width: number, height: number, bits: number, kind: number): Buffer {
  const bytes = Buffer.alloc(13)
  bytes.writeUInt32BE(width, 0)
  bytes.writeUInt32BE(height, 4)
  bytes.set([bits, kind], 8)
  return chunk('IHDR', bytes)
}

const content = (pixels: number[], width: number, bits: number) =>
  Buffer.concat([
    chunk('IDAT', deflateSync(linesOf(pixels, width, bits), { level: 9, memLevel: 9 })),
    chunk('IEND', Buffer.alloc(0)),
  ])

/** Each line begins with how it is filtered: not at all. */
function linesOf(pixels: number[], width: number, bits: number): Buffer {
  const perByte = 8 / bits
  const bytes = Math.ceil(width / perByte)
  const lines = Buffer.alloc((pixels.length / width) * (1 + bytes))
  pixels.forEach((colour, n) => {
    const [x, y] = [n % width, Math.floor(n / width)]
    const at = y * (1 + bytes) + 1 + Math.floor(x / perByte)
    lines[at] = (lines[at] ?? 0) | (colour << (8 - bits * (1 + (x % perByte))))
  })
  return lines
}

function chunk(type: string, content: Buffer): Buffer {
  const length = Buffer.alloc(4)
  length.writeUInt32BE(content.length)
  const named = Buffer.concat([Buffer.from(type, 'latin1'), content])
  const check = Buffer.alloc(4)
  check.writeUInt32BE(crc32(named))
  return Buffer.concat([length, named, check])
}
