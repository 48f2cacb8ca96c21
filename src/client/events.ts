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
  let [rest, name, data] = ['', '', '']
  let wasReturn = false

  function line(text: string) {
    if (text === '') {
      if (data) onEvent({ name: name || 'message', data: data.slice(0, -1) })
      name = data = ''
      return
    }
    const [field = ''] = text.split(':', 1)
    const value = text.slice(field.length + 1).replace(/^ /, '')
    if (field === 'event') name = value
    else if (field === 'data') data += `${value}\n`
  }

  return (piece) => {
    // Only what is new is looked through: the line that an act on many makes comes in hundreds of pieces.
    const lines = (wasReturn ? piece.replace(/^\n/, '') : piece).split(/\r\n?|\n/)
    // A line feed may follow that belongs to it.
    if (piece) wasReturn = piece.endsWith('\r')
    lines[0] = rest + lines[0]
    rest = lines.pop() ?? ''
    for (const text of lines) line(text)
    if (rest.length + data.length > LONGEST_EVENT) throw new Error('an event does not end')
  }
}
