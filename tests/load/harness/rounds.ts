export const ROUNDS = 5

/**
 * Measures each subject once a round, in turns, so that what the machine does besides falls on all alike; each round
 * begins with another one.
 *
 * @param rounds where two that are nearly as fast are told apart on a machine that others share, many short ones
 * @returns what was measured, round by round, by the name of the subject
 */
export async function interleave<S extends { name: string }, T>(
  subjects: readonly S[],
  measure: (subject: S) => Promise<T>,
  rounds = ROUNDS,
): Promise<(name: string) => T[]> {
  const measured = new Map<string, T[]>(subjects.map(({ name }) => [name, []]))
  for (let round = 0; round < rounds; round++) {
    for (let turn = 0; turn < subjects.length; turn++) {
      const subject = subjects[(turn + round) % subjects.length]
      if (subject) measured.get(subject.name)?.push(await measure(subject))
    }
    process.stderr.write(`round ${round + 1} of ${rounds}\n`)
  }
  return (name) => {
    const found = measured.get(name)
    if (!found) throw new Error(`${name} was not measured`)
    return found
  }
}

export const median = (values: readonly number[]) => quantile(values, 0.5)

/** The value below which that share of the values lies. */
export function quantile(values: readonly number[], share: number): number {
  const sorted = Float64Array.from(values).sort()
  const at = (sorted.length - 1) * share
  const [low, high] = [sorted[Math.floor(at)] ?? Number.NaN, sorted[Math.ceil(at)] ?? Number.NaN]
  return low + (high - low) * (at - Math.floor(at))
}
