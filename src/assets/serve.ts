import { readFile } from 'node:fs/promises'
import { extname, join } from 'node:path'
import type { Handler } from 'hono'
import { acceptedEncoding, type Encoding } from '../http/encoding.js'
import { BUILD_FOLDER, isBuilt } from './manifest.js'

const TYPES: Record<string, string> = {
  '.css': 'text/css; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.png': 'image/png',
  '.svg': 'image/svg+xml; charset=utf-8',
  '.woff2': 'font/woff2',
}
/** Kept in one form: packing makes them no smaller. */
const PACKED_ALREADY = ['font/woff2', 'image/png']
const SUFFIXES: Record<Encoding, string> = { br: 'br', gzip: 'gz' }

/**
 * Serves `/static/*`: hashed names alone, so that an answer is true for ever. Everything else is 404, without a look
 * at the disk: no path leads out of the folder, and no suffix is made up (S-45).
 */
export function serveAssets(): Handler {
  // The whole build is a few megabytes; a file is read once and kept in each form that browsers asked for.
  const kept = new Map<string, Promise<Uint8Array<ArrayBuffer>>>()
  const read = (path: string) => {
    const reading = kept.get(path) ?? readFile(join(BUILD_FOLDER, path)).then((bytes) => new Uint8Array(bytes))
    kept.set(path, reading)
    return reading
  }
  return async (c) => {
    const file = c.req.path.slice('/static/'.length)
    const type = TYPES[extname(file)]
    if (!type || !isBuilt(file)) return c.notFound()
    const encoding = PACKED_ALREADY.includes(type) ? undefined : acceptedEncoding(c.req.header('accept-encoding'))
    c.header('Content-Type', type)
    c.header('Cache-Control', 'public, max-age=31536000, immutable')
    c.header('X-Content-Type-Options', 'nosniff')
    c.header('Vary', 'Accept-Encoding')
    if (encoding) c.header('Content-Encoding', encoding)
    return c.body(await read(encoding ? `${file}.${SUFFIXES[encoding]}` : file))
  }
}
