import { canonicalAddress, reachOf } from './address.js'
import { type Atlas, bundledAtlas, bundledFile, givenAtlas, type Spot } from './atlas.js'
import { lazily } from './lazily.js'
import { type Owner, readOwners } from './owners.js'
import type { Place } from './types.js'

/** Where addresses are and who runs their networks. */
export interface Places {
  /** Waits for the tables that the address needs; never fails: what cannot be told is unknown. */
  find(ip: string | null): Promise<Place>
  /** What is in memory now; what is not there yet is null, and begins to be read. */
  findNow(ip: string | null): Place
  /**
   * Reads the tables for IPv4, for once the server listens: no sign-in has to wait for them. The places of IPv6, as big
   * again, are left until somebody comes by it (60 ms).
   */
  warm(): Promise<void>
  /** Whose data it is; its licence asks that it be shown beside the data, with the link. */
  credit: string
  creditUrl: string | null
}

export interface PlacesOptions {
  /** Path of an .mmdb file with cities or countries (MaxMind's or DB-IP's) to use in place of the bundled ones. */
  geoDb?: string | undefined
  /** Told once for each bundled table that cannot be read; its part of every place is then unknown. */
  onProblem?: ((error: Error) => void) | undefined
}

/**
 * Opens the place database and the table of network owners. Returns at once where they are the bundled ones: those are
 * read when first needed, for none of them may hold up the start.
 *
 * @throws Error in words when `geoDb` cannot be used
 */
export async function openPlaces({ geoDb, onProblem = () => {} }: PlacesOptions = {}): Promise<Places> {
  const atlas: Atlas = geoDb ? await givenAtlas(geoDb) : bundledAtlas(onProblem)
  const areOwnersHere = bundledFile('asn/asn-ipv4-num.csv') !== undefined
  const owners = lazily(async () => (areOwnersHere ? readOwners() : { find: () => null }), onProblem)
  const find = async (ip: string | null) => {
    const address = onMap(ip)
    if (typeof address !== 'string') return address
    const [spot, known] = await Promise.all([atlas.find(address), owners.get()])
    return placeOf(spot, known?.find(address) ?? null)
  }
  return {
    find,
    findNow(ip) {
      const address = onMap(ip)
      if (typeof address !== 'string') return address
      return placeOf(atlas.findNow(address), owners.now()?.find(address) ?? null)
    },
    async warm() {
      await find('1.1.1.1')
    },
    credit: atlas.credit,
    creditUrl: atlas.creditUrl,
  }
}

/** The address to look for, or the place of what no map has. */
function onMap(ip: string | null): string | Place {
  const address = ip === null ? null : canonicalAddress(ip)
  const reach = address === null ? 'reserved' : reachOf(address)
  if (address === null || reach === 'reserved') return UNKNOWN_PLACE
  return reach === 'private' ? PRIVATE_PLACE : address
}

function placeOf(spot: Spot | null, owner: Owner | null): Place {
  const kind = spot?.country || spot?.city ? 'place' : 'unknown'
  return { ...NOTHING, ...spot, ...owner, kind }
}

const NOTHING = {
  country: null,
  region: null,
  city: null,
  latitude: null,
  longitude: null,
  asn: null,
  networkOwner: null,
}

export const UNKNOWN_PLACE: Place = Object.freeze({ kind: 'unknown', ...NOTHING })
export const PRIVATE_PLACE: Place = Object.freeze({ kind: 'private', ...NOTHING })
