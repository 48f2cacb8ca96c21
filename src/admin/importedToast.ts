import type { ToastProps } from '../../templates/components/Toast.js'
import { countText } from '../../templates/words.js'
import type { NetworkImport } from '../accounts/imports.js'

/** What was done with a list, in the words of the person who had it done. */
export function importedToast({ outcomes: { blocked, kept, refused }, ended, pending }: NetworkImport): ToastProps {
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
  }
}
