// The engine's face: a session, and for who is logged in a profile. Values are cached until something changes, so that they can be compared.
import { createAsk, openSession, type AccountSession, type Session } from './session.ts'
import { lateAccountCalls, lateHttp } from './late-calls.ts'
import { pictureAt } from './pictures.ts'
import { createNotifier } from './notifier.ts'
import { inBackground, type Ports } from './ports.ts'
import { openProfile, type Profile } from './profile.ts'
import { openTabChannel } from './tab-channel.ts'
import { openGuardedStore, type GuardedStore } from './store/guarded-store.ts'
import type { StoreFactory } from './store/store.ts'
import { openTokenSession } from './token-session.ts'
import {
  EngineError,
  type ChatItem,
  type Engine,
  type Identity,
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
  /** The embedding page says who is logged in; without it people log in here, which works on the server's own pages alone. */
  identity?: Identity | undefined
}

interface Shown {
  network: NetworkState
  chats: readonly ChatItem[]
  people: readonly Person[]
  outbox: readonly OutboxItem[]
  storage: StorageState
}

const NOTHING: Shown = {
  network: { connected: false, offlineSince: null, waiting: 0, nextTryAt: null, stuck: false, outdated: false, incomplete: false },
  chats: [],
  people: [],
  outbox: [],
  storage: { usedBytes: 0, budgetBytes: 0, persisted: null, failed: false },
}

