import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { z } from 'zod'
import { PROJECT_ROOT } from './root.js'

const Package = z.object({ version: z.string() })

/** Of this Rollcall, from package.json. Told to those who are signed in to the panel, never to strangers (S-42). */
export const VERSION: string = Package.parse(
  JSON.parse(readFileSync(join(PROJECT_ROOT, 'package.json'), 'utf8')),
).version
