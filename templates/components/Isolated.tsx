/** Letters of Hebrew, Arabic and what else is written from right to left. */
const LETTER = '[\\u0590-\\u08ff\\ufb1d-\\ufdff\\ufe70-\\ufefc\\u{10800}-\\u{10fff}\\u{1e800}-\\u{1efff}]'
/** With what stands between the words of a name. */
const RUN = new RegExp(`(${LETTER}+(?:[\\s'’".-]+${LETTER}+)*)`, 'u')

/**
 * A sentence in which names may stand that are written from right to left: else a number or another such name behind one
 * would be read as its part, and change places with it.
 */
export const Isolated = ({ text }: { text: string }) => (
  <>{text.split(RUN).map((part, n) => (n % 2 === 1 ? <bdi>{part}</bdi> : part))}</>
)
