import { raw } from 'hono/html'
import type { Child, PropsWithChildren } from 'hono/jsx'
import { asset } from '../src/assets/manifest.js'
import type { AccountId } from '../src/db/ids.js'
import { ScreenHelp } from './admin/help.js'
import type { HelpScreen } from './admin/helpTexts.js'
import { fontFile } from './components/fonts.js'
import { IdleNotice } from './components/IdleNotice.js'
import { Isolated } from './components/Isolated.js'
import { KeysDialog } from './components/KeysDialog.js'
import { hx, type Page, PageProvider } from './components/page.js'
import { PaletteButton, PaletteDialog } from './components/palette.js'
import {
  BottomBar,
  Brand,
  BrandMark,
  Connection,
  type NavItem,
  Rail,
  ThemeButton,
  UserMenu,
} from './components/Shell.js'
import { ToastRegion } from './components/Toast.js'

interface LayoutProps {
  page: Page
  /** Names the page in its title: "Live sessions". */
  title: string
  /** Before the title in the window's: "(7)". */
  state?: string | undefined
  nav?: NavItem
  /** The visible heading, where it is more than the title. */
  heading?: Child
  subtitle?: Child
  /** The screen's short text behind the sign beside the title. */
  help?: HelpScreen
  /** Buttons at the end of the header. */
  actions?: Child
  /** The address that the content is brought anew from when something happened. Undefined: it stays as it is. */
  refresh?: string | undefined
  /** What it listens to; sessions unless said. */
  refreshOn?: 'sessions' | 'audit'
  /** Of whom the page is: news of others' sessions is none. */
  refreshOf?: AccountId
  /** What lies over the content at the side. Empty on pages that can open one. */
  drawer?: Child
  /** What rows take from it: their menus, what htmx does with them. Beside the content, which is brought anew without it. */
  rowMenu?: Child
  /** Files that its text needs beside the one of every page: `fontsOf`. */
  fonts?: string[]
}

/** The panel: rail, header, content that refreshes itself, dialog, toasts. */
export function Layout({
  page,
  title,
  state,
  nav,
  heading,
  subtitle,
  help,
  actions,
  refresh,
  refreshOn,
  refreshOf,
  drawer,
  rowMenu,
  fonts,
  children,
}: PropsWithChildren<LayoutProps>) {
  return (
    <Document page={page} title={title} state={state} stream="/admin/stream" fonts={fonts}>
      <div class="shell">
        <Rail nav={nav} />
        <div>
          <header class="phone-head">
            <Brand href="/admin" />
            <div class="header-side">
              <Connection />
              <PaletteButton />
              <ThemeButton />
              <UserMenu />
            </div>
          </header>
          <main class="main" id="main" tabindex={-1}>
            <header class="header">
              <div class="header-text" id="page-text">
                <div class="title-help">
                  <div class="title-text">
                    {heading ?? (
                      <h1>
                        <Isolated text={title} />
                      </h1>
                    )}
                  </div>
                  {help && <ScreenHelp screen={help} />}
                </div>
                {subtitle && <p class="header-sub">{subtitle}</p>}
              </div>
              <div class="header-side">
                <Connection />
                <PaletteButton />
                <div class="header-actions" id="page-actions">
                  {actions}
                </div>
                <span class="divider" />
                <ThemeButton />
                <UserMenu />
              </div>
            </header>
            <LiveRegion refresh={refresh} on={refreshOn} of={refreshOf}>
              {children}
            </LiveRegion>
          </main>
        </div>
        <BottomBar nav={nav} />
      </div>
      <aside class="drawer" id="drawer" aria-label="Session">
        {drawer}
      </aside>
      {rowMenu}
      <PaletteDialog />
    </Document>
  )
}

/** The person's own pages: a bar at the top and one column. */
export function SiteLayout({
  page,
  title,
  nav,
  subtitle,
  actions,
  refresh,
  children,
}: PropsWithChildren<
  Omit<LayoutProps, 'nav' | 'drawer' | 'rowMenu' | 'fonts'> & { nav: 'account' | 'devices' | 'security' }
>) {
  const links = [
    ['account', '/account', 'Account'],
    ['devices', '/account/sessions', 'Devices'],
    ['security', '/account/security', 'Security'],
  ] as const
  return (
    <Document page={page} title={title} stream="/account/stream">
      <header class="site-bar">
        <Brand href="/account" />
        <nav class="site-nav" aria-label="Your account">
          {links.map(([id, href, text]) => (
            <a href={href} aria-current={id === nav ? 'page' : undefined}>
              {text}
            </a>
          ))}
        </nav>
        <div class="header-side">
          <ThemeButton />
          <UserMenu withName />
        </div>
      </header>
      <main class="site-main" id="main" tabindex={-1}>
        <LiveRegion refresh={refresh}>
          <div class="header">
            <div class="header-text">
              <h1>{title}</h1>
              {subtitle && <p class="header-sub">{subtitle}</p>}
            </div>
            {actions && <div class="header-side">{actions}</div>}
          </div>
          {children}
        </LiveRegion>
      </main>
    </Document>
  )
}

