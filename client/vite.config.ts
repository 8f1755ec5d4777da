// Builds the app page and <chat-app> into client/dist; `vite` alone serves them with the API of a running server behind.
import tailwindcss from '@tailwindcss/vite'
import { fileURLToPath } from 'node:url'
import { defineConfig } from 'vite'
import { precache } from './vite-precache.ts'
import { shadowCss } from './vite-shadow-css.ts'
import { templateSpace } from './vite-template-space.ts'

const here = (path: string): string => fileURLToPath(new URL(path, import.meta.url))
const server = 'http://127.0.0.1:8787'
const page = here('index.html')

/** What the page imports, and what that imports: a first open has it in one file, since several are larger when packed. */
let firstOpen: Set<string> | null = null
/** Imported where the page begins, too, and shaken out of it. */
const LATE = /[\\/]node_modules[\\/](?:yjs|lib0)/
const SHAKEN =
  /[\\/](?:node_modules[\\/](?:@noble|hono)|protocol[\\/]src[\\/](?:chain|run|erase|feed-digest|entries|history-cursor|names|scopes|fold)\.ts)/
function nameOf(id: string, modules: { getModuleInfo(id: string): { importedIds: readonly string[] } | null }): string | null {
  if (!firstOpen) {
    firstOpen = new Set([page])
    for (const each of firstOpen) for (const imported of modules.getModuleInfo(each)?.importedIds ?? []) firstOpen.add(imported)
  }
  return firstOpen.has(id) && !LATE.test(id) ? (SHAKEN.test(id) ? 'late' : 'first') : null
}

export default defineConfig({
  root: here('.'),
  plugins: [tailwindcss(), shadowCss(), templateSpace(), precache()],
  // Two copies of Yjs in one page do not know each other's types.
  resolve: {
    dedupe: ['yjs', 'y-protocols', 'lib0'],
    alias: [{ find: /^zod$/, replacement: here('src/small-zod.ts') }],
  },
  server: { proxy: { '/api': server, '/health': server, '/sync': { target: server, ws: true } } },
  build: {
    outDir: here('dist'),
    target: 'es2022',
    // As new as the script's own `Promise.withResolvers` and popovers ask for, and `light-dark()`.
    cssTarget: ['chrome123', 'firefox125', 'safari17.5'],
    // A font or icon inside the style sheet would be loaded by everybody; and `data:` is more than a strict CSP allows.
    assetsInlineLimit: 0,
    modulePreload: false,
    rolldownOptions: {
      input: { index: page, worker: here('src/worker/worker.ts') },
      // A service worker's address must not change from version to version.
      output: {
        entryFileNames: ({ name }) => (name === 'worker' ? 'worker.js' : 'assets/[name]-[hash].js'),
        codeSplitting: { includeDependenciesRecursively: false, groups: [{ debugName: 'first', name: nameOf }] },
      },
    },
  },
})
