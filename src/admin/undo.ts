import type { ToastProps } from '../../templates/components/Toast.js'
import type { AccountId, BlockId, ImportId } from '../db/ids.js'

const ENDED = 'the sessions that ended stay ended.'

/** What the toast offers after somebody blocked: the way back, and how far it leads. */
export function undoBlock({ account, network }: { account?: AccountId; network?: BlockId | undefined }) {
  const links = [
    ...(account ? [{ href: `/admin/accounts/${account}/lift-block`, text: 'Lift the block' }] : []),
    ...(network ? [liftNetwork(network, account !== undefined)] : []),
  ]
  const who = account ? 'them sign in again' : 'people sign in from there again'
  return { links, gives: `Lets ${who}; ${ENDED}` } satisfies ToastProps['undo']
}

const liftNetwork = (id: BlockId, beside: boolean) => ({
  href: `/admin/blocks/${id}/lift`,
  text: beside ? 'Lift that on the network' : 'Lift the block',
})

/** The same for many accounts: by the first and the last of the blocks, which were made one after the other. */
export function undoBlocks(blocks: BlockId[]): ToastProps['undo'] {
  const [first, last] = [blocks[0], blocks.at(-1)]
  if (!first || !last) return undefined
  const text = blocks.length === 1 ? 'Lift the block' : `Lift the ${blocks.length} blocks`
  return {
    links: [{ href: `/admin/accounts/lift-block?first=${first}&last=${last}`, text }],
    gives: `Lets them sign in again; ${ENDED}`,
  }
}

/** And for a list of networks. */
export function undoImport(id: ImportId, blocked: number): NonNullable<ToastProps['undo']> {
  const text = blocked === 1 ? 'Lift the block' : `Lift the ${blocked.toLocaleString('en-GB')} blocks`
  return {
    links: [{ href: `/admin/blocks/import/${id}/lift`, text }],
    gives: `Lets people sign in from there again; ${ENDED}`,
  }
}
