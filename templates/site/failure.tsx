import { ButtonLink } from '../components/Button.js'
import type { Page } from '../components/page.js'
import { PlainLayout } from '../layout.js'

export interface Failure {
  status: number
  title: string
  detail: string
  more: { errors?: { path: string; message: string }[] }
}

interface FailurePageProps {
  page: Page
  error: Failure
  requestId: string
  /** The address that failed, where the answer asks the browser to come back to it. */
  again: string | undefined
}

/** What happened, what to do, and the number to ask about it. For everyone, signed in or not. */
export function FailurePage({ page, error, requestId, again }: FailurePageProps) {
  const { errors } = error.more
  return (
    <PlainLayout page={page} title={error.title} lead={errors ? undefined : error.detail}>
      {errors && (
        <ul class="stack">
          {errors.map(({ path, message }) => (
            <li class="wrap">
              <strong>{path}</strong>: {message}
            </li>
          ))}
        </ul>
      )}
      {again && (
        <>
          <p class="plain-foot">This page tries again by itself.</p>
          <ButtonLink href={again} variant="primary" size="form">
            Try again
          </ButtonLink>
        </>
      )}
      <ButtonLink href="/" size="form">
        Go to the start page
      </ButtonLink>
      <p class="plain-foot">
        Request <span class="mono wrap">{requestId}</span>
      </p>
    </PlainLayout>
  )
}
