import { connect, type Socket } from 'node:net'
import { setTimeout as pause } from 'node:timers/promises'
import { z } from 'zod'
import { answerParent } from './harness/child.js'

/**
 * Open lists of live sessions, without browsers: each with its event stream and, where it is asked for, with the
 * requests that the page's script makes (static/js/screen.js): `livePages.js PORT`.
 */
const [port = ''] = process.argv.slice(2)
const ON_SCREEN = 18

const Question = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('open'), tokens: z.array(z.string()), asking: z.boolean() }),
  z.object({ kind: z.literal('close') }),
])
const Changes = z.object({
  started: z.int(),
  ended: z.int(),
  sessions: z.array(z.string()).nullable(),
  touched: z.boolean(),
  paceMs: z.number(),
})

const counted = { events: 0, bytes: 0, asked: 0, wrong: 0, askedBytes: 0 }
/** How often each was said. */
const refusals = new Map<string, number>()
let open: { socket: Socket; rows: Set<string>; timer: NodeJS.Timeout | undefined }[] = []
const underWay = new Set<Promise<unknown>>()

answerParent(Question, async (question) => {
  if (question.kind === 'close') {
    for (const { socket, timer } of open) {
      clearTimeout(timer)
      socket.destroy()
    }
    open = []
    await Promise.all(underWay)
    const said = { ...counted, refusals: Object.fromEntries(refusals) }
    for (const name of Object.keys(counted) as (keyof typeof counted)[]) counted[name] = 0
    refusals.clear()
    return said
  }
  const first = question.asking ? await rowsOf(question.tokens[0] ?? '') : []
  for (const token of question.tokens) await opened(token, question.asking ? first : undefined)
  return null
})

async function rowsOf(token: string): Promise<string[]> {
  const answer = await fetch(`http://127.0.0.1:${port}/admin/sessions`, { headers: { cookie: `rollcall=${token}` } })
  return [...(await answer.text()).matchAll(/<tr id="s-([0-9a-f-]{36})"/g)].map(([, id]) => id ?? '')
}

/** By what was said and not by which request it was: ids and times differ. */
function refused(why: string) {
  counted.wrong += 1
  const said = why
    .replace(/[0-9a-f-]{16,}/g, '…')
    .replace(/\s+/g, ' ')
    .slice(0, 300)
  refusals.set(said, (refusals.get(said) ?? 0) + 1)
}

/** On a machine that is too busy for all at once it comes back a little later, as a browser does. */
async function opened(token: string, rows: string[] | undefined): Promise<void> {
  for (let tries = 0; tries < 20; tries++) {
    if (await openPage(token, rows)) return
    await pause(500)
  }
  throw new Error('a stream is refused again and again')
}

function openPage(token: string, rows: string[] | undefined): Promise<boolean> {
  const socket = connect({ port: Number(port), host: '127.0.0.1' })
  const page = { socket, rows: new Set(rows), timer: undefined as NodeJS.Timeout | undefined }
  open.push(page)
  socket.write(
    `GET /admin/stream HTTP/1.1\r\nHost: 127.0.0.1:${port}\r\nAccept: text/event-stream\r\nCookie: rollcall=${token}\r\n\r\n`,
  )
  let [text, askedAt, made] = ['', performance.now() - Math.random() * 5_000, 1]
  const ended = new Set<string>()
  let look = false

  const heard = (data: string) => {
    const { sessions, touched, paceMs } = Changes.parse(JSON.parse(data))
    for (const id of page.rows) if (sessions?.includes(id.slice(-12))) ended.add(id)
    if (touched || sessions === null) look = true
    if (!look && ended.size === 0) return
    const wait = askedAt + Math.max(2_000, paceMs * made) - performance.now()
    page.timer ??= setTimeout(
      () => {
        const asking = ask().finally(() => underWay.delete(asking))
        underWay.add(asking)
      },
      Math.max(0, wait) + Math.random() * paceMs,
    )
  }
  const ask = async () => {
    page.timer = undefined
    askedAt = performance.now()
    made = 0
    if (look) {
      look = false
      made += 1
      const seen = await get(`/admin/live/seen?rows=${[...page.rows].slice(0, ON_SCREEN).join()}`)
      for (const id of seen ? z.object({ ended: z.array(z.string()) }).parse(JSON.parse(seen)).ended : []) ended.add(id)
    }
    if (ended.size === 0) return
    const gone = [...ended]
    ended.clear()
    for (const id of gone) page.rows.delete(id)
    made += 1
    await get(`/admin/live/rows?rows=${gone.join()}`)
  }
  const get = async (path: string) => {
    counted.asked += 1
    try {
      const answer = await fetch(`http://127.0.0.1:${port}${path}`, {
        headers: { cookie: `rollcall=${token}`, 'rollcall-background': '1', 'hx-request': 'true' },
      })
      const body = await answer.text()
      counted.askedBytes += body.length
      if (answer.status === 200) return body
      refused(`${answer.status} ${body}`)
    } catch (error) {
      refused(String((error as Error).cause ?? error))
    }
    return undefined
  }

  return new Promise((resolve, reject) => {
    socket.once('error', reject)
    socket.on('data', (chunk) => {
      counted.bytes += chunk.length
      text += chunk.toString('latin1')
      if (text.startsWith('HTTP/1.1 ') && !text.startsWith('HTTP/1.1 200')) {
        socket.destroy()
        return resolve(false)
      }
      resolve(true)
      for (let end = text.indexOf('\n\n'); end >= 0; end = text.indexOf('\n\n')) {
        const data = /^data: (.*)$/m.exec(text.slice(0, end))?.[1]
        text = text.slice(end + 2)
        if (!data) continue
        counted.events += 1
        if (rows) heard(data)
      }
    })
  })
}
