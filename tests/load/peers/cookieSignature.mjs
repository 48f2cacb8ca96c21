import { sign, unsign } from 'cookie-signature'
import { people } from './people.mjs'

const SECRET = 'a secret of thirty-two characters'

/** What express-session does before it asks its store: the signature of its cookie alone. */
export async function prepare(_variant, count) {
  const all = people(count)
  const byId = new Map(all.map((one) => [one.id, one]))
  return { tokens: all.map(({ id }) => sign(id, SECRET)), check: (token) => byId.get(unsign(token, SECRET)) }
}
