import type { Block } from '../../src/accounts/types.js'
import { offsetText } from '../../src/http/zones.js'
import { DialogForm } from '../components/Dialog.js'
import { Field } from '../components/Field.js'
import { type Page, usePage } from '../components/page.js'
import { Layout } from '../layout.js'
import { momentText } from '../words.js'
import { ActHeading } from './actHeading.js'

interface LiftBlockProps {
  page: Page
  block: Block
  action: string
  /** Where Cancel leads. */
  back: string
}

/** "Lift the block on Priya Raman?" */
export function LiftBlockPage({ page, block, action, back }: LiftBlockProps) {
  const name = block.account?.name ?? block.network ?? ''
  return (
    <Layout
      page={page}
      nav={block.kind === 'account' ? 'accounts' : 'blocks'}
      title={`Lift the block on ${name}`}
      heading={<ActHeading from={[{ href: '/admin/blocks', text: 'Blocks' }]} title={`Lift the block on ${name}`} />}
    >
      <DialogForm
        title={`Lift the block on ${name}?`}
        lead={<Lead block={block} />}
        action={action}
        cancel={back}
        submit={{ text: 'Lift block', variant: 'primary', icon: 'lock-open' }}
      >
        <Field name="reason" label="Reason" optional maxlength={500} autocomplete="off" hint="For the audit log." />
      </DialogForm>
    </Layout>
  )
}

function Lead({ block }: { block: Block }) {
  const { now, look } = usePage()
  return (
    <>
      <bdi>{block.createdBy}</bdi> blocked {block.kind === 'account' ? 'the account' : 'the network'}{' '}
      {momentText(block.createdAt, now, look.zone)} {offsetText(block.createdAt, look.zone)}: <bdi>{block.reason}</bdi>.{' '}
      {block.kind === 'account'
        ? 'The person can sign in again; no session comes back.'
        : 'Sign-ins from there work again; no session comes back.'}
    </>
  )
}
