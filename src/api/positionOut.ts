import type { Snapshot } from '../follower/types.js'

/** It travels in a request's line, of which proxies take 8 KB with all that is in it. */
const LONGEST = 7_000

/** As it stands in an address: the comma takes three characters. */
const COMMA = 3

/**
 * A position that app processes can give back. Where more transactions are under way than it has room for, it is an
 * earlier one: it sees nothing that began after the first of those that are left out. So what came since is told again
 * with each reading, and nothing is missed.
 */
export function positionOut(snapshot: Snapshot): Snapshot {
  const { era, xmin, xmax, xip } = snapshot
  const most = Math.floor(LONGEST / (String(xmax).length + COMMA))
  const firstLeftOut = xip[most]
  return firstLeftOut === undefined ? snapshot : { era, xmin, xmax: firstLeftOut, xip: xip.slice(0, most) }
}

/** Whether readings from there bring the same again, however fast they follow each other. */
export const tellsAgain = (snapshot: Snapshot): boolean => positionOut(snapshot) !== snapshot
