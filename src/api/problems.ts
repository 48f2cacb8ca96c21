export interface Explained {
  code: string
  status: number
  means: string
  toDo: string
}

/** Every code that a problem's `type` may end in. Stable: programs branch on them. */
const PROBLEMS: Record<string, Omit<Explained, 'code'>> = {
  'bad-input': {
    status: 400,
    means:
      'A field or parameter is missing, not known, given twice, or holds something that it can’t hold. `errors` names each with its path.',
    toDo: 'Mend what `errors` names and send it again. Nothing was changed.',
  },
  'malformed-json': {
    status: 400,
    means: 'The body is not JSON in UTF-8.',
    toDo: 'Send one JSON object, whole. Nothing was changed.',
  },
  'no-key': {
    status: 401,
    means:
      'The request carries no API key that is valid now. A key that is unknown, has expired or was revoked gets the same answer.',
    toDo: 'Send Authorization: Bearer rck_... once. An owner makes keys in the panel, in settings.',
  },
  'no-metrics-token': {
    status: 401,
    means: 'The request for /metrics carries no token, or not the one that ROLLCALL_METRICS_TOKEN was set to.',
    toDo: 'Send it as Authorization: Bearer ... Prometheus calls it `authorization.credentials`.',
  },
  'missing-scope': {
    status: 403,
    means: 'The API key is valid and lacks the scope that the operation needs. The attempt is in the audit log.',
    toDo: 'Ask an owner for a key with the scope that `detail` names.',
  },
  'not-allowed': {
    status: 403,
    means:
      'The key has the scope, and what it would act on is out of its reach: accounts with a role in the panel, and networks that owners work from, belong to keys with the scope admin.',
    toDo: 'Use a key with the scope admin, or let an owner do it in the panel.',
  },
  forbidden: {
    status: 403,
    means: 'The person is signed in and their role does not allow it. The attempt is in the audit log.',
    toDo: 'Ask an owner for the role, or let somebody who has it do it.',
  },
  'cross-site': {
    status: 403,
    means: 'A browser made the request for another site. Pages take requests from this site alone.',
    toDo: 'Scripts use /api/v1 with an API key. People open Rollcall itself and try again there.',
  },
  blocked: {
    status: 403,
    means:
      'The account, or the network that the client comes from, is blocked, or the app wants a higher role than the account has. No session was started.',
    toDo: 'Send the person to their administrator. It works again when the block ends or is lifted, or with the role.',
  },
  'app-disabled': {
    status: 403,
    means: 'The app is disabled: its sessions are over, and none starts. No session was started.',
    toDo: 'Ask an owner of this Rollcall. It works again when the app is enabled.',
  },
  'app-in-use': {
    status: 409,
    means: 'An app was to be deleted that is not disabled. Nothing was changed.',
    toDo: 'Disable it first, which ends its sessions; then delete it.',
  },
  'key-over': {
    status: 409,
    means: 'A key was to be changed or replaced that is revoked or has expired. Nothing was changed.',
    toDo: 'Make a new key for the app.',
  },
  'not-a-trusted-proxy': {
    status: 403,
    means: 'Somebody other than a trusted proxy asked /verify: what it says of its visitors is not believed.',
    toDo: 'Name the address that the proxy connects from in ROLLCALL_TRUSTED_PROXIES.',
  },
  'host-not-set-up': {
    status: 403,
    means: 'A proxy asked about a host that Rollcall does not know. Nobody is let in there.',
    toDo: 'Add the host, as browsers send it, in Settings, Protected hosts.',
  },
  'no-cookie': {
    status: 400,
    means: 'A browser came back to a protected host without the cookie that it had set out with.',
    toDo: 'Open the page again, within ten minutes of signing in and with cookies allowed.',
  },
  'not-found': {
    status: 404,
    means:
      'There is nothing with this id or at this address, or it belongs to another app and is not the key’s to see.',
    toDo: 'Check the id and the path. Only keys with the scope admin see beyond their own app.',
  },
  'method-not-allowed': {
    status: 405,
    means: 'The address exists and does not take this method.',
    toDo: 'Use one of those in the header Allow.',
  },
  'accounts-differ': {
    status: 409,
    means: 'The id, external id and e-mail address that were given belong to different accounts.',
    toDo: 'Send only the one that is meant, or change the e-mail address of one of the accounts first.',
  },
  taken: {
    status: 409,
    means:
      'Another account has this e-mail address, another app this name, the host is protected already, or a webhook goes to this address.',
    toDo: 'Use the one that is there, or choose another.',
  },
  'in-flight': {
    status: 409,
    means: 'A request with the same Idempotency-Key has not finished yet.',
    toDo: 'Send it again after Retry-After: the answer is then that of the one request that was done.',
  },
  'check-running': {
    status: 409,
    means: 'The chain over the audit log is being verified already; one verification runs at a time.',
    toDo: 'Try again when it is done: seconds for a hundred thousand events.',
  },
  'webhook-disabled': {
    status: 409,
    means: 'The webhook is disabled: somebody switched it off, or it had failed for three days. Nothing was sent.',
    toDo: 'Enable it, then send the deliveries once more.',
  },
  'last-owner': {
    status: 409,
    means: 'It would leave nobody who can sign in as an owner.',
    toDo: 'Make another owner first.',
  },
  'no-password': {
    status: 409,
    means: 'The account has no password in Rollcall: an app says who the person is.',
    toDo: 'End their sessions or block the account here, and change the password where it is kept.',
  },
  'too-many-notes': {
    status: 409,
    means: 'There are as many notes about the account as there may be.',
    toDo: 'Remove one that has served its purpose.',
  },
  'own-address': {
    status: 409,
    means: 'The network that should be blocked holds the address that the request itself came from.',
    toDo: 'Send it from elsewhere, or block it in the panel, which takes the block back unless it is confirmed from inside.',
  },
  'stale-save': {
    status: 409,
    means:
      'What was to be saved had been loaded before somebody signed in under this id, and names nobody: it would sign them out.',
    toDo: 'Nothing; the request that loaded it was overtaken. Nothing was changed.',
  },
  'already-stored': {
    status: 409,
    means: 'The request moves a session from another store, and something is stored under its id already.',
    toDo: 'Nothing: what the app has stored since is newer. Nothing was changed.',
  },
  'session-ended': {
    status: 410,
    means:
      'The session is over: signed out, revoked, blocked or timed out. A save or a touch that comes later does not bring it back.',
    toDo: 'Let the person sign in anew, under a new id. Nothing was changed.',
  },
  'idle-too-long': {
    status: 410,
    means:
      'The request moves a session from another store, where it lay unused for longer than the app allows: it would be over at once.',
    toDo: 'Let the person sign in anew, or let sessions of the app lie unused for longer. Nothing was changed.',
  },
  'too-large': {
    status: 413,
    means: 'The body is larger than 64 KiB.',
    toDo: 'Send less at once. Nothing was changed.',
  },
  'not-json': {
    status: 415,
    means: 'The body is not declared as JSON.',
    toDo: 'Send Content-Type: application/json, in UTF-8.',
  },
  'not-a-form': {
    status: 415,
    means: 'The address is that of a page and takes a form.',
    toDo: 'Scripts use /api/v1, which takes JSON.',
  },
  'plain-http': {
    status: 421,
    means: 'Over plain http pages are served on localhost alone.',
    toDo: 'Put Rollcall behind https and set ROLLCALL_PUBLIC_URL to its address.',
  },
  'key-reused': {
    status: 422,
    means: 'The Idempotency-Key was used for a request with another address or body.',
    toDo: 'Take a new key for each new request, and the same one only to send the very same request again.',
  },
  'not-confirmed': {
    status: 422,
    means: 'What was given as `confirm` is not the name of what would be hit.',
    toDo: 'Look again at what it would end; if it is meant, send the text that `detail` names.',
  },
  'built-in-app': {
    status: 422,
    means: 'The app is Rollcall’s own site and panel, which can’t be disabled and always asks the database.',
    toDo: 'Name another app. To end all sessions in Rollcall itself, use the kill switch.',
  },
  'too-many-matches': {
    status: 422,
    means: 'The filter matches more sessions than are ended in one act.',
    toDo: 'Narrow the filter, for example by country, network or time, and send several.',
  },
  'too-many-requests': {
    status: 429,
    means:
      'The API key has made as many requests in this minute as it may (its own limit, or ROLLCALL_KEY_RATE). Checks, touches and the store of an app are not counted. Nothing was changed.',
    toDo: 'Wait for Retry-After seconds. The header RateLimit of every answer says how many are left.',
  },
  'too-many-processes': {
    status: 429,
    means:
      'More processes follow the revocation log with this key than are told apart, so receipts could not wait for this one.',
    toDo: 'Give each app a key of its own. Processes that are gone make room after a minute; until then this one checks by asking.',
  },
  'too-many-exports': {
    status: 429,
    means: 'As many exports as may be are under way, of this key or account or in this process.',
    toDo: 'Wait until one of them is done, or stop it, and try again after Retry-After.',
  },
  'too-many-counts': {
    status: 429,
    means:
      'As many counts with `dryRun` as may be are under way, of this key or in this process: each may keep the database busy for long. Nothing was changed.',
    toDo: 'Wait until one of them has answered, and try again after Retry-After.',
  },
  'many-more-match': {
    status: 422,
    means: 'The filter matches many more sessions than `expected` said. Nothing was ended.',
    toDo: 'Count again with `dryRun`; if all of them are meant, send that number.',
  },
  'too-many-streams': {
    status: 429,
    means: 'The session, or this process, has as many event streams open as it may.',
    toDo: 'Close some of the open pages and try again after Retry-After.',
  },
  unexpected: {
    status: 500,
    means: 'A fault on our side. It is in the server’s log under `requestId`.',
    toDo: 'Try again; if it stays, give `requestId` to whoever runs this Rollcall.',
  },
  unavailable: {
    status: 503,
    means:
      'The database does not answer. Nothing was changed, unless `detail` says otherwise; a check that can’t be made counts as denied.',
    toDo: 'Try again after Retry-After.',
  },
}

export function findProblem(code: string): Explained | undefined {
  const found = Object.hasOwn(PROBLEMS, code) ? PROBLEMS[code] : undefined
  return found && { code, ...found }
}

/** All of them, in the order of their status. */
export const listProblems = (): Explained[] =>
  Object.entries(PROBLEMS)
    .map(([code, explained]) => ({ code, ...explained }))
    .toSorted((a, b) => a.status - b.status)
