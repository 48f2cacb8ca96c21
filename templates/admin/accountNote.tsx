import { LONGEST_NOTE, type Note } from '../../src/accounts/notes.js'
import type { Account } from '../../src/accounts/types.js'
import { DialogForm } from '../components/Dialog.js'
import { TextArea } from '../components/Field.js'
import type { Page } from '../components/page.js'
import { Layout } from '../layout.js'
import { NoteText } from './accountNotes.js'
import { AccountActHeading } from './actHeading.js'

interface AddNoteProps {
  page: Page
  account: Account
  note: string
  problem: string | undefined
}

/** "Add a note about Priya Raman?" */
export function AddNotePage({ page, account, note, problem }: AddNoteProps) {
  const path = `/admin/accounts/${account.id}`
  return (
    <Layout
      page={page}
      nav="accounts"
      title={`Add a note about ${account.name}`}
      heading={<AccountActHeading account={account} title="Add a note" />}
    >
      <DialogForm
        title={`Add a note about ${account.name}?`}
        lead="Everybody who sees the panel reads it on this account’s page. The person never does."
        action={`${path}/notes`}
        cancel={path}
        submit={{ text: 'Add note', variant: 'primary', icon: 'check' }}
      >
        <TextArea
          name="note"
          label="Note"
          required
          maxlength={LONGEST_NOTE}
          value={note}
          error={problem}
          hint="Plain text. The audit log says that you wrote it, not what."
        />
      </DialogForm>
    </Layout>
  )
}

/** "Remove the note about Priya Raman?", with what it says. */
export function RemoveNotePage({ page, account, note }: { page: Page; account: Account; note: Note }) {
  const path = `/admin/accounts/${account.id}`
  return (
    <Layout
      page={page}
      nav="accounts"
      title={`Remove a note about ${account.name}`}
      heading={<AccountActHeading account={account} title="Remove a note" />}
    >
      <DialogForm
        title={`Remove the note about ${account.name}?`}
        lead="It is gone for good: the audit log keeps that it was removed, and not what it said."
        action={`${path}/notes/${note.id}/remove`}
        cancel={path}
        submit={{ text: 'Remove note', variant: 'danger-solid', icon: 'trash-2' }}
      >
        <NoteText note={note} />
      </DialogForm>
    </Layout>
  )
}
