import { defineConfig } from 'vitest/config'

/** The planted bugs, by themselves: `npm run proof:planted`. They take minutes, and prove the simulation, not the engine. */
export default defineConfig({ test: { include: ['tests/proof/planted.test.ts'] } })
