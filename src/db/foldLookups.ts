/** Above it those that come are asked for in the next statement. */
const MOST = 2_000

/**
 * Look-ups by key that come within a moment of each other, asked for in one statement. Each is answered by what was read after it
 * came, and fails as that statement does.
 *
 * @param find those that are not there are left out
 * @param waitMs how long the first one waits for others, asked anew each time
 */
export function foldLookups<Key, Found>(
  find: (keys: Key[]) => Promise<ReadonlyMap<Key, Found>>,
  waitMs: () => number,
): (keys: readonly Key[]) => Promise<Map<Key, Found>> {
  let gathering: { keys: Set<Key>; found: Promise<ReadonlyMap<Key, Found>> } | undefined

  function gather() {
    const keys = new Set<Key>()
    const batch = {
      keys,
      found: new Promise<void>((resolve) => setTimeout(resolve, waitMs())).then(() => {
        if (gathering === batch) gathering = undefined
        return find([...keys])
      }),
    }
    return batch
  }

  return async (wanted) => {
    if (wanted.length === 0) return new Map()
    if (gathering && gathering.keys.size + wanted.length > MOST) gathering = undefined
    gathering ??= gather()
    const { keys, found } = gathering
    for (const key of wanted) keys.add(key)
    const all = await found
    const mine = new Map<Key, Found>()
    for (const key of wanted) {
      const one = all.get(key)
      if (one !== undefined) mine.set(key, one)
    }
    return mine
  }
}
