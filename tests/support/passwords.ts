import { createPasswords, type Passwords } from '../../src/accounts/passwords/passwords.js'

/** Real hashes that cost next to nothing. What one costs is tested where that is the promise (S-20, S-21). */
export const quickPasswords = (): Passwords => createPasswords({ parameters: { memoryCost: 64, timeCost: 1 } })
