import { execFileSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { basename, extname, join } from 'node:path'
import { brotliCompressSync, constants, gzipSync } from 'node:zlib'
import { transformSync } from 'esbuild'
import { PROJECT_ROOT } from '../root.js'
import { fontFiles } from './fonts.js'
import { type LandTopology, landSvg } from './land.js'
import { iconsSvg, maskSvgs, rareMaskSvgs } from './sprite.js'

/*
 * Makes static/build: what the pages load, each file under a name that carries the hash of its content, with its
 * brotli and gzip forms beside it, and a manifest from plain names to hashed ones. Run after `tsc` by `npm run build`.
 */
const packages = join(PROJECT_ROOT, 'node_modules')
const out = join(PROJECT_ROOT, 'static', 'build')
// Beside the compiled files, where no tool looks, until it is whole.
const fresh = join(PROJECT_ROOT, 'dist', `static.${process.pid}`)

const manifest: Record<string, string> = {}

process.on('exit', () => rmSync(fresh, { recursive: true, force: true }))
for (const { name, content } of await fontFiles(packages)) add(name, content)
addFlags()
add('icons.svg', iconsSvg(packages))
for (const { name, svg } of rareMaskSvgs(packages)) add(`masks/${name}.svg`, svg)
add('land.svg', landSvg(JSON.parse(read('world-atlas/land-110m.json')) as LandTopology))
add('favicon.svg', readFileSync(join(PROJECT_ROOT, 'static', 'favicon.svg')))
add(
  'htmx.js',
  ['dist/htmx.min.js', 'dist/ext/hx-csp.min.js', 'dist/ext/hx-preload.min.js']
    .map((file) => read(`htmx.org/${file}`))
    .join('\n;\n')
    .replace(/^\/\/# sourceMappingURL.*$/gm, ''),
)
add('rollcall.js', ownScripts())
add('rollcall.css', stylesheet('main.css') + maskRules())
add('alone.css', stylesheet('alone.css'))
writeFileSync(join(fresh, 'manifest.json'), JSON.stringify(manifest, null, 1))
// A server that runs meanwhile finds one or the other.
const old = `${fresh}.old`
if (existsSync(out)) renameSync(out, old)
renameSync(fresh, out)
rmSync(old, { recursive: true, force: true })

function addFlags(): void {
  const folder = join(packages, 'country-flag-icons', '3x2')
  for (const file of readdirSync(folder)) {
    if (/^[A-Z]{2}\.svg$/.test(file)) add(`flags/${file.toLowerCase()}`, readFileSync(join(folder, file)))
  }
}

/** Our own scripts are plain ones without imports: one file, each in a scope of its own. */
function ownScripts(): string {
  const folder = join(PROJECT_ROOT, 'static', 'js')
  const files = readdirSync(folder)
    .filter((file) => file.endsWith('.js'))
    .sort()
  const whole = files.map((file) => `{\n${readFileSync(join(folder, file), 'utf8')}}\n`).join('')
  return transformSync(`'use strict'\n${whole}`, { minify: true, target: 'es2022', legalComments: 'inline' }).code
}

/** Tailwind's command line puts the layers together; `asset:` addresses become those of the hashed files. */
function stylesheet(name: string): string {
  const target = join(fresh, 'tailwind.css')
  execFileSync(
    process.execPath,
    [
      join(packages, '@tailwindcss', 'cli', 'dist', 'index.mjs'),
      '-i',
      join(PROJECT_ROOT, 'static', 'css', name),
      '-o',
      target,
      '--minify',
    ],
    { cwd: PROJECT_ROOT, stdio: ['ignore', 'ignore', 'inherit'] },
  )
  const css = readFileSync(target, 'utf8')
  rmSync(target)
  return css.replace(/url\(["']?asset:([^"')]+)["']?\)/g, (_, name: string) => {
    const file = manifest[name]
    if (!file) throw new Error(`static/css asks for asset:${name}, which is not there`)
    return `url(/static/${file})`
  })
}

/** What a `data-mask` is drawn with. A request for each would cost a browser more than the bytes. */
function maskRules(): string {
  const inline = (svg: string) => `data:image/svg+xml,${svg.replaceAll("'", '%27').replaceAll('#', '%23')}`
  return [
    ...maskSvgs(packages).map(({ name, svg }) => [name, inline(svg)]),
    ...rareMaskSvgs(packages).map(({ name }) => [name, `/static/${manifest[`masks/${name}.svg`]}`]),
  ]
    .map(([name, address]) => `[data-mask="${name}"]{mask-image:url('${address}')}`)
    .join('')
}

function add(name: string, content: string | Buffer): void {
  const bytes = Buffer.from(content)
  const extension = extname(name)
  const hash = createHash('sha256').update(bytes).digest('base64url').replace(/[-_]/g, '').slice(0, 10)
  const file = join(name, '..', `${basename(name, extension)}.${hash}${extension}`)
  const path = join(fresh, file)
  mkdirSync(join(path, '..'), { recursive: true })
  writeFileSync(path, bytes)
  if (extension !== '.woff2') {
    packed(`${file}.br`, () => brotliCompressSync(bytes, { params: { [constants.BROTLI_PARAM_QUALITY]: 11 } }))
    packed(`${file}.gz`, () => gzipSync(bytes, { level: 9 }))
  }
  manifest[name] = file
}

/** Takes the one of the build before, whose name says that it is the same: packing is most of the work. */
function packed(file: string, pack: () => Buffer): void {
  const earlier = join(out, file)
  writeFileSync(join(fresh, file), existsSync(earlier) ? readFileSync(earlier) : pack())
}

function read(path: string): string {
  return readFileSync(join(packages, path), 'utf8')
}
