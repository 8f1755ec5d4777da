// What the leader keeps open over the one socket: the person's own document always, chats while they are shown or have words to send, at most 32 (H5).
import type { ChatId, UserId } from '@skein/protocol'
import type { ChatSync } from '../chats/chat-sync.ts'
import { withMine } from '../chats/wish-answers.ts'
import { putChat, type Local } from '../local.ts'
import { MAX_PEOPLE } from '../people-reader.ts'
import { backoffMs, inBackground, type Ports, type Timer } from '../ports.ts'
import type { Session } from '../session.ts'
import { expectField, put } from '../store/store.ts'
import type { NetworkState } from '../types.ts'
import { openChat, type OpenChat } from './open-chat.ts'
import { createSocket, type Socket } from './socket.ts'
import { openUserDocument, type Told, type UserDocument } from './user-document.ts'

const MAX_OPEN = 32
/** A chat that is done with stays open this long, so that switching back is quick. */
const LINGER_MS = 20_000
/** How often the session's token is looked at and shown to the server when it is a new one. */
const TOKEN_MS = 20_000

/** Reasons after which the same token is of no use. */
const SPENT = new Set(['token-expired', 'logged-out', 'no-access'])

export interface Live {
  readonly network: Omit<NetworkState, 'waiting' | 'outdated' | 'incomplete'> & { incomplete?: boolean }
  readonly online: ReadonlySet<UserId>
  start(): void
  /** Tries to connect now. */
  connect(): void
  /** The network is gone: the socket is given up at once. */
  disconnected(): void
  /** The chat's row or its outbox changed. */
  consider(chat: ChatId): void
  /** The chat has another document than before. */
  relocated(chat: ChatId): void
  /** The chats that any tab shows. */
  show(chats: ReadonlySet<ChatId>): void
  shows(chat: ChatId): boolean
  /** Its entries come by the document, not by `changes`. */
  isLive(chat: ChatId): boolean
  /** Tries again now what the chat would try later. */
  retry(chat: ChatId): void
  /** When each chat that waits for its next try makes it, in milliseconds. */
  nextTries(): Map<ChatId, number>
  setTyping(chat: ChatId, typing: boolean): void
  typing(chat: ChatId): readonly UserId[]
  documentState(chat: ChatId): Uint8Array | null
  stop(): Promise<void>
}

export interface LiveOptions {
  server: string
  name: string
  local: Local
  session: Session
  sync: ChatSync
  ports: Ports
  /** false once another tab leads. */
  mayOpen(): Promise<boolean>
  nudged(chat: ChatId, rev: number, markPos: number): void
  catchUp(chat: ChatId): void
  /** The server has let the person in. */
  connected(): void
  /** Somebody is there who is not in the rows. */
  stranger(user: UserId): void
  changed(): void
}

