/** One server-sent event. */
export interface StreamEvent {
  name: string
  data: string
}

/** More than the log of an hour of trouble; whoever sends more is no node. */
const LONGEST_EVENT = 32 * 1024 * 1024

/**
 * Reads an event stream as it arrives in pieces.
 *
 * @returns takes the next piece; throws when an event does not end
 * @see https://html.spec.whatwg.org/multipage/server-sent-events.html#event-stream-interpretation
 */
export function createEventReader(onEvent: (event: StreamEvent) => void): (piece: string) => void {
  let rest = ''
  let name = ''
  let data: string[] = []
  let length = 0

  function line(text: string) {
    if (text === '') {
      if (data.length > 0) onEvent({ name: name || 'message', data: data.join('\n') })
      name = ''
      data = []
      length = 0
      return
    }
    const colon = text.indexOf(':')
    const field = colon < 0 ? text : text.slice(0, colon)
    const value = colon < 0 ? '' : text.slice(text.charAt(colon + 1) === ' ' ? colon + 2 : colon + 1)
    if (field === 'event') name = value
    else if (field === 'data') {
      data.push(value)
      length += value.length
    }
  }

  return (piece) => {
    rest += piece
    // A carriage return at the very end may be half of a line's end.
    const lines = rest.split(/\r\n|\n|\r(?!$)/)
    rest = lines.pop() ?? ''
    for (const text of lines) line(text)
    if (rest.length + length > LONGEST_EVENT) throw new Error('an event does not end')
  }
}
