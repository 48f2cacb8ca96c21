import { Hono } from 'hono'
import { z } from 'zod'
import { WebhookPage } from '../../templates/admin/webhook.js'
import { WebhookFormPage } from '../../templates/admin/webhookForm.js'
import { RemoveWebhookPage, RotateSecretPage } from '../../templates/admin/webhookQuestions.js'
import { WebhookSecretPage } from '../../templates/admin/webhookSecret.js'
import { WebhooksPage } from '../../templates/admin/webhooks.js'
import type { ToastProps } from '../../templates/components/Toast.js'
import { databaseTime } from '../db/connect.js'
import { uuid, type WebhookId } from '../db/ids.js'
import { allow } from '../http/authorise.js'
import type { AppContext, AppEnv } from '../http/env.js'
import { notFound } from '../http/errors.js'
import { pageOf } from '../http/page.js'
import { readForm, readListQuery } from '../http/parse.js'
import {
  addWebhook,
  changeWebhook,
  checkWebhook,
  findWebhook,
  type Invalid,
  listWebhooks,
  OVERLAP_HOURS,
  onlyNamed,
  type Refusal,
  removeWebhook,
  rotateSecret,
  setWebhookDisabled,
  type Webhook,
} from '../webhooks/endpoints.js'
import { EVENT_TYPES, type EventType } from '../webhooks/events.js'
import { DELIVERY_STATES, listDeliveries, replay } from '../webhooks/log.js'
import type { Attempt } from '../webhooks/send.js'
import { goOn } from './goOn.js'
import { pageAt, statusOf } from './listPage.js'
import { ownersOnly } from './ownersOnly.js'
import { shownAs, touched } from './settingsForm.js'

const HERE = '/admin/settings/webhooks'

/** Who is told of events, and what came of it. Owners only, looking too: addresses and answers are other systems' insides. */
export const settingsWebhooks = new Hono<AppEnv>()

settingsWebhooks.get('/', allow('owner'), async (c) =>
  c.html(<WebhooksPage page={await pageOf(c)} webhooks={await listWebhooks(c.var.db)} />),
)

const WebhookForm = z.strictObject({
  url: z.string().max(2_000, 'at most 2,000 characters'),
  description: z.string().max(200, 'at most 200 characters').optional(),
  event: z
    .union([z.enum(EVENT_TYPES), z.array(z.enum(EVENT_TYPES))])
    .transform((events) => [events].flat())
    .optional(),
  /** What the form showed, so that what a colleague changed meanwhile is not put back. */
  shown: z.string().max(10_000).optional(),
})
export type WebhookValues = Partial<z.infer<typeof WebhookForm>>
export type WebhookErrors = Partial<Record<'url' | 'event', string>>

settingsWebhooks.get('/new', allow('owner'), (c) => formPage(c, undefined, { event: ['session.ended'] }, {}))

settingsWebhooks.post('/', allow('owner'), async (c) => {
  const values = await readForm(c, WebhookForm)
  const checked = await checkWebhook(wanted(values), c.var.webhooks.guard)
  const added = checked.status === 'checked' ? await addWebhook(c.var.db, checked.webhook, c.var.actor) : checked
  if (added.status !== 'added') return formPage(c, undefined, values, errorsFor(added), 422)
  return c.html(<WebhookSecretPage page={await pageOf(c)} webhook={added.webhook} secret={added.secret} isNew />)
})

settingsWebhooks.get('/:id/change', allow('owner'), async (c) => {
  const webhook = await webhookOf(c)
  const { url, description, events } = webhook
  const shown = shownAs({ url, description, events: inOrder(events) })
  return formPage(c, webhook, { url, description, event: events, shown }, {})
})

settingsWebhooks.post('/:id/change', allow('owner'), async (c) => {
  const before = await webhookOf(c)
  const values = await readForm(c, WebhookForm)
  const checked = await checkWebhook(wanted(values), c.var.webhooks.guard)
  const { shown, url, description = '', event = [] } = values
  const theirs = touched({ shown, url, description, events: inOrder(event) })
  const changed =
    checked.status === 'checked'
      ? await changeWebhook(c.var.db, before.id, onlyNamed(checked.webhook, theirs), c.var.actor)
      : checked
  if (!changed) throw notFound('webhook')
  if (changed.status !== 'changed') return formPage(c, before, values, errorsFor(changed), 422)
  return goOn(c, `${HERE}/${before.id}`, { tone: 'green', title: 'The webhook is changed' })
})

const wanted = ({ url, description = '', event = [] }: z.infer<typeof WebhookForm>) => ({
  url,
  description,
  events: event,
})

const inOrder = (events: readonly EventType[]) => String(EVENT_TYPES.filter((type) => events.includes(type)))

function errorsFor(refused: Invalid | Refusal | { status: 'exists' }): WebhookErrors {
  if (refused.status === 'refused') throw ownersOnly()
  if (refused.status === 'exists') return { url: 'Events go to this address already. Change that webhook.' }
  return refused.path === 'events' ? { event: 'Choose at least one.' } : { url: `It ${refused.problem}.` }
}

async function formPage(
  c: AppContext,
  before: Webhook | undefined,
  values: WebhookValues,
  errors: WebhookErrors,
  status: 200 | 422 = 200,
) {
  return c.html(<WebhookFormPage page={await pageOf(c)} before={before} values={values} errors={errors} />, status)
}

