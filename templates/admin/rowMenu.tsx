import { Icon } from '../components/Icon.js'
import { MenuButton, MenuLine, MenuLink } from '../components/Menu.js'
import { inDialog, usePage } from '../components/page.js'
import { opensDrawer, signsOut } from './sessionRow.js'

/**
 * What the menus of a list's rows are filled with when they are opened (`static/js/rowMenu.js`): `:session`, `:account`
 * and `:address` become those of the row, and what `data-needs` something that the row does not offer is left out. What
 * the viewer may do to nobody is not in it (S-35).
 */
export function RowMenuItems() {
  const { can } = usePage()
  return (
    <template id="row-menu">
      <div class="menu-panel">
        <MenuLink href="/admin/sessions/:session" icon="eye">
          Open session
        </MenuLink>
        <MenuLink href="/admin/accounts/:account" icon="user">
          Open account
        </MenuLink>
        <MenuButton icon="copy" data-copy=":session">
          Copy session id
        </MenuButton>
        <MenuButton icon="copy" data-copy=":address" data-needs="address">
          Copy address
        </MenuButton>
        {can.revoke && (
          <>
            <MenuLine data-needs="revoke" />
            <button
              type="submit"
              class="menu-item"
              form="row-act"
              formaction="/admin/sessions/:session/revoke"
              data-needs="revoke"
              {...signsOut(':session')}
            >
              <Icon name="log-out" />
              Sign out
            </button>
          </>
        )}
        {can.block && (
          <MenuLink
            icon="ban"
            tone="red"
            data-needs="block"
            {...inDialog('/admin/accounts/:account/block?session=:session')}
          >
            Block account…
          </MenuLink>
        )}
      </div>
    </template>
  )
}

/** What htmx does with a row's link and its button, once for all of them (`static/js/rowWires.js`). */
export function RowWires() {
  const { can } = usePage()
  return (
    <template id="row-wires">
      <a {...opensDrawer(':session')} />
      {can.revoke && <button type="submit" {...signsOut(':session')} />}
    </template>
  )
}
