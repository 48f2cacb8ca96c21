import type { PropsWithChildren } from 'hono/jsx'
import { Icon } from '../components/Icon.js'
import { Menu } from '../components/Menu.js'

/** A page's title with what there is to know about the page, for who asks. */
export function TitleWithHelp({ title, children }: PropsWithChildren<{ title: string }>) {
  return (
    <div class="title-help">
      <h1>{title}</h1>
      <Menu
        align="start"
        panelClass="help-panel"
        summary={{
          class: 'btn',
          'data-variant': 'ghost',
          'data-size': 'small',
          'data-icon-only': '',
          title: 'What is this?',
        }}
        trigger={
          <>
            <Icon name="info" />
            <span class="visually-hidden">What is this?</span>
          </>
        }
      >
        {children}
      </Menu>
    </div>
  )
}
