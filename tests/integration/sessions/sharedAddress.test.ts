import { expect, it } from 'vitest'
import { TERMINAL } from '../../../src/audit/types.js'
import { sessionDetail } from '../../../src/sessions/detail.js'
import { listSessions } from '../../../src/sessions/lists/list.js'
import { othersSharing } from '../../../src/sessions/lists/sharedAddress.js'
import { revokeSession } from '../../../src/sessions/revoke.js'
import { touchSessions } from '../../../src/sessions/touch.js'
import type { Session } from '../../../src/sessions/types.js'
import { aSession } from '../../support/builders.js'
import { aClient } from '../../support/clients.js'
import { eachDatabase } from '../../support/database.js'

const HERE = '192.0.2.77'
const ELSEWHERE = '192.0.2.78'

eachDatabase((database) => {
  it('as many others share a session’s address as the list by that address has', async () => {
    const { db } = database
    const { place } = aClient()
    const movesTo = (ip: string, { id }: Session) =>
      touchSessions(db, [{ id, secondsAgo: 0, ip, requests: 1 }], () => place)
    const { session, account } = await aSession(db, { ip: HERE })
    await aSession(db, { ip: HERE, account })
    await aSession(db, { ip: HERE })
    await movesTo(ELSEWHERE, (await aSession(db, { ip: HERE })).session)
    await movesTo(HERE, (await aSession(db, { ip: ELSEWHERE })).session)
    await revokeSession(db, (await aSession(db, { ip: HERE })).session.id, TERMINAL, 'test')

    const { items } = await listSessions(db, { ip: HERE })
    const listed = new Set(items.map((one) => one.account.id).filter((id) => id !== account.id))
    expect(listed.size).toBe(3)
    const detail = await sessionDetail(db, session.id, () => place)
    expect(detail?.sharing).toEqual({ accounts: 3, atLeast: false })
    expect(await othersSharing(db, `${HERE}/32`, account.id)).toEqual({ accounts: 3, atLeast: false })
    expect(await othersSharing(db, HERE, account.id, 2)).toMatchObject({ atLeast: true })
  })
})
