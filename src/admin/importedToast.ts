import type { ToastProps } from '../../templates/components/Toast.js'
import { countText } from '../../templates/words.js'
import type { NetworkImport } from '../accounts/blocks/imports.js'
import type { ImportId } from '../db/ids.js'
import { undoImport } from './undo.js'

/** What was done with a list, in the words of the person who had it done. */
export function importedToast({ id, outcomes: { blocked, kept, refused }, ended, pending }: NetworkImport): ToastProps {
  const text = [
    ended > 0 && `${countText(ended, 'session')} ended.`,
    kept > 0 && `${countText(kept, 'network')} had been blocked in the meantime.`,
    refused > 0 && `${countText(refused, 'network')} left out: the list says why.`,
    pending > 0 && `${countText(pending, 'network')} still to be done.`,
  ]
  return {
    tone: refused > 0 || pending > 0 ? 'amber' : 'green',
    title: `${countText(blocked, 'network')} ${blocked === 1 ? 'is' : 'are'} blocked`,
    text: text.filter(Boolean).join(' ') || undefined,
    undo: blocked > 0 ? undoImport(id, blocked) : undefined,
  }
}

/** The same of what was taken back; a long list takes more than once. */
export function liftedToast(id: ImportId, lifted: number, left: number): ToastProps {
  return {
    tone: left > 0 ? 'amber' : 'green',
    title: `${countText(lifted, 'block')} ${lifted === 1 ? 'is' : 'are'} lifted`,
    text: left > 0 ? `${countText(left, 'other')} of the list still in force.` : 'No session came back.',
    undo: left > 0 ? undoImport(id, left) : undefined,
  }
}
