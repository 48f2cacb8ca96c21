import type { SavedView, ViewList } from '../../src/accounts/savedViews.js'
import { ButtonLink } from '../components/Button.js'
import { DialogForm } from '../components/Dialog.js'
import { Checkbox, Field } from '../components/Field.js'
import { insteadOfDialog, type Page, usePage } from '../components/page.js'
import { Layout } from '../layout.js'
import { ActHeading } from './actHeading.js'

const LISTS: Record<ViewList, string> = { sessions: 'Sessions', accounts: 'Accounts', audit: 'Audit log' }

/** The list's address with this filter. */
export const viewPath = ({ list, query }: Pick<SavedView, 'list' | 'query'>): string =>
  `/admin/${list}${query && `?${query}`}`

interface SaveViewProps {
  page: Page
  view: Pick<SavedView, 'list' | 'query' | 'name' | 'shared'>
  /** Of one that is there already. */
  id?: string
  errors: { name?: string | undefined; shared?: string | undefined }
}

/** "Save this view?", and the same to rename and share it. */
export function SaveViewPage({ page, view, id, errors }: SaveViewProps) {
  const title = id ? 'Change a view' : 'Save a view'
  return (
    <Layout page={page} nav={view.list} title={title} heading={<Heading view={view} title={title} />}>
      <DialogForm
        title={id ? `Change “${view.name}”?` : 'Save this view?'}
        lead={`The filters of ${LISTS[view.list]} as they are now, under a name. What they match is looked up anew each time.`}
        action={id ? `/admin/views/${id}` : '/admin/views'}
        cancel={viewPath(view)}
        hidden={id ? {} : { list: view.list, query: view.query }}
        submit={{ text: 'Save view', variant: 'primary', icon: 'bookmark' }}
      >
        <Field name="name" label="Name" value={view.name} error={errors.name} required maxlength={60} autofocus />
        <Share shared={view.shared} error={errors.shared} />
        {id && <DeleteLink id={id} />}
      </DialogForm>
    </Layout>
  )
}

/** Drawn within the layout, where the page is known. */
function DeleteLink({ id }: { id: string }) {
  return (
    <p>
      <ButtonLink size="small" variant="danger" icon="trash-2" {...insteadOfDialog(`/admin/views/${id}/delete`)}>
        Delete view…
      </ButtonLink>
    </p>
  )
}

/** For who may: what is shared stands in everybody's lists. */
function Share({ shared, error }: { shared: boolean; error: string | undefined }) {
  if (!usePage().can.revoke) return null
  const hint = error ?? 'Everybody with a role in the panel sees it, with your name.'
  return <Checkbox name="shared" label="Share with the team" hint={hint} checked={shared} />
}

export function DeleteViewPage({ page, view }: { page: Page; view: SavedView }) {
  const title = `Delete the view ${view.name}`
  return (
    <Layout page={page} nav={view.list} title={title} heading={<Heading view={view} title={title} />}>
      <DialogForm
        title={`Delete the view “${view.name}”?`}
        lead={
          view.shared
            ? 'It goes from everybody’s lists. What it shows is not touched.'
            : 'What it shows is not touched.'
        }
        action={`/admin/views/${view.id}/delete`}
        cancel={viewPath(view)}
        submit={{ text: 'Delete view', variant: 'danger-solid', icon: 'trash-2' }}
      />
    </Layout>
  )
}

function Heading({ view, title }: { view: Pick<SavedView, 'list' | 'query'>; title: string }) {
  return <ActHeading from={[{ href: viewPath(view), text: LISTS[view.list] }]} title={title} />
}
