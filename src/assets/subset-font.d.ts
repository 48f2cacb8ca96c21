/** The part of subset-font, which has no types, that the build uses. */
declare module 'subset-font' {
  interface Options {
    targetFormat: 'woff2'
    /** A value pins an axis; a range narrows it. */
    variationAxes: Record<string, number | { min: number; max: number; default: number }>
    keepFeatures: string[]
  }
  export default function subsetFont(font: Buffer, text: string, options: Options): Promise<Buffer>
}
