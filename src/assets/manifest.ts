import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { z } from 'zod'
import { PROJECT_ROOT } from '../root.js'

export const BUILD_FOLDER = join(PROJECT_ROOT, 'static', 'build')

const files: ReadonlyMap<string, string> = readManifest()

/**
 * The address of a built file, good for ever: `asset('icons.svg')` is `/static/icons.1a2b3c4d5e.svg`.
 *
 * @throws when the build made no such file
 */
export function asset(name: string): string {
  const file = files.get(name)
  if (!file) throw new Error(`no asset ${name}: run npm run build`)
  return `/static/${file}`
}

/** What a built file says, where it is written into a page. @throws when the build made no such file */
export function assetText(name: string): string {
  return readFileSync(join(BUILD_FOLDER, asset(name).slice('/static/'.length)), 'utf8')
}

/** Whether a path under /static/ is a file that the build made: the only ones that are served. */
export const isBuilt = (file: string): boolean => built.has(file)

const built: ReadonlySet<string> = new Set(files.values())

function readManifest(): Map<string, string> {
  const text = readFileSync(join(BUILD_FOLDER, 'manifest.json'), 'utf8')
  return new Map(Object.entries(z.record(z.string(), z.string()).parse(JSON.parse(text))))
}
