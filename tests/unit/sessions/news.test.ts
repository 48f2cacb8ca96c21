import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import type { Change } from '../../../src/db/changes.js'
import { type AccountId, newId, type SessionId } from '../../../src/db/ids.js'
import { createFeed } from '../../../src/sessions/feed/feed.js'
import { createFold } from '../../../src/sessions/feed/fold.js'
import { createNews, type Told } from '../../../src/sessions/feed/news.js'

const about = (session = newId<SessionId>(), account = newId<AccountId>()) => ({
  sessions: [session],
  accounts: [account],
})
const started = (...whom: Parameters<typeof about>): Change => ({ kind: 'started', ...about(...whom) })
const ended = (...whom: Parameters<typeof about>): Change => ({ kind: 'ended', ...about(...whom) })

describe('a fold', () => {
  it('makes one summary of what happened: numbers, and each that ended once, by its last digits', () => {
    const fold = createFold()
    const [session, account] = [newId<SessionId>(), newId<AccountId>()]
    for (const change of [started(session, account), started(), ended(session, account)]) fold.add(change)
    for (const kind of ['touched', 'touched', 'audit', 'blocks'] as const) fold.add({ kind })
    const summary = fold.take()?.summary
    expect(summary).toMatchObject({ started: 2, ended: 1, touched: true, audit: true, others: true })
    expect(summary?.sessions).toEqual([session.slice(-12)])
    expect(summary?.accounts).toHaveLength(2)
    expect(summary?.accounts).toContain(account.slice(-12))
    expect(fold.take()).toBeUndefined()
  })

  it('names no more than so many: then they are many, and the numbers stay right', () => {
    const fold = createFold(3)
    for (let i = 0; i < 5; i++) fold.add(ended())
    const many = fold.take()
    expect(many?.summary).toMatchObject({ ended: 5, sessions: null, accounts: null })
    // Here it is still known whose they are: nobody else’s page need look.
    expect(many?.whose?.size).toBe(5)
    fold.add(ended())
    expect(fold.take()?.summary.sessions).toHaveLength(1)
  })

  it('leaves open which sessions ended where nobody knows: all of an account, or of everyone', () => {
    const fold = createFold()
    const account = newId<AccountId>()
    fold.add(ended())
    fold.add({ kind: 'ended', sessions: null, accounts: [account] })
    expect(fold.take()?.summary).toMatchObject({
      sessions: null,
      accounts: expect.arrayContaining([account.slice(-12)]),
    })
  })
})

