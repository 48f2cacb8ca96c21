import { Hono } from 'hono'
import { z } from 'zod'
import { ChangeKeyPage } from '../../templates/admin/changeKey.js'
import { KeyCreatedPage } from '../../templates/admin/keyCreated.js'
import { KeysPage } from '../../templates/admin/keys.js'
import { NewKeyPage } from '../../templates/admin/newKey.js'
import { ReplaceKeyPage } from '../../templates/admin/replaceKey.js'
import { RevokeKeyPage } from '../../templates/admin/revokeKey.js'
import { createApp, listApps } from '../accounts/apps/apps.js'
import { changeKey, type KeyChanged } from '../accounts/apps/changeKey.js'
import { createKey, findKey, type KeyCreated, listKeys, revokeKey } from '../accounts/apps/keys.js'
import { replaceKey } from '../accounts/apps/replaceKey.js'
import { type ApiKey, SCOPES } from '../accounts/types.js'
import { databaseTime } from '../db/connect.js'
import { type AppId, type KeyId, uuid } from '../db/ids.js'
import { allow } from '../http/authorise.js'
import type { AppContext, AppEnv } from '../http/env.js'
import { notFound, PublicError } from '../http/errors.js'
import { pageOf } from '../http/page.js'
import { readForm } from '../http/parse.js'
import { readFollowers } from '../sessions/log/followers.js'
import { cameFrom, goOn } from './goOn.js'
import { readRate } from './keyRateForm.js'
import {
  type ReplaceErrors,
  ReplaceForm,
  type ReplaceValues,
  readReplacement,
  replaceProblem,
} from './replaceKeyForm.js'
import { number } from './settingsForm.js'

const HERE = '/admin/settings/keys'
const NO_NAME = 'Write what the key is for.'
const DAY = 86_400_000
/** In days. */
const LIFETIMES = { '30d': 30, '90d': 90, '365d': 365, never: null } as const

/** API keys and the apps that they belong to. Owners only, looking too: names and uses of keys help an attacker. */
export const settingsKeys = new Hono<AppEnv>()

settingsKeys.get('/', allow('owner'), async (c) => {
  const [keys, apps] = [await listKeys(c.var.db), await listApps(c.var.db)]
  return c.html(<KeysPage page={await pageOf(c)} keys={keys} apps={apps} />)
})

const KeyForm = z.strictObject({
  name: z.string().max(200, 'at most 200 characters'),
  /** An app's id, or `new`. */
  app: z.union([uuid<AppId>(), z.literal('new')], 'must be one of the apps'),
  app_name: z.string().trim().max(100, 'at most 100 characters').optional(),
  scope: z
    .union([z.enum(SCOPES), z.array(z.enum(SCOPES))])
    .transform((scopes) => [scopes].flat())
    .optional(),
  lifetime: z.enum(['30d', '90d', '365d', 'never'], 'must be 30d, 90d, 365d or never'),
  rate: number,
})
export type KeyValues = Partial<z.infer<typeof KeyForm>>
export type KeyErrors = Partial<Record<'name' | 'app' | 'app_name' | 'scope' | 'lifetime' | 'rate', string>>

settingsKeys.get('/new', allow('owner'), (c) => newKeyPage(c, { scope: ['sessions:verify'], lifetime: '365d' }, {}))

settingsKeys.post('/', allow('owner'), async (c) => {
  const values = await readForm(c, KeyForm)
  const read = readRate(values.rate)
  const errors = { ...missing(values), ...('errors' in read ? read.errors : {}) }
  if ('errors' in read || Object.keys(errors).length > 0) return newKeyPage(c, values, errors, 422)
  const appId = values.app === 'new' ? await newApp(c, values.app_name ?? '') : values.app
  if (!appId) return newKeyPage(c, values, { app_name: 'There is an app of this name. Choose it above.' }, 422)
  const days = LIFETIMES[values.lifetime]
  const expiresAt = days === null ? null : new Date((await databaseTime(c.var.db)).getTime() + days * DAY)
  const wanted = { appId, name: values.name, scopes: values.scope ?? [], expiresAt, requestsPerMinute: read.rate }
  const answer = await createKey(c.var.db, wanted, c.var.actor)
  if (answer.status === 'refused') return newKeyPage(c, { ...values, app: appId }, errorsFor(answer), 422)
  return c.html(<KeyCreatedPage page={await pageOf(c)} created={answer} />)
})

/** Looked for first, so that no app is made for a key that can't be. */
function missing({ name, app, app_name = '', scope = [] }: KeyValues): KeyErrors {
  return {
    ...(name?.trim() ? {} : { name: NO_NAME }),
    ...(app === 'new' && app_name === '' ? { app_name: 'Write the name of the new app.' } : {}),
    ...(scope.length > 0 ? {} : { scope: 'Choose at least one.' }),
  }
}

async function newApp(c: AppContext, name: string): Promise<AppId | undefined> {
  const answer = await createApp(c.var.db, name, c.var.actor)
  return answer.status === 'created' ? answer.app.id : undefined
}

