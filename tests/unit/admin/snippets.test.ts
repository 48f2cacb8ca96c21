import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { caddySnippet, nginxSnippet } from '../../../src/admin/snippetsProxy.js'
import { PROJECT_ROOT } from '../../../src/root.js'

const readme = readFileSync(join(PROJECT_ROOT, 'README.md'), 'utf8')
const inReadme = (language: string) => new RegExp(`\`\`\`${language}\\n([^]*?)\`\`\``).exec(readme)?.[1]

describe('the lines for a proxy that the panel shows', () => {
  const names = {
    rollcall: 'rollcall.example.com',
    host: 'wiki.example.com',
    rollcallAt: '127.0.0.1:3000',
    appAt: '127.0.0.1:8080',
    certificate: 'example.com',
  }

  it('are to the letter what the README has, where real proxies run them', () => {
    expect(nginxSnippet(names)).toBe(inReadme('nginx'))
    expect(caddySnippet(names)).toBe(inReadme('caddyfile'))
  })
})
