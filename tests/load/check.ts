import { z } from 'zod'
import { startChild } from './harness/child.js'
import { describeMachine } from './harness/machine.js'
import { installPeers } from './harness/peers.js'
import { atLeast, atMost, number, report } from './harness/report.js'
import { interleave, median } from './harness/rounds.js'

/** What one check of a session costs, in process: CPU nanoseconds. */
const SESSIONS = 100_000
/** For what remembers nothing the number of tokens does not matter, and signing them takes long. */
const FEW = 2_000
/** better-auth hashes a password for each of its sessions. */
const VERY_FEW = 100
const ROUND_MS = 700

const SUBJECTS = [
  { name: 'map look-up of a token', words: ['floor', 'map', SESSIONS] },
  { name: 'sha256 + map look-up', words: ['floor', 'sha256', SESSIONS] },
  { name: 'Rollcall', words: ['ours', 0, SESSIONS] },
  { name: 'Rollcall, 100 networks blocked', words: ['ours', 100, SESSIONS] },
  { name: 'fast-jwt HS256, cached', words: ['fastJwt.mjs', 'HS256 cached', SESSIONS] },
  { name: 'express-session, signature alone', words: ['cookieSignature.mjs', '', SESSIONS] },
  { name: 'fast-jwt HS256', words: ['fastJwt.mjs', 'HS256', FEW] },
  { name: 'fast-jwt ES256', words: ['fastJwt.mjs', 'ES256', FEW] },
  { name: 'jsonwebtoken HS256', words: ['jsonwebtoken.mjs', 'HS256', FEW] },
  { name: 'jsonwebtoken ES256', words: ['jsonwebtoken.mjs', 'ES256', FEW] },
  { name: 'jose HS256', words: ['jose.mjs', 'HS256', FEW] },
  { name: 'jose ES256', words: ['jose.mjs', 'ES256', FEW] },
  { name: 'jose EdDSA', words: ['jose.mjs', 'EdDSA', FEW] },
  { name: 'better-auth, cookie cache', words: ['betterAuth.mjs', '', VERY_FEW] },
  { name: 'iron-session', words: ['ironSession.mjs', '', FEW] },
]

const machine = await describeMachine()
installPeers()
const program = new URL('./checkSubject.js', import.meta.url)
const subjects = SUBJECTS.map(({ name, words }) => ({
  name,
  child: startChild(program, { words: words.map(String), measured: true }),
}))
const check = (ms: number) => (subject: (typeof subjects)[number]) =>
  subject.child.ask({ ms }, z.object({ ns: z.number() }))
for (const subject of subjects) await check(ROUND_MS)(subject)
const measured = await interleave(subjects, check(ROUND_MS))
for (const { child } of subjects) await child.stop()

const ns = (name: string) => median(measured(name).map((round) => round.ns))
const ours = ns('Rollcall')
report(machine, {
  title: `One check in process: CPU nanoseconds, ${number(SESSIONS)} sessions`,
  columns: ['what', 'ns', 'of Rollcall'],
  rows: SUBJECTS.map(({ name }) => [name, number(Math.round(ns(name))), `${number(ns(name) / ours)} x`]),
  targets: [
    atMost('one check', 3_000, ours, ' ns'),
    atMost('one check, 100 networks blocked', 3_000, ns('Rollcall, 100 networks blocked'), ' ns'),
    atLeast('jose HS256 costs', 40, ns('jose HS256') / ours, ' x'),
    atLeast('jose ES256 costs', 80, ns('jose ES256') / ours, ' x'),
    atLeast('fast-jwt with its cache costs', 1, ns('fast-jwt HS256, cached') / ours, ' x'),
  ],
  notes: [
    'Everything included: reading and hashing the token, expiry, generations, networks, lease by both clocks, the verdict.',
    `Random order. ${number(SESSIONS)} tokens where something is remembered, fewer where it can make no difference.`,
    'Each in a process of its own on one core; medians of 5 interleaved rounds; CPU of all its threads, garbage collection too.',
  ],
})
