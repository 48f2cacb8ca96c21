import { Hono } from 'hono'
import { SettingsPage } from '../../templates/admin/settings.js'
import { SettingsAdminsPage } from '../../templates/admin/settingsAdmins.js'
import { listAccounts } from '../accounts/list.js'
import { changeSettings, readSettings } from '../accounts/settings.js'
import { allow } from '../http/authorise.js'
import type { AppContext, AppEnv } from '../http/env.js'
import { orderOfPeople } from '../http/masking.js'
import { pageOf } from '../http/page.js'
import { readForm } from '../http/parse.js'
import { aboutRoutes } from './about.js'
import { goOn } from './goOn.js'
import { ownersOnly } from './ownersOnly.js'
import {
  fixedBy,
  type PolicyErrors,
  PolicyForm,
  type PolicyRisk,
  type PolicyValues,
  readPolicy,
  touched,
  valuesOf,
} from './settingsForm.js'
import { settingsHosts } from './settingsHosts.js'
import { settingsKeys } from './settingsKeys.js'
import { settingsWebhooks } from './settingsWebhooks.js'

const HERE = '/admin/settings'
const MOST_ADMINS = 200

export const settingsRoutes = new Hono<AppEnv>()

settingsRoutes.get('/', allow('viewer'), async (c) => policyPage(c, valuesOf(await readSettings(c.var.db)), {}, []))

settingsRoutes.post('/', allow('owner'), async (c) => {
  const values = await readForm(c, PolicyForm)
  const { db, actor } = c.var
  const read = readPolicy(touched(values), await readSettings(db), fixedBy(c.var.config))
  if ('errors' in read) return policyPage(c, values, read.errors, read.risks, 422)
  const answer = await changeSettings(db, read.changes, actor)
  if (answer.status === 'refused') throw ownersOnly()
  if (answer.status === 'invalid') {
    const errors = Object.fromEntries(answer.problems.map(({ path, message }) => [path, `Must be ${message}.`]))
    return policyPage(c, values, errors, [], 422)
  }
  return goOn(
    c,
    HERE,
    answer.status === 'changed'
      ? { tone: 'green', title: 'The settings are changed', text: 'They hold for open sessions too.' }
      : { tone: 'amber', title: 'Nothing was changed', text: 'Everything is as it was.' },
    'in-force',
  )
})

async function policyPage(
  c: AppContext,
  values: PolicyValues,
  errors: PolicyErrors,
  risks: PolicyRisk[],
  status: 200 | 422 = 200,
) {
  const settings = await readSettings(c.var.db)
  return c.html(
    <SettingsPage
      page={await pageOf(c)}
      settings={settings}
      values={values}
      errors={errors}
      risks={risks}
      fixed={fixedBy(c.var.config)}
    />,
    status,
  )
}

settingsRoutes.get('/admins', allow('viewer'), async (c) => {
  const { items } = await listAccounts(c.var.db, { admins: true, order: orderOfPeople(c) }, { limit: MOST_ADMINS })
  return c.html(<SettingsAdminsPage page={await pageOf(c)} admins={items} />)
})

settingsRoutes.route('/about', aboutRoutes)
settingsRoutes.route('/keys', settingsKeys)
settingsRoutes.route('/hosts', settingsHosts)
settingsRoutes.route('/webhooks', settingsWebhooks)
