import { defineConfig } from 'vitest/config'
import { BaseSequencer, type TestSpecification } from 'vitest/node'

/** Begun last, one of them would run alone at the end. */
const LONGEST = [
  'integration/crash.test.ts',
  'proof/engine.test.ts',
  'integration/start.test.ts',
  'integration/sessions/endings.test.ts',
  'integration/client/storeFaults.test.ts',
  'integration/demo.test.ts',
  'integration/owner.test.ts',
  'browser/screens.test.ts',
  'browser/states.test.ts',
  'browser/keyboard.test.ts',
]

/** Most of what tests make is soon forgotten: a twentieth of their time went to clearing it up. */
const ROOM_FOR_WHAT_IS_YOUNG = ['--max-semi-space-size=64']

/** The embedded database is WebAssembly: compiling its hot parts a second time, better, takes longer than a test lasts. */
const COMPILED_ONCE = ['--liftoff-only']

class LongestFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]) {
    const rank = ({ moduleId }: TestSpecification) => {
      const at = LONGEST.findIndex((name) => moduleId.endsWith(`/tests/${name}`))
      return at < 0 ? LONGEST.length : at
    }
    return (await super.sort(files)).toSorted((a, b) => rank(a) - rank(b))
  }
}

export default defineConfig({
  test: {
    sequence: { sequencer: LongestFirst },
    // Three files at a time even on two cores: a third of what they do is wait. The browsers come when all else is done.
    maxWorkers: 3,
    projects: [
      {
        extends: true,
        // Five seconds, which vitest gives, would be a promise about the machine.
        test: { name: 'unit', include: ['tests/unit/**/*.test.{ts,tsx}'], isolate: false, testTimeout: 60_000 },
      },
      {
        extends: true,
        test: {
          name: 'proof',
          include: ['tests/proof/engine.test.ts'],
          // The simulation makes little that lasts: a fifth of its time went to clearing up, and to stacks of errors that it expects.
          execArgv: [...ROOM_FOR_WHAT_IS_YOUNG, '--stack-trace-limit=0'],
        },
      },
      {
        extends: true,
        test: {
          name: 'integration',
          include: ['tests/integration/**/*.test.{ts,tsx}'],
          // Each has databases of its own, and nothing in src/ is global: loading it once a worker saves a quarter.
          isolate: false,
          execArgv: [...ROOM_FOR_WHAT_IS_YOUNG, ...COMPILED_ONCE],
          globalSetup: 'tests/support/globalSetup.ts',
          testTimeout: 60_000,
          hookTimeout: 60_000,
        },
      },
      {
        extends: true,
        test: {
          name: 'browser',
          include: ['tests/browser/**/*.test.{ts,tsx}'],
          // More than half of it is waiting for what a page does in a while.
          maxWorkers: 4,
          isolate: false,
          execArgv: [...ROOM_FOR_WHAT_IS_YOUNG, ...COMPILED_ONCE],
          globalSetup: ['tests/support/findChromium.ts', 'tests/support/globalSetup.ts'],
          testTimeout: 60_000,
          hookTimeout: 120_000,
          sequence: { groupOrder: 1 },
        },
      },
    ],
  },
})