/** Starts the engine. What is on the device is shown as soon as `ready` resolves; everything else follows by itself. */
export function createEngine({ server: origin, store: factory, ports, identity }: EngineOptions): Engine {
  const server = origin.replace(/\/+$/, '')
  const notifier = createNotifier(ports)
  let device: GuardedStore | null = null
  let session: AccountSession | null = null
  let profile: Profile | null = null
  let shown: Shown | null = NOTHING
  let closed = false
  let outdated = false
  const http = lateHttp(server, ports, identity ? 'omit' : 'include')
  const storeName = (who: string): string => `skein ${server} ${who}`
  // On a page of the server's own, people who log in here are others than those whom the page names.
  const sessionName = storeName(identity ? 'page session' : 'session')
  const isShown = (): boolean => profile !== null && profile.user.id === session?.user?.id

  function changed(): void {
    shown = null
    notifier.changed()
  }
  function show(): Shown {
    if (shown) return shown
    shown =
      profile && isShown()
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
    sessionName,
    (message) => {
      if (message.is !== 'session' || outdated) return
      // On a page with logins of its own each tab may have another person.
      const isWhose = message.whose === undefined || message.whose === session?.user?.id
      inBackground(reload(message.discard === true && isWhose), ports)
    },
    retire,
  )

  async function reload(discard: boolean): Promise<void> {
    await session?.reload(discard)
    await enter(!discard)
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
    const isSame = profile !== null && profile.user.id === user?.id
    if (isSame && !keep) await profile?.forget()
    if (isSame && !profile?.local.store.deleted) return profile?.sessionChanged()
    const before = profile
    profile = null
    changed()
    await before?.close(keep)
    if (!user || !session) return
    const name = storeName(user.id)
    const next = await openProfile({ server, user, name, factory, session: sessionOf(user.id, session), ports, changed, outdated: retire })
    profile = next
    // Only memory had what was written after the store was deleted.
    if (before && isSame) await next.takeOver(before.local)
    if (outdated) profile.retire()
    changed()
  }
  /** What is left of a profile that closes does nothing in another's name (W7). */
  function sessionOf(person: string, whole: AccountSession): Session {
    const isTheirs = (): void => {
      if (whole.user?.id !== person) throw new EngineError('session-ended', 'Somebody else is logged in now.')
    }
    const token = async (): Promise<string> => {
      isTheirs()
      const value = await whole.token()
      isTheirs()
      return value
    }
    return {
      get needsPassword() {
        return whole.needsPassword
      },
      token,
      expire: whole.expire,
      ask: createAsk(http, { token, expire: whole.expire }),
    }
  }
  function loggedIn(): Profile {
    if (!profile || !isShown()) throw new EngineError('not-logged-in', 'Log in first.')
    return profile
  }

  const ready = (async () => {
    device = await openGuardedStore({
      factory,
      name: storeName(identity ? 'page device' : 'device'),
      ports,
      makeRoom: async () => false,
      rescue: async () => {},
      outdated: retire,
    })
    session = identity
      ? await openTokenSession({ ports, http, device, identity, changed, entered: enter })
      : await openSession({ ports, http, device, lock: `${sessionName} refresh`, changed })
    await enter()
    inBackground(session.tokenChanged(), ports)
  })()
  ready.catch(() => {})

  async function opened(): Promise<AccountSession> {
    await ready
    if (!session || closed) throw new EngineError('not-open', 'The engine is closed.')
    return session
  }
  async function logout(waiting: 'keep' | 'discard'): Promise<void> {
    const now = await opened()
    // Of whoever is shown: a profile that still closes is somebody else's.
    const theirs = isShown() ? profile : null
    const whose = theirs?.user.id
    const name = whose === undefined ? null : storeName(whose)
    if (waiting === 'keep' && theirs && !(await theirs.local.isKept())) throw new EngineError('unsaved', 'What waits to be sent cannot be saved.')
    // Somebody else may have come meanwhile.
    if (now.user?.id !== whose && whose !== undefined) return
    const documents = waiting === 'discard' && theirs ? await theirs.local.store.all('documents') : []
    await now.logout(waiting)
    // The other tabs let go of the store before it is deleted (I2).
    otherTabs.post({ is: 'session', discard: waiting === 'discard', ...(whose === undefined ? {} : { whose }) })
    await enter(waiting === 'keep')
    if (waiting === 'keep' || !name) return
    for (const document of documents) await ports.documentCache?.remove(document.name).catch(() => {})
    await factory.remove(name).catch(() => {})
  }
  const stopListening = ports.onlineEvents?.((online) => {
    if (!online) return profile?.disconnected()
    session?.retry()
    profile?.connect()
  })

  return {
    get session(): SessionState {
      if (!session) return { status: 'starting' }
      const { user, needsPassword } = session
      const problem = session.problem ? { problem: session.problem } : {}
      if (user && isShown()) return { status: 'logged-in', user: { ...user, picture: pictureAt(server, user.avatarUrl) }, needsPassword, ...problem }
      return user || session.starting ? { status: 'starting' } : { status: 'logged-out', ...problem }
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
    resume: async () => {
      await (await opened()).resume()
      otherTabs.post({ is: 'session' })
      await enter()
    },
    account: lateAccountCalls(ports, ({ createAccountCalls }) =>
      createAccountCalls({ http, session: opened, told: () => otherTabs.post({ is: 'session' }), leave: () => logout('discard') }),
    ),
    embedded: identity !== undefined,
    tokenChanged: async () => {
      // At once where it can be: nothing of who was there stays while something is waited for.
      const now = session && !closed ? session : await opened()
      const before = now.user?.id
      await now.tokenChanged()
      if (now.user?.id !== before) otherTabs.post({ is: 'session' })
    },
    logout,
    directChat: (person) => loggedIn().directChat(person),
    chatByEmail: (email) => loggedIn().chatByEmail(email),
    openChat: (chat) => loggedIn().openChat(chat),
    arrange: (chat, wanted) => loggedIn().arrange(chat, wanted),
    get groups() {
      return loggedIn().groups
    },
    get contacts() {
      return loggedIn().contacts
    },
    keepOffline: (chat, keep) => loggedIn().keepOffline(chat, keep),
    clearHistory: () => loggedIn().clearHistory(),
    send: (chat, text, options) =>
      loggedIn().writer.send(chat, {
        text,
        ...(options?.replyTo ? { replyTo: options.replyTo.id, replyToAuthor: options.replyTo.author } : {}),
        ...(options?.mentions?.length ? { mentions: options.mentions } : {}),
        ...(options?.forwardedFrom ? { forwardedFrom: options.forwardedFrom } : {}),
      }),
    edit: (chat, message, text) => loggedIn().writer.edit(chat, message, text),
    delete: (chat, message, options) => loggedIn().writer.delete(chat, message, options?.undoMs),
    react: (chat, message, emoji, on) => loggedIn().writer.react(chat, message, emoji, on),
    pin: (chat, message, on) => loggedIn().writer.pin(chat, message, on),
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
      session?.close()
      otherTabs.close()
      await enter()
      notifier.close()
      await device?.close()
    },
  }
}
