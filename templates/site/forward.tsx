import { raw } from 'hono/html'
import type { PropsWithChildren } from 'hono/jsx'

export interface ForwardPageProps {
  /** What happened. */
  title: string
  /** Why, and what to do. */
  text: string
  /** What an administrator wrote for this person. */
  message?: string | undefined
  /** The number to ask about it. */
  requestId?: string | undefined
}

/**
 * On a host that a proxy protects: one column, as the sign-in page has it. No script, no picture and no other file of
 * ours can be had there.
 *
 * @param css trusted, and allowed by its hash alone
 */
export function ForwardPage({
  title,
  text,
  message,
  requestId,
  css,
  children,
}: PropsWithChildren<ForwardPageProps & { css: string }>) {
  return (
    <>
      {raw('<!doctype html>')}
      <html lang="en">
        <head>
          <meta charset="utf-8" />
          <meta name="viewport" content="width=device-width, initial-scale=1" />
          <meta name="color-scheme" content="light dark" />
          <meta name="robots" content="noindex" />
          <title>{title} - Rollcall</title>
          <style>{raw(css)}</style>
        </head>
        <body>
          <main class="plain">
            <div class="plain-column">
              <div class="plain-head">
                <Mark />
                <h1>{title}</h1>
                <p>{text}</p>
                {message && <p class="plain-message">{message}</p>}
              </div>
              {children}
              {requestId && (
                <p class="plain-foot">
                  Request <span class="mono">{requestId}</span>
                </p>
              )}
            </div>
          </main>
        </body>
      </html>
    </>
  )
}

/** Lucide's "radio", as elsewhere, but drawn in. */
const Mark = () => (
  <span class="brand-mark">
    <svg
      class="icon"
      viewBox="0 0 24 24"
      fill="none"
      stroke="currentColor"
      stroke-width="2"
      stroke-linecap="round"
      aria-hidden="true"
    >
      <path d="M16.247 7.761a6 6 0 0 1 0 8.478M19.075 4.933a10 10 0 0 1 0 14.134M4.925 19.067a10 10 0 0 1 0-14.134M7.753 16.239a6 6 0 0 1 0-8.478" />
      <circle cx="12" cy="12" r="2" />
    </svg>
  </span>
)