export function createLive(options: LiveOptions): Live {
  const { local, session, sync, ports, changed } = options
  const chats = new Map<ChatId, OpenChat>()
  const lingering = new Map<ChatId, Timer>()
  const stuck = new Set<ChatId>()
  let shown: ReadonlySet<ChatId> = new Set()
  let online = new Set<UserId>()
  let socket: Socket | null = null
  let user: UserDocument | null = null
  let connected = false
  let attempt = 0
  let tokenTimer: Timer | null = null
  let sentToken = ''
  let stopped = false

  function tell(message: Told): void {
    if (message.type === 'nudge') {
      for (const [chat, rev, markPos] of message.chats) options.nudged(chat, rev, markPos)
      return
    }
    if (message.type === 'mine') {
      const { chat, mine } = message
      // The answer that brings the chat may be older than this.
      if (!local.chats.has(chat)) return options.nudged(chat, 0, 0)
      return inBackground(
        local.update(chat, (row) => putChat(row, withMine(row, mine))),
        ports,
      )
    }
    if (message.type === 'newcomer') {
      const { user: id, name, avatarUrl } = message
      if (!local.people.has(id) && local.people.size < MAX_PEOPLE)
        inBackground(local.commit([put('people', { id, name, avatarUrl, lastSeenAt: null })]), ports)
      return
    }
    if (message.type === 'renamed') {
      const { user: id, name, avatarUrl } = message
      const row = local.people.get(id)
      if (row) inBackground(local.commit([put('people', { ...row, name, avatarUrl })]), ports)
      return
    }
    if ('user' in message) {
      const next = new Set(online)
      if (message.online) next.add(message.user)
      else next.delete(message.user)
      online = next
      const row = local.people.get(message.user)
      if (!row) options.stranger(message.user)
      else if (!message.online) inBackground(local.commit([put('people', { ...row, lastSeenAt: message.at })]), ports)
    } else {
      online = new Set(message.online)
      for (const person of message.online) if (!local.people.has(person)) options.stranger(person)
    }
    changed()
  }

  async function authenticated(): Promise<void> {
    connected = true
    attempt = 0
    socket?.healthy()
    changed()
    options.connected()
    sentToken = await session.token().catch(() => '')
  }
  function refused(reason: string): void {
    connected = false
    changed()
    if (SPENT.has(reason)) session.expire(sentToken)
    // Without a session there is nothing to come back with; the password brings it back, on a new socket: on this one the server may still hold
    // the document open by the old token, would take the next one for its renewal, and never say that one is in.
    if (session.needsPassword) return socket?.drop()
    ports.setTimeout(() => !stopped && user?.reopen(), backoffMs(attempt++, ports))
  }
  function watchToken(): void {
    tokenTimer = ports.setTimeout(watchToken, TOKEN_MS)
    if (!connected) return
    inBackground(showToken(), ports)
  }
  async function showToken(): Promise<void> {
    const token = await session.token().catch(() => sentToken)
    if (token === sentToken) return
    sentToken = token
    user?.sendToken()
  }

  const wants = (chat: ChatId): boolean => shown.has(chat) || local.outboxOf(chat).some(({ state }) => state.at !== 'aside')

  function consider(chat: ChatId): void {
    if (!socket || stopped) return
    const open = chats.get(chat)
    const row = local.chats.get(chat)
    if (!row || row.forked || row.removed || !wants(chat)) {
      if (open && !lingering.has(chat)) {
        const timer = ports.setTimeout(() => inBackground(close(chat), ports), LINGER_MS)
        lingering.set(chat, timer)
        // It may have to make room for one that waits.
        admit()
      }
      if (!open || !row || row.forked || row.removed) return
    } else {
      const timer = lingering.get(chat)
      if (timer !== undefined) ports.clearTimeout(timer)
      lingering.delete(chat)
    }
    if (open) return open.consider()
    // A chat that only this device knows of waits for its first word.
    if (row.document === null && !local.outboxOf(chat).length) return
    if (chats.size >= MAX_OPEN) {
      const idle = [...chats.keys()].find((other) => !wants(other))
      if (idle === undefined) return
      inBackground(close(idle), ports)
    }
    const opened = openChat({
      chat,
      name: options.name,
      local,
      session,
      sync,
      socket,
      ports,
      catchUp: () => options.catchUp(chat),
      stuck: (is) => {
        if (is === stuck.has(chat)) return
        if (is) stuck.add(chat)
        else stuck.delete(chat)
        changed()
      },
      changed,
    })
    chats.set(chat, opened)
    opened.consider()
  }

  async function close(chat: ChatId): Promise<void> {
    const timer = lingering.get(chat)
    if (timer !== undefined) ports.clearTimeout(timer)
    lingering.delete(chat)
    const open = chats.get(chat)
    chats.delete(chat)
    await open?.close()
    admit()
  }
  /** Opens chats that have words to send and found no room. */
  function admit(): void {
    for (const row of local.outbox.values()) if (!chats.has(row.chat) && row.state.at !== 'aside') consider(row.chat)
  }

  /** Deletes local copies of documents that are over (I5). */
  async function clean(): Promise<void> {
    for (const { name, chat } of await local.store.all('documents')) {
      const row = local.chats.get(chat)
      // An open chat deletes its own when it has let go of it (I2).
      if (chats.has(chat) || (row && name === `${options.name} ${row.document}/${row.n}`)) continue
      // Only while this tab leads: another's may be in use.
      if (!(await local.commit([expectField('documents', name, 'chat', chat)]))) continue
      await ports.documentCache?.remove(name).catch(() => {})
      await local.commit([{ remove: 'documents', key: name }])
    }
  }

  return {
    get network() {
      return { connected, offlineSince: socket?.offlineSince ?? null, nextTryAt: socket?.nextTryAt ?? null, stuck: stuck.size > 0 }
    },
    get online() {
      return online
    },
    start: () => {
      socket = createSocket(`${options.server.replace(/^http/, 'ws')}/sync`, ports, {
        mayTry: () => !session.needsPassword,
        mayOpen: options.mayOpen,
        lost: (reason) => {
          if (SPENT.has(reason)) session.expire(sentToken)
        },
        changed: () => {
          const isOpen = socket?.isOpen ?? false
          if (!isOpen && connected) {
            connected = false
            online = new Set()
          }
          changed()
        },
      })
      user = openUserDocument({
        self: local.self,
        socket,
        token: session.token,
        authenticated: () => inBackground(authenticated(), ports),
        refused,
        told: tell,
      })
      if (ports.documentCache) inBackground(clean(), ports)
      watchToken()
      if (!session.needsPassword) socket.connect()
    },
    connect: () => {
      if (!socket || stopped) return
      attempt = 0
      if (!socket.isOpen) return socket.connect()
      if (connected) return
      user?.reopen()
      for (const open of chats.values()) open.live?.reopen()
    },
    disconnected: () => {
      if (socket?.isOpen) socket.drop()
    },
    consider,
    relocated: (chat) => {
      consider(chat)
      if (ports.documentCache && !stopped) inBackground(clean(), ports)
    },
    show: (next) => {
      const before = shown
      shown = next
      for (const chat of new Set([...before, ...next])) consider(chat)
    },
    shows: (chat) => shown.has(chat),
    isLive: (chat) => {
      const live = chats.get(chat)?.live
      return live ? live.ready && !live.newer : false
    },
    retry: (chat) => {
      const open = chats.get(chat)
      if (open) open.retry()
      else consider(chat)
    },
    nextTries: () => {
      const tries = new Map<ChatId, number>()
      for (const [chat, { nextTryAt }] of chats) if (nextTryAt !== null) tries.set(chat, nextTryAt)
      return tries
    },
    setTyping: (chat, typing) => chats.get(chat)?.live?.setTyping(typing),
    typing: (chat) => chats.get(chat)?.live?.typing() ?? [],
    documentState: (chat) => chats.get(chat)?.live?.state() ?? null,
    stop: async () => {
      stopped = true
      if (tokenTimer !== null) ports.clearTimeout(tokenTimer)
      for (const timer of lingering.values()) ports.clearTimeout(timer)
      // All at once: a page that is put to sleep runs nothing after the first pause.
      const closing = Array.from(chats.values(), (open) => open.close())
      chats.clear()
      user?.close()
      socket?.stop()
      await Promise.all(closing)
    },
  }
}
