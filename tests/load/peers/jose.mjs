import { generateKeyPairSync, randomBytes } from 'node:crypto'
import { jwtVerify, SignJWT } from 'jose'
import { people } from './people.mjs'

/** @param {'HS256' | 'ES256' | 'EdDSA'} alg */
export async function prepare(alg, count) {
  const { signWith, verifyWith } = keys(alg)
  const tokens = []
  for (const { id, name, email } of people(count)) {
    const jwt = new SignJWT({ sid: id, name, email }).setProtectedHeader({ alg }).setSubject(id)
    tokens.push(await jwt.setIssuedAt().setExpirationTime('1h').sign(signWith))
  }
  return {
    tokens,
    check: async (token) => (await jwtVerify(token, verifyWith, { algorithms: [alg] })).payload,
  }
}

function keys(alg) {
  if (alg === 'HS256') {
    const secret = randomBytes(32)
    return { signWith: secret, verifyWith: secret }
  }
  const pair = alg === 'ES256' ? generateKeyPairSync('ec', { namedCurve: 'P-256' }) : generateKeyPairSync('ed25519')
  return { signWith: pair.privateKey, verifyWith: pair.publicKey }
}
