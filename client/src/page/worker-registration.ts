// Keeps the app on this device by its service worker, and says when a new version waits.

const CHECK_EVERY_MS = 60 * 60_000

/** Calls `ready` with a function that switches to the new version, whenever one is there. A failure costs opening offline, nothing else. */
export async function registerWorker(ready: (takeOver: () => void) => void): Promise<void> {
  const { serviceWorker } = navigator
  const registration = await serviceWorker.register(new URL('./worker.js', document.baseURI))
  const offer = (worker: ServiceWorker | null): void => {
    // The very first worker replaces nothing.
    if (worker?.state !== 'installed' || !serviceWorker.controller) return
    ready(() => {
      serviceWorker.addEventListener('controllerchange', () => location.reload(), { once: true })
      worker.postMessage('take-over')
    })
  }
  offer(registration.waiting)
  registration.addEventListener('updatefound', () => {
    const { installing } = registration
    installing?.addEventListener('statechange', () => offer(installing))
  })
  setInterval(() => void registration.update().catch(() => undefined), CHECK_EVERY_MS)
}
