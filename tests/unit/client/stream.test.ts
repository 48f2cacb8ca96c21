import { describe, expect, it, onTestFinished, vi } from 'vitest'
import { createEventReader, type StreamEvent } from '../../../src/client/events.js'
import { followStream } from '../../../src/client/stream.js'
import { VERSION } from '../../../src/client/version.js'
import { VERSION as OURS } from '../../../src/version.js'

function read(...pieces: string[]): StreamEvent[] {
  const events: StreamEvent[] = []
  const take = createEventReader((event) => events.push(event))
  for (const piece of pieces) take(piece)
  return events
}

describe('an event stream', () => {
  it('is read the same wherever it is cut into pieces', () => {
    const text =
      ': here\n\nevent: revocations\nid: 7\ndata: {"a":1}\n\nretry: 500\n\ndata:x\r\ndata: y\r\n\r\n: here\r\r'
    const whole = [
      { name: 'revocations', data: '{"a":1}' },
      { name: 'message', data: 'x\ny' },
    ]
    expect(read(text)).toEqual(whole)
    for (let at = 1; at < text.length; at++) expect(read(text.slice(0, at), text.slice(at))).toEqual(whole)
    expect(read(...text)).toEqual(whole)
  })

  it('is looked through once, however long the line that an act on many makes', () => {
    const data = 'x'.repeat(1_000_000)
    const split = vi.spyOn(String.prototype, 'split')
    onTestFinished(() => split.mockRestore())
    const pieces = `data: ${data}\n\n`.match(/.{1,10000}/gs) ?? []
    expect(read(...pieces)).toEqual([{ name: 'message', data }])
    const looked = split.mock.contexts.reduce<number>((sum, text) => sum + String(text).length, 0)
    expect(looked).toBeLessThan(3 * data.length)
  })

  it('that sends an event without an end is given up', () => {
    const take = createEventReader(() => {})
    const megabyte = 'x'.repeat(1024 * 1024)
    expect(() => {
      take('data: ')
      for (let i = 0; i < 40; i++) take(megabyte)
    }).toThrow('an event does not end')
  })
})

/** Connections that the test feeds, by a clock that the test moves. */
function following() {
  let now = 0
  let due: { at: number; act: () => void }[] = []
  const connections: { signal: AbortSignal; send(text: string): void; end(): void }[] = []
  const events: string[] = []
  let refuse = false
  let answers = true
  let tries = 0
  const stream = followStream({
    path: () => `/revocations/stream?connection=${connections.length}`,
    calls: {
      async open(_path, signal) {
        tries += 1
        if (refuse) throw new Error('refused')
        if (!answers) await new Promise((_, reject) => signal.addEventListener('abort', reject))
        let controller: ReadableStreamDefaultController<Uint8Array> | undefined
        const body = new ReadableStream<Uint8Array>({
          start(given) {
            controller = given
          },
        })
        connections.push({
          signal,
          send: (text) => controller?.enqueue(new TextEncoder().encode(text)),
          end: () => controller?.close(),
        })
        return body
      },
    },
    clock: {
      monotonicMs: () => now,
      wallMs: () => now,
      after(ms, act) {
        const timer = { at: now + ms, act }
        due.push(timer)
        return () => {
          due = due.filter((other) => other !== timer)
        }
      },
    },
    onEvent: ({ data }) => events.push(data),
    random: () => 1,
  })
  /** Lets what is under way come to rest: nothing here waits for more than promises. */
  const settle = () => new Promise((resolve) => setImmediate(resolve))
  async function pass(ms: number) {
    await settle()
    now += ms
    for (const { at, act } of [...due]) if (at <= now) act()
    due = due.filter(({ at }) => at > now)
    await settle()
  }
  return {
    stream,
    connections,
    events,
    pass,
    settle,
    refuse: (is: boolean) => (refuse = is),
    silence: () => {
      answers = false
    },
    waiting: () => due.length,
    tries: () => tries,
  }
}

describe('the stream of a verifier', () => {
  it('S-15 that says nothing for three seconds is half open: it is cut, and another connection made', async () => {
    const { stream, connections, events, pass, settle } = following()
    await settle()
    for (let second = 0; second < 5; second++) {
      connections[0]?.send(': here\n\n')
      await pass(1_000)
    }
    expect(connections).toHaveLength(1)
    await pass(1_999)
    expect(connections[0]?.signal.aborted).toBe(false)
    await pass(1)
    expect(connections[0]?.signal.aborted).toBe(true)
    expect(stream.isOpen).toBe(false)
    await pass(100)
    expect(connections).toHaveLength(2)
    connections[1]?.send('data: back\n\n')
    await settle()
    expect(events).toEqual(['back'])
    expect(stream.isOpen).toBe(true)
    stream.stop()
  })

  it('S-15 whose connection is never answered is given up after three seconds', async () => {
    const { stream, connections, pass, settle, silence, tries } = following()
    silence()
    await settle()
    connections[0]?.end()
    await pass(100)
    expect(tries()).toBe(2)
    await pass(2_999)
    expect(tries()).toBe(2)
    await pass(1)
    await pass(200)
    expect(tries()).toBe(3)
    stream.stop()
  })

  it('comes back later and later while it is refused, and soon again once it was heard', async () => {
    const { stream, connections, pass, settle, refuse, tries } = following()
    refuse(true)
    await settle()
    connections[0]?.end()
    for (const [failed, wait] of [100, 200, 400, 800, 1_600, 3_200, 5_000, 5_000].entries()) {
      expect(tries()).toBe(failed + 1)
      await pass(wait - 1)
      expect(tries()).toBe(failed + 1)
      await pass(1)
    }
    refuse(false)
    await pass(5_000)
    const before = connections.length
    connections.at(-1)?.send(': here\n\n')
    await settle()
    connections.at(-1)?.end()
    await pass(100)
    expect(connections).toHaveLength(before + 1)
    stream.stop()
  })

  it('ends with everything that it holds', async () => {
    const { stream, connections, settle, waiting } = following()
    await settle()
    stream.stop()
    await settle()
    expect(connections[0]?.signal.aborted).toBe(true)
    expect(waiting()).toBe(0)
  })
})

describe('the package', () => {
  it('tells the version that it is', () => {
    expect(VERSION).toBe(OURS)
  })
})
