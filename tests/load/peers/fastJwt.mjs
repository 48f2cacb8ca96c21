import { generateKeyPairSync, randomBytes } from 'node:crypto'
import { createSigner, createVerifier } from 'fast-jwt'
import { people } from './people.mjs'

/** @param {'HS256' | 'HS256 cached' | 'ES256'} variant with its cache it has room for all tokens */
export async function prepare(variant, count) {
  const alg = variant.slice(0, 5)
  const { signWith, verifyWith } = keys(alg)
  const sign = createSigner({ key: signWith, algorithm: alg, expiresIn: '1h' })
  const cache = variant.endsWith('cached') ? { cache: 2 * count } : {}
  const check = createVerifier({ key: verifyWith, algorithms: [alg], ...cache })
  return { tokens: people(count).map(({ id, name, email }) => sign({ sub: id, sid: id, name, email })), check }
}

function keys(alg) {
  if (alg === 'HS256') {
    const secret = randomBytes(32)
    return { signWith: secret, verifyWith: secret }
  }
  const encoding = {
    publicKeyEncoding: { type: 'spki', format: 'pem' },
    privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
  }
  const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256', ...encoding })
  return { signWith: privateKey, verifyWith: publicKey }
}
