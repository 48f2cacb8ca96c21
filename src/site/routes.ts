import { Hono } from 'hono'
import { anyone, currentSession } from '../http/authorise.js'
import type { AppEnv } from '../http/env.js'
import { signInPath } from '../http/returnTo.js'
import { account } from './account.js'
import { devices } from './devices.js'
import { homeOf } from './enter.js'
import { handOver } from './handOver.js'
import { invitation } from './invitation.js'
import { look } from './look.js'
import { newPassword } from './newPassword.js'
import { security } from './security.js'
import { setup } from './setup.js'
import { signIn } from './signIn.js'
import { signOut } from './signOut.js'
import { theme } from './theme.js'
import { timeLeft } from './timeLeft.js'

/** Sign-in, set-up, and what every person has: account, devices, password. */
export const site = new Hono<AppEnv>()

site.get('/', anyone(), async (c) => {
  const current = await currentSession(c)
  return c.redirect(current ? homeOf(current.account.role) : signInPath(undefined), 303)
})

for (const part of [
  signIn,
  handOver,
  signOut,
  setup,
  invitation,
  newPassword,
  account,
  devices,
  security,
  theme,
  look,
  timeLeft,
])
  site.route('/', part)
