import { Field } from '../components/Field.js'
import { usePage } from '../components/page.js'
import { zoneText } from '../words.js'

interface DayAndTimeProps {
  value: string | undefined
  /** In which it was asked for before. */
  zone: string | undefined
  error: string | undefined
}

/** The day and time of a choice "a date", in the viewer's own zone, which goes along. */
export function DayAndTime({ value, zone: asked, error }: DayAndTimeProps) {
  const { look, now } = usePage()
  const zone = asked ?? look.zone
  return (
    <div class="revealed" data-for="date">
      <Field
        name="date"
        label={`Day and time, ${zoneText(zone, now)}`}
        type="datetime-local"
        value={value}
        error={error}
      />
      <input type="hidden" name="zone" value={zone} />
    </div>
  )
}
