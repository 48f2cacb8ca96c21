import type { Database } from '../../../src/db/connect.js'
import { aSession, type TestAccount } from '../../support/builders.js'
import { aBrowserLikeClient, type BrowserLikeClient } from '../../support/http.js'

/** The account's browser, with the cookie of a session that began a moment ago. */
export async function signedIn(db: Database, url: string, account: TestAccount): Promise<BrowserLikeClient> {
  const client = aBrowserLikeClient(url)
  const { token } = await aSession(db, { account })
  client.cookies.set('rollcall', token)
  return client
}

/** What the page after a form says was done. */
export async function said(client: BrowserLikeClient, path: string): Promise<string> {
  const { body } = await client.get(path)
  return textOf(/<div class="toast-text">(.*?)<\/div>/s.exec(body)?.[1] ?? '')
}

/** What the page after a form offers to take it back: the words, and where each link leads. */
export async function undoOn(client: BrowserLikeClient, path: string): Promise<{ text: string; hrefs: string[] }> {
  const { body } = await client.get(path)
  const undo = /<div class="toast-undo">(.*?)<\/div>/s.exec(body)?.[1] ?? ''
  return {
    text: textOf(undo),
    hrefs: [...undo.matchAll(/<a [^>]*?href="([^"]*)"/g)].map(([, href = '']) => href.replaceAll('&amp;', '&')),
  }
}

/** What a form says that it showed. */
export const shownIn = (body: string): string =>
  /name="shown" value="([^"]*)"/.exec(body)?.[1]?.replaceAll('&amp;', '&') ?? ''

/** What a person reads: tags off, references resolved. */
export const textOf = (html: string): string =>
  html
    .replaceAll(/<(script|style|template)\b.*?<\/\1>/gs, ' ')
    .replaceAll(/<[^>]*>/g, ' ')
    .replaceAll('&quot;', '"')
    .replaceAll('&#39;', "'")
    .replaceAll('&lt;', '<')
    .replaceAll('&gt;', '>')
    .replaceAll('&amp;', '&')
    .replaceAll(/\s+/g, ' ')
    .trim()
