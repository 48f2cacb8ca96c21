import { MAP, unproject } from './projection.js'

/** The part of a TopoJSON file that holds the land: delta-coded arcs, and polygons that name them. */
export interface LandTopology {
  transform: { scale: [number, number]; translate: [number, number] }
  arcs: [number, number][][]
  objects: { land: { geometries: { arcs: number[][][] }[] } }
}
type Ring = [number, number][]

/** Draws the land as dots in a honeycomb: one SVG symbol that takes the colour of its surroundings. */
export function landSvg(topology: LandTopology): string {
  const polygons = readPolygons(topology)
  const rowHeight = MAP.pitch * 0.866
  let dots = ''
  for (let row = 0, y = MAP.dot; y < MAP.height; row++, y += rowHeight) {
    for (let x = row % 2 ? MAP.pitch : MAP.pitch / 2; x < MAP.width; x += MAP.pitch) {
      const { latitude, longitude } = unproject(x, y)
      if (polygons.some((rings) => isInside(rings, longitude, latitude))) dots += `M${x.toFixed(1)} ${y.toFixed(1)}h0`
    }
  }
  return (
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${MAP.width} ${MAP.height}"><symbol id="land" viewBox="0 0 ${MAP.width} ${MAP.height}">` +
    `<path fill="none" stroke="currentColor" stroke-width="${MAP.dot * 2}" stroke-linecap="round" d="${dots}"/></symbol></svg>`
  )
}

function readPolygons({ transform, arcs, objects }: LandTopology): Ring[][] {
  const lines = arcs.map((arc) => {
    let [x, y] = [0, 0]
    return arc.map(([dx, dy]): [number, number] => {
      x += dx
      y += dy
      return [x * transform.scale[0] + transform.translate[0], y * transform.scale[1] + transform.translate[1]]
    })
  })
  // A negative number names an arc that is walked backwards.
  const line = (index: number) => (index < 0 ? [...(lines[~index] ?? [])].reverse() : (lines[index] ?? []))
  return objects.land.geometries.flatMap(({ arcs }) => arcs.map((rings) => rings.map((ring) => ring.flatMap(line))))
}

/** By the even-odd rule, so that a hole (a lake) is outside. */
function isInside(rings: Ring[], x: number, y: number): boolean {
  let inside = false
  for (const ring of rings) {
    for (let i = 0, j = ring.length - 1; i < ring.length; j = i++) {
      const [xi, yi] = ring[i] ?? [0, 0]
      const [xj, yj] = ring[j] ?? [0, 0]
      if (yi > y !== yj > y && x < ((xj - xi) * (y - yi)) / (yj - yi) + xi) inside = !inside
    }
  }
  return inside
}