const LogQuery = z.strictObject({
  state: z.enum(DELIVERY_STATES, 'must be pending, delivered or given-up').optional(),
  after: z.string().max(300).optional(),
  before: z.string().max(300).optional(),
})
export type LogQuery = z.infer<typeof LogQuery>

settingsWebhooks.post('/:id/test', allow('owner'), async (c) => {
  const { id } = await webhookOf(c)
  await readForm(c, Nothing)
  const attempt = await c.var.webhooks.test(id)
  if (!attempt) throw notFound('webhook')
  return goOn(c, `${HERE}/${id}`, testedToast(attempt))
})

const testedToast = ({ ok, status, durationMs, problem }: Attempt): ToastProps =>
  ok
    ? { tone: 'green', title: `The test arrived: ${status} after ${durationMs} ms` }
    : { tone: 'red', title: 'The test did not arrive', text: (problem ?? '').slice(0, 500) }

settingsWebhooks.get('/:id', allow('owner'), async (c) => {
  const webhook = await webhookOf(c)
  const { query, nonsense } = readListQuery(c, LogQuery)
  const { state, ...request } = query
  const log = await pageAt(request, nonsense, (at) => listDeliveries(c.var.db, webhook.id, { state }, at))
  return c.html(
    <WebhookPage page={await pageOf(c)} webhook={webhook} log={log} query={query} nonsense={nonsense} />,
    statusOf(c, nonsense),
  )
})

const Nothing = z.strictObject({})

settingsWebhooks.post('/:id/disable', allow('owner'), async (c) =>
  turn(c, true, { title: 'The webhook is disabled', text: 'It is told of nothing until you enable it.' }),
)
settingsWebhooks.post('/:id/enable', allow('owner'), async (c) =>
  turn(c, false, { title: 'The webhook is enabled', text: 'It is told of what happens from now on.' }),
)

async function turn(c: AppContext, off: boolean, said: { title: string; text: string }) {
  const { id } = await webhookOf(c)
  await readForm(c, Nothing)
  const turned = await setWebhookDisabled(c.var.db, id, off, c.var.actor)
  if (turned?.status === 'refused') throw ownersOnly()
  return goOn(c, `${HERE}/${id}`, { tone: 'green', ...said })
}

settingsWebhooks.get('/:id/secret', allow('owner'), async (c) =>
  c.html(<RotateSecretPage page={await pageOf(c)} webhook={await webhookOf(c)} hours={OVERLAP_HOURS} />),
)

settingsWebhooks.post('/:id/secret', allow('owner'), async (c) => {
  const { id } = await webhookOf(c)
  await readForm(c, Nothing)
  const rotated = await rotateSecret(c.var.db, id, c.var.actor)
  if (!rotated) throw notFound('webhook')
  if (rotated.status === 'refused') throw ownersOnly()
  return c.html(<WebhookSecretPage page={await pageOf(c)} {...rotated} isNew={false} />)
})

settingsWebhooks.get('/:id/remove', allow('owner'), async (c) =>
  c.html(<RemoveWebhookPage page={await pageOf(c)} webhook={await webhookOf(c)} />),
)

settingsWebhooks.post('/:id/remove', allow('owner'), async (c) => {
  const { id } = await webhookOf(c)
  await readForm(c, Nothing)
  const removed = await removeWebhook(c.var.db, id, c.var.actor)
  if (removed?.status === 'refused') throw ownersOnly()
  return goOn(c, HERE, { tone: 'green', title: 'The webhook is deleted', text: 'Nothing more is sent there.' })
})

/** In hours. */
const SINCE = { '1h': 1, '24h': 24, '7d': 168, '30d': 720 } as const

const ReplayForm = z.union([
  z.strictObject({
    delivery: z
      .string()
      .regex(/^\d{1,15}$/, 'must be a delivery')
      .transform(Number),
  }),
  z.strictObject({ since: z.enum(['1h', '24h', '7d', '30d'], 'must be 1h, 24h, 7d or 30d') }),
])

settingsWebhooks.post('/:id/replay', allow('owner'), async (c) => {
  const { id } = await webhookOf(c)
  const form = await readForm(c, ReplayForm)
  const which =
    'delivery' in form
      ? { delivery: form.delivery }
      : { failedSince: new Date((await databaseTime(c.var.db)).getTime() - SINCE[form.since] * 3_600_000) }
  const replayed = await replay(c.var.db, id, which, c.var.actor)
  if (replayed?.status === 'refused') throw ownersOnly()
  const count = replayed?.status === 'replayed' ? replayed.count : 0
  return goOn(
    c,
    `${HERE}/${id}`,
    replayed?.status === 'disabled'
      ? { tone: 'amber', title: 'Nothing was sent', text: 'The webhook is disabled. Enable it first.' }
      : count === 0
        ? { tone: 'amber', title: 'Nothing was sent', text: 'No delivery was given up in that time.' }
        : {
            tone: 'green',
            title: `${count.toLocaleString('en-GB')} sent once more`,
            text: 'Each with its id as before.',
          },
  )
})

async function webhookOf(c: AppContext): Promise<Webhook> {
  const id = uuid<WebhookId>().safeParse(c.req.param('id'))
  const webhook = id.success ? await findWebhook(c.var.db, id.data) : undefined
  if (!webhook) throw notFound('webhook')
  return webhook
}
