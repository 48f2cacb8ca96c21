import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { PROJECT_ROOT } from '../root.js'

/** As `npm run draw-pictures` drew it. @throws when it did not: a mark that is new */
export const drawn = (name: string): Buffer => readFileSync(join(PROJECT_ROOT, 'static', `${name}.png`))

/** For a small picture in the place where it is used: a request for each would cost a browser more than the bytes. */
export const dataAddress = (png: Buffer): string => `data:image/png;base64,${png.toString('base64')}`
