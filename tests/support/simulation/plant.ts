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

/** Loads a copy of the engine with bugs in it. */
export async function plant(name: string, bugs: readonly Bug[]): Promise<Modules> {
  const place = `${ROOT}tmp/planted/${process.pid}-${name.replaceAll(/\W+/g, '-')}`
  await mkdir(`${place}/sessions`, { recursive: true })
  try {
    await cp(`${ROOT}src/follower`, `${place}/follower`, { recursive: true })
    await cp(`${ROOT}src/sessions/heldLog.ts`, `${place}/sessions/heldLog.ts`)
    for (const bug of bugs) await breakRule(place, bug)
    const [{ createEngine }, { createHeldLog }, { isAtOrPast }] = await Promise.all([
      import(pathToFileURL(`${place}/follower/engine.ts`).href),
      import(pathToFileURL(`${place}/sessions/heldLog.ts`).href),
      import(pathToFileURL(`${place}/follower/snapshot.ts`).href),
    ])
    return { createEngine, createHeldLog, isAtOrPast }
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
