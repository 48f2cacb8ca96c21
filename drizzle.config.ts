import { defineConfig } from 'drizzle-kit'

export default defineConfig({
  dialect: 'postgresql',
  schema: [
    './src/db/schema.ts',
    './src/db/schemaForward.ts',
    './src/db/schemaImports.ts',
    './src/db/schemaSeals.ts',
    './src/db/schemaStored.ts',
    './src/db/schemaWebhooks.ts',
  ],
  out: './drizzle',
})
