import type { ToastProps } from '../../templates/components/Toast.js'

/* What the person's own forms did, for the page after them. */

export const signedOut: ToastProps = { tone: 'green', title: 'You are signed out.' }

export const deviceSignedOut: ToastProps = {
  tone: 'green',
  title: 'The device is signed out',
  text: 'It is refused from now on.',
}

/** Stands on the page of the password, where it leads. */
export const deviceNotRecognised: ToastProps = {
  tone: 'amber',
  title: 'Somebody may know your password.',
  text: 'The device that you did not recognise is signed out. Choose a new password, so that it can’t come back.',
}

export const othersSignedOut = (count: number): ToastProps => ({
  tone: 'green',
  title: others(count),
  text: 'Only this device is still signed in.',
})

export const passwordChanged = (ended: number): ToastProps => ({
  tone: 'green',
  title: 'Your password is changed',
  text: ended > 0 ? `${others(ended)}.` : undefined,
})

function others(count: number): string {
  if (count === 0) return 'No other device was signed in'
  return count === 1 ? 'One other device is signed out' : `${count} other devices are signed out`
}
