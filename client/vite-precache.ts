// Writes into the service worker what it has to keep: every file of this build that the app needs to open, and a version that follows from them.
import type { Plugin } from 'vite'

/** Letters that few people need, and names of emoji in other languages; the worker keeps them once they were asked for. */
const onDemand = /-(?:cyrillic|cyrillic-ext|greek|greek-ext|vietnamese)-|\/annotations-/

/** From client/public, which the bundle does not list. */
const publicFiles = ['./icon.svg', './icon-192.png', './manifest.webmanifest', './theme.js']

/** FNV-1a over the text, in hexadecimal: two builds that differ must not share a name, nothing more. */
function fingerprint(text: string): string {
  let hash = 0xcbf29ce484222325n
  for (const unit of text) hash = ((hash ^ BigInt(unit.codePointAt(0) ?? 0)) * 0x100000001b3n) & 0xffffffffffffffffn
  return hash.toString(16).padStart(16, '0')
}

export const precache = (): Plugin => ({
  name: 'skein-precache',
  apply: 'build',
  enforce: 'post',
  generateBundle(_options, bundle) {
    const worker = bundle['worker.js']
    if (worker?.type !== 'chunk') return
    const files = Object.values(bundle).filter((file) => file !== worker && !file.fileName.endsWith('.map') && !onDemand.test(file.fileName))
    const page = files.find((file) => file.fileName === 'index.html')
    const paths = ['./', ...publicFiles, ...files.filter((file) => file !== page).map((file) => `./${file.fileName}`)].toSorted()
    const version = fingerprint(JSON.stringify([paths, page?.type === 'asset' ? String(page.source) : '', worker.code]))
    worker.code = worker.code.replace('__VERSION__', version).replace(/(['"`])__PRECACHE__\1/, JSON.stringify(paths))
  },
})
