import { describe, expect, test } from 'vitest'
import { type ActivitySeries, activityPicture } from '../../../src/pictures/activity.js'
import { inline } from '../../../src/pictures/draw.js'
import { renderSvg } from '../../../src/pictures/echarts.js'
import { lifePicture, lifeSpot } from '../../../src/pictures/life.js'
import { niceCeiling, niceScale, shortNumber } from '../../../src/pictures/scale.js'

const aSeries = (more: Partial<ActivitySeries> = {}): ActivitySeries => ({
  stepsPerBar: 1,
  live: [40_000, 41_000, 43_000, 42_000],
  before: [null, null, null, null],
  signIns: [100, 200, 300],
  failures: [0, 0, 0],
  labels: [{ at: 1, text: '12:00' }],
  ...more,
})
const countOf = (text: string, part: string | RegExp) => text.split(part).length - 1

describe('what a picture may hold', () => {
  test('no style of its own, no script, no handler: the Content-Security-Policy lets it through as it is (S-40)', () => {
    const pictures = [
      activityPicture(aSeries({ before: [39_000, 39_500, 40_000, 40_500], failures: [1, 2, 3] }), 670),
      lifePicture({ lanes: ['Lisbon, PT'], moments: [1, 2].map((n) => ({ at: n * 1e6, lane: 0, kind: 'move' })) }, 448),
    ]
    for (const { markup } of pictures) {
      expect(markup).not.toMatch(/\sstyle=|<style|<script|\son\w+=|\sclass=|href=|ecmeta|<svg/)
      expect(markup).toContain('var(--chart-line)')
    }
  })

  test('every colour is one of the page’s, so that it follows the theme', () => {
    const { markup } = activityPicture(aSeries({ failures: [1, 2, 3] }), 670)
    const drawn = markup.replace(/<clipPath[\s\S]*?<\/clipPath>/g, '')
    const colours = [...drawn.matchAll(/(?:fill|stroke|stop-color)="([^"]+)"/g)].map(([, colour]) => colour)
    expect(
      colours.filter((colour) => !/^(none|var\(--[a-z-]+\)|url\(#activity-670-g\d+\))$/.test(colour ?? '')),
    ).toEqual([])
  })

  test('a hostile name is text in it and nothing else (S-43)', () => {
    const name = `<b style="x" onclick='y'>&`
    const { markup } = lifePicture(
      {
        lanes: [name],
        moments: [
          { at: 0, lane: 0, kind: 'sign-in' },
          { at: 9e6, lane: 0, kind: 'seen' },
        ],
      },
      448,
    )
    expect(markup).not.toContain('<b')
    expect(markup).not.toContain('style="')
    expect(markup).toContain('&lt;b style=')
  })

  test('a text that reads like an attribute stays whole', () => {
    const svg = renderSvg(
      { animation: false, xAxis: { type: 'category', data: ['a style="b" c'] }, yAxis: {} },
      400,
      200,
    )
    expect(inline(svg, 'any', { width: 400 })).toContain('a style=&quot;b&quot; c')
  })
})

describe('sessions over time', () => {
  test('last week’s line is there where something was counted then', () => {
    expect(activityPicture(aSeries(), 670).markup).not.toContain('var(--chart-before)')
    const compared = activityPicture(aSeries({ before: [39_000, 39_500, null, 40_500] }), 670)
    expect(compared.markup).toContain('var(--chart-before)')
  })

  test('a time in which nothing was counted is a gap in the line', () => {
    const line = (live: (number | null)[]) =>
      /<path d="([^"]*)" fill="none" stroke="var\(--chart-line\)"/.exec(
        activityPicture(aSeries({ live }), 670).markup,
      )?.[1]
    expect(countOf(line([40_000, 41_000, 43_000, 42_000]) ?? '', 'M')).toBe(1)
    expect(countOf(line([40_000, 41_000, null, 42_000, 41_000]) ?? '', 'M')).toBe(2)
  })

  test('one failure among thousands of sign-ins is still seen, none is not', () => {
    const heights = (failures: number[]) => {
      const { markup } = activityPicture(aSeries({ signIns: [9000, 9000, 9000], failures }), 670)
      const bars = /<path d="([^"]*)"[^>]*fill="var\(--failures\)"/.exec(markup)?.[1] ?? ''
      return [...bars.matchAll(/l0 -([\d.]+)/g)].map(([, height]) => Number(height))
    }
    expect(heights([0, 1, 0]).filter((height) => height >= 1)).toHaveLength(1)
  })

  test('is drawn once while it looks the same', () => {
    const first = activityPicture(aSeries({ live: [40_000, 41_000, 43_000, 42_000] }), 670)
    expect(activityPicture(aSeries({ live: [40_000, 41_000, 43_000, 42_001] }), 670)).toBe(first)
    expect(activityPicture(aSeries({ live: [40_000, 41_000, 43_000, 42_900] }), 670)).not.toBe(first)
  })

  test('a day of bars takes the room of a few paths', () => {
    const day = Array.from({ length: 48 }, (_, i) => 100 + i)
    const { markup } = activityPicture(aSeries({ live: [100, ...day], before: [], signIns: day, failures: day }), 670)
    expect(markup.length).toBeLessThan(10_000)
    expect(countOf(markup, 'fill="var(--sign-ins)"')).toBe(1)
  })

  test('with nothing counted it is an empty scale', () => {
    const empty = aSeries({ live: [null], before: [null], signIns: [0], failures: [0] })
    expect(activityPicture(empty, 326).markup).toContain('>0</text>')
  })
})

test('what is laid over a session’s life lies on its dots', () => {
  const life = {
    lanes: ['Lisbon, PT', 'Osaka, JP'],
    moments: [
      { at: 0, lane: 0, kind: 'sign-in' as const },
      { at: 3e6, lane: 1, kind: 'move' as const },
      { at: 9e6, lane: 1, kind: 'seen' as const },
    ],
  }
  const { markup } = lifePicture(life, 448)
  for (const moment of life.moments) {
    const { x, y } = lifeSpot(life, moment, 448)
    const near = [...markup.matchAll(/matrix\(4\.5,0,0,4\.5,([\d.]+),([\d.]+)\)/g)].map(([, at, down]) =>
      Math.hypot(Number(at) - x, Number(down) - y),
    )
    expect(Math.min(...near)).toBeLessThan(1)
  }
})

describe('scales', () => {
  test.each([
    [0, '0'],
    [750, '750'],
    [1000, '1k'],
    [12_500, '12.5k'],
    [999_949, '1000k'],
    [10_000_000, '10M'],
    [12_500_000, '12.5M'],
  ])('%d is said as %s', (n, text) => expect(shortNumber(n)).toBe(text))

  test.each([
    [0, 2],
    [9, 10],
    [61, 80],
    [1240, 1500],
  ])('over %d the top of the scale is %d', (n, top) => expect(niceCeiling(n)).toBe(top))

  test('two steps hold all values, from zero unless they lie far above it', () => {
    expect(niceScale([10, 70])).toEqual({ low: 0, high: 100 })
    expect(niceScale([31_000, 48_213])).toEqual({ low: 30_000, high: 50_000 })
    expect(niceScale([0])).toEqual({ low: 0, high: 2 })
  })
})
