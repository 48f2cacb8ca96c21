import { execFileSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { basename, extname, join } from 'node:path'
import { brotliCompressSync, constants, gzipSync } from 'node:zlib'
import { transformSync } from 'esbuild'
import { PROJECT_ROOT } from '../root.js'
import { fontFiles } from './fonts.js'
import { type LandTopology, landSvg } from './land.js'
import { dataAddress, drawn } from './pictures.js'
import { iconsSvg, type Mask, maskSvgs, rareMaskSvgs } from './sprite.js'

/*
 * Makes static/build: what the pages load, each file under a name that carries the hash of its content, with its
 * brotli and gzip forms beside it, and a manifest from plain names to hashed ones. Run after `tsc` by `npm run build`.
 */
const packages = join(PROJECT_ROOT, 'node_modules')
const out = join(PROJECT_ROOT, 'static', 'build')
// Beside the compiled files, where no tool looks, until it is whole.
const fresh = join(PROJECT_ROOT, 'dist', `static.${process.pid}`)

/** These get no smaller. */
const PACKED_ALREADY = ['.woff2', '.png']
const manifest: Record<string, string> = {}

process.on('exit', () => rmSync(fresh, { recursive: true, force: true }))
for (const { name, content } of await fontFiles(packages)) add(name, content)
add('flags.json', JSON.stringify(flagAddresses()))
add('icons.svg', iconsSvg(packages))
for (const { name, size, svg } of [...maskSvgs(packages), ...rareMaskSvgs(packages)])
  add(`masks/${name}-${size}.svg`, svg)
for (const { name, size } of rareMaskSvgs(packages)) add(`masks/${name}-${size}.png`, drawn(`masks/${name}-${size}`))
add('land.svg', landSvg(JSON.parse(read('world-atlas/land-110m.json')) as LandTopology))
add('favicon.svg', readFileSync(join(PROJECT_ROOT, 'static', 'favicon.svg')))
add(
  'htmx.js',
  ['dist/htmx.min.js', 'dist/ext/hx-csp.min.js']
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

/** By country, what an image is drawn from. */
function flagAddresses(): Record<string, string> {
  const countries = readdirSync(join(PROJECT_ROOT, 'static', 'flags')).map((file) => basename(file, '.png'))
  return Object.fromEntries(countries.map((country) => [country, dataAddress(drawn(`flags/${country}`))]))
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

/** What a `data-mask` is drawn with. */
function maskRules(): string {
  return [
    ...maskSvgs(packages).map((mask) => maskRule(mask, dataAddress(drawn(`masks/${mask.name}-${mask.size}`)))),
    ...rareMaskSvgs(packages).map((mask) =>
      maskRule(mask, `/static/${manifest[`masks/${mask.name}-${mask.size}.png`]}`),
    ),
  ].join('')
}

/** The vector is for screens that are finer than what was drawn, and for what is magnified. */
function maskRule({ name, size }: Mask, picture: string): string {
  const vector = `/static/${manifest[`masks/${name}-${size}.svg`]}`
  // One that is drawn in two sizes needs both; that of a mark has no attribute that says it.
  const sized = name === 'globe' && size === 14 ? `[data-size="${size}"]` : ''
  return `[data-mask="${name}"]${sized}{mask-image:image-set(url(${picture}) 2x,url(${vector}) 3x)}`
}

function add(name: string, content: string | Buffer): void {
  const bytes = Buffer.from(content)
  const extension = extname(name)
  const hash = createHash('sha256').update(bytes).digest('base64url').replace(/[-_]/g, '').slice(0, 10)
  const file = join(name, '..', `${basename(name, extension)}.${hash}${extension}`)
  const path = join(fresh, file)
  mkdirSync(join(path, '..'), { recursive: true })
  writeFileSync(path, bytes)
  if (!PACKED_ALREADY.includes(extension)) {
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
