import { readFile } from 'node:fs/promises'
import { extname, join } from 'node:path'
import type { Context, Handler } from 'hono'
import { BUILD_FOLDER, isBuilt } from './manifest.js'

const TYPES: Record<string, string> = {
  '.css': 'text/css; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.svg': 'image/svg+xml; charset=utf-8',
  '.woff2': 'font/woff2',
}

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
    const encoding = type.startsWith('font/') ? undefined : acceptedEncoding(c)
    c.header('Content-Type', type)
    c.header('Cache-Control', 'public, max-age=31536000, immutable')
    c.header('X-Content-Type-Options', 'nosniff')
    c.header('Vary', 'Accept-Encoding')
    if (encoding) c.header('Content-Encoding', encoding === 'gz' ? 'gzip' : encoding)
    return c.body(await read(encoding ? `${file}.${encoding}` : file))
  }
}

function acceptedEncoding(c: Context): 'br' | 'gz' | undefined {
  const accepted = c.req.header('Accept-Encoding') ?? ''
  return /\bbr\b/.test(accepted) ? 'br' : /\bgzip\b/.test(accepted) ? 'gz' : undefined
}
