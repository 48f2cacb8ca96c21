import { promisify } from 'node:util'
import { brotliCompress, constants, gzip } from 'node:zlib'
import { createMiddleware } from 'hono/factory'
import { acceptedEncoding, type Encoding } from './encoding.js'
import type { AppEnv } from './env.js'

/** What is smaller fits into one packet with its headers anyway. */
const WORTH_IT = 1_024

/**
 * Sends pages compressed to those who take it: a list of 50 sessions is 280 KB of markup, and 18 KB so.
 *
 * The length of a compressed page tells who listens on the line whether what he made the browser ask for stands in it
 * already (BREACH). So it is left out where he could ask, and where there is something to win:
 * - A page that another site made the browser ask for, by `Sec-Fetch-Site`; browsers that don't send it get it plain.
 * - Answers to anything but GET: they show keys and one-time links, once. Set-up, invitation and sign-in, whose
 *   addresses hold a link's secret, don't pass through here. There is no other secret in a page: no token of a session,
 *   no token against forged requests (S-41 does without), and a nonce is another one each time.
 *
 * Not hono's own: that knows neither brotli nor a level, and compresses whatever its length.
 */
export const compressPages = createMiddleware<AppEnv>(async (c, next) => {
  await next()
  const { headers, status } = c.res
  if (c.req.method !== 'GET' || status === 304 || !headers.get('Content-Type')?.startsWith('text/html')) return
  headers.append('Vary', 'Accept-Encoding, Sec-Fetch-Site')
  const encoding = acceptedEncoding(c.req.header('accept-encoding'))
  if (!encoding || !OWN.includes(c.req.header('sec-fetch-site') ?? '')) return
  const page = new Uint8Array(await c.res.arrayBuffer())
  const small = page.length < WORTH_IT
  c.res = new Response(small ? page : await COMPRESSORS[encoding](page), { status, headers })
  if (!small) c.res.headers.set('Content-Encoding', encoding)
})

/** By a link or a script of ours, or by what somebody typed or had bookmarked. */
const OWN = ['same-origin', 'none']

/** As small as in a millisecond or two, off the thread that answers checks. */
const COMPRESSORS: Record<Encoding, (page: Uint8Array) => Promise<Buffer<ArrayBuffer>>> = {
  br: (page) =>
    promisify(brotliCompress)(page, {
      params: {
        [constants.BROTLI_PARAM_QUALITY]: 5,
        [constants.BROTLI_PARAM_MODE]: constants.BROTLI_MODE_TEXT,
        [constants.BROTLI_PARAM_SIZE_HINT]: page.length,
      },
    }),
  gzip: (page) => promisify(gzip)(page, { level: 4 }),
}
