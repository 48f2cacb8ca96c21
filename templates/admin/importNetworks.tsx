import type { ImportErrors, ImportValues } from '../../src/admin/blocksImport.js'
import { Button, ButtonLink } from '../components/Button.js'
import { Card } from '../components/Card.js'
import { Checkbox, Field, TextArea } from '../components/Field.js'
import type { Page } from '../components/page.js'
import { Time } from '../components/Time.js'
import { Layout } from '../layout.js'
import { ActHeading } from './actHeading.js'
import { ReasonFields, UntilFields } from './block.js'

interface ImportProps {
  page: Page
  values: ImportValues
  errors: ImportErrors
  /** The newest ones, to come back to. */
  before: { id: string; name: string; createdAt: Date; createdBy: string }[]
}

/** First step: the list, and why and until when for lines that say nothing of that. */
export function ImportPage({ page, values, errors, before }: ImportProps) {
  const terms = {
    reason: values.reason,
    other: values.other,
    until: values.until,
    date: values.date,
    zone: values.zone,
    message: undefined,
    network: undefined,
    also_network: undefined,
    session: undefined,
    return_to: undefined,
  }
  return (
    <Layout
      page={page}
      nav="blocks"
      title="Block a list of networks"
      heading={<ActHeading from={[{ href: '/admin/blocks', text: 'Blocks' }]} title="Block a list of networks" />}
      help="importNetworks"
    >
      <div class="import">
        <Card title="Block which networks?">
          <form method="post" action="/admin/blocks/import" enctype="multipart/form-data" class="import-form">
            <Field
              name="file"
              label="File"
              type="file"
              accept=".csv,.txt,.netset,text/csv,text/plain"
              error={errors.file}
              hint={
                <>
                  CSV or plain text, one network a line: <span class="mono">network,reason,until</span>. Reason and
                  until may be left out; lines that begin with # are comments. At most 10,000 networks and 1 MiB.
                </>
              }
            />
            <TextArea
              name="list"
              label="Or written here"
              class="textarea mono"
              rows={6}
              spellcheck={false}
              value={values.list}
              error={errors.list}
              placeholder={'203.0.113.0/24\n2001:db8::/32,spam,2027-01-31'}
            />
            <p class="muted">For lines that say no reason or no end:</p>
            <ReasonFields of="networks" values={terms} errors={errors} />
            <UntilFields values={terms} errors={errors} />
            <Checkbox
              name="end_sessions"
              checked={values.end_sessions === 'on'}
              label="End the sessions from there for good"
              hint="Else they are refused while the block holds, and go on after it."
            />
            <div class="row">
              <Button variant="primary" iconAfter="chevron-right">
                See what it hits
              </Button>
              <ButtonLink href="/admin/blocks">Cancel</ButtonLink>
              <span class="muted">Nothing is blocked yet.</span>
            </div>
          </form>
        </Card>
        {before.length > 0 && (
          <Card title="Lists of the last 7 days">
            <ul class="plain-list">
              {before.map((one) => (
                <li class="wrap">
                  <a class="link" href={`/admin/blocks/import/${one.id}`}>
                    {one.name}
                  </a>{' '}
                  <span class="muted">
                    {one.createdBy}, <Time at={one.createdAt} />
                  </span>
                </li>
              ))}
            </ul>
          </Card>
        )}
      </div>
    </Layout>
  )
}
