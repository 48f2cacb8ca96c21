import type { IconName } from '../../src/assets/icons.js'
import { Icon } from './Icon.js'
import { hx, usePage } from './page.js'

/** One line of what was found; `kind` says what it is. */
export interface PaletteResult {
  kind: 'Person' | 'Session' | 'Sessions' | 'Event' | 'App' | 'Page' | 'Action'
  href: string
  icon: IconName
  text: string
  detail?: string
  tone?: 'red'
}

/** Opens the palette; without script it leads to the page that finds the same. */
export function PaletteButton() {
  return (
    <a
      class="btn palette-button"
      data-variant="outline"
      href="/admin/palette"
      data-palette
      aria-keyshortcuts="Control+K Meta+K"
      title="Find people, sessions, networks, pages and actions"
    >
      <Icon name="search" />
      <span class="palette-button-text">Find</span>
      <kbd class="kbd js-only" data-palette-key>
        Ctrl K
      </kbd>
    </a>
  )
}

/** The palette itself, by the combobox pattern of WAI-ARIA: `static/js/palette.js` has its keys. */
export function PaletteDialog() {
  return (
    <dialog class="dialog palette" id="palette" aria-label="Find" data-recent={usePage().viewer?.accountId}>
      <form
        class="palette-form"
        method="get"
        action="/admin/palette"
        {...hx({
          get: '/admin/palette',
          trigger: "input delay:120ms from:'find input', rollcall:palette",
          target: '#palette-answer',
          swap: 'innerHTML',
          sync: 'this:replace',
          'status:4xx': 'swap:none',
          'status:5xx': 'swap:none',
        })}
      >
        <Icon name="search" />
        <input
          type="text"
          name="q"
          placeholder="Person, address, network, session id, page or action"
          aria-label="Find a person, session, network, page or action"
          role="combobox"
          aria-expanded="false"
          aria-controls="palette-list"
          aria-autocomplete="list"
          autocomplete="off"
          autocapitalize="off"
          spellcheck={false}
          maxlength={200}
        />
        <button type="button" class="btn" data-variant="ghost" data-size="small" data-close>
          <kbd class="kbd">Esc</kbd>
          <span class="visually-hidden">Close</span>
        </button>
      </form>
      <p class="palette-none" role="alert" data-problem="It could not be looked for."></p>
      <div id="palette-answer"></div>
      <template id="palette-recent">
        <a class="palette-item" href="/admin" role="option" aria-selected="false" tabindex={-1}>
          <Icon name="history" />
          <span class="palette-text">
            <span class="clip" dir="auto" data-text></span>
          </span>
          <span class="palette-kind" data-kind></span>
        </a>
      </template>
      {/* Within the dialog: everything outside of it is inert while it is open. */}
      <p class="visually-hidden" role="status" data-said></p>
      <p class="palette-foot" aria-hidden="true">
        <span>
          <kbd class="kbd">↑</kbd>
          <kbd class="kbd">↓</kbd> choose
        </span>
        <span>
          <kbd class="kbd">Enter</kbd> open
        </span>
        <span>
          <kbd class="kbd">Ctrl Enter</kbd> in a new tab
        </span>
      </p>
    </dialog>
  )
}

/** What a line shows, in the palette and on the page. */
export function PaletteLine({ icon, text, detail, kind }: PaletteResult) {
  return (
    <>
      <Icon name={icon} />
      <span class="palette-text">
        <span class="clip" dir="auto">
          {text}
        </span>
        {detail && <span class="clip secondary">{detail}</span>}
      </span>
      <span class="palette-kind">{kind}</span>
    </>
  )
}
