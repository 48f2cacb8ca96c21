interface Event {
  at: number
  order: number
  act: (() => void) | undefined
}

/** Virtual time: one global truth that no process can see. */
export interface Timeline {
  /** True time, ms. */
  readonly now: number
  /** @returns what cancels it */
  after(ms: number, act: () => void): () => void
  /** To be called by what runs the code under proof: promises of its may be waiting now. */
  stir(): void
  /** Lets everything happen that is due until then; after each event, all that was waiting for it runs first. */
  runUntil(time: number): Promise<void>
}

export function createTimeline(): Timeline {
  const heap: Event[] = []
  let now = 0
  let count = 0
  let isStirred = false

  const isBefore = (a: Event, b: Event) => a.at < b.at || (a.at === b.at && a.order < b.order)

  function push(event: Event) {
    let at = heap.length
    heap.push(event)
    while (at > 0) {
      const parent = (at - 1) >>> 1
      if (!isBefore(event, heap[parent] as Event)) break
      heap[at] = heap[parent] as Event
      at = parent
    }
    heap[at] = event
  }

  function pop(): Event {
    const first = heap[0] as Event
    const last = heap.pop() as Event
    if (heap.length === 0) return first
    let at = 0
    for (;;) {
      let child = 2 * at + 1
      if (child >= heap.length) break
      if (child + 1 < heap.length && isBefore(heap[child + 1] as Event, heap[child] as Event)) child += 1
      if (!isBefore(heap[child] as Event, last)) break
      heap[at] = heap[child] as Event
      at = child
    }
    heap[at] = last
    return first
  }

  return {
    get now() {
      return now
    },
    after(ms, act) {
      const event: Event = { at: now + Math.max(0, ms), order: count++, act }
      push(event)
      return () => {
        event.act = undefined
      }
    },
    stir() {
      isStirred = true
    },
    async runUntil(time) {
      while (isStirred || (heap.length > 0 && (heap[0] as Event).at <= time)) {
        if (isStirred) {
          isStirred = false
          await whatWaits()
          continue
        }
        const event = pop()
        now = event.at
        event.act?.()
      }
      now = time
    },
  }
}

/** The queue of ticks comes after that of promises has run empty, so that much cheaper than a turn of the event loop. */
const whatWaits = () => new Promise<void>((resolve) => process.nextTick(resolve))
