import { createSecretKey, generateKeyPairSync, randomBytes } from 'node:crypto'
import jwt from 'jsonwebtoken'
import { people } from './people.mjs'

/** With key objects: raw secrets cost it many times more. @param {'HS256' | 'ES256'} alg */
export async function prepare(alg, count) {
  const { signWith, verifyWith } = keys(alg)
  const claims = ({ id, name, email }) => [
    { sub: id, sid: id, name, email },
    signWith,
    { algorithm: alg, expiresIn: '1h' },
  ]
  return {
    tokens: people(count).map((one) => jwt.sign(...claims(one))),
    check: (token) => jwt.verify(token, verifyWith, { algorithms: [alg] }),
  }
}

function keys(alg) {
  if (alg === 'HS256') {
    const secret = createSecretKey(randomBytes(32))
    return { signWith: secret, verifyWith: secret }
  }
  const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
  return { signWith: privateKey, verifyWith: publicKey }
}
