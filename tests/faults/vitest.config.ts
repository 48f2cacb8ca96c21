import { defineConfig } from 'vitest/config'

/** By itself, on a machine that has nothing else to do: `npm run proof:faults`. */
export default defineConfig({
  test: {
    include: ['tests/faults/**/*.test.ts'],
    globalSetup: 'tests/support/globalSetup.ts',
    hookTimeout: 120_000,
  },
})
