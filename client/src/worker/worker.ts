// The service worker: keeps the app itself, so that it opens without a network, and shows the notifications that a page asks for. It never touches what belongs to the server (/api, /sync), and a new
// version waits until the person agrees or every tab is closed. The build writes the list of files and the version into it.
import type { ToWorker } from './messages.ts'

declare const self: ServiceWorkerGlobalScope

const PREFIX = 'skein-app-'
const CACHE = `${PREFIX}__VERSION__`
const FILES = '__PRECACHE__' as unknown as string[]
/** This version's cache and the one before: an open page may still ask for a file of the version it came from (V7). */
const KEPT = 2

self.addEventListener('install', (event) => event.waitUntil(fill()))
self.addEventListener('activate', (event) => event.waitUntil(dropOld()))
self.addEventListener('message', (event) => {
  const said = event.data as ToWorker
  if (said === 'take-over') event.waitUntil(self.skipWaiting())
  else event.waitUntil(said.is === 'new' ? show(said) : hide(said.chat))
})
self.addEventListener('notificationclick', (event) => {
  event.notification.close()
  event.waitUntil(open(event.notification.tag))
})
self.addEventListener('fetch', (event) => {
  const { request } = event
  const url = new URL(request.url)
  if (request.method !== 'GET' || url.origin !== self.location.origin || request.headers.has('range')) return
  const path = url.pathname.slice(new URL('./', self.location.href).pathname.length)
  if (request.mode === 'navigate' && ['', 'index.html', 'share'].includes(path)) event.respondWith(answer(new Request('./'), request))
  else if (path.startsWith('assets/') || FILES.includes(`./${path}`)) event.respondWith(answer(request, request))
})

/** Also those that were there before this worker. */
const pages = (): Promise<readonly WindowClient[]> => self.clients.matchAll({ type: 'window', includeUncontrolled: true })

/** One for each chat; none where another tab is in front of the person. */
async function show({ chat, title, words, lang, dir }: Extract<ToWorker, { is: 'new' }>): Promise<void> {
  if ((await pages()).some((page) => page.focused)) return
  await self.registration.showNotification(title, { body: words, tag: chat, lang, dir, icon: './icon-192.png' })
}
async function hide(chat: string): Promise<void> {
  for (const notification of await self.registration.getNotifications({ tag: chat })) notification.close()
}
async function open(chat: string): Promise<void> {
  // The one that was looked at last comes first.
  const [page] = await pages()
  if (!page) return void (await self.clients.openWindow(`./#${chat}`))
  page.postMessage({ open: chat })
  await page.focus()
}

async function fill(): Promise<void> {
  const cache = await caches.open(CACHE)
  await Promise.all(
    FILES.map(async (file) => {
      // A hashed file never changes, so the last version's copy will do; everything else comes from the server, past the browser's own cache.
      const kept = file.startsWith('./assets/') ? await caches.match(file) : undefined
      const response = kept ?? (await fetch(file, { cache: 'reload' }))
      if (!response.ok) throw new Error(`${file}: ${response.status}`)
      await cache.put(file, response)
    }),
  )
}

async function dropOld(): Promise<void> {
  // In the order in which they were made.
  const names = (await caches.keys()).filter((name) => name.startsWith(PREFIX) && name !== CACHE)
  await Promise.all(names.slice(0, Math.max(0, names.length - KEPT + 1)).map((name) => caches.delete(name)))
}

/** From this version's cache, else an older one's, else the network; what the network gives of `assets/` is kept too (fonts of further scripts). */
async function answer(key: Request, request: Request): Promise<Response> {
  const cache = await caches.open(CACHE)
  const kept = (await cache.match(key)) ?? (await caches.match(key))
  if (kept) return kept
  const response = await fetch(request)
  if (response.ok && new URL(request.url).pathname.includes('/assets/')) await cache.put(key, response.clone())
  return response
}
