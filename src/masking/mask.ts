import { PICKED_REASONS } from '../accounts/blocks/blockTerms.js'
import { withoutPeople } from '../sessions/lists/filterWords.js'
import { END_REASONS } from '../sessions/types.js'
import { maskedNetwork, maskName, maskText } from './text.js'

/** What is written there is somebody's name, unless the object says that it is something else's. */
const NAMES = ['name', 'by', 'createdBy', 'account', 'owner']
/** Words of somebody's own, which may name anybody. */
const OWN_WORDS = ['reason', 'note', 'message']
/** What a page says of what was typed, and of its numbers; the words are Rollcall's. */
const OUR_WORDS = ['nonsense', 'tiles']
const CHOSEN: readonly string[] = [...PICKED_REASONS, ...END_REASONS]
/** Whoever did it was nobody's. */
const NOBODY = ['Rollcall', 'Server terminal', 'Somebody']
/** `name` is not a person's in objects of these kinds, ... */
const THINGS = ['app', 'key', 'list', 'node', 'session', 'sessions', 'settings', 'system', 'terminal', 'view']
/** ... and in objects that stand there. */
const PLACES_OF_THINGS = ['app', 'apps', 'keys', 'node', 'nodes', 'views', 'view', 'followers', 'receipt', 'receipts']
/** The addresses of this installation. */
const OF_THE_SERVER = ['publicUrl', 'newAt']

/**
 * What a viewer is shown of what was read, where the settings say that addresses and names are masked. Masked is what
 * looks like an address, wherever it stands, every name that nothing says is a thing's, and what was written in words of
 * one's own: what a later version adds is masked too, until somebody says that it need not be.
 *
 * @throws Error for what it does not know how to mask
 */
export const mask = <T>(value: T): T => maskValue(value, '') as T

/** @param place the property that the value stands in; of what is in a list, that of the list */
function maskValue(value: unknown, place: string): unknown {
  if (typeof value === 'string') return maskString(value, place)
  if (typeof value === 'function') return (...args: unknown[]) => maskValue(value(...args), place)
  if (typeof value !== 'object' || value === null || value instanceof Date || value instanceof Error) return value
  if (Array.isArray(value)) return value.map((one) => maskItem(one, place))
  if (value instanceof Map) return new Map([...value].map(([key, one]) => [key, maskValue(one, place)]))
  if (value instanceof Set) return new Set([...value].map((one) => maskValue(one, place)))
  if (!isPlain(value)) throw new Error(`nothing says how a ${value.constructor.name} is masked`)
  return Object.fromEntries(Object.entries(value).map(([key, one]) => [key, maskProperty(value, key, one, place)]))
}

const maskItem = (one: unknown, place: string): unknown =>
  typeof one === 'string' && NAMES.includes(place) ? maskPerson(one) : maskValue(one, place)

function maskProperty(of: object, key: string, value: unknown, place: string): unknown {
  if (typeof value !== 'string') return maskValue(value, key)
  if (isName(key, of, place)) return maskPerson(value)
  if (OUR_WORDS.includes(place)) return maskText(value)
  return maskString(value, isThing(of) && key === 'name' ? of.kind : key)
}

const maskPerson = (name: string) => (NOBODY.includes(name) || ID.test(name) ? name : maskName(name))

function maskString(text: string, place: string): string {
  if (OF_THE_SERVER.includes(place)) return text
  if (OWN_WORDS.includes(place)) return text === '' || CHOSEN.includes(text) ? text : '(masked)'
  if (place === 'q') return isSearchable(text) ? text : '***'
  if (place === 'query') return maskQuery(text)
  return maskText(place === 'what' || place === 'sessions' ? withoutPeople(text, maskName) : text)
}

/** Of a view: what stands after the `?` in a list's address. */
function maskQuery(text: string): string {
  const query = new URLSearchParams(text)
  for (const [name, value] of [...query]) query.set(name, maskString(value, name))
  return query.toString()
}

function isName(key: string, of: object, place: string): boolean {
  if (!NAMES.includes(key)) return false
  return key !== 'name' || !(isThing(of) || PLACES_OF_THINGS.includes(place) || isNetwork(of))
}

const isThing = (of: object): of is { kind: string } =>
  'kind' in of && typeof of.kind === 'string' && THINGS.includes(of.kind)
const isNetwork = (of: object) => 'kind' in of && of.kind === 'network'

function isPlain(value: object): value is Record<string, unknown> {
  const prototype = Object.getPrototypeOf(value)
  return prototype === Object.prototype || prototype === null
}

const ID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i
const ONE_NETWORK = /^[\da-f.:]+\/\d{1,3}$/i

/** An id, or a network of which a masked address says as much: all that may be searched for. */
export function isSearchable(text: string): boolean {
  const typed = text.trim()
  if (ID.test(typed) || maskedNetwork(typed) !== undefined) return true
  return ONE_NETWORK.test(typed) && maskText(typed) === typed
}
