import { COUNTRIES, emailFor, nameIn } from '../../../src/demo/names.js'

/** One of any number of people, the same each time, with a name and an address as long as real ones are. */
export function person(n: number): { name: string; email: string } {
  const country = COUNTRIES[n % COUNTRIES.length] ?? 'GB'
  const name = nameIn(country, Math.floor(n / COUNTRIES.length))
  return { name, email: emailFor(name).replace('@', `.${n.toString(36)}@`) }
}
