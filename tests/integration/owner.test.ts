import { execFile } from 'node:child_process'
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, inject, test } from 'vitest'
import { blockNetwork } from '../../src/accounts/blocks/networkBlocks.js'
import { listAudit } from '../../src/audit/list.js'
import { SYSTEM } from '../../src/audit/types.js'
import { openDatabase } from '../../src/db/connect.js'
import { PROJECT_ROOT } from '../../src/root.js'
import { createDatabase } from '../support/database.js'
import { aBrowserLikeClient } from '../support/http.js'
import { startServer, temporaryFolder } from '../support/server.js'

interface Where {
  databaseUrl?: string
  dataDir: string
}

/** `npm run owner -- ...`, with what it wrote and how it ended. */
const owner = (where: Where, ...args: string[]) => command('owner', where, ...args)

function command(
  name: string,
  where: Where,
  ...args: string[]
): Promise<{ code: number; stdout: string; stderr: string }> {
  const env = {
    PATH: process.env['PATH'],
    ROLLCALL_DATA_DIR: where.dataDir,
    ...(where.databaseUrl ? { DATABASE_URL: where.databaseUrl } : {}),
  }
  return new Promise((resolve) => {
    execFile(
      process.execPath,
      [`dist/server/${name}.js`, ...args],
      { cwd: PROJECT_ROOT, env },
      (error, stdout, stderr) => {
        resolve({ code: typeof error?.code === 'number' ? error.code : 0, stdout, stderr })
      },
    )
  })
}

const PASSWORD = 'a long way back in 42'

const databases: [name: string, where: () => Promise<Where>][] = [
  ['the embedded database', async () => ({ dataDir: temporaryFolder() })],
  ...inject('databases')
    .clusters.slice(0, 1)
    .map(({ name, url }): [string, () => Promise<Where>] => [
      name,
      async () => ({ databaseUrl: await createDatabase(url), dataDir: temporaryFolder() }),
    ]),
]

describe.each(databases)('npm run owner on %s', (_name, where) => {
  test('S-37 makes an owner, prints a one-time link that signs them in, and is audited', async () => {
    const place = await where()
    const run = await owner(place, '--email', 'Ada@Example.com', '--name', 'Ada Example')
    expect(run).toMatchObject({ code: 0, stderr: '' })
    expect(run.stdout).toContain('Ada Example (Ada@Example.com) is an owner: the account was made.')
    const [, token = ''] = /\/invitation\?token=(\S+)/.exec(run.stdout) ?? []

    const server = await startServer(place)
    const browser = aBrowserLikeClient(server.url)
    const accepted = await browser.post('/invitation', { token, password: PASSWORD })
    expect(accepted).toMatchObject({ status: 303, location: '/admin' })
    expect(await aBrowserLikeClient(server.url).post('/invitation', { token, password: PASSWORD })).toMatchObject({
      status: 410,
    })
    await server.stop()

    const database = await openDatabase({ url: place.databaseUrl, dataDir: place.dataDir })
    const { items } = await listAudit(database.db, { action: 'account.unlocked' })
    await database.close()
    expect(items).toMatchObject([{ actor: { kind: 'terminal' }, target: { name: 'Ada Example' } }])
  }, 90_000)
})

describe('npm run verify-audit', () => {
  test('S-63 says what was verified, and ends with 1 where the chain does not hold the head that was noted', async () => {
    const place = { dataDir: temporaryFolder() }
    await (await openDatabase({ url: undefined, ...place })).close()
    const noted = ['--head', `9.${'0'.repeat(64)}`]
    const run = await command('verifyAudit', place, ...noted)
    expect(run).toMatchObject({ code: 1, stderr: '' })
    expect(run.stdout).toBe('0 events under seals 0 to 0 were verified.\n1 is not as sealed:\n  head-differs seal 9\n')
    const inJson = await command('verifyAudit', place, ...noted, '--json')
    expect(inJson.code).toBe(1)
    expect(JSON.parse(inJson.stdout)).toMatchObject({ intact: false, problems: [{ kind: 'head-differs', seal: 9 }] })
  })

  test('S-63 finds nothing well where there is no database, and makes none', async () => {
    const dataDir = join(temporaryFolder(), 'elsewhere')
    const run = await command('verifyAudit', { dataDir })
    expect(run).toMatchObject({ code: 1, stdout: '', stderr: expect.stringContaining(`no database in ${dataDir}`) })
    expect(existsSync(dataDir)).toBe(false)
  })

  test('says what a head looks like', async () => {
    const run = await command('verifyAudit', { dataDir: temporaryFolder() }, '--head', 'x')
    expect(run).toMatchObject({ code: 2, stdout: '', stderr: expect.stringContaining('--head: a head is a number') })
  })
})

describe('npm run owner', () => {
  test('S-37 says in words that the running server holds the data directory, and changes nothing', async () => {
    const place = { dataDir: temporaryFolder() }
    await startServer(place)
    const run = await owner(place, '--email', 'ada@example.com')
    expect(run).toMatchObject({ code: 1, stdout: '' })
    expect(run.stderr).toContain('Stop the server, run this command again')
    expect(run.stderr).not.toMatch(/at .*\.js:\d+/)
  })

  test('S-37 says that it made a database, for whoever stands in another folder than the server', async () => {
    const place = { dataDir: temporaryFolder() }
    const made = `There was no database in ${place.dataDir}`
    expect((await owner(place, '--email', 'ada@example.com')).stdout).toContain(made)
    expect((await owner(place, '--email', 'ada@example.com')).stdout).not.toContain(made)
  })

  test('S-37 says that blocks of networks hold for owners too, and lifts them where asked', async () => {
    const place = { dataDir: temporaryFolder() }
    const database = await openDatabase({ url: undefined, ...place })
    await database.migrate()
    await blockNetwork(database.db, { network: '203.0.113.0/24', reason: 'attack', endSessions: false }, SYSTEM)
    await database.close()
    const run = await owner(place, '--email', 'ada@example.com')
    expect(run).toMatchObject({ code: 0, stderr: '' })
    expect(run.stdout).toContain('One network is blocked, for owners too.')
    const lifting = await owner(place, '--email', 'ada@example.com', '--lift-networks')
    expect(lifting).toMatchObject({ code: 0, stderr: '' })
    expect(lifting.stdout).not.toContain('for owners too')
  })

  test.each([
    ['nothing', [], /--email is missing/],
    ['an option that there is not', ['--emial', 'ada@example.com'], /Unknown option '--emial'/],
    ['what is no e-mail address', ['--email', 'ada'], /--email: .* Nothing was changed/],
  ])('given %s, it says what it needs', async (_what, args, words) => {
    const run = await owner({ dataDir: temporaryFolder() }, ...args)
    expect(run).toMatchObject({ code: 1, stdout: '' })
    expect(run.stderr).toMatch(words)
    expect(run.stderr).not.toMatch(/at .*\.js:\d+/)
  })

  test('a database that does not answer is said in words', async () => {
    const place = { databaseUrl: 'postgres://rollcall@127.0.0.1:4899/none', dataDir: temporaryFolder() }
    const run = await owner(place, '--email', 'ada@example.com')
    expect(run).toMatchObject({ code: 1, stdout: '' })
    expect(run.stderr).toMatch(/does not answer/)
  })
})
