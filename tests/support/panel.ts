import type { Page } from 'playwright-core'
import { type ServedApp, useApp } from './app.js'
import { aSession, type TestAccount } from './builders.js'
import { type Chromium, type PageOptions, useChromium } from './chromium.js'
import type { TestDatabase } from './database.js'

export interface Panel {
  app: ServedApp
  chromium: Chromium
  /** A browser in which the account has signed in. */
  open(account: TestAccount, options?: Partial<PageOptions>): Promise<Page>
}

/** The panel over the block's database, and a browser. */
export function usePanel(database: TestDatabase): Panel {
  const app = useApp(database)
  const chromium = useChromium()
  return {
    app,
    chromium,
    open: async (account, options = {}) => {
      const { token } = await aSession(database.db, { account })
      return chromium.open({ origin: app.url, token, ...options })
    },
  }
}
