import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { snippetsFor } from '../../../src/admin/snippets.js'
import { caddySnippet, nginxSnippet } from '../../../src/admin/snippetsProxy.js'
import { PROJECT_ROOT } from '../../../src/root.js'
import { readmeBlock } from '../../support/readme.js'

const readme = readFileSync(join(PROJECT_ROOT, 'README.md'), 'utf8')
const inReadme = (language: string) => new RegExp(`\`\`\`${language}\\n([^]*?)\`\`\``).exec(readme)?.[1]

describe('the lines that the panel shows', () => {
  const names = {
    rollcall: 'rollcall.example.com',
    host: 'wiki.example.com',
    rollcallAt: '127.0.0.1:3000',
    appAt: '127.0.0.1:8080',
    certificate: 'example.com',
  }

  it('for a proxy are to the letter what the README has, where real proxies run them', () => {
    expect(nginxSnippet(names)).toBe(inReadme('nginx'))
    expect(caddySnippet(names)).toBe(inReadme('caddyfile'))
  })

  it('for Node without a framework are to the letter what the README has', () => {
    const [lines] = snippetsFor('node', { ...names, url: 'https://rollcall.example.com' })
    expect(lines?.text).toBe(readmeBlock('js', "from 'node:http'"))
  })
})
