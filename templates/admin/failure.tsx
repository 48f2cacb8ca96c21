import { ButtonLink } from '../components/Button.js'
import type { Page } from '../components/page.js'
import { EmptyState } from '../components/States.js'
import { Layout } from '../layout.js'
import type { Failure } from '../site/failure.js'

/** What went wrong, in the panel: the way on is still there. */
export function PanelFailurePage({ page, error, requestId }: { page: Page; error: Failure; requestId: string }) {
  const { errors } = error.more
  return (
    <Layout page={page} title={error.title}>
      <div class="card">
        <EmptyState
          icon={error.status === 403 ? 'lock' : error.status === 404 ? 'search' : 'circle-alert'}
          title={error.title}
          tone={error.status === 404 ? undefined : 'amber'}
          actions={<ButtonLink href="/admin">Go to the overview</ButtonLink>}
        >
          {errors ? errors.map(({ path, message }) => `${path} ${message}`).join('; ') : error.detail}{' '}
          <span class="secondary wrap">Request {requestId}.</span>
        </EmptyState>
      </div>
    </Layout>
  )
}
