export type Callback<T> = (error: unknown, value?: T) => void

/** One for all who are answered by callback at once: a promise for each request would be work that nobody looks at. */
const ANSWERED = Promise.resolve(undefined)

/**
 * One answer for both ways of asking: by callback, at once where it is known at once, or as a promise. A promise that
 * nobody looks at ends no process; what a callback throws is the app's, as with any other store.
 *
 * @returns the answer; of nothing, and never rejected, where a callback has it
 */
export function settle<T>(
  callback: Callback<T> | undefined,
  act: () => T | Promise<T>,
  onFailure: (error: unknown) => void,
): Promise<T | undefined> {
  let result: T | Promise<T>
  try {
    result = act()
  } catch (error) {
    result = Promise.reject(error)
  }
  if (callback && !(result instanceof Promise)) {
    callback(null, result)
    return ANSWERED
  }
  const promise = Promise.resolve(result)
  promise.catch(onFailure)
  if (!callback) return promise
  // Express 5 takes a promise that a route returns: one that is rejected too would have it answer an error twice.
  return promise.then(
    (value) => void queueMicrotask(() => callback(null, value)),
    (error) => void queueMicrotask(() => callback(error)),
  )
}
