const DAY = 86_400_000

const formats = new Map<string, Intl.DateTimeFormat>()

/** More names than there are zones: what is beyond are other spellings. */
const MOST_KEPT = 600

/** Whether a text is the IANA name of a time zone that this process knows. */
export function isZone(text: string): boolean {
  if (!/^[\w+/-]{1,64}$/.test(text)) return false
  try {
    formatOf(text)
    return true
  } catch {
    return false
  }
}

/**
 * When the day began in a zone.
 *
 * @param daysBefore counted from the day of `now` there
 */
export function startOfDay(now: Date, zone: string, daysBefore = 0): Date {
  const midnight = wallTime(now, zone) - (wallTime(now, zone) % DAY) - daysBefore * DAY
  // The offset at midnight may be another one than now.
  return fromWallClock(new Date(midnight), zone)
}

/**
 * The moment at which the clocks of a zone show a time. Of an hour that comes twice, one of them; of one that never was,
 * what its minutes would be.
 *
 * @param shown as `wallClock` gives it: the clock's fields in those of UTC
 */
export function fromWallClock(shown: Date, zone: string): Date {
  const ms = shown.getTime()
  return new Date(ms - offsetAt(ms - offsetAt(ms, zone), zone))
}

const offsetAt = (ms: number, zone: string): number => wallTime(new Date(ms), zone) - ms

/** Days and hours of a zone, counted from now. */
export const calendarOf = (now: Date, zone: string) => ({
  dayStart: (daysBefore: number) => startOfDay(now, zone, daysBefore),
  hourOf: (at: Date) => wallClock(at, zone).getUTCHours(),
})

/** What the clocks of a zone show, as a date whose UTC fields are theirs; for showing alone. */
export function wallClock(at: Date, zone: string): Date {
  return zone === 'UTC' ? at : new Date(wallTime(at, zone))
}

/** "UTC", "UTC+1", "UTC−3:30": how far a zone's clocks are ahead at that time. */
export function offsetText(at: Date, zone: string): string {
  const whole = new Date(Math.floor(at.getTime() / 1000) * 1000)
  const minutes = Math.round((wallClock(whole, zone).getTime() - whole.getTime()) / 60_000)
  if (minutes === 0) return 'UTC'
  const [hours, rest] = [Math.floor(Math.abs(minutes) / 60), Math.abs(minutes) % 60]
  return `UTC${minutes < 0 ? '−' : '+'}${hours}${rest ? `:${String(rest).padStart(2, '0')}` : ''}`
}

/** What the clocks there show, as if it were UTC; whole seconds. */
function wallTime(at: Date, zone: string): number {
  const of = Object.fromEntries(
    formatOf(zone)
      .formatToParts(at)
      .map(({ type, value }) => [type, Number(value)]),
  )
  const { year = 0, month = 1, day = 1, hour = 0, minute = 0, second = 0 } = of
  return Date.UTC(year, month - 1, day, hour, minute, second)
}

function formatOf(zone: string): Intl.DateTimeFormat {
  const known = formats.get(zone)
  if (known) return known
  const format = new Intl.DateTimeFormat('en-GB', {
    timeZone: zone,
    hourCycle: 'h23',
    year: 'numeric',
    month: 'numeric',
    day: 'numeric',
    hour: 'numeric',
    minute: 'numeric',
    second: 'numeric',
  })
  if (formats.size >= MOST_KEPT) formats.clear()
  formats.set(zone, format)
  return format
}

/** @param date what a datetime-local field sends @returns undefined for what is no day and time */
export function readMoment(date: string, zone: string): Date | undefined {
  const shown = /^\d{4}-\d\d-\d\dT\d\d:\d\d(:\d\d)?$/.test(date) ? new Date(`${date}Z`) : undefined
  return shown && !Number.isNaN(shown.getTime()) ? fromWallClock(shown, zone) : undefined
}
