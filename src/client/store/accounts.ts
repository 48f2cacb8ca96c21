/** Whom an app means: `id` is the app's own user id, unique within it. One of `id` and `email` must be there. */
export interface AppAccount {
  id?: string | number | undefined
  email?: string | undefined
  name?: string | undefined
}

/** Reads from a session who is signed in with it; undefined or null: nobody is. */
export type AccountOf = (session: Readonly<Record<string, unknown>>) => AppAccount | null | undefined

/** Of passport: what `serializeUser` left, an id or an object with one. */
export function accountOfPassport(session: Readonly<Record<string, unknown>>): AppAccount | undefined {
  const passport = session['passport']
  return isFields(passport) ? accountIn(passport['user']) : undefined
}

/** Of an app that keeps `userId`, with `email` and `name` beside it where it has them. */
export function accountOfUserId(session: Readonly<Record<string, unknown>>): AppAccount | undefined {
  const { userId, email, name } = session
  return isId(userId) ? account(userId, email, name) : undefined
}

/** As far as one can tell without knowing the app. */
export const accountOfSession: AccountOf = (session) => accountOfPassport(session) ?? accountOfUserId(session)

function accountIn(user: unknown): AppAccount | undefined {
  if (isId(user)) return { id: user }
  if (!isFields(user)) return undefined
  const { id, _id, email, emails, name, displayName, username } = user
  const first: unknown = Array.isArray(emails) ? emails[0] : undefined
  const address = email ?? (isFields(first) ? first['value'] : undefined)
  const called = [name, displayName, username].find((one) => typeof one === 'string')
  const known = [id, _id, username].find(isId)
  return known === undefined && typeof address !== 'string' ? undefined : account(known, address, called)
}

const account = (id: string | number | undefined, email: unknown, name: unknown): AppAccount => ({
  id,
  ...(typeof email === 'string' && email.includes('@') ? { email } : {}),
  ...(typeof name === 'string' && name !== '' ? { name } : {}),
})

/** As the API takes it; null: nobody. */
export function namedAccount(account: AppAccount | null | undefined) {
  if (!account || (account.id === undefined && account.email === undefined)) return null
  const { id, email, name } = account
  return {
    ...(id === undefined ? {} : { externalId: String(id).slice(0, 200) }),
    ...(email === undefined ? {} : { email }),
    ...(name ? { name: name.slice(0, 200) } : {}),
  }
}

const isFields = (value: unknown): value is Record<string, unknown> => typeof value === 'object' && value !== null
const isId = (value: unknown): value is string | number =>
  (typeof value === 'string' && value !== '') || typeof value === 'number'
