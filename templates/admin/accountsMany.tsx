import type { Child, PropsWithChildren } from 'hono/jsx'
import type { AccountSummary } from '../../src/accounts/types.js'
import type {
  BlockManyErrors,
  BlockManyValues,
  LiftManyValues,
  Selected,
  SignOutManyValues,
} from '../../src/admin/accountsMany.js'
import { ButtonLink, type ButtonLook } from '../components/Button.js'
import { Notice } from '../components/Card.js'
import { DialogContent, DialogForm } from '../components/Dialog.js'
import { Checkbox, Field } from '../components/Field.js'
import type { Page } from '../components/page.js'
import { EmptyState } from '../components/States.js'
import { Layout } from '../layout.js'
import { countText } from '../words.js'
import { ActHeading } from './actHeading.js'
import { MessageField, ReasonFields, UntilFields } from './block.js'

/** More are counted. */
const NAMED = 8

interface ManyProps {
  page: Page
  accounts: Selected
  /** With the number that was to be typed. */
  problem?: string | undefined
}

/** "Block 12 accounts?": who, who is left out, what happens; then why and until when. */
export function BlockManyPage({
  page,
  accounts,
  values,
  errors,
}: ManyProps & { values: BlockManyValues; errors: BlockManyErrors }) {
  const what = `Block ${countText(accounts.chosen.length, 'account')}`
  const terms = {
    ...values,
    reason: values.reason,
    other: values.other,
    until: values.until,
    date: values.date,
    zone: values.zone,
    message: values.message,
    network: undefined,
    also_network: undefined,
    session: undefined,
    return_to: undefined,
  }
  return (
    <ManyPage page={page} accounts={accounts} title="Block accounts" none="Tick accounts that can be blocked.">
      <Form
        accounts={accounts}
        title={`${what}?`}
        lead={
          <>
            <Ends accounts={accounts} /> Refuses sign-in for as long as you choose.
          </>
        }
        path="block"
        submit={{ text: what, variant: 'danger-solid', icon: 'ban' }}
        problem={errors.count}
      >
        {errors.form && (
          <Notice tone="red" icon="circle-alert">
            {errors.form}
          </Notice>
        )}
        <ReasonFields of="accounts" values={terms} errors={errors} />
        <UntilFields values={terms} errors={errors} />
        <MessageField label="Message to them" value={values.message} error={errors.message} />
      </Form>
    </ManyPage>
  )
}

/** "Sign out 12 accounts everywhere?" */
export function SignOutManyPage({ page, accounts, values, problem }: ManyProps & { values: SignOutManyValues }) {
  const what = countText(accounts.chosen.length, 'account')
  const own = accounts.chosen.some(({ id }) => id === page.viewer?.accountId)
  return (
    <ManyPage page={page} accounts={accounts} title="Sign out accounts" none="Tick accounts that you may sign out.">
      <Form
        accounts={accounts}
        title={`Sign out ${what} everywhere?`}
        lead={
          <>
            <Ends accounts={accounts} /> They can sign in again; block them if they should not.
          </>
        }
        path="revoke-sessions"
        submit={{ text: `Sign out ${what}`, variant: 'danger-solid', icon: 'log-out' }}
        problem={problem}
      >
        <ReasonField value={values.reason} />
        {own && (
          <Checkbox
            name="also_me"
            checked={values.also_me === 'on'}
            label="Also sign me out"
            hint="Your own session is among them and is left alone otherwise."
          />
        )}
      </Form>
    </ManyPage>
  )
}

/** "Unblock 12 accounts?" */
export function LiftManyPage({ page, accounts, values, problem }: ManyProps & { values: LiftManyValues }) {
  const what = `Unblock ${countText(accounts.chosen.length, 'account')}`
  return (
    <ManyPage page={page} accounts={accounts} title="Unblock accounts" none="None of the ticked accounts is blocked.">
      <Form
        accounts={accounts}
        title={`${what}?`}
        lead="They can sign in again. No session comes back."
        path="lift-block"
        submit={{ text: what, variant: 'primary', icon: 'lock-open' }}
        problem={problem}
      >
        <ReasonField value={values.reason} />
      </Form>
    </ManyPage>
  )
}

function ManyPage({
  page,
  accounts,
  title,
  none,
  children,
}: PropsWithChildren<ManyProps & { title: string; none: string }>) {
  return (
    <Layout
      page={page}
      nav="accounts"
      title={title}
      heading={<ActHeading from={[{ href: '/admin/accounts', text: 'Accounts' }]} title={title} />}
    >
      {accounts.chosen.length > 0 ? (
        children
      ) : (
        <div class="dialog-page">
          <DialogContent>
            <EmptyState
              icon="users"
              title="Nobody to do this to"
              actions={
                <ButtonLink href={accounts.returnTo} data-close>
                  Back to the list
                </ButtonLink>
              }
            >
              {none}
            </EmptyState>
            <LeftOut accounts={accounts} />
          </DialogContent>
        </div>
      )}
    </Layout>
  )
}

function Form({
  accounts,
  title,
  lead,
  path,
  submit,
  problem,
  children,
}: PropsWithChildren<{
  accounts: Selected
  title: string
  lead: Child
  path: string
  submit: ButtonLook & { text: string }
  problem: string | undefined
}>) {
  const { chosen, many, returnTo } = accounts
  return (
    <DialogForm
      title={title}
      lead={lead}
      action={`/admin/accounts/${path}`}
      cancel={returnTo}
      submit={submit}
      hidden={{ return_to: returnTo }}
    >
      {chosen.map(({ id }) => (
        <input type="hidden" name="account" value={id} />
      ))}
      <ul class="plain-list" aria-label="Accounts">
        {chosen.slice(0, NAMED).map((account) => (
          <Named account={account} />
        ))}
        {chosen.length > NAMED && <li class="muted">and {chosen.length - NAMED} more</li>}
      </ul>
      <LeftOut accounts={accounts} />
      {children}
      {many && (
        <Field
          name="count"
          label={`Type ${chosen.length} to go on`}
          required
          inputmode="numeric"
          autocomplete="off"
          data-typed
          error={problem}
          hint="The number of accounts."
        />
      )}
    </DialogForm>
  )
}

const Named = ({ account: { name, email, liveSessions } }: { account: AccountSummary }) => (
  <li class="wrap">
    <strong>{name}</strong>
    {email && ` · ${email}`} · {liveSessions === 0 ? 'not signed in' : countText(liveSessions, 'session')}
  </li>
)

function LeftOut({ accounts: { leftOut } }: { accounts: Selected }) {
  if (leftOut.length === 0) return null
  return (
    <Notice tone="amber" icon="info" title={`Left out: ${countText(leftOut.length, 'account')}`}>
      <ul class="plain-list">
        {leftOut.slice(0, NAMED).map(({ account, why }) => (
          <li class="wrap">
            <strong>{account.name}</strong>: {why}
          </li>
        ))}
        {leftOut.length > NAMED && <li class="muted">and {leftOut.length - NAMED} more</li>}
      </ul>
    </Notice>
  )
}

function Ends({ accounts: { chosen } }: { accounts: Selected }) {
  const sessions = chosen.reduce((sum, { liveSessions }) => sum + liveSessions, 0)
  if (sessions === 0) return <>No session is live.</>
  return (
    <>
      Ends <strong>{countText(sessions, 'session')}</strong> now, in every app.
    </>
  )
}

const ReasonField = ({ value }: { value: string | undefined }) => (
  <Field
    name="reason"
    label="Reason"
    value={value}
    optional
    maxlength={500}
    autocomplete="off"
    hint="For the audit log; they are not told."
  />
)
