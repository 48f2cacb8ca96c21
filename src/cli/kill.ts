import type { Command } from 'commander'
import { findApp } from './apps.js'
import { apiCommand, reason, type Shared, withApi, yes } from './command.js'
import { confirmMass } from './confirm.js'
import { badUsage } from './exit.js'
import { tell } from './output.js'
import type { Terminal } from './terminal.js'

type KillOptions = Shared & { app?: string; everyone?: boolean; reason: string }

export const kill = (terminal: Terminal): Command =>
  apiCommand(
    'kill',
    'sign out everybody of an app, or everyone everywhere',
    'rollcall kill --app Shop --reason "leaked signing key"',
  )
    .option('--app <name or id>')
    .option('--everyone', 'in every app, the panel too')
    .addOption(reason())
    .addOption(yes())
    .action(
      withApi(terminal, async (api, options: KillOptions) => {
        if ((options.app === undefined) === !options.everyone)
          throw badUsage('Say whom: --app with a name, or --everyone. Nothing was changed.')
        const app = options.app === undefined ? undefined : await findApp(api, options.app)
        const confirm = app?.name ?? 'everyone'
        const whom = app ? `everybody out of ${app.name}` : 'everyone out of every app, you too'
        await confirmMass(terminal, options, `This signs ${whom}`, confirm)
        const body = { reason: options.reason, confirm, ...(app ? { app: app.id } : {}) }
        const killed = await api.ask<{ ended: number }>('POST', '/kill-switch', { body })
        const count = killed.ended >= 10_000 ? '10000 or more' : killed.ended
        tell(terminal, options, killed, `${count} ${count === 1 ? 'session' : 'sessions'} ended.`)
      }),
    )
