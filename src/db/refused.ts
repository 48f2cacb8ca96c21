import { InWords } from '../inWords.js'
import { hasCode } from './unavailable.js'

/** The database answers, and Rollcall can't be served by it as it is. */
export class DatabaseRefused extends InWords {
  readonly code = 'database_refused'
}

/** What PostgreSQL says, by what it means here and what to do about it. Its own words hold names, and no password. */
const REFUSALS: readonly { codes: readonly string[]; words(said: string): string }[] = [
  {
    codes: ['28P01', '28000'],
    words: (said) =>
      `PostgreSQL lets nobody in with DATABASE_URL: ${said}. Set its user and password right; in a password, what is not a letter or a digit is percent-encoded (@ is %40).`,
  },
  {
    codes: ['3D000'],
    words: (said) =>
      `There is no such database: ${said}. Create it, owned by the role that DATABASE_URL names (create database rollcall owner rollcall), or name another one.`,
  },
  {
    codes: ['42501'],
    words: (said) =>
      `The role that DATABASE_URL names may not do what Rollcall needs: ${said}. Make it the owner of the database, and of all that is in it (alter database rollcall owner to rollcall).`,
  },
  {
    codes: ['42704', '22023'],
    words: (said) =>
      `PostgreSQL does not know a setting: ${said}. Leave out of DATABASE_URL, behind the question mark, what it does not know.`,
  },
  {
    codes: ['08P01'],
    words: (said) =>
      `What stands before the database refuses how a connection begins: ${said}. Behind PgBouncer, set ignore_startup_parameters as README.md, With PostgreSQL, says.`,
  },
]

/** An error of the first connection in words, where the person who starts Rollcall can mend it; any other as it is. */
export function refusedInWords(error: unknown): unknown {
  const refusal = REFUSALS.find(({ codes }) => hasCode(error, new Set(codes)))
  if (!refusal) return error
  return new DatabaseRefused(`${refusal.words(innermost(error))} Nothing was changed.`)
}

/** @throws DatabaseRefused where names and addresses could not be stored, or statements not be understood */
export function refuseUnsuitable(server: { version: number; encoding: string }): void {
  if (server.version < 140_000) {
    throw new DatabaseRefused(
      `This is PostgreSQL ${Math.floor(server.version / 10_000)}, and Rollcall needs 14 or later. Update PostgreSQL, or name another server in DATABASE_URL. Nothing was changed.`,
    )
  }
  if (server.encoding !== 'UTF8') {
    throw new DatabaseRefused(
      `The database is encoded in ${server.encoding}, which has no room for everybody’s name. Create one in UTF-8 (create database rollcall owner rollcall encoding 'UTF8' locale 'C.UTF-8' template template0). Nothing was changed.`,
    )
  }
}

const WHY: Record<string, string> = {
  EACCES: 'it belongs to somebody else',
  EPERM: 'it belongs to somebody else',
  EROFS: 'its file system is read-only',
  ENOSPC: 'its disk is full',
  EDQUOT: 'its disk is full',
  EEXIST: 'it is a file',
  ENOTDIR: 'a part of its path is a file',
  ENOENT: 'nothing can be made there',
}

/** An error of opening the embedded database's folder in words, where they say what to do; any other as it is. */
export function refusedDirectory(dataDir: string, error: unknown): unknown {
  const why = error instanceof Error && 'code' in error ? WHY[String(error.code)] : undefined
  if (!why) return error
  return new DatabaseRefused(
    `Rollcall can’t write to its data directory ${dataDir}, because ${why}. Give the user that runs Rollcall${asWhom()} a folder of its own there, choose another ROLLCALL_DATA_DIR, or set DATABASE_URL. Nothing was changed.`,
  )
}

const asWhom = () => (process.getuid ? ` (uid ${process.getuid()})` : '')

function innermost(error: unknown): string {
  return error instanceof Error ? (error.cause ? innermost(error.cause) : error.message) : String(error)
}
