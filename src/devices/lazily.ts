/** Something that is loaded when it is first asked for, once, and is missing (null) when that fails. */
export interface Lazy<T> {
  get(): Promise<T | null>
  /** What is there now; begins to load. */
  now(): T | null
}

export function lazily<T>(load: () => Promise<T>, onProblem: (error: Error) => void): Lazy<T> {
  let loaded: T | null = null
  let loading: Promise<T | null> | undefined
  const get = () => {
    loading ??= load().then(
      (value) => {
        loaded = value
        return value
      },
      (error: unknown) => {
        onProblem(error instanceof Error ? error : new Error(String(error)))
        return null
      },
    )
    return loading
  }
  return {
    get,
    now() {
      void get()
      return loaded
    },
  }
}
