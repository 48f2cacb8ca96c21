import { Button } from '../components/Button.js'
import { Icon } from '../components/Icon.js'
import type { Page } from '../components/page.js'
import { PaletteLine, type PaletteResult } from '../components/palette.js'
import { EmptyState } from '../components/States.js'
import { Layout } from '../layout.js'

interface PaletteProps {
  q: string
  results: PaletteResult[]
}

/** For the palette: the options of its listbox. */
export function PaletteAnswer({ q, results }: PaletteProps) {
  if (results.length === 0) {
    return (
      <p class="palette-none" data-q={q}>
        Nothing is called <strong class="wrap">“{q}”</strong>.
      </p>
    )
  }
  return (
    <div id="palette-list" role="listbox" aria-label="Found" data-q={q}>
      {results.map((result, i) => (
        <a
          class="palette-item"
          id={`palette-${i}`}
          href={result.href}
          role="option"
          aria-selected="false"
          tabindex={-1}
          data-tone={result.tone}
        >
          <PaletteLine {...result} />
        </a>
      ))}
    </div>
  )
}

/** The same as a page of its own, where there is no script, and so nothing that only a script does. */
export function PalettePage({ page, q, results: found }: PaletteProps & { page: Page }) {
  const results = found.filter(({ href }) => !href.startsWith('#'))
  return (
    <Layout
      page={page}
      title={q ? `Find “${q}”` : 'Find'}
      heading={<h1>Find</h1>}
      subtitle="People, sessions, networks, pages and actions."
    >
      <search>
        <form class="row" method="get" action="/admin/palette">
          <div class="search">
            <Icon name="search" size={14} />
            <input
              type="search"
              name="q"
              value={q}
              aria-label="Find a person, session, network, page or action"
              autocomplete="off"
              spellcheck={false}
              maxlength={200}
              data-search
            />
          </div>
          <Button>Find</Button>
        </form>
      </search>
      <div class="card">
        {results.length === 0 ? (
          <EmptyState icon="search" title="Nothing is called that">
            Try a name, an e-mail address, an IP address, a network such as 203.0.113.0/24, or a session’s id.
          </EmptyState>
        ) : (
          <ul class="palette-page">
            {results.map((result) => (
              <li>
                <a class="palette-item" href={result.href} data-tone={result.tone}>
                  <PaletteLine {...result} />
                </a>
              </li>
            ))}
          </ul>
        )}
      </div>
    </Layout>
  )
}
