/** The world map's plane: equirectangular, without the poles. 420 x 148 units, 2-unit dots at 4.2. */
export const MAP = { width: 420, height: 148, north: 76, pitch: 4.2, dot: 1 } as const

const UNITS_A_DEGREE = MAP.width / 360

/** Where a place lies on the map. */
export function project(latitude: number, longitude: number): { x: number; y: number } {
  return {
    x: Math.round((longitude + 180) * UNITS_A_DEGREE * 10) / 10,
    y: Math.round((MAP.north - latitude) * UNITS_A_DEGREE * 10) / 10,
  }
}

/** The other way: what place a point of the map shows. */
export function unproject(x: number, y: number): { latitude: number; longitude: number } {
  return { latitude: MAP.north - y / UNITS_A_DEGREE, longitude: x / UNITS_A_DEGREE - 180 }
}
