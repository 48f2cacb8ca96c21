import { sealData, unsealData } from 'iron-session'
import { people } from './people.mjs'

const password = 'a password of at least thirty-two characters'

export async function prepare(_variant, count) {
  const tokens = []
  for (const { id, name, email } of people(count)) tokens.push(await sealData({ sid: id, name, email }, { password }))
  return { tokens, check: (token) => unsealData(token, { password }) }
}
