import type { Logger } from 'pino'
import { ensureBootstrapKey } from './accounts/apps/keys.js'
import { endFromBlockedNetworks } from './accounts/blocks/endFromNetworks.js'
import { liftExpiredBlocks } from './accounts/blocks/liftBlock.js'
import { pruneImports } from './accounts/blocks/networkImports.js'
import { createLimits, pruneLimits } from './accounts/limits.js'
import { hashOnThreads } from './accounts/passwords/hashOnThreads.js'
import { createPasswords } from './accounts/passwords/passwords.js'
import { pruneRenewals } from './accounts/passwords/renewPassword.js'
import { ensureOwner, ensureSetupLink } from './accounts/passwords/setup.js'
import { changeSettings, masksForViewers, readSettings } from './accounts/settings.js'
import { createPreviews } from './admin/previews.js'
import { createCounts } from './api/counts.js'
import { pruneIdempotencyKeys } from './api/idempotency.js'
import { createKeyRates } from './api/keyRates.js'
import { createRememberedKeys } from './api/rememberedKeys.js'
import { createRevocationStreams } from './api/revocationStream.js'
import { checkChainAtTimes } from './audit/checkChain.js'
import { removeOldAudit } from './audit/remove.js'
import { sealAudit, tidyUnsealed } from './audit/seal.js'
import { SYSTEM } from './audit/types.js'
import { BadConfiguration, type Config } from './config.js'
import { analyzeGrown } from './db/analyze.js'
import { askInTime } from './db/askInTime.js'
import { CHANNEL, readChange } from './db/changes.js'
import type { Database, OpenDatabase } from './db/connect.js'
import { BUILT_IN_APP, newId } from './db/ids.js'
import { parseNetworks } from './devices/address.js'
import { openPlaces } from './devices/place.js'
import { systemClock } from './follower/clock.js'
import { createHandedTo } from './forward/handedTo.js'
import { createRememberedHosts } from './forward/rememberedHosts.js'
import type { Services } from './http/env.js'
import { createExports } from './http/exports.js'
import { createStreams } from './http/streams.js'
import { createFailureLog } from './log.js'
import { createFeed } from './sessions/feed/feed.js'
import { createNews } from './sessions/feed/news.js'
import { createOpenScreens } from './sessions/feed/openScreens.js'
import { pruneHandOvers } from './sessions/handOver.js'
import { countLive, endedInDay, recordCounts } from './sessions/lists/counts.js'
import { countOnline, createOnlineCounter } from './sessions/lists/online.js'
import { addUpChanges, tidyChanges } from './sessions/lists/tallies.js'
import { createNode } from './sessions/log/node.js'
import { pruneRevocations } from './sessions/log/revocations.js'
import { forgetLostNodes } from './sessions/log/sqlTransport.js'
import { markEndings, pruneEndings } from './sessions/many/markEndings.js'
import { markJobs, pruneJobs } from './sessions/many/markJobs.js'
import { removeOldSessions } from './sessions/many/removeOld.js'
import { createReceipts } from './sessions/receipts/receipts.js'
import { pruneReceipts } from './sessions/receipts/stored.js'
import { removeLapsedStored } from './sessions/stored/storedAll.js'
import { createSweep } from './sessions/sweep.js'
import { createTouchBuffer, type Uses } from './sessions/touch.js'
import { createVerifier } from './sessions/verify.js'
import { VERSION } from './version.js'
import { pruneOutbox } from './webhooks/log.js'
import { giveUpOld } from './webhooks/note.js'
import { createWebhooks } from './webhooks/service.js'

const TOUCH_MS = 3_000
/** The database gives up on a statement after 5 s. */
const USES_SILENT_MS = 5_500
const SWEEP_MS = 15_000
const MARK_MS = 1_000
const TALLY_MS = 2_000
const ONLINE_MS = 5_000
const COUNT_MS = 60_000
const ANALYZE_MS = 10_000
const SEAL_MS = 2_000
const CHECK_CHAIN_MS = 60_000
const REMOVE_MS = 60 * 60_000
const PRUNE_MS = 10 * 60_000

export interface Running {
  services: Services
  /** The one-time link's token while there is no owner. */
  setupToken: string | undefined
  /** Ends the streams, stops the timers, writes what is still in memory. */
  stop(): Promise<void>
}

