/** What the doctor found of one thing. */
export interface Finding {
  check: string
  is: 'ok' | 'warning' | 'failed' | 'skipped'
  found: string
  /** Where it is not well. */
  toDo?: string
}
