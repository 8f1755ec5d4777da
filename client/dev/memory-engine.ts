// The engine's face over plain arrays, for looking at every screen and for tests of the views. Never part of the build; nothing here is kept or sent.
import {
  EngineError,
  type AccountCalls,
  type ChatItem,
  type ChatWindow,
  type DeviceItem,
  type Engine,
  type LoggedOutDevice,
  type Me,
  type MessageItem,
  type MessageStatus,
  type NetworkState,
  type OutboxItem,
  type Person,
  type SessionState,
  type StorageState,
} from '@skein/engine'
import { MAX_PINS, type ChatId, type OperationId, type UserId } from '@skein/protocol'
import { memoryContacts, memoryGroups } from './memory-groups.ts'
import { chatOf, itemOf, newId, newUuid, type MemoryChat } from './memory-items.ts'

export { chatOf, itemOf, newUuid } from './memory-items.ts'

const PAGE = 50

class Listeners {
  #listeners = new Set<() => void>()
  #scheduled = false
  subscribe = (listener: () => void): (() => void) => {
    this.#listeners.add(listener)
    return () => this.#listeners.delete(listener)
  }
  changed(): void {
    if (this.#scheduled) return
    this.#scheduled = true
    requestAnimationFrame(() => {
      this.#scheduled = false
      for (const listener of this.#listeners) listener()
    })
  }
}

export class MemoryWindow implements ChatWindow {
  items: readonly MessageItem[]
  loading: 'older' | 'newer' | null = null
  error: string | null = null
  typing: readonly string[] = []
  isOver = false
  get events(): ChatWindow['events'] {
    return this.#source.events ?? []
  }
  get pinned(): readonly MessageItem[] {
    const { messages, pinned = [] } = this.#source
    return pinned.flatMap((id) => messages.find((item) => item.id === id && item.deletedAt === null) ?? [])
  }
  firstUnreadAfter: number
  wasMarkedUnread: boolean
  seen: number
  #source: MemoryChat
  #engine: MemoryEngine
  #from: number
  #to: number
  #listeners = new Listeners()
  subscribe = this.#listeners.subscribe

  constructor(engine: MemoryEngine, source: MemoryChat) {
    this.#engine = engine
    this.#source = source
    this.#to = source.messages.length
    this.#from = Math.max(0, this.#to - PAGE)
    this.items = source.messages.slice(this.#from)
    const unreadAfter = engine.unreadAfter.get(source.chat.id) ?? null
    this.firstUnreadAfter = Math.min(source.seen, unreadAfter ?? Infinity)
    this.wasMarkedUnread = unreadAfter !== null
    this.seen = source.seen
  }
  get chat(): ChatItem {
    return this.#source.chat
  }
  get hasOlder(): boolean {
    return this.#from > 0
  }
  get hasNewer(): boolean {
    return this.#to < this.#source.messages.length
  }
  /** Shows what the source holds now; `followed`: the end was shown, and still is. */
  refresh(): void {
    const followed = this.#to >= this.#source.messages.length - 1
    if (followed) this.#to = this.#source.messages.length
    this.items = this.#source.messages.slice(this.#from, this.#to)
    this.#listeners.changed()
  }
  loadOlder(): Promise<void> {
    return this.#load('older', () => (this.#from = Math.max(0, this.#from - PAGE)))
  }
  loadNewer(): Promise<void> {
    return this.#load('newer', () => (this.#to = Math.min(this.#source.messages.length, this.#to + PAGE)))
  }
  async jumpToLatest(): Promise<void> {
    this.show(this.#source.messages.length)
  }
  async jumpTo(id: OperationId): Promise<boolean> {
    const at = this.#source.messages.findIndex((item) => item.id === id)
    if (at >= 0 && (at < this.#from || at >= this.#to)) {
      this.loading = 'older'
      this.refresh()
      await new Promise((resolve) => setTimeout(resolve, this.#engine.delayMs))
      this.loading = null
      if (!this.#engine.network.connected) throw new EngineError('offline', 'offline')
      this.show(Math.min(this.#source.messages.length, at + PAGE / 2), Math.max(0, at - PAGE / 2))
    }
    return at >= 0
  }
  async jumpToTime(time: number): Promise<OperationId | null> {
    const { messages } = this.#source
    const item = messages.find(({ receivedAt }) => Date.parse(receivedAt) >= time) ?? messages.at(-1)
    if (item) await this.jumpTo(item.id)
    return item?.id ?? null
  }
  receiptsOf(seq: number): { delivered: UserId[]; seen: UserId[] } {
    const others = this.chat.members.map(({ id }) => id).filter((id) => id !== this.#engine.me)
    const status = this.#source.messages.find((item) => item.seq === seq)?.status
    return { delivered: status === 'delivered' ? others : [], seen: status === 'seen' ? others : [] }
  }
  /** Puts the window on the messages between two indexes. */
  show(to: number, from = Math.max(0, to - PAGE)): void {
    this.#to = to
    this.#from = from
    this.refresh()
  }
  /** Older messages come in above, as a loaded page does. */
  prepend(items: MessageItem[]): void {
    this.#source.messages = [...items, ...this.#source.messages]
    this.#to += items.length
    this.refresh()
  }
  async #load(what: 'older' | 'newer', move: () => void): Promise<void> {
    this.loading = what
    this.error = null
    this.refresh()
    await new Promise((resolve) => setTimeout(resolve, this.#engine.delayMs))
    this.loading = null
    if (this.#engine.network.connected) move()
    else this.error = 'Earlier messages are not on this device, and the server cannot be reached.'
    this.refresh()
  }
  setTyping(): void {}
  markSeen(seq: number): void {
    this.seen = Math.max(this.seen, seq)
    this.#source.seen = this.seen
    const unread = this.#source.messages.filter((item) => !item.own && item.seq > this.seen).length
    if (unread !== this.chat.unread) this.#engine.patchChat(this.chat.id, { unread, mentioned: this.chat.mentioned && unread > 0 })
  }
  close(): void {
    this.isOver = true
    this.#engine.windows.delete(this)
  }
}

export class MemoryEngine implements Engine {
  session: SessionState = { status: 'logged-out' }
  network: NetworkState = { connected: true, offlineSince: null, waiting: 0, nextTryAt: null, stuck: false, outdated: false, incomplete: false }
  people: readonly Person[] = []
  outbox: readonly OutboxItem[] = []
  storage: StorageState = { usedBytes: 38_400_000, budgetBytes: 209_715_200, persisted: false, failed: false }
  ready = Promise.resolve()
  embedded = false
  tokenChanged = (): Promise<void> => this.ready
  delayMs = 350
  all: MemoryChat[] = []
  windows = new Set<MemoryWindow>()
  #listeners = new Listeners()
  subscribe = this.#listeners.subscribe

  get chats(): readonly ChatItem[] {
    return this.all.map(({ chat }) => chat).sort((a, b) => b.lastAt - a.lastAt)
  }
  get me(): UserId {
    if (this.session.status !== 'logged-in') throw new EngineError('not-logged-in', 'Log in first.')
    return this.session.user.id
  }
  set(patch: Partial<Pick<MemoryEngine, 'session' | 'network' | 'people' | 'outbox'>>): void {
    Object.assign(this, patch)
    this.changed()
  }
  changed(): void {
    this.#listeners.changed()
    for (const window of this.windows) window.refresh()
  }
  of(chat: ChatId): MemoryChat {
    const found = this.all.find((one) => one.chat.id === chat)
    if (!found) throw new EngineError('no-such-chat', 'There is no such chat.')
    return found
  }
  patchChat(id: ChatId, patch: Partial<ChatItem>): void {
    const one = this.of(id)
    one.chat = { ...one.chat, ...patch }
    this.changed()
  }
  patchItem(chat: ChatId, id: OperationId, patch: Partial<MessageItem>): void {
    const one = this.of(chat)
    one.messages = one.messages.map((item) => (item.id === id ? { ...item, ...patch } : item))
    this.#touch(one)
  }
  append(chat: ChatId, item: MessageItem): void {
    const one = this.of(chat)
    one.messages = [...one.messages, item]
    this.#touch(one)
  }
  #touch(one: MemoryChat): void {
    const lastMessage = one.messages.at(-1) ?? null
    const lastAt = lastMessage ? Date.parse(lastMessage.createdAt) : one.chat.lastAt
    one.chat = { ...one.chat, lastMessage, lastAt, unread: one.messages.filter((item) => !item.own && item.seq > one.seen).length }
    this.changed()
  }

  async login(email: string, password: string): Promise<{ loggedOut: LoggedOutDevice[] }> {
    await new Promise((resolve) => setTimeout(resolve, this.delayMs))
    if (!this.network.connected) throw new EngineError('offline', 'offline')
    if (password === 'wrong') throw new EngineError('wrong-login', 'wrong')
    if (email.startsWith('later')) throw new EngineError('email-unconfirmed', 'unconfirmed')
    const id = this.session.status === 'logged-in' ? this.session.user.id : newId()
    this.set({ session: { status: 'logged-in', needsPassword: false, user: { id: id as UserId, email, name: 'Mara Lindqvist', picture: null } } })
    return { loggedOut: password === 'stolen' ? [{ device: 'Firefox on Windows', at: Date.now() - 3_600_000 }] : [] }
  }
  async register(email: string, name: string, _: string, invitation?: string): Promise<void> {
    if (email.startsWith('taken')) throw new EngineError('email-taken', 'taken')
    if (email.startsWith('later')) throw new EngineError('email-unconfirmed', 'unconfirmed')
    if (invitation === 'old') throw new EngineError('link-expired', 'expired')
    this.set({ session: { status: 'logged-in', needsPassword: false, user: { id: newId() as UserId, email, name, picture: null } } })
  }
  resume = async (): Promise<void> => this.#reach()
  account: AccountCalls = {
    loginWays: async () => ({ registration: 'open', provider: null }),
    forgotPassword: async () => this.#reach(),
    resetPassword: async (token, password) => {
      await this.#reach()
      if (token === 'old') throw new EngineError('link-expired', 'expired')
      if (password === 'password1') throw new EngineError('common-password', 'common')
    },
    confirmEmail: async (token) => {
      await this.#reach()
      if (token === 'old') throw new EngineError('link-expired', 'expired')
    },
    sendConfirmation: async () => this.#reach(),
    changeProfile: async ({ name, avatarUrl }) =>
      this.#change('', (user) => ({ ...user, name: name ?? user.name, picture: avatarUrl === undefined ? user.picture : avatarUrl })),
    changeEmail: async (email, password) => {
      if (email.startsWith('taken')) throw new EngineError('email-taken', 'taken')
      await this.#change(password, (user) => ({ ...user, email, emailConfirmed: false }))
    },
    changePassword: async (current, wanted) => {
      if (wanted === 'password1') throw new EngineError('common-password', 'common')
      await this.#change(current, (user) => user)
      this.devices = this.devices.filter(({ current: isThis }) => isThis)
    },
    devices: async () => {
      await this.#reach()
      return this.devices
    },
    endDevice: async (id) => {
      await this.#reach()
      this.devices = this.devices.filter((device) => device.id !== id)
    },
    endOtherDevices: async () => {
      await this.#reach()
      this.devices = this.devices.filter(({ current }) => current)
    },
    deleteAccount: async (password) => {
      if (password === null) throw new EngineError('bad-request', 'password: expects the current password')
      await this.#change(password, (user) => user)
      await this.logout()
    },
  }
  devices: DeviceItem[] = [
    { id: 'a', name: 'Firefox on Linux', lastUsedAt: Date.now() - 3 * 3_600_000, current: false },
    { id: 'b', name: 'Chrome on Windows', lastUsedAt: Date.now(), current: true },
    { id: 'c', name: null, lastUsedAt: Date.now() - 40 * 86_400_000, current: false },
  ]
  async clearHistory(): Promise<number> {
    const { usedBytes } = this.storage
    this.storage = { ...this.storage, usedBytes: Math.min(usedBytes, 400_000) }
    this.changed()
    return usedBytes - this.storage.usedBytes
  }
  async #change(password: string, make: (user: Me) => Me): Promise<void> {
    await this.#reach()
    if (password === 'wrong') throw new EngineError('wrong-password', 'wrong')
    if (this.session.status === 'logged-in') this.set({ session: { ...this.session, user: make(this.session.user) } })
  }
  async #reach(): Promise<void> {
    await new Promise((resolve) => setTimeout(resolve, this.delayMs))
    if (!this.network.connected) throw new EngineError('offline', 'offline')
  }
  async logout(waiting: 'keep' | 'discard' = 'discard'): Promise<void> {
    if (waiting === 'keep' && this.storage.failed) throw new EngineError('unsaved', 'Nothing can be saved.')
    this.set({ session: { status: 'logged-out' } })
  }
  async directChat(person: UserId): Promise<ChatId> {
    const there = this.all.find(({ chat }) => chat.peer === person)
    if (there) return there.chat.id
    const { name } = this.people.find(({ id }) => id === person) ?? { name: 'Somebody' }
    const members = [{ id: person, name, picture: null, mayInvite: false, mayRemove: false }]
    const chat = chatOf({ title: name, peer: person, members })
    this.all.push({ chat, messages: [], seen: 0 })
    this.changed()
    return chat.id
  }
  async chatByEmail(email: string): Promise<ChatId> {
    if (!email.startsWith('ada')) throw new EngineError('no-such-person', 'There is no such person.')
    return this.directChat(this.people[0]?.id ?? this.me)
  }
  unreadAfter = new Map<ChatId, number | null>()
  openChat(chat: ChatId): MemoryWindow {
    const window = new MemoryWindow(this, this.of(chat))
    void this.arrange(chat, { unreadAfter: null })
    this.windows.add(window)
    return window
  }

  groups = memoryGroups(this, () => this.#reach())
  contacts = memoryContacts(this, () => this.#reach())
  /** As they were before they were hidden. */
  hidden = new Map<OperationId, MessageItem>()
  async arrange(chat: ChatId, { unreadAfter, hide = [], show = [], ...wanted }: Parameters<Engine['arrange']>[1]): Promise<void> {
    if (unreadAfter !== undefined) this.unreadAfter.set(chat, unreadAfter)
    for (const item of this.of(chat).messages) {
      if (hide.includes(item.seq)) {
        this.hidden.set(item.id, item)
        this.patchItem(chat, item.id, { hidden: true, text: '', reactions: [], deletedAt: item.deletedAt ?? item.receivedAt })
      }
      if (show.includes(item.seq)) this.patchItem(chat, item.id, this.hidden.get(item.id) ?? {})
    }
    this.patchChat(chat, { ...wanted, markedUnread: (this.unreadAfter.get(chat) ?? null) !== null })
  }
  async keepOffline(chat: ChatId, keep: boolean): Promise<void> {
    const { length } = this.of(chat).messages
    const all = { held: length, total: length, bytes: length * 900 }
    if (keep) this.patchChat(chat, { offline: { ...all, state: 'loading', held: Math.floor(length / 3) } })
    await new Promise((resolve) => setTimeout(resolve, this.delayMs))
    this.patchChat(chat, { offline: { ...all, state: keep ? 'complete' : 'off' } })
  }
  async send(chat: ChatId, text: string, options: Parameters<Engine['send']>[2] = {}): Promise<OperationId> {
    const id = newUuid()
    this.append(
      chat,
      itemOf({
        ...{ id, chatId: chat, authorId: this.me, own: true, text, at: Date.now(), status: 'queued' },
        ...{ replyTo: options.replyTo?.id ?? null, mentions: options.mentions ?? [] },
        ...(options.forwardedFrom ? { forwardedFrom: options.forwardedFrom.author } : {}),
      }),
    )
    if (!this.network.connected) this.set({ network: { ...this.network, waiting: this.network.waiting + 1 } })
    else this.#advance(chat, id, ['sent', 'delivered', 'seen'])
    return id
  }
  #advance(chat: ChatId, id: OperationId, [next, ...rest]: MessageStatus[]): void {
    if (!next) return
    setTimeout(() => {
      const seq = this.of(chat).messages.reduce((most, item) => Math.max(most, item.seq), 0) + 1
      this.patchItem(chat, id, next === 'sent' ? { status: next, seq, receivedAt: new Date().toISOString() } : { status: next })
      this.#advance(chat, id, rest)
    }, this.delayMs)
  }
  async edit(chat: ChatId, { id }: { id: OperationId }, text: string): Promise<void> {
    this.patchItem(chat, id, { text, editedAt: new Date().toISOString(), pending: !this.network.connected })
  }
  async delete(chat: ChatId, { id, author }: { id: OperationId; author: UserId }): Promise<void> {
    if (!this.network.connected) {
      const queued = { state: 'waiting', reason: null, createdAt: Date.now(), nextTryAt: null, unsaved: false } as const
      this.set({ outbox: [...this.outbox, { ...queued, id: newUuid(), chatId: chat, kind: 'delete', text: '', target: { id, author } }] })
      return this.patchItem(chat, id, { deletedAt: new Date().toISOString(), pending: true })
    }
    this.patchItem(chat, id, { text: '', deletedAt: new Date().toISOString(), reactions: [], pending: !this.network.connected })
  }
  async react(chat: ChatId, { id }: { id: OperationId }, emoji: string, on: boolean): Promise<void> {
    const item = this.of(chat).messages.find((other) => other.id === id)
    const reactions = (item?.reactions ?? []).map((one) =>
      one.emoji === emoji ? { emoji, userIds: one.userIds.filter((user) => user !== this.me) } : one,
    )
    const mine = reactions.find((one) => one.emoji === emoji)
    if (on && mine) mine.userIds.push(this.me)
    else if (on) reactions.push({ emoji, userIds: [this.me] })
    this.patchItem(chat, id, { reactions: reactions.filter((one) => one.userIds.length > 0) })
  }
  async pin(chat: ChatId, { id }: { id: OperationId }, on: boolean, by = this.me): Promise<void> {
    const one = this.of(chat)
    const others = (one.pinned ?? []).filter((other) => other !== id)
    one.pinned = on ? [id, ...others].slice(0, MAX_PINS) : others
    const event = { rev: 1_000 + (one.events?.length ?? 0), afterSeq: one.messages.at(-1)?.seq ?? 0, at: new Date().toISOString() }
    if (on) one.events = [...(one.events ?? []), { ...event, kind: 'pin', by, user: null, title: null }]
    this.patchItem(chat, id, {})
  }
  async retry(operation: OperationId, text?: string): Promise<void> {
    for (const { chat, messages } of this.all) {
      const item = messages.find(({ id }) => id === operation)
      if (item) this.patchItem(chat.id, operation, { status: 'queued', problem: null, ...(text === undefined ? {} : { text }) })
    }
    this.set({ outbox: this.outbox.filter(({ id }) => id !== operation) })
  }
  async editQueued(operation: OperationId, text: string): Promise<boolean> {
    await this.retry(operation, text)
    return true
  }
  async exportOutbox(): Promise<string> {
    return JSON.stringify(this.outbox)
  }
  async discard(operation: OperationId): Promise<boolean> {
    const queued = this.outbox.find(({ id }) => id === operation)
    if (queued?.kind === 'delete' && queued.target) this.patchItem(queued.chatId, queued.target.id, { deletedAt: null, pending: false })
    for (const one of this.all) one.messages = one.messages.filter(({ id }) => id !== operation)
    this.set({ outbox: this.outbox.filter(({ id }) => id !== operation) })
    return true
  }
  documentState(): null {
    return null
  }

  connect(): void {
    this.set({ network: { connected: true, offlineSince: null, waiting: 0, nextTryAt: null, stuck: false, outdated: false, incomplete: false } })
    for (const { chat, messages } of this.all)
      for (const { id, status } of messages) if (status === 'queued') this.#advance(chat.id, id, ['sent', 'delivered'])
  }
  async close(): Promise<void> {}
}
