import { z } from 'zod'
import { createVerifier } from '../../src/client/index.js'
import { answerParent } from './harness/child.js'
import { KEY } from './harness/rollcall.js'
import { readWallClock } from './harness/wallClock.js'

/** An app process that follows a node: tells when it began to refuse a session. `followingApp.js URL`. */
const [url = ''] = process.argv.slice(2)
const verifier = createVerifier({ url, key: KEY, name: 'load' })
await verifier.started

const Question = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('know'), token: z.string() }),
  z.object({ kind: z.literal('watch') }),
])
let now = readWallClock()
let refusedAt: Promise<number> | undefined

answerParent(Question, async (question) => {
  if (question.kind === 'watch') return refusedAt
  const { token } = question
  const verdict = await verifier.verify(token)
  if (verdict.status !== 'active') throw new Error(`a live session is ${verdict.reason}`)
  now = readWallClock()
  refusedAt = untilRefused(token)
  return null
})

/** Looks at memory each millisecond at most, between everything else that the process does. */
async function untilRefused(token: string): Promise<number> {
  for (;;) {
    const verdict = verifier.verifyCached(token)
    if (verdict === 'ask' || verdict.status === 'denied') {
      const at = now()
      const asked = await verifier.verify(token)
      if (asked.status === 'denied') return at
    }
    await new Promise((resolve) => setTimeout(resolve, 1))
  }
}