interface PlainProps {
  page: Page
  title: string
  heading?: Child
  lead?: Child
  /** In the place of the brand. */
  mark?: Child
}

/** Sign-in, set-up, invitation, errors for strangers: one column of 360 px and nothing else. */
export function PlainLayout({ page, title, heading, lead, mark, children }: PropsWithChildren<PlainProps>) {
  return (
    <Document page={page} title={title}>
      <main class="plain" id="main" tabindex={-1}>
        <div class="plain-column">
          <div class="plain-head">
            {mark ?? <BrandMark />}
            <h1>{heading ?? title}</h1>
            {lead && <p>{lead}</p>}
          </div>
          {children}
        </div>
      </main>
    </Document>
  )
}

/** Brought anew by a morph: scroll, focus, selection and what is open stay. Not an activity of the person (S-07). */
function LiveRegion({
  refresh,
  on = 'sessions',
  of,
  children,
}: PropsWithChildren<{
  refresh?: string | undefined
  on?: 'sessions' | 'audit' | undefined
  of?: AccountId | undefined
}>) {
  const wired = refresh
    ? hx({
        get: refresh,
        trigger: `rollcall:${on} from:body`,
        select: '#live',
        'select-oob': '#rail-sessions, #page-text:outerMorph, #page-actions:outerMorph',
        swap: 'outerMorph',
        headers: '{"Rollcall-Background":"1"}',
        sync: 'this:replace',
        'status:4xx': 'swap:none',
        'status:5xx': 'swap:none',
      })
    : {}
  return (
    <div class="live-region" id="live" data-on={on} data-of={of} {...wired}>
      {children}
    </div>
  )
}

const HTMX = JSON.stringify({
  extensions: 'hx-csp, rollcall, row-menu',
  includeIndicatorCSS: false,
  history: 'reload',
  // Settling would copy an element's style attribute (a text box that was drawn larger) to its successor: against S-40.
  defaultSettleDelay: 0,
})

function Document({
  page,
  title,
  state,
  stream,
  fonts = [],
  children,
}: PropsWithChildren<{
  page: Page
  title: string
  state?: string | undefined
  stream?: string
  fonts?: string[] | undefined
}>) {
  return (
    <PageProvider page={page}>
      {raw('<!doctype html>')}
      <html lang="en" data-theme={page.theme} data-single-keys={page.look.singleKeys ? undefined : 'off'}>
        <head>
          <meta charset="utf-8" />
          <title>{`${state ? `${state} ` : ''}${title} - Rollcall`}</title>
          <meta name="viewport" content="width=device-width, initial-scale=1, viewport-fit=cover" />
          <meta name="color-scheme" content="light dark" />
          <meta name="robots" content="noindex" />
          <meta name="htmx-config" content={HTMX} />
          {stream && <meta name="rollcall-stream" content={stream} data-account={page.viewer?.accountId} />}
          <link rel="icon" href={asset('favicon.svg')} type="image/svg+xml" />
          {[fontFile('inter-latin'), ...fonts].map((href) => (
            <link rel="preload" href={href} as="font" type="font/woff2" crossorigin="anonymous" />
          ))}
          <link rel="stylesheet" href={asset('rollcall.css')} />
          <script nonce={page.nonce} src={asset('htmx.js')} defer></script>
          <script nonce={page.nonce} src={asset('rollcall.js')} defer></script>
        </head>
        <body>
          <a class="skip-link" href="#main">
            Skip to the content
          </a>
          {children}
          <dialog class="dialog" id="dialog" aria-labelledby="dialog-title" aria-describedby="dialog-lead"></dialog>
          {stream && <KeysDialog />}
          {stream && <IdleNotice />}
          <ToastRegion toast={page.toast} />
        </body>
      </html>
    </PageProvider>
  )
}
