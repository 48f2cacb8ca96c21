import { connect } from 'node:net'

/** A kept connection, with one request under way at most. */
export interface Line {
  /** @param due when it ought to have been sent, ms */
  send(due: number): void
  close(): void
}

/** @param onAnswer gets the whole answer as text, and the line to go on with */
export function openLine(
  port: number,
  next: () => Buffer,
  onAnswer: (send: Line['send'], due: number, text: string) => void,
): Promise<Line> {
  return new Promise((resolve, reject) => {
    let [due, received] = [0, '']
    const onData = (bytes: number, buffer: Uint8Array) => {
      received += Buffer.from(buffer.buffer, buffer.byteOffset, bytes).toString('latin1')
      if (isWhole(received)) {
        const text = received
        received = ''
        onAnswer(send, due, text)
      }
      return true
    }
    // Into one buffer, past Node's streams: what this process saves on an answer, it can spend on the next request.
    const onread = { buffer: new Uint8Array(16 * 1024), callback: onData }
    const socket = connect({ port, host: '127.0.0.1', noDelay: true, onread })
    const send = (at: number) => {
      due = at
      socket.write(next())
    }
    socket.once('error', reject)
    socket.once('connect', () => resolve({ send, close: () => socket.destroy() }))
  })
}

const LENGTH = /\r\ncontent-length: (\d+)/i

function isWhole(received: string): boolean {
  const headEnd = received.indexOf('\r\n\r\n')
  if (headEnd < 0) return false
  const length = LENGTH.exec(received)?.[1]
  return length ? received.length >= headEnd + 4 + Number(length) : received.endsWith('\r\n0\r\n\r\n')
}
