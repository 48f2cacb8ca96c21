import { execFileSync } from 'node:child_process'
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join, relative, resolve } from 'node:path'
import { build } from 'esbuild'
import { PROJECT_ROOT } from '../root.js'

/** Each is one file, in both kinds of module; `external`: of Node, or of what the app has installed. */
interface Door {
  /** As apps import it: `rollcall/...`. */
  paths: string[]
  entry: string
  file: string
  external?: string[]
}

const DOORS: Door[] = [
  { paths: ['.', './client'], entry: 'client/index', file: 'client' },
  { paths: ['./hono'], entry: 'client/honoDoor', file: 'hono' },
  { paths: ['./express'], entry: 'client/express', file: 'express' },
  {
    paths: ['./express-session'],
    entry: 'client/expressSession',
    file: 'express-session',
    external: ['node:*', 'express-session'],
  },
]

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
  for (const { entry, file, external = [] } of DOORS)
    for (const format of ['esm', 'cjs'] as const)
      await build({
        entryPoints: [join(PROJECT_ROOT, `src/${entry}.ts`)],
        outfile: join(stage, format, `${file}.js`),
        bundle: true,
        format,
        external,
        platform: 'neutral',
        target: 'es2022',
        logLevel: 'error',
      })
}

/** The declarations that the doors lead to, with their docstrings, and no others. */
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
  const entries = DOORS.map(({ entry }) => join(PROJECT_ROOT, `src/${entry}.ts`))
  run('npx', ['tsc', '--ignoreConfig', ...options, ...language, '--outDir', emitted, ...entries], PROJECT_ROOT)
  const found = new Set<string>()
  const follow = (file: string) => {
    if (found.has(file)) return
    found.add(file)
    const text = readFileSync(file, 'utf8')
    for (const [, path = ''] of text.matchAll(/(?:from |import\()['"](\.[^'"]+)\.js['"]/g))
      follow(join(dirname(file), `${path}.d.ts`))
    // What a declaration means depends on the kind of module that it stands beside.
    for (const format of ['esm', 'cjs']) {
      const target = join(stage, format, 'types', relative(emitted, file))
      mkdirSync(dirname(target), { recursive: true })
      writeFileSync(target, text)
    }
  }
  for (const { entry } of DOORS) follow(join(emitted, `${entry}.d.ts`))
  rmSync(emitted, { recursive: true })
}

function writePackage() {
  const { name, version, license, engines } = JSON.parse(readFileSync(join(PROJECT_ROOT, 'package.json'), 'utf8'))
  const description = 'Check Rollcall sessions in your app: a look-up in memory, and what was ended is refused at once.'
  const inFormat = (format: string, { entry, file }: Door) => ({
    types: `./${format}/types/${entry}.d.ts`,
    default: `./${format}/${file}.js`,
  })
  const exports = DOORS.flatMap((door) =>
    door.paths.map((path) => [path, { import: inFormat('esm', door), require: inFormat('cjs', door) }]),
  )
  const published = {
    name,
    version,
    description,
    license,
    type: 'module',
    sideEffects: false,
    engines,
    exports: { ...Object.fromEntries(exports), './package.json': './package.json' },
    peerDependencies: { 'express-session': '^1.17.0' },
    peerDependenciesMeta: { 'express-session': { optional: true } },
  }
  writeFileSync(join(stage, 'package.json'), `${JSON.stringify(published, null, 2)}\n`)
  writeFileSync(join(stage, 'cjs', 'package.json'), '{ "type": "commonjs" }\n')
  cpSync(join(PROJECT_ROOT, 'LICENSE'), join(stage, 'LICENSE'))
  writeFileSync(join(stage, 'README.md'), `# rollcall\n${clientSection()}`)
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
