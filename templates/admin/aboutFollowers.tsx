import type { AppProcessSeen, FollowersSeen, NodeSeen } from '../../src/sessions/log/followers.js'
import { Badge } from '../components/Badge.js'
import { Notice } from '../components/Card.js'
import { hx, usePage } from '../components/page.js'
import { boundText, measuredText } from '../components/receiptWords.js'
import { countText, spanText } from '../words.js'

/** Longer, and entries are read again and again: harmless for a while, a load after it. */
const HORIZON_WARNING_MS = 10_000

/** Who follows the revocation log. Brought anew every few seconds while somebody looks. */
export function Followers({ followers, here }: { followers: FollowersSeen; here: string }) {
  return (
    <div
      class="settings-wide"
      id="followers"
      {...hx({
        get: '/admin/settings/about',
        trigger: 'rollcall:beat from:body',
        select: '#followers',
        swap: 'outerMorph',
        headers: '{"Rollcall-Background":"1"}',
        sync: 'this:replace',
        'status:4xx': 'swap:none',
        'status:5xx': 'swap:none',
      })}
    >
      <Warnings followers={followers} />
      <section class="followers">
        <Heading title="Nodes" n={followers.nodes.length} />
        <NodesTable nodes={followers.nodes} here={here} />
      </section>
      <section class="followers">
        <Heading title="App processes" n={followers.apps.length} />
        {followers.apps.length > 0 ? (
          <AppProcessesTable apps={followers.apps} />
        ) : (
          <div class="card card-body muted">
            No app follows yet. An app that checks its sessions with rollcall/client appears here with its first check.
          </div>
        )}
      </section>
    </div>
  )
}

function Heading({ title, n }: { title: string; n: number }) {
  return (
    <div class="spread">
      <h2>{title}</h2>
      <span class="secondary">{countText(n, 'process', 'processes')}</span>
    </div>
  )
}

function Warnings({ followers: { nodes, apps } }: { followers: FollowersSeen }) {
  const present = nodes.filter(isPresent)
  const deaf = present.filter(({ nudged }) => !nudged)
  const held = Math.max(0, ...present.map(({ horizonAgeMs }) => horizonAgeMs))
  const risky = new Set(apps.filter(({ allowsCached }) => allowsCached).map(({ app }) => app.name))
  return (
    <>
      {deaf.length > 0 && (
        <Notice tone="amber" icon="triangle-alert" title={`NOTIFY does not arrive at ${namesOf(deaf)}`}>
          <p>
            Behind a transaction pooler? Everything is as safe as before, and slower: what is ended is refused with the
            next poll, not within milliseconds. Give Rollcall a direct connection, or a pool in session mode.
          </p>
        </Notice>
      )}
      {held > HORIZON_WARNING_MS && (
        <Notice tone="amber" icon="triangle-alert" title={`A transaction has been open for ${spanText(held)}`}>
          <p>
            It is somewhere in the database cluster, maybe in another database. Nothing is missed, but all that was
            ended since it began is read again with each poll. pg_stat_activity shows it.
          </p>
        </Notice>
      )}
      {risky.size > 0 && (
        <Notice tone="amber" icon="shield-alert" title={`${[...risky].join(', ')}: accepted from memory when cut off`}>
          <p>
            These processes run with allow-cached. While they reach nobody they go on with what they remember, for as
            long as that lasts: the guaranteed time does not hold for them.
          </p>
        </Notice>
      )}
    </>
  )
}

function NodesTable({ nodes, here }: { nodes: NodeSeen[]; here: string }) {
  const { now } = usePage()
  return (
    <div class="table-card">
      <table class="table followers-table" data-cards>
        <caption class="visually-hidden">Nodes of this Rollcall</caption>
        <thead>
          <tr>
            <th scope="col">Node</th>
            <th scope="col">Up for</th>
            <th scope="col">Lag</th>
            <th scope="col">Lease left</th>
            <th scope="col">From memory</th>
            <th scope="col">Hears by</th>
          </tr>
        </thead>
        <tbody>
          {nodes.map((node) => (
            <tr id={`n-${node.key}`}>
              <th scope="row">
                <div class="cell-two">
                  <span class="with-mark">
                    <span class="clip mono">{node.name}</span>
                    {node.key === here && (
                      <Badge tone="indigo" inline>
                        This node
                      </Badge>
                    )}
                  </span>
                  <span>Version {node.version}</span>
                </div>
              </th>
              <td data-label="Up for">{spanText(Math.max(0, now.getTime() - node.startedAt.getTime()))}</td>
              <LagAndLease one={node} />
              <td data-label="From memory">
                <div class="cell-two">
                  <span>{hitRateText(node)}</span>
                  <span>{countText(node.sessions, 'session')}</span>
                </div>
              </td>
              <td data-label="Hears by">
                {node.nudged ? <Badge tone="green">Nudges and polls</Badge> : <Badge tone="amber">Polls only</Badge>}
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  )
}

/** Lag, lease and version of each. */
export function AppProcessesTable({ apps }: { apps: AppProcessSeen[] }) {
  return (
    <div class="table-card">
      <table class="table followers-table" data-cards>
        <caption class="visually-hidden">App processes that follow</caption>
        <thead>
          <tr>
            <th scope="col">Process</th>
            <th scope="col">Follows</th>
            <th scope="col">Lag</th>
            <th scope="col">Lease left</th>
            <th scope="col">From memory</th>
            <th scope="col">When cut off</th>
          </tr>
        </thead>
        <tbody>
          {apps.map((app) => (
            <tr id={`p-${app.key.replaceAll(' ', '-')}`}>
              <th scope="row">
                <div class="cell-two">
                  <span class="clip mono">{app.name}</span>
                  <span class="clip">
                    {app.app.name}
                    {app.version && ` · ${app.version}`}
                  </span>
                </div>
              </th>
              <td data-label="Follows">
                <span class="clip mono">{app.node.name}</span>
              </td>
              <LagAndLease one={app} />
              <td data-label="From memory">{hitRateText(app)}</td>
              <td data-label="When cut off">
                {app.allowsCached ? <Badge tone="amber">allow-cached</Badge> : <span>Refuses</span>}
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  )
}

function LagAndLease({ one }: { one: NodeSeen | AppProcessSeen }) {
  const silent = !isPresent(one)
  const goesOn = one.kind === 'app' && one.allowsCached
  return (
    <>
      <td data-label="Lag">{silent ? `Silent for ${spanText(one.seenAgoMs)}` : measuredText(one.seenAgoMs)}</td>
      <td data-label="Lease left">
        {silent ? (
          <Badge tone="amber">{goesOn ? 'Over' : 'Over, refuses all'}</Badge>
        ) : (
          `${measuredText(one.leaseLeftMs)} of ${boundText(one.leaseMs)}`
        )}
      </td>
    </>
  )
}

const isPresent = ({ leaseLeftMs }: { leaseLeftMs: number }) => leaseLeftMs > 0

function hitRateText({ hits, misses }: { hits: number; misses: number }): string {
  const checks = hits + misses
  if (checks === 0) return 'No check yet'
  const share = (hits / checks) * 100
  return `${share.toFixed(share % 100 === 0 ? 0 : 1)} % of ${countText(checks, 'check')}`
}

const namesOf = (some: { name: string }[]) => some.map(({ name }) => name).join(', ')