/** Brings an opened database up to date and starts everything that works on it. */
export async function startServices(config: Config, database: OpenDatabase, log: Logger): Promise<Running> {
  await database.migrate()
  const { db } = database
  const failed = createFailureLog(log)
  const places = await openPlaces({ geoDb: config.geoDb, onProblem: failed('a place could not be looked up') })
  void places.warm()
  const passwords = createPasswords({ hasher: hashOnThreads() })
  const node = createNode({
    database,
    id: newId<string>(),
    name: config.nodeName,
    version: VERSION,
    leaseMs: config.leaseMs,
    cacheSize: config.cacheSize,
    onFailure: failed('the database did not answer about sessions'),
  })
  const feed = createFeed()
  const streams = createStreams((watched) => node.over(watched, BUILT_IN_APP))
  const receipts = createReceipts({ db, node, onFailure: failed('it could not be read who has applied an act') })
  const uses: Uses = (question) => askInTime(database, 'uses', systemClock, USES_SILENT_MS, question)
  const services: Services = {
    config,
    db,
    uses,
    databaseKind: database.kind,
    log,
    node,
    receipts,
    verifier: createVerifier(node.engine),
    touches: createTouchBuffer(
      uses,
      places.findNow,
      failed('"last seen" could not be written; it will be tried again'),
    ),
    feed,
    news: createNews({
      feed,
      counts: async () => {
        const live = await countLive(db)
        const [online, ended] = await Promise.all([countOnline(db, live), endedInDay(db, new Date())])
        return { live: live.n, online: online.n, endedInDay: ended }
      },
      inTouch: () => node.engine.follower.leaseLeft() > 0,
      paceMs: () => services.streams.paceMs,
      onFailure: failed('the live sessions could not be counted for open pages'),
    }),
    streams,
    screens: createOpenScreens(db, receipts, () => streams.paceMs),
    exports: createExports(),
    counts: createCounts(),
    previews: createPreviews(),
    keys: createRememberedKeys({ open: database, node, onFailure: failed('the use of a key could not be noted') }),
    keyRates: createKeyRates(config.keyRate),
    revocationStreams: createRevocationStreams(),
    hosts: createRememberedHosts({ open: database, node, own: config.publicUrl?.host }),
    handedTo: createHandedTo(database),
    webhooks: createWebhooks({
      database,
      databaseUrl: config.databaseUrl,
      allowLoopback: config.webhooksAllowLoopback,
      onFailure: failed('webhooks could not be sent; they will be tried again'),
    }),
    places,
    trustedProxies: parseNetworks(config.trustedProxies),
    limits: createLimits(),
    passwords,
    masksForViewers: () => masksForViewers(db),
  }
  await database.listen(CHANNEL, (payload) => {
    const change = readChange(payload)
    if (change) services.feed.publish(change)
  })
  await applyConfig(services)
  if (config.owner) await makeConfiguredOwner(services, config.owner)
  if (config.bootstrapKey) await ensureBootstrapKey(db, config.bootstrapKey)
  const setup = await ensureSetupLink(db)

  const sweep = createSweep()
  const stopping = new AbortController()
  // Before the first poll that counts nothing is decided from memory: not ready until then.
  await node.start()
  services.webhooks.start()

  const stops = [
    () => stopping.abort(),
    services.receipts.stop,
    services.news.stop,
    services.touches.start(TOUCH_MS),
    every(SWEEP_MS, () => sweep(db), failed('ended sessions could not be marked')),
    every(SWEEP_MS, () => liftExpiredBlocks(db), failed('expired blocks could not be lifted')),
    every(MARK_MS, () => markEndings(db, stopping.signal), failed('what ended with many others could not be marked')),
    every(SEAL_MS, () => sealAudit(db, stopping.signal), failed('the audit log could not be sealed')),
    every(
      CHECK_CHAIN_MS,
      () => checkChainAtTimes(db, stopping.signal),
      failed('the chain over the audit log could not be verified'),
    ),
    every(REMOVE_MS, () => removeOld(db, stopping.signal), failed('old events and sessions could not be removed')),
    every(TALLY_MS, () => addUpChanges(db), failed('what began and ended could not be added up')),
    every(ONLINE_MS, createOnlineCounter(database), failed('who is online could not be counted')),
    every(
      MARK_MS,
      () => endFromBlockedNetworks(db, stopping.signal),
      failed('sessions from a blocked network could not be ended'),
    ),
    every(MARK_MS, () => markJobs(db, stopping.signal), failed('what ended by a filter could not be marked')),
    every(SWEEP_MS, () => giveUpOld(db), failed('webhooks that were never sent could not be given up')),
    every(COUNT_MS, () => recordCounts(db), failed('the counts for the charts could not be written')),
    every(ANALYZE_MS, () => analyzeGrown(database), failed('a table that has grown could not be looked at anew')),
    every(
      PRUNE_MS,
      () => inTurn(PRUNED.map((prune) => () => prune(db, stopping.signal))),
      failed('old rows could not be removed'),
    ),
  ]
  return {
    services,
    setupToken: setup?.token,
    async stop() {
      services.streams.closeAll()
      services.exports.closeAll()
      services.revocationStreams.closeAll()
      for (const stop of stops) stop()
      await services.webhooks.stop()
      await services.touches.flush()
      await node.stop()
    },
  }
}

