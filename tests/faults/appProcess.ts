/** An app that uses the client: checks random tokens at a steady pace, and notes when each was last let in. */
import { createVerifier } from '../../src/client/index.js'

export interface AppOrders {
  url: string
  key: string
  name: string
  leaseMs: number
  tokens: string[]
  checksASecond: number
}

export interface AppFindings {
  /** By the machine's monotonic clock, which all processes share: ms; 0 where it never was. By the token's place. */
  lastLetIn: number[]
  checks: number
  letIn: number
  unavailable: number
}

const TICK_MS = 10
const nowMs = () => Number(process.hrtime.bigint()) / 1e6

process.on('message', (message: AppOrders | 'report' | 'stop') => {
  if (message === 'stop') process.exit(0)
  else if (message === 'report') process.send?.(findings)
  else begin(message)
})

process.on('disconnect', () => process.exit(0))

let findings: AppFindings

function begin({ url, key, name, leaseMs, tokens, checksASecond }: AppOrders) {
  const verifier = createVerifier({ url, key, name, leaseMs, onFailure: () => {} })
  findings = { lastLetIn: tokens.map(() => 0), checks: 0, letIn: 0, unavailable: 0 }
  let due = 0
  let ticked = nowMs()

  setInterval(() => {
    const now = nowMs()
    // Who was stopped does not make good what it missed.
    due = Math.min(due + ((now - ticked) * checksASecond) / 1000, checksASecond / 10)
    ticked = now
    for (; due >= 1; due--) void check(Math.floor(Math.random() * tokens.length))
  }, TICK_MS)

  async function check(place: number) {
    // Whatever is decided is decided after this moment: a bound that is broken by it is broken.
    const asked = nowMs()
    const verdict = await verifier.verify(tokens[place] as string)
    findings.checks += 1
    if (verdict.status === 'active') {
      findings.letIn += 1
      findings.lastLetIn[place] = Math.max(findings.lastLetIn[place] as number, asked)
    } else if (verdict.reason === 'unavailable') findings.unavailable += 1
  }
}
