import type { NetworkPreview } from '../../src/accounts/blocks/previewNetwork.js'
import type { NetworkErrors, NetworkValues } from '../../src/admin/blocks.js'
import { Notice } from '../components/Card.js'
import { DialogForm } from '../components/Dialog.js'
import { Facts } from '../components/Facts.js'
import { Checkbox, Field } from '../components/Field.js'
import type { Page } from '../components/page.js'
import { Layout } from '../layout.js'
import { countText, zoneText } from '../words.js'
import { ActHeading } from './actHeading.js'
import { ReasonFields, SPANS, UntilFields } from './block.js'

type Values = { [Name in keyof NetworkValues]?: NetworkValues[Name] | undefined }

/** First step: which network, why, until when. */
export function BlockNetworkPage({ page, values, errors }: { page: Page; values: Values; errors: NetworkErrors }) {
  return (
    <Layout
      page={page}
      nav="blocks"
      title="Block a network"
      heading={<ActHeading from={[{ href: '/admin/blocks', text: 'Blocks' }]} title="Block a network" />}
      help="blockNetwork"
    >
      <DialogForm
        title="Block which network?"
        lead="Refuses sign-in and every session from there. You see what it hits before it is done."
        action="/admin/blocks"
        cancel={values.return_to ?? '/admin/blocks'}
        hidden={values.return_to ? { return_to: values.return_to } : {}}
        submit={{ text: 'See what it hits', variant: 'primary', iconAfter: 'chevron-right' }}
      >
        <Field
          name="network"
          label="Address or network"
          class="input mono"
          required
          maxlength={64}
          autocomplete="off"
          spellcheck={false}
          placeholder="203.0.113.0/24"
          value={values.network}
          error={errors.network}
          hint="One address, or a network in CIDR: 203.0.113.7, 203.0.113.0/24, 2001:db8::/32."
        />
        <ReasonFields of="networks" values={blockValues(values)} errors={errors} />
        <UntilFields values={blockValues(values)} errors={errors} />
      </DialogForm>
    </Layout>
  )
}

interface ReviewProps {
  page: Page
  values: Values
  preview: NetworkPreview
  /** The viewer's own address. */
  ip: string | null
  errors: NetworkErrors
}

/** Second step: what it hits; then it is done. */
export function ReviewNetworkPage({ page, values, preview, ip, errors }: ReviewProps) {
  return (
    <Layout
      page={page}
      nav="blocks"
      title={`Block ${preview.network}`}
      heading={<ActHeading from={[{ href: '/admin/blocks', text: 'Blocks' }]} title={`Block ${preview.network}`} />}
      help="blockNetwork"
    >
      <DialogForm
        title={
          <>
            Block <span class="mono">{preview.network}</span>?
          </>
        }
        lead={<Hits preview={preview} isOpen={(values.until ?? 'lifted') === 'lifted'} />}
        action="/admin/blocks"
        cancel={values.return_to ?? '/admin/blocks'}
        submit={{ text: 'Block network', variant: 'danger-solid', icon: 'ban' }}
        hidden={hiddenOf(values, preview)}
      >
        <Facts
          facts={[
            ['Reason', values.reason === 'other' ? values.other : values.reason],
            ['Until', untilText(values, page.now)],
          ]}
        />
        {errors.form && (
          <Notice tone="red" icon="circle-alert">
            {errors.form}
          </Notice>
        )}
        {preview.coversYou && (
          <>
            <Notice tone="amber" icon="triangle-alert" title="Your own address is in this network">
              <p>The block undoes itself after 5 minutes unless you confirm it from there.</p>
            </Notice>
            <Field
              name="own_address"
              label="Type your own address to go on"
              class="input mono"
              required
              autocomplete="off"
              spellcheck={false}
              data-typed
              value={values.own_address}
              error={errors.own_address}
              hint={
                <>
                  It is <span class="mono">{ip}</span>.
                </>
              }
            />
          </>
        )}
        <Checkbox
          name="end_sessions"
          checked={values.end_sessions === 'on'}
          label="End the sessions from there for good"
          hint="Else they are refused while the block holds, and go on after it."
        />
      </DialogForm>
    </Layout>
  )
}

function Hits({
  preview: { sessions, accounts, atLeast },
  isOpen,
}: {
  preview: NetworkPreview
  /** The block has no end of its own. */
  isOpen: boolean
}) {
  const until = isOpen ? 'until somebody lifts it' : 'until it ends or is lifted'
  if (sessions === 0 && !atLeast) return <>Nobody is signed in from there now. Refuses sign-in {until}.</>
  return (
    <>
      Hits {atLeast && 'at least '}
      <strong>{countText(sessions, 'live session')}</strong> of {atLeast && 'at least '}
      <strong>{countText(accounts, 'account')}</strong>. Refuses sign-in from there {until}.
    </>
  )
}

/** As it was chosen a page before. */
function untilText({ until, date, zone = 'UTC' }: Values, now: Date): string {
  if (until === 'date') return `${date?.replace('T', ' ') ?? ''}, ${zoneText(zone, now)}`
  const spans: Record<string, string> = SPANS
  return (spans[until ?? 'lifted'] ?? '').toLowerCase()
}

const blockValues = ({ reason, other, until, date, zone }: Values) => ({
  reason,
  other,
  until,
  date,
  zone,
  message: undefined,
  network: undefined,
  also_network: undefined,
  session: undefined,
  return_to: undefined,
})

function hiddenOf(values: Values, { network }: NetworkPreview): Record<string, string> {
  const { reason, other, until, date, zone, return_to } = values
  const kept = { network, reviewed: network, reason, other, until, date, zone, return_to }
  return Object.fromEntries(Object.entries(kept).flatMap(([name, value]) => (value ? [[name, value]] : [])))
}
