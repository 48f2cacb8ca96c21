import type { Child } from 'hono/jsx'

/** Before the screen's own, for viewers whom an owner has masked them for. */
export const MASKED_HELP = (
  <p>
    IP addresses, names and e-mail addresses are masked for viewers here: 203.0.113.x, A. L., a***@example.com. You can
    search by an id, or by a network of /24 (IPv6: /48) or wider, and not by what is masked.
  </p>
)

/** What a screen shows and what its actions do, for who asks; one place for all of them. */
export const HELP = {
  overview: (
    <>
      <p>What wants a look comes first: blocks that end soon, and what is not well.</p>
      <p>Each number leads to the list behind it. Nothing on this page changes anything.</p>
    </>
  ),
  sessions: (
    <>
      <p>Everyone who would be let in right now, by any app, newest sign-in first. The list changes by itself.</p>
      <p>
        <strong>Sign out</strong> ends a session everywhere at its next request. It can’t be taken back, but the person
        can sign in again: to keep somebody out, block the account.
      </p>
      <p>
        Choose rows by their boxes to end many, or to block whose they are. Ended sessions stay listed under Ended, with
        who and why.
      </p>
      <p>
        <strong>Last seen</strong> sorts by last use. <strong>Filter</strong> finds who was not seen for days: “Select
        all that match” signs them out together.
      </p>
      <p>
        <strong>Views</strong> keeps the filters under a name. <strong>Display</strong> has columns and density.
      </p>
    </>
  ),
  session: (
    <>
      <p>
        All that is known of one sign-in: the device as it told of itself, where it was used from, and what happened.
      </p>
      <p>
        Signing out ends this session alone. A block of the account ends all of the person’s, and refuses the next
        sign-in.
      </p>
    </>
  ),
  accounts: (
    <>
      <p>
        <strong>Active</strong> has a password here. <strong>Through apps</strong> has none: an app says who they are.
      </p>
      <p>
        <strong>Invited</strong> has an open link and no password yet. You send the link; it works once, for 7 days.
      </p>
      <p>
        <strong>Blocked</strong> can’t sign in anywhere until the block ends or somebody lifts it.
      </p>
    </>
  ),
  account: (
    <>
      <p>One person: where they are signed in, how they signed in before, failures too, and what was done to them.</p>
      <p>
        Who is signed out of everything can sign in again. A block ends all sessions too, and refuses sign-in until it
        ends or is lifted. What your role does not give is not drawn.
      </p>
      <p>
        <strong>Require a new password</strong> ends all sessions, and has the present password lead to the choice of
        another one alone. Whoever knows it may make that choice: where it was stolen, block first.
      </p>
      <p>
        <strong>Notes of admins</strong> are for everybody who sees the panel, and never for the person. The audit log
        has who wrote or removed one, and not what it said.
      </p>
    </>
  ),
  blocks: (
    <>
      <p>A block ends the sessions that it covers at the same moment, and refuses every new sign-in while it holds.</p>
      <p>
        Lifting it, or its end, gives no session back: people sign in again. The page after a block offers to lift what
        was just blocked, also all that a list blocked.
      </p>
      <p>
        Search an address for the networks that cover it, a network for those that it overlaps, or a person by name or
        e-mail.
      </p>
      <p>
        Import list reads up to 10,000 networks from a CSV or text file, says of each line what it would do, and does it
        only then. Your own address and those that owners are signed in from are left out.
      </p>
      <p>Nobody can block themselves or the last owner. The way back in is the command npm run owner on the server.</p>
    </>
  ),
  blockNetwork: (
    <>
      <p>
        A block of a network refuses whoever comes from there, in every app, owners too. You see how many sessions and
        people it hits before anything is done.
      </p>
      <p>
        Where it covers your own address, you type that address, and the block undoes itself after 5 minutes unless you
        confirm it from there. 0.0.0.0/0 is refused.
      </p>
      <p>A person who comes from elsewhere is not kept out by it: for that, block the account.</p>
    </>
  ),
  importNetworks: (
    <>
      <p>
        First you see what each line would do: what is blocked already, lies in another block, can’t be read, or would
        hit you. Nothing is blocked before you say so on that page.
      </p>
      <p>
        What a line says of reason and end goes before what is chosen here. The whole list can be lifted again
        afterwards, from its page.
      </p>
    </>
  ),
  killSwitch: (
    <>
      <p>
        For the hour when nobody can tell whose sessions are stolen: it ends all of them at once, in every app or in
        one. For fewer, filter the sessions and sign out all that match.
      </p>
      <p>
        Only owners have it. It asks for a word typed and for your password, so that neither a slip nor an open screen
        is enough; who used it, and why, is in the audit log.
      </p>
    </>
  ),
  invite: (
    <>
      <p>
        The link is shown once, works once, and for 7 days. Whoever opens it chooses the password, so send it to the
        person alone. A new one is made on the account’s page.
      </p>
      <p>
        Only owners give roles. A <strong>person</strong> signs in to apps and sees their own devices; the other roles
        open this panel.
      </p>
    </>
  ),
  audit: (
    <>
      <p>
        Each line was written together with what it tells: neither is there without the other. Lines are only added.
      </p>
      <p>What was refused is in here too. Passwords, links and keys never are.</p>
      <p>
        <strong>Detections</strong> are what looks suspicious: passwords that are guessed at one account, or tried on
        many, and sessions that their person does not recognise.
      </p>
      <p>
        Lines are sealed into a chain of hashes within seconds. Rollcall verifies it by itself: what somebody changed,
        removed or put in past it is named under the badge.
      </p>
      <p>Export takes along what the filter shows: as CSV, JSON Lines or OCSF. It is a line in here too.</p>
      <p>Open a line for what changed, and for its own address to send to a colleague.</p>
    </>
  ),
  apps: (
    <>
      <p>The applications that ask Rollcall whether a session is good. Each sees its own sessions alone.</p>
      <p>
        <strong>Add an app</strong> gives it a key, shown once, and the lines to copy. The page waits for its first
        session and says so when it is there.
      </p>
      <p>
        <strong>Processes</strong> follow by rollcall/client, Express, Hono or the session store. An app that asks over
        plain HTTP or behind a proxy has none of its own.
      </p>
    </>
  ),
  app: (
    <>
      <p>
        <strong>Policy</strong> is what differs from the settings: how long sessions last, how many an account may have,
        who signs in. A change holds at once, for sessions that are there too.
      </p>
      <p>
        <strong>Change a key</strong> gives it another name, or a limit of how often it may ask, from its next request
        on. <strong>Replace</strong> makes a new one. The old one goes on until the time that you choose, so that
        processes change over one by one; the table says which still use it.
      </p>
      <p>
        <strong>Disable</strong> ends all sessions of the app everywhere, and lets none start, until it is enabled
        again. Only a disabled app can be deleted.
      </p>
    </>
  ),
  settings: (
    <>
      <p>What holds for everyone: how long sessions last, who has a role here, and the keys of apps.</p>
      <p>Changed timeouts count at once, for sessions that are there already too. Each change is in the audit log.</p>
      <p>
        <strong>Masking</strong> shortens addresses and names for viewers, on every screen and in what they export, and
        leaves out reasons and notes in words of one’s own, which may name anybody. Names of shared views stay. API keys
        are not viewers: what their scopes give, they get in full.
      </p>
      <p>
        Protected hosts are applications behind nginx, Caddy or Traefik: who is let in to which path. What is not listed
        lets nobody in.
      </p>
      <p>
        Webhooks tell your other systems what happens, signed and in order. What does not arrive is tried again for
        three days; what was sent, and what was answered, is kept for 30.
      </p>
      <p>About lists every process that refuses sessions, and how far behind it is.</p>
    </>
  ),
} as const satisfies Record<string, Child>

export type HelpScreen = keyof typeof HELP
