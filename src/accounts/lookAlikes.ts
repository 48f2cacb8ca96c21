import { eq } from 'drizzle-orm'
import type { Database } from '../db/connect.js'
import { accounts } from '../db/schema.js'
import { looksLike, readEmail } from './emails.js'

/**
 * Whether an address could be taken for that of an owner (S-54).
 *
 * @returns a warning to show where it is invited, or null
 */
export async function lookAlikeWarning(db: Database, typed: string): Promise<string | null> {
  const email = readEmail(typed)
  if (!email) return null
  // Index: accounts_role. Owners are few.
  const owners = await db
    .select({ email: accounts.email, name: accounts.name })
    .from(accounts)
    .where(eq(accounts.role, 'owner'))
  const alike = owners.find((owner) => {
    const theirs = readEmail(owner.email ?? '')
    return theirs && looksLike(email, theirs)
  })
  return alike
    ? `This address looks like that of the owner ${alike.name} (${alike.email}), but is another one. Make sure that it is meant.`
    : null
}
