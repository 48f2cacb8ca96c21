import { spawn } from 'node:child_process'
import { text } from 'node:stream/consumers'
import { expect, test } from 'vitest'
import type { AppId } from '../../../src/db/ids.js'
import { listSessions } from '../../../src/sessions/lists/list.js'
import { useApp } from '../../support/app.js'
import { anAccount, anApp, aSession } from '../../support/builders.js'
import { oneDatabase } from '../../support/database.js'
import { aKey } from '../api/client.js'

/** Gives a command a terminal of its own; what is piped in is typed there. */
const IN_A_TERMINAL = 'import os, pty, sys; sys.exit(os.WEXITSTATUS(pty.spawn(sys.argv[1:])))'

/** The built command as somebody runs it who reads the question, and then types. */
async function typed(env: Record<string, string>, args: string[], question: string, answer: string) {
  const words = ['-c', IN_A_TERMINAL, process.execPath, 'dist/src/cli/main.js', ...args]
  const child = spawn('python3', words, {
    env: { PATH: process.env['PATH'], TERM: 'dumb', ...env },
    stdio: ['pipe', 'pipe', 'inherit'],
  })
  let said = ''
  child.stdout.on('data', (piece: Buffer) => {
    const before = said
    said += piece
    if (said.includes(question) && !before.includes(question)) child.stdin.write(`${answer}\n`)
  })
  const code = await new Promise((resolve) => child.on('close', resolve))
  return { code, said: said.replaceAll('\r\n', '\n') }
}

oneDatabase((database) => {
  const server = useApp(database)
  const admin = async () => ({ ROLLCALL_URL: server.url, ROLLCALL_KEY: (await aKey(database.db)).secret })
  const live = async (filter: { app?: AppId }) => (await listSessions(database.db, filter)).items.length

  test('everybody of an app is signed out once its name was typed, and nobody before', async () => {
    const env = await admin()
    const app = await anApp(database.db, { name: 'Shop of the terminal' })
    await aSession(database.db, { app })
    const kill = ['kill', '--app', 'Shop of the terminal', '--reason', 'leak']
    const question = 'Type Shop of the terminal to go on: '
    const wrong = await typed(env, kill, question, 'shop')
    expect(wrong).toMatchObject({ code: 1, said: expect.stringContaining('That was not it. Nothing was changed.') })
    expect(await live({ app })).toBe(1)
    const right = await typed(env, kill, question, 'Shop of the terminal')
    expect(right).toMatchObject({ code: 0, said: expect.stringMatching(/\n1 session ended\.\n$/) })
    expect(await live({ app })).toBe(0)
  })

  test('everyone everywhere is, too', async () => {
    const env = await admin()
    for (let i = 0; i < 2; i++) await aSession(database.db, { account: await anAccount(database.db) })
    const killed = await typed(
      env,
      ['kill', '--everyone', '--reason', 'breach'],
      'Type everyone to go on: ',
      'everyone',
    )
    expect(killed).toMatchObject({ code: 0, said: expect.stringMatching(/\n2 sessions ended\.\n$/) })
    expect(await live({})).toBe(0)
  })

  test('where nobody can be asked nothing is ended', async () => {
    const env = { PATH: process.env['PATH'], ...(await admin()) }
    await aSession(database.db)
    const child = spawn(process.execPath, ['dist/src/cli/main.js', 'kill', '--everyone', '--reason', 'breach'], { env })
    child.stdin.end('everyone\n')
    const said = text(child.stderr)
    expect(await new Promise((resolve) => child.on('close', resolve))).toBe(1)
    expect(await said).toContain('add --yes')
    expect(await live({})).toBe(1)
  })
})
