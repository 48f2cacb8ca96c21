import { drawOnce, type Picture } from './draw.js'
import type { Option } from './echarts.js'
import { niceCeiling, niceScale, shortNumber } from './scale.js'

/** What the picture of sessions over time shows: in bars, and in steps of which some make a bar. */
export interface ActivitySeries {
  stepsPerBar: number
  /** At the beginning, then at each step's end; null where not known. */
  live: (number | null)[]
  before: (number | null)[]
  signIns: number[]
  failures: number[]
  /** Under the bars: `at` counts bars from the beginning. */
  labels: { at: number; text: string }[]
}

/** Where its parts lie, for what is laid over it. */
export const ACTIVITY_PLOT = { height: 162, left: 34, right: 5, top: 6, lineHeight: 56, barTop: 92, barHeight: 46 }
const PLOT = ACTIVITY_PLOT

/** Live sessions as a line, weeks before as a faint one, over sign-ins and failures as bars. */
export function activityPicture(series: ActivitySeries, width: number): Picture {
  const known = [...series.live, ...series.before].filter((value) => value !== null)
  const scale = niceScale(known.length > 0 ? known : [0])
  const most = niceCeiling(Math.max(0, ...series.signIns.map((count, i) => count + (series.failures[i] ?? 0))))
  // A quarter of a pixel: what is less is not seen, and would be drawn anew for each session that comes or goes.
  const grain = (scale.high - scale.low) / PLOT.lineHeight / 4
  const seen = (value: number | null) => value && Math.round(value / grain) * grain
  const tall = (count: number) => (Math.round((count / most) * PLOT.barHeight * 4) / PLOT.barHeight / 4) * most
  // One failure among thousands of sign-ins is still seen.
  const least = (1.5 / PLOT.barHeight) * most
  const drawn = {
    ...series,
    live: series.live.map(seen),
    before: series.before.map(seen),
    signIns: series.signIns.map(tall),
    failures: series.failures.map((count) => (count > 0 ? Math.max(least, tall(count)) : 0)),
    scale,
    most,
  }
  return drawOnce('activity', drawn, { width, height: PLOT.height }, () => optionOf(drawn, width))
}

type Drawn = ActivitySeries & { scale: { low: number; high: number }; most: number }

const MUTED = { color: 'var(--muted)', fontSize: 11 }
const BARE = { axisTick: { show: false }, axisLine: { show: false } }
/** Between the strokes of a line. */
const DOTS = [2, 3]
const DASHES = [3, 3]
const still = { silent: true, emphasis: { disabled: true } } as const

function optionOf({ stepsPerBar, live, before, signIns, failures, labels, scale, most }: Drawn, width: number): Option {
  const bars = signIns.length
  const along = (values: (number | null)[]) => values.map((value, i) => [i / stepsPerBar, value])
  const last = live.findLastIndex((value) => value !== null)
  const texts = new Map(labels.map(({ at, text }) => [at, text]))
  const across = {
    type: 'value',
    min: 0,
    max: bars,
    containShape: false,
    axisTick: { show: false },
    splitLine: { show: false },
    axisLine: { onZero: false, lineStyle: { color: 'var(--border)', cap: 'butt' } },
  } as const
  const up = {
    type: 'value',
    ...BARE,
    axisLabel: { ...MUTED, margin: PLOT.left, align: 'left', formatter: shortNumber },
    splitLine: { showMinLine: false, lineStyle: { color: 'var(--border)', type: DOTS } },
  } as const
  const bar = {
    type: 'bar',
    stack: 'of the time',
    xAxisIndex: 1,
    yAxisIndex: 1,
    barWidth: ((width - PLOT.left - PLOT.right) / bars) * 0.72,
    ...still,
  } as const
  const faint = {
    type: 'line',
    ...still,
    data: along(before),
    symbol: 'none',
    clip: false,
    lineStyle: { color: 'var(--chart-before)', width: 1.25, type: DASHES },
  } as const
  const standing = (counts: number[]) => counts.map((count, i) => [i + 0.5, count])
  const frame = { left: PLOT.left, right: PLOT.right, outerBoundsMode: 'none' } as const
  return {
    animation: false,
    grid: [
      { ...frame, top: PLOT.top, height: PLOT.lineHeight },
      { ...frame, top: PLOT.barTop, height: PLOT.barHeight },
    ],
    xAxis: [
      { ...across, gridIndex: 0, axisLabel: { show: false } },
      {
        ...across,
        gridIndex: 1,
        axisLabel: {
          ...MUTED,
          customValues: labels.map(({ at }) => at),
          hideOverlap: false,
          alignMaxLabel: 'right',
          formatter: (at: number) => texts.get(at) ?? '',
        },
      },
    ],
    yAxis: [
      { ...up, gridIndex: 0, min: scale.low, max: scale.high, interval: (scale.high - scale.low) / 2 },
      { ...up, gridIndex: 1, min: 0, max: most, interval: most },
    ],
    series: [
      ...(before.some((count) => count !== null) ? [faint] : []),
      {
        type: 'line',
        ...still,
        data: along(live),
        symbol: 'none',
        clip: false,
        lineStyle: { color: 'var(--chart-line)', width: 1.75, join: 'round' },
        areaStyle: {
          opacity: 1,
          origin: 'start',
          color: {
            type: 'linear',
            x: 0,
            y: 0,
            x2: 0,
            y2: 1,
            colorStops: [
              { offset: 0, color: 'var(--chart-area)' },
              { offset: 1, color: 'var(--chart-area-foot)' },
            ],
          },
        },
      },
      {
        type: 'scatter',
        ...still,
        data: last < 0 ? [] : [[last / stepsPerBar, live[last] ?? 0]],
        symbolSize: 8,
        z: 4,
        clip: false,
        itemStyle: { color: 'var(--chart-line)', borderColor: 'var(--card)', borderWidth: 2, opacity: 1 },
      },
      { ...bar, data: standing(failures), itemStyle: { color: 'var(--failures)' } },
      { ...bar, data: standing(signIns), itemStyle: { color: 'var(--sign-ins)', borderRadius: [1.5, 1.5, 0, 0] } },
    ],
  }
}
