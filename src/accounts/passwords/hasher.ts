import { hash, verify } from '@node-rs/argon2'

/** What a hash costs: `memoryCost` in KiB, `timeCost` in passes. */
export interface HashCosts {
  memoryCost: number
  timeCost: number
  parallelism: number
  outputLen: number
}

/** Where argon2id is computed. One at a time costs 64 MiB and some 50 ms of a core: its callers bound how many there are. */
export interface Hasher {
  hash(password: Uint8Array, costs: HashCosts): Promise<string>
  /** @throws Error for what is no hash */
  verify(hashed: string, password: Uint8Array): Promise<boolean>
}

/** On the threads that Node keeps for files and names too, with the priority of everything else. */
export const hashHere: Hasher = { hash, verify }
