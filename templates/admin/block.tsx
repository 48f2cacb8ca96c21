import type { Account } from '../../src/accounts/types.js'
import type { BlockErrors, BlockValues, Reason, Span } from '../../src/admin/accountsBlockForm.js'
import type { Sharing } from '../../src/sessions/lists/sharedAddress.js'
import { Notice } from '../components/Card.js'
import { DialogForm } from '../components/Dialog.js'
import { Checkbox, Field, Picks, Segmented, TextArea } from '../components/Field.js'
import type { Page } from '../components/page.js'
import { Layout } from '../layout.js'
import { countText, sharingText } from '../words.js'
import { AccountActHeading } from './actHeading.js'
import { DayAndTime } from './dayAndTime.js'

interface BlockProps {
  page: Page
  account: Account
  /** Live ones: what the block ends. */
  sessions: number
  /** Where the person is signed in from, to be blocked as well. */
  network: { network: string; sharing: Sharing } | undefined
  values: { [Name in keyof BlockValues]: BlockValues[Name] | undefined }
  errors: BlockErrors
}

/** "Block Priya Raman?": what happens, why, until when. */
export function BlockPage({ page, account, sessions, network, values, errors }: BlockProps) {
  const path = `/admin/accounts/${account.id}`
  const change = account.block !== null
  return (
    <Layout
      page={page}
      nav="accounts"
      title={`Block ${account.name}`}
      heading={<AccountActHeading account={account} title="Block" />}
    >
      <DialogForm
        title={change ? `Change the block of ${account.name}?` : `Block ${account.name}?`}
        lead={<Lead sessions={sessions} change={change} />}
        action={`${path}/block`}
        cancel={values.return_to ?? path}
        submit={{ text: change ? 'Change block' : 'Block account', variant: 'danger-solid', icon: 'ban' }}
        hidden={{ ...hiddenOf(values, network?.network), replaces: account.block?.id ?? 'none' }}
      >
        {errors.form && (
          <Notice tone="red" icon="circle-alert">
            {errors.form}
          </Notice>
        )}
        <ReasonFields of="accounts" values={values} errors={errors} />
        <UntilFields values={values} errors={errors} />
        <MessageField label="Message to the person" value={values.message} error={errors.message} />
        {network && (
          <Checkbox
            name="also_network"
            // Another one may be offered than the one that was ticked.
            checked={values.also_network === 'on' && values.network === network.network}
            label={
              <>
                Also block network <span class="mono">{network.network}</span>
              </>
            }
            hint={`(${network.sharing.accounts === 0 ? 'no other account uses it' : `${sharingText(network.sharing)} ${network.sharing.accounts === 1 ? 'uses' : 'use'} it`})`}
          />
        )}
      </DialogForm>
    </Layout>
  )
}

type TermsProps = Pick<BlockProps, 'values' | 'errors'>

interface MessageProps {
  label: string
  value: string | undefined
  error: string | undefined
}

/** What those who are blocked read. */
export const MessageField = (props: MessageProps) => (
  <TextArea
    name="message"
    optional
    hint="Shown after a right password, and on protected hosts where they were signed in; never before."
    maxlength={1000}
    {...props}
  />
)

/** Quick picks; a text of one's own shows for Other (and always, where the browser knows no `:has()`). */
export function ReasonFields({ values, errors, of }: TermsProps & { of: 'accounts' | 'networks' }) {
  const reasons = of === 'accounts' ? OF_ACCOUNTS : OF_NETWORKS
  return (
    <div class="reveals">
      <Picks
        name="reason"
        legend="Reason"
        required
        value={values.reason}
        options={reasons.map((value) => ({ value, label: REASONS[value] }))}
        error={errors.reason}
      />
      <div class="revealed" data-for="other">
        <Field
          name="other"
          label="In your words"
          value={values.other}
          error={errors.other}
          maxlength={500}
          autocomplete="off"
        />
      </div>
    </div>
  )
}

/** The date is in the zone that the page is drawn for, and says so to who reads the form. */
export function UntilFields({ values, errors }: TermsProps) {
  return (
    <div class="reveals">
      <Segmented
        name="until"
        legend="Until"
        value={values.until ?? 'lifted'}
        options={options(SPANS)}
        error={errors.until}
      />
      <DayAndTime value={values.date} zone={values.zone} error={errors.date} />
    </div>
  )
}

function Lead({ sessions, change }: { sessions: number; change: boolean }) {
  if (change) return <>The new terms replace the present ones; both stay in the history.</>
  return (
    <>
      {sessions === 0 ? 'No session is live.' : 'Ends '}
      {sessions > 0 && (
        <>
          <strong>{countText(sessions, 'session')}</strong> now, in every app.
        </>
      )}{' '}
      Refuses sign-in for as long as you choose.
    </>
  )
}

const REASONS: Record<Reason, string> = {
  compromised: 'Compromised',
  'left the company': 'Left the company',
  attack: 'Attack',
  spam: 'Spam',
  policy: 'Policy',
  other: 'Other',
}
const OF_ACCOUNTS: Reason[] = ['compromised', 'left the company', 'policy', 'other']
const OF_NETWORKS: Reason[] = ['attack', 'spam', 'policy', 'other']
export const SPANS: Record<Span, string> = {
  '1h': '1 hour',
  '24h': '24 hours',
  '7d': '7 days',
  date: 'A date',
  lifted: 'Until lifted',
}

const options = (named: Record<string, string>) => Object.entries(named).map(([value, label]) => ({ value, label }))

function hiddenOf({ session, return_to }: BlockProps['values'], network: string | undefined): Record<string, string> {
  return {
    ...(network ? { network } : {}),
    ...(session ? { session } : {}),
    ...(return_to ? { return_to } : {}),
  }
}