describe('the news of a process', () => {
  beforeEach(() => void vi.useFakeTimers())
  afterEach(() => void vi.useRealTimers())

  function someNews({ countTakesMs = 0 } = {}) {
    const feed = createFeed()
    const state = { inTouch: true, counted: 0, live: 7 }
    const news = createNews({
      feed,
      counts: async () => {
        state.counted += 1
        if (countTakesMs > 0) await new Promise((resolve) => setTimeout(resolve, countTakesMs))
        return { live: state.live, online: 3, endedInDay: 5 }
      },
      inTouch: () => state.inTouch,
      paceMs: () => 250,
      onFailure: (error) => {
        throw error
      },
    })
    return { feed, state, news }
  }
  const read = (bytes: Uint8Array) => {
    const [, data = ''] = /^event: changes\ndata: (.*)\n\n$/.exec(new TextDecoder().decode(bytes)) ?? []
    return JSON.parse(data) as Record<string, unknown>
  }

  it('are told at once after a quiet time, and then once a second, in the same bytes to all', async () => {
    const { feed, news } = someNews()
    const heard: Told[][] = [[], []]
    for (const one of heard) news.subscribe((told) => one.push(told))
    const panels = () => heard.map((one) => one.map(({ panel }) => panel))
    feed.publish(started())
    await vi.advanceTimersByTimeAsync(50)
    const first = panels()[0]?.[0] ?? expect.fail('nothing was told')
    expect(read(first)).toMatchObject({ started: 1, ended: 0, away: false, paceMs: 250 })
    for (let i = 0; i < 500; i++) feed.publish(i % 2 ? started() : ended())
    const before = panels()[0]?.length ?? 0
    await vi.advanceTimersByTimeAsync(900)
    expect(panels()[0]).toHaveLength(before)
    await vi.advanceTimersByTimeAsync(200)
    const [one = [], other = []] = panels()
    expect(one).toHaveLength(before + 1)
    expect(read(one.at(-1) ?? first)).toMatchObject({ started: 250, ended: 250 })
    expect(one.every((bytes, at) => bytes === other[at])).toBe(true)
    news.stop()
  })

  it('concern the accounts whose sessions started or ended, however many, and everyone where nobody knows whose', async () => {
    const { feed, news } = someNews()
    const heard: Told[] = []
    news.subscribe((told) => heard.push(told))
    const [mine, other] = [newId<AccountId>(), newId<AccountId>()]
    feed.publish(started(undefined, mine))
    await vi.advanceTimersByTimeAsync(50)
    expect([heard[0]?.concerns(mine), heard[0]?.concerns(other)]).toEqual([true, false])
    feed.publish({ kind: 'touched' })
    await vi.advanceTimersByTimeAsync(1_000)
    expect(heard.at(-1)?.concerns(mine)).toBe(false)
    for (let i = 0; i < 1_000; i++) feed.publish(started())
    await vi.advanceTimersByTimeAsync(1_000)
    expect(heard.at(-1)?.concerns(mine)).toBe(false)
    feed.publish({ kind: 'ended', sessions: null, accounts: null })
    await vi.advanceTimersByTimeAsync(1_000)
    expect(heard.at(-1)?.concerns(mine)).toBe(true)
    news.stop()
  })

  it('are counted once for all who listen, each few seconds at most, and less often the longer it takes', async () => {
    const { feed, state, news } = someNews({ countTakesMs: 3_000 })
    const heard: unknown[] = []
    news.subscribe(({ panel }) => heard.push(read(panel)))
    for (let i = 0; i < 99; i++) news.subscribe(() => {})
    const busyFor = async (seconds: number) => {
      for (let second = 0; second < seconds; second++) {
        feed.publish(started())
        await vi.advanceTimersByTimeAsync(1_000)
      }
    }
    await busyFor(33)
    expect(state.counted).toBe(1)
    await busyFor(5)
    expect(state.counted).toBe(2)
    expect(heard).toContainEqual(expect.objectContaining({ live: 7, online: 3, endedInDay: 5 }))
    news.stop()
  })

  it('tell no figures from before a change to a page that was drawn after it', async () => {
    const { feed, state, news } = someNews()
    const end = news.subscribe(() => {})
    feed.publish(started())
    await vi.advanceTimersByTimeAsync(1_000)
    expect(read(news.now())).toMatchObject({ live: 7 })
    end()

    state.live = 11
    for (let n = 0; n < 4; n++) feed.publish(started())
    await vi.advanceTimersByTimeAsync(60_000)
    const heard: unknown[] = []
    news.subscribe((told) => heard.push(read(told.panel)['live']))
    expect(read(news.now())).not.toHaveProperty('live')
    await vi.advanceTimersByTimeAsync(1_100)
    expect(heard).toEqual([11])
    expect(read(news.now())).toMatchObject({ live: 11 })
    news.stop()
  })

  it('say that this process has lost touch with the database, and that it is back', async () => {
    const { state, news } = someNews()
    const heard: unknown[] = []
    news.subscribe((told) => heard.push(read(told.panel)['away']))
    state.inTouch = false
    await vi.advanceTimersByTimeAsync(1_100)
    state.inTouch = true
    await vi.advanceTimersByTimeAsync(1_100)
    expect([...new Set(heard)]).toEqual([true, false])
    news.stop()
  })

  it('leave no page with the database away that was opened while it was for a moment', async () => {
    const { state, news } = someNews()
    const heard: unknown[] = []
    news.subscribe((told) => heard.push(read(told.panel)['away']))
    // What is counted now is told by itself, and would hide it.
    await vi.advanceTimersByTimeAsync(1_100)
    state.inTouch = false
    heard.push(read(news.now())['away'])
    state.inTouch = true
    await vi.advanceTimersByTimeAsync(1_100)
    expect(heard.at(-1)).toBe(false)
    news.stop()
  })
})
