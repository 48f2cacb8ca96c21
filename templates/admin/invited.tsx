import type { Invited } from '../../src/accounts/passwords/invitations.js'
import { ButtonLink } from '../components/Button.js'
import { Notice } from '../components/Card.js'
import { DialogContent } from '../components/Dialog.js'
import type { Page } from '../components/page.js'
import { Layout } from '../layout.js'
import { momentText } from '../words.js'
import { AccountActHeading } from './actHeading.js'
import { SecretField } from './secretField.js'

interface InvitedProps {
  page: Page
  invited: Invited
  link: string
  /** A new link for an account that was there. */
  again?: boolean
}

/** The link, once: only its hash is kept. */
export function InvitedPage({ page, invited, link, again }: InvitedProps) {
  const { account, expiresAt, warning } = invited
  return (
    <Layout
      page={page}
      nav="accounts"
      title={`Link for ${account.name}`}
      heading={<AccountActHeading account={account} title="Link" />}
    >
      <div class="dialog-page">
        <DialogContent>
          <div>
            <div class="dialog-body">
              <div class="dialog-head">
                <h2 id="dialog-title">{again ? `A new link for ${account.name}` : `${account.name} is invited`}</h2>
                <p>
                  Send it to <strong>{account.email}</strong> yourself. It works once, until{' '}
                  {momentText(expiresAt, page.now, page.look.zone)}
                  {again ? '; older links no longer work.' : '.'}
                </p>
              </div>
              {warning && (
                <Notice tone="amber" icon="triangle-alert" title="Look at the address again">
                  <p>{warning}</p>
                </Notice>
              )}
              <SecretField
                id="link"
                label="One-time link"
                text={link}
                what="link"
                hint="Shown this once: it can’t be looked up later."
              />
            </div>
            <div class="dialog-foot">
              <ButtonLink href={`/admin/accounts/${account.id}`} size="large" variant="primary">
                Done
              </ButtonLink>
            </div>
          </div>
        </DialogContent>
      </div>
    </Layout>
  )
}
