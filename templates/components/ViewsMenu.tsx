import type { SavedView, ViewList } from '../../src/accounts/savedViews.js'
import { Icon } from './Icon.js'
import { Menu, MenuButton, MenuLine, MenuLink } from './Menu.js'
import { inDialog, usePage } from './page.js'

interface ViewsProps {
  list: ViewList
  /** The address of the list as it is filtered now, without a place in it. */
  here: string
  views: SavedView[]
}

/** Filters under a name: the own ones, those of the team, the present one to save, and its link to send. */
export function ViewsMenu({ list, here, views }: ViewsProps) {
  const { viewer } = usePage()
  const query = sorted(here.split('?')[1] ?? '')
  const isOn = (view: SavedView) => sorted(view.query) === query
  const own = views.filter((view) => view.owner.id === viewer?.accountId)
  const team = views.filter((view) => view.owner.id !== viewer?.accountId)
  const on = views.find(isOn)
  return (
    <Menu
      id="views"
      panelClass="views-panel"
      summary={{ class: 'chip', 'data-on': on ? '' : undefined }}
      trigger={
        <>
          <Icon name="bookmark" />
          <span class="clip chip-value" dir="auto">
            {on?.name ?? 'Views'}
          </span>
        </>
      }
    >
      {own.map((view) => (
        <ViewLine view={view} on={view === on} edit={`/admin/views/${view.id}`} />
      ))}
      {team.length > 0 && <p class="filter-title">From the team</p>}
      {team.map((view) => (
        <ViewLine
          view={view}
          on={view === on}
          edit={viewer?.role === 'owner' ? `/admin/views/${view.id}/delete` : undefined}
        />
      ))}
      {views.length > 0 && <MenuLine />}
      <MenuLink icon="plus" {...inDialog(`/admin/views/new?${new URLSearchParams({ list, query })}`)}>
        Save this view…
      </MenuLink>
      <span class="js-only">
        <MenuButton icon="link" data-copy-path={here}>
          Copy link to this view
        </MenuButton>
      </span>
    </Menu>
  )
}

function ViewLine({ view, on, edit }: { view: SavedView; on: boolean; edit: string | undefined }) {
  const { viewer } = usePage()
  const own = view.owner.id === viewer?.accountId
  return (
    <div class="view-line">
      <a
        class="menu-item"
        href={`/admin/${view.list}${view.query && `?${view.query}`}`}
        aria-current={on ? 'true' : undefined}
      >
        <span class="clip" dir="auto">
          {view.name}
        </span>
        {view.shared && (
          <span class="menu-count clip" dir="auto">
            {own ? 'Shared' : view.owner.name}
          </span>
        )}
      </a>
      {edit && (
        <a
          class="btn"
          data-variant="ghost"
          data-size="small"
          data-icon-only
          title={own ? 'Change' : 'Delete'}
          {...inDialog(edit)}
        >
          <Icon name={own ? 'pencil' : 'trash-2'} />
          <span class="visually-hidden">
            {own ? 'Change' : 'Delete'} the view {view.name}
          </span>
        </a>
      )}
    </div>
  )
}

/** Two addresses of one filter may name its parts in another order. */
function sorted(query: string): string {
  const search = new URLSearchParams(query)
  search.sort()
  return search.toString()
}
