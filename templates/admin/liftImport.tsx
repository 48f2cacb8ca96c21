import type { NetworkImport } from '../../src/accounts/blocks/imports.js'
import { ButtonLink } from '../components/Button.js'
import { DialogContent, DialogForm } from '../components/Dialog.js'
import { Field } from '../components/Field.js'
import type { Page } from '../components/page.js'
import { EmptyState } from '../components/States.js'
import { Layout } from '../layout.js'
import { countText } from '../words.js'
import { ActHeading } from './actHeading.js'

interface LiftImportProps {
  page: Page
  found: NetworkImport
  /** Its blocks that are in force. */
  blocks: number
  /** Of more blocks than these the number is typed. */
  many: number
  problem?: string | undefined
}

/** "Lift the 12 blocks of this list?" */
export function LiftImportPage({ page, found, blocks, many, problem }: LiftImportProps) {
  const path = `/admin/blocks/import/${found.id}`
  const title = `Lift the blocks of ${found.name}`
  const what = countText(blocks, 'block')
  return (
    <Layout
      page={page}
      nav="blocks"
      title={title}
      heading={<ActHeading from={[{ href: '/admin/blocks', text: 'Blocks' }]} title={title} />}
    >
      {blocks === 0 ? (
        <div class="dialog-page">
          <DialogContent>
            <EmptyState
              icon="lock-open"
              title="Nothing of this list is in force"
              actions={
                <ButtonLink size="small" href={path}>
                  Back to the list
                </ButtonLink>
              }
            >
              Its blocks are lifted, have ended, or were changed since.
            </EmptyState>
          </DialogContent>
        </div>
      ) : (
        <DialogForm
          title={`Lift the ${what} of this list?`}
          lead="Sign-ins from there work again; no session comes back. What somebody changed since stays."
          action={`${path}/lift`}
          cancel={path}
          submit={{ text: `Lift ${what}`, variant: 'primary', icon: 'lock-open' }}
        >
          <Field name="reason" label="Reason" optional maxlength={500} autocomplete="off" hint="For the audit log." />
          {blocks > many && (
            <Field
              name="count"
              label={`Type ${blocks} to go on`}
              required
              inputmode="numeric"
              autocomplete="off"
              data-typed
              error={problem}
              hint="The number of blocks."
            />
          )}
        </DialogForm>
      )}
    </Layout>
  )
}
