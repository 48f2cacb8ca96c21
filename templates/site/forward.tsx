import { raw } from 'hono/html'
import type { PropsWithChildren } from 'hono/jsx'

interface ForwardPageProps {
  title: string
  text: string
}

/** On a host that a proxy protects: no style, no script and no picture of ours can be had there. */
export function ForwardPage({ title, text, children }: PropsWithChildren<ForwardPageProps>) {
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
        </head>
        <body>
          <main>
            <h1>{title}</h1>
            <p>{text}</p>
            {children}
          </main>
        </body>
      </html>
    </>
  )
}
