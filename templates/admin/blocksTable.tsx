import type { Block } from '../../src/accounts/types.js'
import { offsetText } from '../../src/http/zones.js'
import { ButtonLink } from '../components/Button.js'
import { CopyButton } from '../components/Facts.js'
import { IconTile } from '../components/Icon.js'
import { Person } from '../components/Person.js'
import { inDialog, usePage } from '../components/page.js'
import { Time } from '../components/Time.js'
import { momentText, numberText } from '../words.js'

export function BlocksTable({ blocks, mayLift }: { blocks: Block[]; mayLift: (block: Block) => boolean }) {
  const { can } = usePage()
  return (
    <div class="table-card">
      <table class="table blocks-table" data-rows="links" data-cards>
        <caption class="visually-hidden">Blocks</caption>
        <thead>
          <tr>
            <th scope="col">Whom</th>
            <th scope="col">Why</th>
            <th scope="col">Since</th>
            <th scope="col">Until</th>
            <th scope="col">Ended</th>
            <th scope="col">
              <span class="visually-hidden">Actions</span>
            </th>
          </tr>
        </thead>
        <tbody>
          {blocks.map((block) => (
            <tr id={`b-${block.id}`} data-row>
              <th scope="row" class="b-whom">
                <Whom block={block} />
              </th>
              <td data-label="Why">
                <span class="wrap b-reason" dir="auto">
                  {block.reason}
                </span>
              </td>
              <td data-label="Since">
                <div class="cell-two">
                  <Time at={block.createdAt} />
                  <span class="clip" dir="auto">
                    {block.createdBy}
                  </span>
                </div>
              </td>
              <td data-label="Until">
                <Until block={block} />
              </td>
              <td data-label="Ended">{numberText(block.ended)}</td>
              <td class="end">
                {can.block && isInForce(block) && mayLift(block) && (
                  <ButtonLink size="small" {...inDialog(`/admin/blocks/${block.id}/lift`)}>
                    Lift<span class="visually-hidden"> the block on {block.account?.name ?? block.network}</span>
                  </ButtonLink>
                )}
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  )
}

function Whom({ block }: { block: Block }) {
  if (block.account) {
    const { id, name, email } = block.account
    return <Person name={name} email={email} link={{ href: `/admin/accounts/${id}`, 'data-row-link': '' }} />
  }
  return (
    <div class="person">
      <IconTile name="network" tone="red" />
      <div class="person-text">
        <a
          class="mono clip"
          href={`/admin/sessions?ip=${encodeURIComponent(block.network ?? '')}&state=all`}
          data-row-link
        >
          {block.network}
        </a>
        <span class="person-email">Network</span>
      </div>
      <CopyButton text={block.network ?? ''} what="network" />
    </div>
  )
}

function isInForce(block: Block): boolean {
  const { now } = usePage()
  return !block.lifted && (block.until === null || block.until > now)
}

function Until({ block }: { block: Block }) {
  const { now, look } = usePage()
  if (block.lifted) {
    return (
      <div class="cell-two">
        <span>
          Lifted <Time at={block.lifted.at} />
        </span>
        <span class="clip" dir="auto" title={block.lifted.reason ?? undefined}>
          {[block.lifted.by, block.lifted.reason].filter(Boolean).join(': ')}
        </span>
      </div>
    )
  }
  if (!block.until) return <span>Until lifted</span>
  if (block.until <= now) return <span class="muted">Expired</span>
  return (
    <div class="cell-two">
      <Time at={block.until} />
      <span>
        {momentText(block.until, now, look.zone)} {offsetText(block.until, look.zone)}
      </span>
    </div>
  )
}
