import type { Explained } from '../../src/api/problems.js'
import { ButtonLink } from '../components/Button.js'
import { Card } from '../components/Card.js'
import type { Page } from '../components/page.js'
import { PlainLayout } from '../layout.js'

/** What the `type` of a problem leads to: what it means, and what to do. For everyone, signed in or not. */
export function ProblemPage({ page, problem }: { page: Page; problem: Explained }) {
  const { code, status, means, toDo } = problem
  return (
    <PlainLayout page={page} title={code} lead={`Status ${status}`}>
      <Card title="What it means">
        <p class="wrap">
          <Words text={means} />
        </p>
      </Card>
      <Card title="What to do">
        <p class="wrap">
          <Words text={toDo} />
        </p>
      </Card>
      <ButtonLink href="/api/v1/problems" size="form">
        All problems
      </ButtonLink>
    </PlainLayout>
  )
}

/** All of them, each with its address. */
export function ProblemsPage({ page, problems }: { page: Page; problems: Explained[] }) {
  return (
    <PlainLayout page={page} title="Problems" lead="What the API answers when it can’t do what was asked.">
      {problems.map(({ code, status, means, toDo }) => (
        <Card
          id={code}
          title={
            <a class="link mono" href={`/api/v1/problems/${code}`}>
              {code}
            </a>
          }
          aside={<span class="muted">{status}</span>}
        >
          <p class="wrap">
            <Words text={means} />
          </p>
          <p class="wrap muted">
            <Words text={toDo} />
          </p>
        </Card>
      ))}
    </PlainLayout>
  )
}

/** What stands between backticks is a name. */
const Words = ({ text }: { text: string }) => (
  <>{text.split('`').map((part, at) => (at % 2 ? <code class="mono">{part}</code> : part))}</>
)
