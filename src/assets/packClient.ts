import { execFileSync } from 'node:child_process'
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join, relative, resolve } from 'node:path'
import { build } from 'esbuild'
import { PROJECT_ROOT } from '../root.js'

/** `npm run pack:client -- DIR`: writes DIR/rollcall-<version>.tgz, what apps install. It needs none of the server. */
const [directory = '.'] = process.argv.slice(2)
const stage = mkdtempSync(join(tmpdir(), 'rollcall-client-'))
try {
  await writeCode()
  writeTypes()
  writePackage()
  const target = resolve(directory)
  mkdirSync(target, { recursive: true })
  const [packed] = JSON.parse(run('npm', ['pack', '--json', '--ignore-scripts', '--pack-destination', target], stage))
  console.log(join(target, packed.filename))
} finally {
  rmSync(stage, { recursive: true, force: true })
}

async function writeCode() {
  await build({
    entryPoints: [join(PROJECT_ROOT, 'src/client/index.ts')],
    outfile: join(stage, 'client.js'),
    bundle: true,
    format: 'esm',
    platform: 'neutral',
    target: 'es2022',
    logLevel: 'error',
  })
}

/** The declarations that the door leads to, with their docstrings, and no others. */
function writeTypes() {
  const emitted = join(stage, 'emitted')
  const options = [
    '--declaration',
    '--emitDeclarationOnly',
    '--noEmit',
    'false',
    '--rootDir',
    join(PROJECT_ROOT, 'src'),
  ]
  const language = ['--module', 'NodeNext', '--target', 'ES2022', '--strict', '--skipLibCheck', '--types', 'node']
  const entry = join(PROJECT_ROOT, 'src/client/index.ts')
  run('npx', ['tsc', '--ignoreConfig', ...options, ...language, '--outDir', emitted, entry], PROJECT_ROOT)
  const found = new Set<string>()
  const follow = (file: string) => {
    if (found.has(file)) return
    found.add(file)
    const text = readFileSync(file, 'utf8')
    for (const [, path = ''] of text.matchAll(/from '(\.[^']+)\.js'/g)) follow(join(dirname(file), `${path}.d.ts`))
    const target = join(stage, 'types', relative(emitted, file))
    mkdirSync(dirname(target), { recursive: true })
    writeFileSync(target, text)
  }
  follow(join(emitted, 'client/index.d.ts'))
  rmSync(emitted, { recursive: true })
}

function writePackage() {
  const { name, version, license, engines } = JSON.parse(readFileSync(join(PROJECT_ROOT, 'package.json'), 'utf8'))
  const description = 'Check Rollcall sessions in your app: a look-up in memory, and what was ended is refused at once.'
  const entry = { types: './types/client/index.d.ts', default: './client.js' }
  const published = {
    name,
    version,
    description,
    license,
    type: 'module',
    sideEffects: false,
    engines,
    exports: { './client': entry, './package.json': './package.json' },
  }
  writeFileSync(join(stage, 'package.json'), `${JSON.stringify(published, null, 2)}\n`)
  cpSync(join(PROJECT_ROOT, 'LICENSE'), join(stage, 'LICENSE'))
  writeFileSync(join(stage, 'README.md'), `# rollcall/client\n${clientSection()}`)
}

/** The README says it once. */
function clientSection(): string {
  const readme = readFileSync(join(PROJECT_ROOT, 'README.md'), 'utf8')
  const section = /^## Check sessions from your app\n([\s\S]*?)(?=^## )/m.exec(readme)?.[1]
  if (!section) throw new Error('the README has no section "Check sessions from your app"')
  return section
}

function run(command: string, words: string[], cwd: string): string {
  return execFileSync(command, words, { cwd, encoding: 'utf8', stdio: ['ignore', 'pipe', 'inherit'] })
}
