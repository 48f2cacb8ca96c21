import { randomUUID } from 'node:crypto'

/** Accounts with ids as long as real ones are. */
export function people(count) {
  return Array.from({ length: count }, (_, n) => ({
    id: randomUUID(),
    name: `Katharina Hoffmann ${n}`,
    email: `katharina.hoffmann.${n}@northwind.example`,
  }))
}
