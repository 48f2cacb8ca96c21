import { TookTooLong } from '../../follower/follower.js'
import type { Clock } from '../../follower/types.js'

export interface TogetherOptions<Question, Answer> {
  /** Answers in the order of the questions. */
  ask(questions: readonly Question[]): Promise<readonly Answer[]>
  clock: Pick<Clock, 'monotonicMs'>
  /** Statements under way at the same time. */
  atOnce: number
  /** Questions a statement. */
  most: number
  /** Who has waited for longer than this, ms, has given up: nobody is asked any more. */
  patienceMs: number
}

/**
 * Asks at once while few ask, and for many together while many do: a process whose memory is cold, or not to be trusted,
 * has as many questions as it has checks, and a statement for each would hold up the database and itself.
 *
 * @returns what asks; rejects with `TookTooLong`, or with what `ask` rejects with
 */
export function askTogether<Question, Answer>(options: TogetherOptions<Question, Answer>) {
  const { ask, clock, atOnce, most, patienceMs } = options
  interface Waiting {
    question: Question
    since: number
    resolve(answer: Answer): void
    reject(error: unknown): void
  }
  let waiting: Waiting[] = []
  let underWay = 0

  async function send(batch: readonly Waiting[]) {
    underWay += 1
    try {
      const answers = await ask(batch.map(({ question }) => question))
      if (answers.length !== batch.length) throw new Error('not every question was answered')
      for (const [place, answer] of answers.entries()) batch[place]?.resolve(answer)
    } catch (error) {
      for (const { reject } of batch) reject(error)
    } finally {
      underWay -= 1
      next()
    }
  }

  function next() {
    const tooOld = clock.monotonicMs() - patienceMs
    while (waiting.length > 0 && underWay < atOnce) {
      const batch = waiting.slice(0, most)
      waiting = waiting.slice(most)
      for (const { since, reject } of batch) if (since < tooOld) reject(new TookTooLong(patienceMs))
      const patient = batch.filter(({ since }) => since >= tooOld)
      if (patient.length > 0) void send(patient)
    }
  }

  return (question: Question): Promise<Answer> =>
    new Promise((resolve, reject) => {
      waiting.push({ question, since: clock.monotonicMs(), resolve, reject })
      next()
    })
}
