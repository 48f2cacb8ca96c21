import { createMiddleware } from 'hono/factory'
import { type Child, cloneElement, isValidElement, type JSXNode } from 'hono/jsx'
import { isSearchable, mask } from '../masking/mask.js'
import { isMasked, maskedNetwork } from '../masking/text.js'
import type { AppContext, AppEnv } from './env.js'

/**
 * What every page of the panel is given goes through here, for viewers whom addresses and names are masked for: a page
 * that is added is masked without knowing of it. Files go through `exportList`.
 */
export const maskForViewers = createMiddleware<AppEnv>(async (c, next) => {
  const { html, json } = c
  c.html = ((page: unknown, ...how: []) => html(seenBy(c, page, maskElement) as string, ...how)) as typeof c.html
  c.json = ((data: unknown, ...how: []) => json(seenBy(c, data, mask) as object, ...how)) as typeof c.json
  await next()
})

const seenBy = (c: AppContext, shown: unknown, masked: (shown: unknown) => unknown) =>
  c.get('masked') ? masked(shown) : shown

/** `page` tells of the request and of who made it. */
function maskElement(shown: unknown): unknown {
  if (!isValidElement(shown)) throw new Error('only an element can be masked')
  const { props, children } = shown as unknown as JSXNode
  const { page, children: _, ...told } = props as Record<string, unknown>
  const inside = children.map((child) => (isValidElement(child) ? maskElement(child) : mask(child)) as Child)
  return cloneElement(shown, { ...mask(told), ...(page === undefined ? {} : { page }) }, ...inside)
}

const WHY =
  'would tell what is masked for you: search by an id, or by a network of /24 (IPv6: /48) or wider, such as 203.0.113.x'

/**
 * What somebody may look for whom addresses and names are masked for: nothing that is masked. Else each search would
 * answer a guess.
 *
 * @returns what is wrong, or the value as lists understand it
 */
export function readSearched(c: AppContext, field: string, value: string): { value: string } | { problem: string } {
  if (!c.get('masked')) return { value }
  const mayBe = field === 'q' || field === 'ip' ? isSearchable(value) : isMasked(value)
  return mayBe ? { value: maskedNetwork(value) ?? value } : { problem: WHY }
}

/** Of those whose names are masked, an order by name would tell their letters, and a page's end whom they stand between. */
export const orderOfPeople = (c: AppContext): 'name' | 'newest' => (c.get('masked') ? 'newest' : 'name')
