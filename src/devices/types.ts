/** What a user agent (and Client Hints, where sent) tells of a device. Null where it does not say. */
export interface Device {
  browser: string | null
  browserVersion: string | null
  os: string | null
  osVersion: string | null
  type: DeviceType
  model: string | null
}

export const DEVICE_TYPES = ['desktop', 'mobile', 'tablet', 'tv', 'bot', 'script', 'unknown'] as const
export type DeviceType = (typeof DEVICE_TYPES)[number]

/**
 * Where an address is. `private` is an address that no map has (RFC 1918, loopback, link-local, ULA, CGNAT);
 * `unknown` a public one that the database does not know.
 */
export interface Place {
  kind: 'place' | 'private' | 'unknown'
  /** ISO 3166-1 alpha-2 */
  country: string | null
  region: string | null
  city: string | null
  latitude: number | null
  longitude: number | null
  asn: number | null
  /** Who runs the network: "Deutsche Telekom" */
  networkOwner: string | null
}

/** What a sign-in or a request came from, as the server saw it. */
export interface Client {
  /** Canonical text of the address, or null when none could be told. */
  ip: string | null
  place: Place
  userAgent: string
  device: Device
}
