import { createHash } from 'node:crypto'
import type { PropsWithChildren } from 'hono/jsx'
import type { ContentfulStatusCode } from 'hono/utils/http-status'
import { ForwardPage, type ForwardPageProps } from '../../templates/site/forward.js'
import { assetText } from '../assets/manifest.js'
import type { AppContext } from './env.js'

const css = assetText('alone.css')

/** Nothing but this one style sheet, written into the page, and forms to the host that it stands on (S-40). */
const POLICY = [
  "default-src 'none'",
  `style-src 'sha256-${createHash('sha256').update(css).digest('base64')}'`,
  "form-action 'self'",
  "base-uri 'none'",
  "frame-ancestors 'none'",
].join('; ')

/** Answers with a page that is seen on a host that a proxy protects. */
export function forwardPage(
  c: AppContext,
  props: PropsWithChildren<ForwardPageProps>,
  status: ContentfulStatusCode = 200,
): Response | Promise<Response> {
  c.set('policy', POLICY)
  return c.html(<ForwardPage {...props} css={css} />, status)
}
