import { raw } from 'hono/html'
import type { Child, PropsWithChildren } from 'hono/jsx'
import type { Picture } from '../../src/pictures/draw.js'

/**
 * A picture and what it says: in a sentence for those who do not see it, and in `numbers` for everyone. Links within
 * the picture are for the pointer; the same ones stand in the numbers, where the keyboard and screen readers get to.
 */
export function Figure({ says, numbers, children }: PropsWithChildren<{ says: string; numbers?: Child }>) {
  return (
    <figure>
      {children}
      <figcaption class="visually-hidden">{says}</figcaption>
      {numbers}
    </figure>
  )
}

/** A part of a picture that has a list behind it. */
export interface Spot {
  x: number
  y: number
  width: number
  height: number
  says: string
  href: string
}

export function Drawing({ picture, spots }: { picture: Picture; spots: Spot[] }) {
  return (
    <svg class="chart" viewBox={`0 0 ${picture.width} ${picture.height}`} aria-hidden="true">
      {raw(picture.markup)}
      {spots.map(({ says, href, ...where }) => (
        <PictureLink href={href} says={says}>
          <rect class="spot" {...where} />
        </PictureLink>
      ))}
    </svg>
  )
}

/** Within an `<svg>` that is hidden from screen readers. */
export function PictureLink({ href, says, children }: PropsWithChildren<{ href: string; says: string }>) {
  return (
    <a href={href} tabindex={-1}>
      <title>{says}</title>
      {children}
    </a>
  )
}

/** What a picture shows, as a table. */
export function Numbers({ of, children }: PropsWithChildren<{ of: string }>) {
  return (
    <details class="picture-numbers">
      <summary>
        Numbers<span class="visually-hidden"> of {of}</span>
      </summary>
      <section class="picture-table" tabindex={0} aria-label={`Numbers of ${of}`}>
        <table>{children}</table>
      </section>
    </details>
  )
}
