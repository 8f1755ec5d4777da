// The refresh cookie for programs without a browser: kept in the device's store, sent to the routes of the session only.
import type { LocalStore, StoreFactory } from '../store/store.ts'
import { put } from '../store/store.ts'

type Fetch = (url: string, init: RequestInit) => Promise<Response>

const AUTH = '/api/auth/'

/** A fetch that keeps the server's cookies for `/api/auth`, in the store of that name. */
export function withCookies(fetch: Fetch, stores: StoreFactory, name: string): Fetch {
  let store: Promise<LocalStore> | null = null
  const open = (): Promise<LocalStore> => (store ??= stores.open(name, () => {}))

  return async (url, init) => {
    const { pathname, origin } = new URL(url)
    if (!pathname.startsWith(AUTH)) return fetch(url, init)
    const jar = await open()
    const kept = await jar.get('meta', `cookie ${origin}`)
    // The server takes cookies only from its own page.
    const headers = { ...(init.headers as Record<string, string>), origin, ...(kept ? { cookie: kept.value } : {}) }
    const response = await fetch(url, { ...init, headers })
    for (const line of response.headers.getSetCookie()) {
      const [pair = ''] = line.split(';')
      const ended = /;\s*max-age=0\b/i.test(line) || pair.endsWith('=')
      await jar.write([ended ? { remove: 'meta', key: `cookie ${origin}` } : put('meta', { key: `cookie ${origin}`, value: pair })], true)
    }
    return response
  }
}
