import { OPTIONAL_COLUMNS, type OptionalColumn } from '../../src/http/look.js'
import { Button } from './Button.js'
import { Icon } from './Icon.js'
import { Menu } from './Menu.js'
import { hx, usePage } from './page.js'

const COLUMNS: Record<OptionalColumn, string> = {
  device: 'Device',
  where: 'Where',
  app: 'App and method',
  'signed-in': 'Signed in',
  seen: 'Last seen or ended',
}

/** How dense a list is and which of its columns it shows. By script at once, else by a button. */
export function LookMenu({ columns }: { columns?: boolean }) {
  const { look, path } = usePage()
  return (
    <Menu
      id="look"
      summary={{ class: 'chip', title: 'How this list looks' }}
      trigger={
        <>
          <Icon name="sliders-horizontal" />
          Display
        </>
      }
    >
      <form
        class="look-form"
        method="post"
        action="/look"
        {...hx({ post: '/look', trigger: 'change', target: '#live', select: '#live', swap: 'outerMorph' })}
      >
        <input type="hidden" name="return_to" value={path} />
        <fieldset>
          <legend>Density</legend>
          {(['comfortable', 'compact'] as const).map((density) => (
            <label class="check">
              <input class="input" type="radio" name="density" value={density} checked={look.density === density} />
              {density === 'compact' ? 'Compact' : 'Comfortable'}
            </label>
          ))}
        </fieldset>
        {columns && (
          <fieldset>
            <legend>Columns</legend>
            <input type="hidden" name="columns" value="chosen" />
            {OPTIONAL_COLUMNS.map((column) => (
              <label class="check">
                <input
                  class="input"
                  type="checkbox"
                  name="column"
                  value={column}
                  checked={!look.hiddenColumns.includes(column)}
                />
                {COLUMNS[column]}
              </label>
            ))}
          </fieldset>
        )}
        <span class="no-js">
          <Button size="small">Show it so</Button>
        </span>
      </form>
    </Menu>
  )
}