/**
 * Timeouts that the environment sets are the ones in force, whatever the panel was set to.
 *
 * @throws BadConfiguration when they contradict each other
 */
async function applyConfig({ db, config }: Services) {
  const { idleTimeout, absoluteTimeout } = config
  if (idleTimeout === undefined && absoluteTimeout === undefined) return
  const present = await readSettings(db)
  const absolute = absoluteTimeout ?? Math.max(present.absoluteTimeout, idleTimeout ?? 0)
  const idle = idleTimeout ?? Math.min(present.idleTimeout, absolute)
  const answer = await changeSettings(db, { idleTimeout: idle, absoluteTimeout: absolute }, SYSTEM)
  if (answer.status === 'invalid') {
    throw new BadConfiguration(
      'Rollcall did not start: ROLLCALL_IDLE_TIMEOUT must not be longer than ROLLCALL_ABSOLUTE_TIMEOUT.',
    )
  }
}

/** @throws BadConfiguration when the password that the environment gives is one that nobody may have */
async function makeConfiguredOwner({ db, passwords, log }: Services, owner: { email: string; password: string }) {
  const made = await ensureOwner(db, owner, passwords)
  if (made.status === 'weak')
    throw new BadConfiguration(`Rollcall did not start: ROLLCALL_OWNER_PASSWORD is refused. ${made.problem}`)
  if (made.status === 'invalid')
    throw new BadConfiguration('Rollcall did not start: ROLLCALL_OWNER_EMAIL must be an e-mail address.')
  if (made.status === 'created') log.info({ email: owner.email }, 'made the first owner that the environment names')
}

async function removeOld(db: Database, stopping: AbortSignal) {
  const { auditDays, sessionDays } = await readSettings(db)
  if (auditDays !== null) await removeOldAudit(db, auditDays, stopping)
  if (sessionDays !== null) await removeOldSessions(db, sessionDays, stopping)
}

const PRUNED: readonly ((db: Database, stopping: AbortSignal) => Promise<unknown>)[] = [
  pruneRevocations,
  pruneLimits,
  pruneRenewals,
  pruneIdempotencyKeys,
  pruneEndings,
  pruneJobs,
  (db) => pruneReceipts(db),
  pruneImports,
  pruneHandOvers,
  pruneOutbox,
  removeLapsedStored,
  tidyUnsealed,
  tidyChanges,
  forgetLostNodes,
]

/** One after another: all at once they would leave no connection to whoever signs in. One that fails holds up no other. */
async function inTurn(all: readonly (() => Promise<unknown>)[]): Promise<void> {
  const failures: unknown[] = []
  for (const one of all) await one().catch((error: unknown) => failures.push(error))
  if (failures.length > 0) throw failures[0]
}

/** One at a time: a slow run delays the next one instead of piling up on it. */
function every(ms: number, work: () => Promise<unknown>, onFailure: (error: unknown) => void): () => void {
  let stopped = false
  let timer: NodeJS.Timeout
  const run = async () => {
    try {
      await work()
    } catch (error) {
      onFailure(error)
    }
    if (!stopped) timer = setTimeout(run, ms)
  }
  timer = setTimeout(run, Math.min(ms, 1_000))
  return () => {
    stopped = true
    clearTimeout(timer)
  }
}
