/** What is wrong with a JSON text, and where: "client.headers". */
export interface JsonProblem {
  path: string
  message: string
}

const DEEPEST = 32
const TOKEN = /"[^"\\]*(?:\\.[^"\\]*)*"|[{}[\],:]|-?\d[\d.eE+-]*|[a-z]+/gs

/**
 * Looks for what JSON.parse lets pass and different programs read differently: names given twice, `__proto__`, numbers
 * that are not kept, text that is none (S-53).
 *
 * @returns the first problem; undefined for a text that means one thing
 * @see RFC 8259, sections 4, 6 and 8; RFC 7493 (I-JSON)
 */
export function findJsonProblem(text: string): JsonProblem | undefined {
  try {
    JSON.parse(text)
  } catch {
    return { path: 'request', message: 'is not JSON' }
  }
  const open: Level[] = []
  for (const [token] of text.matchAll(TOKEN)) {
    const level = open.at(-1)
    if (token === '{' || token === '[') {
      if (open.length === DEEPEST) return problem(open, `is nested more than ${DEEPEST} levels deep`)
      open.push({ names: token === '{' ? new Set() : undefined, at: token === '{' ? '' : 0, awaitsName: token === '{' })
    } else if (token === '}' || token === ']') {
      open.pop()
    } else if (token === ',' && level) {
      if (level.names) level.awaitsName = true
      else level.at = Number(level.at) + 1
    } else if (token.startsWith('"')) {
      const message = level?.awaitsName ? enterName(level, token) : textProblem(JSON.parse(token))
      if (message) return problem(open, message)
    } else if (/^[-\d]/.test(token) && !isKept(token)) {
      return problem(open, 'is a number beyond what is kept exactly (2^53); send it as text')
    }
  }
  return undefined
}

/** An object or a list that is open at this point of the text. */
interface Level {
  /** Of an object, so far; undefined in a list. */
  names: Set<string> | undefined
  at: string | number
  awaitsName: boolean
}

function enterName(level: Level, token: string): string | undefined {
  const name: string = JSON.parse(token)
  const twice = level.names?.has(name)
  level.names?.add(name)
  level.at = name
  level.awaitsName = false
  if (twice) return 'is given more than once'
  if (name === '__proto__') return 'is not a name that may be used'
  return textProblem(name)
}

function textProblem(text: string): string | undefined {
  if (text.includes('\0')) return 'holds a NUL character'
  return text.isWellFormed() ? undefined : 'holds half a character (a lone surrogate)'
}

function isKept(token: string): boolean {
  const number = Number(token)
  return Number.isFinite(number) && Math.abs(number) <= Number.MAX_SAFE_INTEGER
}

function problem(open: Level[], message: string): JsonProblem {
  const path = open
    .map((level) => String(level.at))
    .filter(Boolean)
    .join('.')
  return { path: path.toWellFormed().replaceAll('\0', '').slice(0, 200) || 'request', message }
}
