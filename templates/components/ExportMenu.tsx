import { Icon } from './Icon.js'
import { Menu, MenuLink } from './Menu.js'

interface ExportMenuProps {
  /** Of the list: "/admin/sessions". */
  list: string
  /** What it is filtered by; the page of it does not matter. */
  query: object
  /** For who feeds a SIEM. */
  ocsf?: boolean
}

const FORMATS = [
  ['csv', 'CSV', 'for spreadsheets'],
  ['jsonl', 'JSON Lines', 'for scripts'],
  ['ocsf', 'OCSF', 'for a SIEM'],
] as const

/** The whole list as a file, with the filter that is set. The search box brings it anew: `SearchBox` names its id. */
export function ExportMenu({ list, query, ocsf }: ExportMenuProps) {
  const { after: _, before: __, ...filter } = { after: undefined, before: undefined, ...query }
  return (
    <Menu
      id="export-menu"
      align="end"
      panelClass="export-panel"
      summary={{ class: 'btn', 'data-variant': 'outline', 'aria-label': 'Export' }}
      trigger={
        <>
          <Icon name="download" />
          <span class="export-word">Export</span>
          <Icon name="chevron-down" />
        </>
      }
    >
      {FORMATS.filter(([format]) => ocsf || format !== 'ocsf').map(([format, name, what]) => (
        <MenuLink href={`${list}/export?${exportSearch(format, filter)}`}>
          {name} <span class="muted">{what}</span>
        </MenuLink>
      ))}
    </Menu>
  )
}

function exportSearch(format: string, filter: object): URLSearchParams {
  const search = new URLSearchParams({ format })
  for (const [name, value] of Object.entries(filter)) if (value) search.set(name, String(value))
  return search
}
