import type { Note } from '../../src/accounts/notes.js'
import type { Account } from '../../src/accounts/types.js'
import { Card } from '../components/Card.js'
import { inDialog } from '../components/page.js'
import { EmptyState } from '../components/States.js'
import { Time } from '../components/Time.js'
import { countText } from '../words.js'

interface NotesProps {
  account: Account
  notes: Note[]
  /** Whether the viewer writes and removes them. */
  may: boolean
}

/** More lie folded up. */
const SHOWN = 3

/** What admins wrote down about the account, newest first. */
export function AccountNotes({ account, notes, may }: NotesProps) {
  const path = `/admin/accounts/${account.id}/notes`
  const lines = (some: Note[]) => (
    <ul class="lines note-lines">
      {some.map((note) => (
        <li>
          <NoteText note={note} />
          {may && (
            <a class="link" {...inDialog(`${path}/${note.id}/remove`)}>
              Remove<span class="visually-hidden"> the note of {note.by.name}</span>
            </a>
          )}
        </li>
      ))}
    </ul>
  )
  return (
    <Card
      title="Notes of admins"
      line
      flush
      aside={
        may && (
          <a class="link" {...inDialog(`${path}/new`)}>
            Add note
          </a>
        )
      }
    >
      {notes.length === 0 ? (
        <EmptyState icon="message-square" title="No notes" small>
          What the next admin should know of this person, and the person does not see.
        </EmptyState>
      ) : (
        lines(notes.slice(0, SHOWN))
      )}
      {notes.length > SHOWN && (
        <details class="note-older">
          <summary>{countText(notes.length - SHOWN, 'older note')}</summary>
          {lines(notes.slice(SHOWN))}
        </details>
      )}
    </Card>
  )
}

export function NoteText({ note: { note, by, createdAt } }: { note: Note }) {
  return (
    <div class="note-said">
      <p class="wrap note-text">{note}</p>
      <p class="secondary">
        {by.name} · <Time at={createdAt} />
      </p>
    </div>
  )
}
