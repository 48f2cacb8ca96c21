/** The next round number: what stands at the top of a scale that begins at 0. */
export function niceCeiling(n: number): number {
  const power = 10 ** Math.floor(Math.log10(Math.max(1, n)))
  const factor = [1, 1.5, 2, 2.5, 3, 4, 5, 6, 8, 10].find((factor) => factor * power >= n) ?? 10
  return Math.max(2, factor * power)
}

/** Two round steps that hold all values; from zero unless the values lie far above it. */
export function niceScale(values: number[]): { low: number; high: number } {
  const [least, most] = [Math.min(...values), Math.max(1, ...values)]
  const from = least > most * 0.4 ? least : 0
  for (let power = 1; ; power *= 10) {
    for (const step of [power, power * 2, power * 5]) {
      const low = Math.floor(from / step) * step
      if (low + 2 * step >= most) return { low, high: low + 2 * step }
    }
  }
}

/** "750", "12.5k", "10M": what has room beside a scale. */
export function shortNumber(n: number): string {
  if (n < 1000) return String(Math.round(n))
  const [amount, unit] = n < 999_950 ? [n / 1000, 'k'] : [n / 1_000_000, 'M']
  return `${Number(amount.toFixed(amount < 100 ? 1 : 0))}${unit}`
}
