import { Button, PostButton } from './Button.js'

/** Says that the own session is about to end, in time to keep it (WCAG 2.2.1); `static/js/idle.js` shows it. */
export function IdleNotice() {
  return (
    <dialog class="dialog" id="idle" role="alertdialog" aria-labelledby="idle-title" aria-describedby="idle-text">
      <div class="dialog-body">
        <div class="dialog-head">
          <h2 id="idle-title">Still there?</h2>
          <p id="idle-text">
            <span data-why="idle">
              Nothing was used for a while. You will be signed out in <strong data-left>2 minutes</strong>.
            </span>
            <span data-why="limit">
              Your session reaches its time limit in <strong data-left>2 minutes</strong>. Sign in anew to go on.
            </span>
          </p>
        </div>
      </div>
      <div class="dialog-foot">
        <PostButton action="/sign-out" size="large">
          Sign out
        </PostButton>
        <Button type="button" size="large" variant="primary" data-stay autofocus>
          <span data-why="idle">Stay signed in</span>
          <span data-why="limit">Close</span>
        </Button>
      </div>
    </dialog>
  )
}