function errorsFor({ why }: Extract<KeyCreated, { status: 'refused' }>): KeyErrors {
  switch (why) {
    case 'no-name':
      return { name: NO_NAME }
    case 'no-app':
      return { app: 'There is no such app any more.' }
    case 'no-scopes':
      return { scope: 'Choose at least one.' }
    case 'expiry-past':
      return { lifetime: 'This lies in the past.' }
    case 'not-allowed':
      throw notAllowed()
  }
}

async function newKeyPage(c: AppContext, values: KeyValues, errors: KeyErrors, status: 200 | 422 = 200) {
  const apps = await listApps(c.var.db)
  return c.html(
    <NewKeyPage page={await pageOf(c)} usualRate={c.var.config.keyRate} {...{ apps, values, errors }} />,
    status,
  )
}

settingsKeys.get('/:id/revoke', allow('owner'), async (c) => {
  const key = await keyOf(c)
  return c.html(<RevokeKeyPage page={await pageOf(c)} apiKey={key} />)
})

const ChangeForm = KeyForm.pick({ name: true, rate: true })
export type ChangeKeyValues = z.infer<typeof ChangeForm>
export type ChangeKeyErrors = Partial<Record<'name' | 'rate' | 'form', string>>

settingsKeys.get('/:id/change', allow('owner'), async (c) => {
  const key = await keyOf(c)
  return changePage(c, key, { name: key.name, rate: key.requestsPerMinute?.toString() }, {})
})

settingsKeys.post('/:id/change', allow('owner'), async (c) => {
  const key = await keyOf(c)
  const values = await readForm(c, ChangeForm)
  const read = readRate(values.rate)
  if ('errors' in read) return changePage(c, key, values, read.errors, 422)
  const changes = { name: values.name, requestsPerMinute: read.rate }
  const changed = await changeKey(c.var.db, key.id, changes, c.var.actor)
  if (!changed) throw notFound('key')
  if (changed.status === 'refused') return changePage(c, key, values, changeProblem(changed.why), 422)
  return goOn(
    c,
    cameFrom(c, undefined, `/admin/apps/${key.app.id}`),
    changed.status === 'unchanged'
      ? { tone: 'amber', title: 'Nothing was changed', text: 'Everything is as it was.' }
      : { tone: 'green', title: `The key ${changed.key.name.slice(0, 120)} is changed` },
    'in-force',
  )
})

function changeProblem(why: Extract<KeyChanged, { status: 'refused' }>['why']): ChangeKeyErrors {
  switch (why) {
    case 'not-allowed':
      throw notAllowed()
    case 'no-name':
      return { name: NO_NAME }
    case 'not-usable':
      return { form: 'This key does not work any more: make a new one.' }
  }
}

async function changePage(
  c: AppContext,
  key: ApiKey,
  values: ChangeKeyValues,
  errors: ChangeKeyErrors,
  status: 200 | 422 = 200,
) {
  return c.html(
    <ChangeKeyPage page={await pageOf(c)} apiKey={key} usualRate={c.var.config.keyRate} {...{ values, errors }} />,
    status,
  )
}

const NothingForm = z.strictObject({})

settingsKeys.post('/:id/revoke', allow('owner'), async (c) => {
  const key = await keyOf(c)
  await readForm(c, NothingForm)
  const answer = await revokeKey(c.var.db, key.id, c.var.actor)
  if (answer?.status === 'refused') throw notAllowed()
  return goOn(c, HERE, { tone: 'green', title: `The key ${key.name.slice(0, 120)} is revoked` })
})

settingsKeys.get('/:id/replace', allow('owner'), async (c) => {
  const key = await keyOf(c)
  return replacePage(c, key, { rate: key.requestsPerMinute?.toString() }, {})
})

settingsKeys.post('/:id/replace', allow('owner'), async (c) => {
  const key = await keyOf(c)
  const values = await readForm(c, ReplaceForm)
  const read = readReplacement(values, await databaseTime(c.var.db))
  if ('errors' in read) return replacePage(c, key, values, read.errors, 422)
  const answer = await replaceKey(c.var.db, key.id, read.until, c.var.actor, { requestsPerMinute: read.rate })
  if (!answer) throw notFound('key')
  if (answer.status === 'replaced')
    return c.html(<KeyCreatedPage page={await pageOf(c)} created={answer} old={answer.old} />)
  if (answer.why === 'not-allowed') throw notAllowed()
  return replacePage(c, key, values, replaceProblem(answer.why), 422)
})

async function replacePage(
  c: AppContext,
  key: ApiKey,
  values: ReplaceValues,
  errors: ReplaceErrors,
  status: 200 | 422 = 200,
) {
  const { apps } = await readFollowers(c.var.db)
  const users = apps.filter(({ keyId }) => keyId === key.id)
  return c.html(
    <ReplaceKeyPage
      page={await pageOf(c)}
      apiKey={key}
      usualRate={c.var.config.keyRate}
      {...{ users, values, errors }}
    />,
    status,
  )
}

async function keyOf(c: AppContext): Promise<ApiKey> {
  const id = uuid<KeyId>().safeParse(c.req.param('id'))
  const key = id.success ? await findKey(c.var.db, id.data) : undefined
  if (!key) throw notFound('key')
  return key
}

const notAllowed = () =>
  new PublicError(
    403,
    'forbidden',
    'Your role does not allow this',
    'Only owners make, change and revoke keys. Nothing was changed.',
  )
