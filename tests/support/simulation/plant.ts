import { cp, mkdir, readFile, rm, writeFile } from 'node:fs/promises'
import { fileURLToPath, pathToFileURL } from 'node:url'
import type { Modules } from './modules.js'

const ROOT = fileURLToPath(new URL('../../../', import.meta.url))

/** One rule of the real source, broken: this piece of text, which stands there once, in another's place. */
export interface Bug {
  /** Below src/ */
  file: string
  find: string
  replace: string
}

const COPIED = [
  'sessions/log/node.ts',
  'sessions/log/heldLog.ts',
  'sessions/log/appProcesses.ts',
  'sessions/log/followers.ts',
  'sessions/log/positions.ts',
  'sessions/receipts/elsewhere.ts',
  'sessions/receipts/receipts.ts',
  'sessions/receipts/stored.ts',
  'sessions/receipts/summary.ts',
  'sessions/receipts/tally.ts',
  'client/transport.ts',
  'client/answers.ts',
  'client/calls.ts',
  'client/failure.ts',
]

/** Loads a copy of the engine with bugs in it. */
export async function plant(name: string, bugs: readonly Bug[]): Promise<Modules> {
  const place = `${ROOT}tmp/planted/${process.pid}-${name.replaceAll(/\W+/g, '-')}`
  try {
    await cp(`${ROOT}src/follower`, `${place}/follower`, { recursive: true })
    for (const folder of ['sessions/log', 'sessions/receipts', 'client'])
      await mkdir(`${place}/${folder}`, { recursive: true })
    for (const file of COPIED) {
      const text = await readFile(`${ROOT}src/${file}`, 'utf8')
      // What reaches out of the copy is none of the engine's.
      await writeFile(`${place}/${file}`, text.replaceAll("'../../db/", `'${ROOT}src/db/`))
    }
    // The simulation has a transport of its own.
    await writeFile(`${place}/sessions/log/sqlTransport.ts`, 'export const createSqlTransport = undefined\n')
    for (const bug of bugs) await breakRule(place, bug)
    const load = (file: string) => import(pathToFileURL(`${place}/${file}`).href)
    const { createEngine } = await load('follower/engine.ts')
    const { isAtOrPast } = await load('follower/snapshot.ts')
    const { createNode } = await load('sessions/log/node.ts')
    const { createReceipts } = await load('sessions/receipts/receipts.ts')
    const { createHttpTransport } = await load('client/transport.ts')
    return { createEngine, createHttpTransport, createNode, createReceipts, isAtOrPast }
  } finally {
    await rm(place, { recursive: true, force: true })
  }
}

async function breakRule(place: string, { file, find, replace }: Bug) {
  const path = `${place}/${file}`
  const text = await readFile(path, 'utf8')
  const times = text.split(find).length - 1
  if (times !== 1)
    throw new Error(`"${find}" stands in src/${file} ${times} times and not once: say anew what to break`)
  await writeFile(
    path,
    text.replace(find, () => replace),
  )
}
