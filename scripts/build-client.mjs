// Builds client/dist when a source is newer than it, and packs what packing makes smaller. Run by Node 24.
import { existsSync, globSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { brotliCompressSync, gzipSync } from 'node:zlib'

/** Builds whose hashed files stay: pages that are open since before a deploy still ask for theirs (V7). */
const KEPT_BUILDS = 3

/** What is text; pictures and fonts are packed already. */
const PACKABLE = /\.(?:html|js|css|svg|webmanifest)$/
/** What a first open waits for is packed as tightly as the format allows, which takes seconds. */
const FIRST = /^assets\/index-/

const root = fileURLToPath(new URL('..', import.meta.url))
const dist = join(root, 'client', 'dist')
const record = join(dist, '.builds.json')
// Folders too: deleting a file touches only the folder it stood in.
const sources = globSync(
  ['client/*.{html,ts,json}', 'client/{src,public}{,/**/*}', 'packages/{engine,http,protocol}/src{,/**/*}', 'package-lock.json'],
  {
    cwd: root,
    exclude: (path) => path.endsWith('.test.ts'),
  },
)
/** Half a file under its name would be served for ever. */
function writeWhole(path, bytes) {
  writeFileSync(`${path}.part`, bytes)
  renameSync(`${path}.part`, path)
}

const newest = Math.max(...sources.map((path) => statSync(join(root, path)).mtimeMs))

if (!existsSync(record) || statSync(record).mtimeMs < newest) {
  console.log('Building the client…')
  // Nobody is to meet a sentence that their language has not.
  const { checkSentences } = await import('./sentences.mjs')
  const missing = checkSentences()
  if (missing.length) throw new Error(missing.join('\n'))
  const { build } = await import('vite')
  const { default: zopfli } = await import('@gfx/zopfli')
  const result = await build({
    root: join(root, 'client'),
    configFile: join(root, 'client', 'vite.config.ts'),
    mode: 'production',
    logLevel: 'warn',
    build: { outDir: dist, emptyOutDir: false },
  })
  const files = [result].flat().flatMap((part) => part.output.map((file) => file.fileName))
  const earlier = existsSync(record) ? JSON.parse(readFileSync(record, 'utf8')) : []
  const builds = [files, ...earlier].slice(0, KEPT_BUILDS)
  const kept = new Set(builds.flat())
  for (const file of globSync('assets/**/*', { cwd: dist, withFileTypes: true })) {
    const path = join(file.parentPath, file.name)
    if (file.isFile() && !kept.has(path.slice(dist.length + 1).replace(/\.(?:gz|br)$/, ''))) rmSync(path)
  }
  for (const file of globSync('**/*', { cwd: dist })) {
    // A hashed file never changes.
    if (!PACKABLE.test(file) || (file.startsWith('assets/') && existsSync(join(dist, `${file}.br`)))) continue
    const bytes = readFileSync(join(dist, file))
    writeWhole(join(dist, `${file}.gz`), FIRST.test(file) ? await zopfli.gzipAsync(bytes, {}) : gzipSync(bytes, { level: 9 }))
    writeWhole(join(dist, `${file}.br`), brotliCompressSync(bytes))
  }
  // Last, and as the file that the next start compares with: a build that broke off is no build.
  writeFileSync(record, JSON.stringify(builds))
}
