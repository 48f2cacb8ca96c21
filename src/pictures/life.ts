import { drawOnce, type Picture } from './draw.js'
import type { Option } from './echarts.js'

/** Something known of a session at a time and a place. */
export interface Moment {
  /** Milliseconds since 1970. */
  at: number
  /** Which of the lanes. */
  lane: number
  kind: 'sign-in' | 'move' | 'seen' | 'end'
}

export interface Life {
  /** What the lanes are called, from the top. */
  lanes: string[]
  /** In the order of their time. */
  moments: Moment[]
}

/** Where its parts lie, for what is laid over it. */
export const LIFE_PLOT = { left: 116, right: 12, top: 4, laneHeight: 20, foot: 20 }
const PLOT = LIFE_PLOT

const INKS: Record<Moment['kind'], { color: string; borderColor: string }> = {
  'sign-in': { color: 'var(--green-solid)', borderColor: 'var(--card)' },
  move: { color: 'var(--card)', borderColor: 'var(--chart-line)' },
  seen: { color: 'var(--chart-line)', borderColor: 'var(--card)' },
  end: { color: 'var(--failures)', borderColor: 'var(--card)' },
}

/** When a session was first seen where: a lane a place, along its time. */
export function lifePicture(life: Life, width: number): Picture {
  const height = PLOT.top + life.lanes.length * PLOT.laneHeight + PLOT.foot
  return drawOnce('life', life, { width, height }, () => optionOf(life))
}

/** Where a moment is in the picture. */
export function lifeSpot({ moments }: Life, { at, lane }: Moment, width: number): { x: number; y: number } {
  const [from, until] = [moments[0]?.at ?? 0, moments.at(-1)?.at ?? 1]
  return {
    x: PLOT.left + ((at - from) / (until - from)) * (width - PLOT.left - PLOT.right),
    y: PLOT.top + (lane + 0.5) * PLOT.laneHeight,
  }
}

const MUTED = { color: 'var(--muted)', fontSize: 11 }
const DOTS = [2, 3]
const still = { silent: true, emphasis: { disabled: true } } as const

function optionOf({ lanes, moments }: Life): Option {
  const each = lanes.map((_, i) => i)
  const points = moments.map(({ at, lane }) => [at, lane])
  return {
    animation: false,
    useUTC: true,
    grid: {
      left: PLOT.left,
      right: PLOT.right,
      top: PLOT.top,
      height: lanes.length * PLOT.laneHeight,
      outerBoundsMode: 'none',
    },
    xAxis: {
      type: 'time',
      min: moments[0]?.at ?? 0,
      max: moments.at(-1)?.at ?? 1,
      splitNumber: 3,
      axisTick: { show: false },
      axisLine: { show: false },
      splitLine: { show: false },
      axisLabel: {
        ...MUTED,
        hideOverlap: true,
        formatter: {
          year: '{yyyy}',
          month: '{MMM}',
          day: '{d} {MMM}',
          hour: '{HH}:{mm}',
          minute: '{HH}:{mm}',
          second: '{HH}:{mm}:{ss}',
          millisecond: '{HH}:{mm}:{ss}',
        },
      },
    },
    yAxis: {
      type: 'value',
      min: -0.5,
      max: lanes.length - 0.5,
      inverse: true,
      axisTick: { show: false, customValues: each },
      axisLine: { show: false },
      axisLabel: {
        ...MUTED,
        customValues: each,
        formatter: (lane: number) => lanes[lane] ?? '',
        margin: PLOT.left,
        align: 'left',
        width: PLOT.left - 14,
        overflow: 'truncate',
      },
      splitLine: { lineStyle: { color: 'var(--border)' } },
    },
    series: [
      {
        type: 'line',
        ...still,
        data: points,
        symbol: 'none',
        clip: false,
        lineStyle: { color: 'var(--chart-before)', width: 1.25, type: DOTS },
      },
      ...moments.map(({ kind }, i) => ({
        type: 'scatter' as const,
        ...still,
        data: [points[i] ?? []],
        symbolSize: 9,
        z: 4,
        clip: false,
        itemStyle: { ...INKS[kind], borderWidth: 1.5, opacity: 1 },
      })),
    ],
  }
}
