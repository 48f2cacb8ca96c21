import { Icon } from '../components/Icon.js'
import { Menu } from '../components/Menu.js'
import { usePage } from '../components/page.js'
import { HELP, type HelpScreen, MASKED_HELP } from './helpTexts.js'

/** Beside a screen's title: what it shows and what its actions do. */
export function ScreenHelp({ screen }: { screen: HelpScreen }) {
  const { viewer } = usePage()
  return (
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
      {viewer?.masked && MASKED_HELP}
      {HELP[screen]}
    </Menu>
  )
}
