// The engine's face: a session, and for who is logged in a profile. Values are cached until something changes, so that they can be compared.
import { createAccountCalls } from './account-calls.ts'
import { openSession, type Session } from './session.ts'
import { createHttp } from './http.ts'
import { createNotifier } from './notifier.ts'
import { inBackground, type Ports } from './ports.ts'
import { openProfile, type Profile } from './profile.ts'
import { openTabChannel } from './tab-channel.ts'
import { openGuardedStore, type GuardedStore } from './store/guarded-store.ts'
import type { StoreFactory } from './store/store.ts'
import {
  EngineError,
  type ChatItem,
  type Engine,
  type NetworkState,
  type OutboxItem,
  type Person,
  type SessionState,
  type StorageState,
} from './types.ts'

export interface EngineOptions {
  /** The server's http origin, such as `https://chat.example.org`. */
  server: string
  store: StoreFactory
  ports: Ports
}

interface Shown {
  network: NetworkState
  chats: readonly ChatItem[]
  people: readonly Person[]
  outbox: readonly OutboxItem[]
  storage: StorageState
}

const NOTHING: Shown = {
  network: { connected: false, offlineSince: null, waiting: 0, nextTryAt: null, stuck: false, outdated: false },
  chats: [],
  people: [],
  outbox: [],
  storage: { usedBytes: 0, budgetBytes: 0, persisted: null, failed: false },
}

/** Starts the engine. What is on the device is shown as soon as `ready` resolves; everything else follows by itself. */
export function createEngine({ server: origin, store: factory, ports }: EngineOptions): Engine {
  const server = origin.replace(/\/+$/, '')
  const notifier = createNotifier(ports)
  let device: GuardedStore | null = null
  let session: Session | null = null
  let profile: Profile | null = null
  let shown: Shown | null = NOTHING
  let closed = false
  let outdated = false
  const http = createHttp(server, ports)
  const storeName = (who: string): string => `skein ${server} ${who}`

  function changed(): void {
    shown = null
    notifier.changed()
  }
  function show(): Shown {
    if (shown) return shown
    shown = profile
      ? { network: profile.network, chats: profile.chats(), people: profile.people(), outbox: profile.outbox(), storage: profile.storage }
      : NOTHING
    if (outdated) shown = { ...shown, network: { ...shown.network, connected: false, outdated } }
    return shown
  }
  /** Lets go of all that is stored, for a newer program in another tab. What is shown stays. */
  function retire(): void {
    outdated = true
    profile?.retire()
    device?.retire()
    changed()
  }
  const otherTabs = openTabChannel(
    ports,
    storeName('session'),
    (message) => {
      if (message.is === 'session' && !outdated) inBackground(reload(message.discard !== true), ports)
    },
    retire,
  )

  async function reload(keep: boolean): Promise<void> {
    await session?.reload()
    await enter(keep)
  }
  /** Opens the profile of who is logged in, and closes that of anybody else; one call after another. `keep`: what waits there is to be kept. */
  let turn: Promise<void> = Promise.resolve()
  function enter(keep = true): Promise<void> {
    const next = turn.then(
      () => change(keep),
      () => change(keep),
    )
    turn = next.catch(() => {})
    return next
  }
  async function change(keep: boolean): Promise<void> {
    const user = closed ? null : (session?.user ?? null)
    // A tab that slept while another logged out, had the device forget everything and logged in again begins anew, too.
    if (profile && profile.user.id === user?.id && !profile.local.store.deleted) return profile.sessionChanged()
    const before = profile
    profile = null
    changed()
    await before?.close(keep)
    if (!user || !session) return
    profile = await openProfile({ server, user, name: storeName(user.id), factory, session, ports, changed, outdated: retire })
    if (outdated) profile.retire()
    changed()
  }
  function loggedIn(): Profile {
    if (!profile) throw new EngineError('not-logged-in', 'Log in first.')
    return profile
  }

  const ready = (async () => {
    device = await openGuardedStore({
      factory,
      name: storeName('device'),
      ports,
      makeRoom: async () => false,
      rescue: async () => {},
      outdated: retire,
    })
    session = await openSession({ ports, http, device, lock: `${storeName('session')} refresh`, changed })
    await enter()
  })()
  ready.catch(() => {})

  async function opened(): Promise<Session> {
    await ready
    if (!session || closed) throw new EngineError('not-open', 'The engine is closed.')
    return session
  }
  const stopListening = ports.onlineEvents?.((online) => (online ? profile?.connect() : profile?.disconnected()))

  return {
    get session(): SessionState {
      if (!session) return { status: 'starting' }
      return session.user && profile
        ? { status: 'logged-in', user: session.user, needsPassword: session.needsPassword }
        : session.user
          ? { status: 'starting' }
          : { status: 'logged-out' }
    },
    get network() {
      return show().network
    },
    get chats() {
      return show().chats
    },
    get people() {
      return show().people
    },
    get outbox() {
      return show().outbox
    },
    get storage() {
      return show().storage
    },
    subscribe: notifier.subscribe,
    ready,
    login: async (email, password) => {
      const loggedOut = await (await opened()).login(email, password)
      otherTabs.post({ is: 'session' })
      await enter()
      return { loggedOut }
    },
    register: async (email, name, password, invitation) => {
      await (await opened()).register(email, name, password, invitation)
      otherTabs.post({ is: 'session' })
      await enter()
    },
    account: createAccountCalls(http, opened),
    logout: async (waiting) => {
      const now = await opened()
      const name = profile ? storeName(profile.user.id) : null
      const documents = waiting === 'discard' && profile ? await profile.local.store.all('documents') : []
      await now.logout()
      // The other tabs let go of the store before it is deleted (I2).
      otherTabs.post({ is: 'session', discard: waiting === 'discard' })
      await enter(waiting === 'keep')
      if (waiting === 'keep' || !name) return
      for (const document of documents) await ports.documentCache?.remove(document.name).catch(() => {})
      await factory.remove(name).catch(() => {})
    },
    directChat: (person) => loggedIn().directChat(person),
    chatByEmail: (email) => loggedIn().chatByEmail(email),
    openChat: (chat) => loggedIn().openChat(chat),
    keepOffline: (chat, keep) => loggedIn().keepOffline(chat, keep),
    send: (chat, text, options) =>
      loggedIn().writer.send(chat, {
        text,
        ...(options?.replyTo ? { replyTo: options.replyTo.id, replyToAuthor: options.replyTo.author } : {}),
        ...(options?.mentions?.length ? { mentions: options.mentions } : {}),
      }),
    edit: (chat, message, text) => loggedIn().writer.edit(chat, message, text),
    delete: (chat, message) => loggedIn().writer.delete(chat, message),
    react: (chat, message, emoji, on) => loggedIn().writer.react(chat, message, emoji, on),
    retry: (operation, text) => loggedIn().retry(operation, text),
    editQueued: (operation, text) => loggedIn().writer.rewrite(operation, text),
    discard: (operation) => loggedIn().writer.discard(operation),
    exportOutbox: (format) => loggedIn().exportOutbox(format),
    connect: () => profile?.connect(),
    documentState: (chat) => profile?.documentState(chat) ?? null,
    close: async () => {
      await ready.catch(() => {})
      closed = true
      stopListening?.()
      otherTabs.close()
      await enter()
      notifier.close()
      await device?.close()
    },
  }
}
