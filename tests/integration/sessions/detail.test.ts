import { expect, it } from 'vitest'
import type { Place } from '../../../src/devices/types.js'
import { sessionDetail } from '../../../src/sessions/detail.js'
import { touchSessions } from '../../../src/sessions/touch.js'
import { aSession } from '../../support/builders.js'
import { aClient } from '../../support/clients.js'
import { oneDatabase } from '../../support/database.js'

oneDatabase((database) => {
  it('a session that moved is on the map where it signed in and where it is now', async () => {
    const { session } = await aSession(database.db, { from: 'Lisbon' })
    const osaka = aClient({ from: 'Osaka' })
    const placeAt = (): Place => osaka.place
    await touchSessions(database.db, [{ id: session.id, secondsAgo: 0, ip: osaka.ip, requests: 1 }], placeAt)
    const detail = await sessionDetail(database.db, session.id, placeAt)
    expect(detail?.lastPlace).toMatchObject({ city: 'Osaka', latitude: osaka.place.latitude })
    expect(detail?.addresses.map(({ place }) => [place.city, place.latitude])).toEqual([
      ['Lisbon', session.place.latitude],
      ['Osaka', osaka.place.latitude],
    ])
  })
})
