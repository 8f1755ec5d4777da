// One device of one person: an engine that writes, changes, reads and says what it was told. Its words come from a seed.
import { createHash } from 'node:crypto'
import { createEngine, memoryStores, type ChatWindow, type Engine, type MessageItem } from '@skein/engine'
import { nodePorts, sqliteStores } from '@skein/engine/node'
import { parseChatId, type ChatId } from '@skein/protocol'
import { until } from '@skein/testing'
import { wordOf, type Event, type Seen, type View } from './history.ts'
import { createRandom, type Random } from './random.ts'

export interface DeviceOptions {
  name: string
  user: string
  email: string
  password: string
  server: string
  chats: string[]
  /** Where its store stands; null: in memory. */
  folder: string | null
  /** How often it was started before. */
  life: number
  /** How far its clock is off. */
  clockMs: number
  seed: number
}

export interface DeviceState {
  device: string
  connected: boolean
  /** Handed to the document and not stored, as far as the device knows. */
  inFlight: number
  /** In the outbox. */
  waiting: number
  /** All chats are open. */
  ready: boolean
  /** Shows all that was expected, with the documents' bytes; null before `expect`. */
  views: View[] | null
}

/** Of a chat: how many messages it has, and the sum of their revs. */
export type Expected = Record<string, { messages: number; revs: number }>

/** Words that wait at once; above it nothing is added but by a volley. */
const ENOUGH = 5
/** Messages a device is shown of a chat at the end. */
const PAGES = 900
const EMOJIS = ['👍', '❤️', '🎉']

export class Device {
  readonly name: string
  readonly #options: DeviceOptions
  readonly #engine: Engine
  readonly #random: Random
  readonly #say: (event: Event) => Promise<void> | void
  readonly #tell: (state: DeviceState) => void
  readonly #windows = new Map<ChatId, ChatWindow>()
  /** What was said last of each message and chat. */
  readonly #said = new Map<string, string>()
  /** Items are new objects when they changed. */
  readonly #looked = new WeakSet<MessageItem>()
  readonly #refused = new Set<string>()
  #expected: Expected | null = null
  #talking = false
  #closed = false
  #count = 0
  #told = ''

  constructor(options: DeviceOptions, say: (event: Event) => Promise<void> | void, tell: (state: DeviceState) => void) {
    this.name = options.name
    this.#options = options
    this.#say = say
    this.#tell = tell
    this.#random = createRandom(options.seed)
    const stores = options.folder === null ? memoryStores() : sqliteStores(options.folder)
    const ports = nodePorts(stores)
    this.#engine = createEngine({
      server: options.server,
      store: stores,
      ports: {
        ...ports,
        now: () => Date.now() + options.clockMs,
        report: (error) => void say({ is: 'broken', what: `${this.name}: ${error instanceof Error ? error.stack : String(error)}` }),
      },
    })
    this.#engine.subscribe(() => this.#look())
  }

  /** Logs in as often as it takes, and opens all chats. */
  async start(): Promise<void> {
    await this.#engine.ready
    await this.#login()
    const chats = this.#options.chats.map(parseChatId)
    await until(this.#engine, () => this.#closed || chats.every((chat) => this.#engine.chats.some(({ id }) => id === chat)))
    if (this.#closed) return
    for (const chat of chats) {
      const window = this.#engine.openChat(chat)
      this.#windows.set(chat, window)
      window.subscribe(() => this.#look(chat))
      this.#look(chat)
    }
    this.#tellState()
  }

  async #login(): Promise<void> {
    const { email, password } = this.#options
    while (!this.#closed) {
      const { session } = this.#engine
      if (session.status === 'logged-in' && !session.needsPassword) return
      try {
        await this.#engine.login(email, password)
      } catch {
        await new Promise((resolve) => setTimeout(resolve, 300))
      }
    }
  }

  connect(): void {
    this.#engine.connect()
    const { session } = this.#engine
    if (session.status === 'logged-in' && session.needsPassword) void this.#login()
  }

  talk(on: boolean): void {
    const begins = on && !this.#talking
    this.#talking = on
    if (begins) void this.#chatter()
  }

  async #chatter(): Promise<void> {
    while (this.#talking && !this.#closed) {
      await new Promise((resolve) => setTimeout(resolve, this.#random.between(60, 400)))
      if (!this.#talking || this.#closed || this.#windows.size === 0) continue
      const [chat, window] = this.#random.pick([...this.#windows]) ?? []
      if (!chat || !window) continue
      window.markSeen(Math.max(0, ...window.items.map(({ seq }) => seq)))
      if (this.#engine.outbox.length >= ENOUGH) continue
      await this.#act(chat, window).catch(() => {})
    }
  }

  /** So many messages at once. */
  volley(count: number): void {
    const chats = [...this.#windows.keys()]
    for (let i = 0; i < count; i++) {
      const chat = this.#random.pick(chats)
      if (chat) void this.#send(chat)
    }
  }

  async #act(chat: ChatId, window: ChatWindow): Promise<void> {
    const recent = window.items.slice(-20)
    const own = recent.filter((item) => item.own && !item.deletedAt && item.status !== 'set-aside')
    const stored = recent.filter((item) => item.seq > 0 && !item.deletedAt)
    const action = this.#random.weighted({ send: 12, react: 3, edit: 3, delete: 1, trespass: 1, regret: 1, shout: 0.3 })
    if (action === 'send') await this.#send(chat)
    else if (action === 'edit') await this.#change(chat, 'edit', this.#random.pick(own))
    else if (action === 'delete') await this.#change(chat, 'delete', this.#random.pick(own.filter(({ seq }) => seq > 0)))
    else if (action === 'react') await this.#change(chat, 'react', this.#random.pick(stored))
    // What is refused: another's message changed, a message far too long; and what was taken back in time.
    else if (action === 'trespass') await this.#change(chat, 'edit', this.#random.pick(stored.filter((item) => !item.own)))
    else if (action === 'shout') await this.#send(chat, 'x'.repeat(16_000))
    else {
      const sent = await this.#send(chat)
      if (sent && (await this.#engine.discard(sent.id))) void this.#say({ is: 'refused', device: this.name, word: sent.word, reason: 'taken back' })
    }
  }

  #word(): string {
    return `${this.name}.${this.#options.life}.${++this.#count}`
  }

  async #send(chat: ChatId, more?: string): Promise<{ id: Awaited<ReturnType<Engine['send']>>; word: string } | null> {
    const word = this.#word()
    const device = this.name
    // Told before it is done: killed in between, it is one that was never sent.
    await this.#say({ is: 'send', device, chat, word })
    const padding = more ?? (this.#random.fraction() < 0.1 ? 'y'.repeat(this.#random.between(500, 6_000)) : '')
    try {
      const id = await this.#engine.send(chat, padding ? `${word} ${padding}` : word)
      void this.#say({ is: 'kept', device, word, id })
      return { id, word }
    } catch (error) {
      // While the engine closes nobody answers; whatever else it throws is its word that nothing was taken.
      if (!this.#closed) void this.#say({ is: 'refused', device, word, reason: String(error) })
      return null
    }
  }

  async #change(chat: ChatId, kind: 'edit' | 'delete' | 'react', item: MessageItem | undefined): Promise<void> {
    if (!item) return
    const change = this.#word()
    const device = this.name
    const target = { id: item.id, author: item.authorId }
    const what = kind === 'edit' ? change : kind === 'react' ? (this.#random.pick(EMOJIS) ?? '') : ''
    const on = kind !== 'react' || this.#random.fraction() < 0.7
    await this.#say({ is: 'change', device, user: this.#options.user, change, chat, kind, target: item.id, what, on })
    if (kind === 'edit') await this.#engine.edit(chat, target, what)
    else if (kind === 'delete') await this.#engine.delete(chat, target)
    else await this.#engine.react(chat, target, what, on)
    void this.#say({ is: 'changed', device, change })
  }

  /** Says what is new: in one chat, or outside of all. */
  #look(chat?: ChatId): void {
    if (this.#closed) return
    const device = this.name
    for (const item of chat ? (this.#windows.get(chat)?.items ?? []) : []) this.#saw(item)
    for (const { id, lastMessage } of this.#engine.chats) {
      if (!lastMessage?.seq || this.#said.get(id) === String(lastMessage.seq)) continue
      this.#said.set(id, String(lastMessage.seq))
      void this.#say({ is: 'newest', device, chat: id, seq: lastMessage.seq })
    }
    for (const { id, state, text, reason } of this.#engine.outbox) {
      if (state !== 'aside' || this.#refused.has(id)) continue
      this.#refused.add(id)
      void this.#say({ is: 'refused', device, word: wordOf(text), reason: reason ?? '' })
      void this.#engine.discard(id).catch(() => {})
    }
    this.#tellState()
  }

  #saw(item: MessageItem): void {
    if (this.#looked.has(item)) return
    this.#looked.add(item)
    const { seq, status, pending } = item
    if (seq === 0 || status === 'queued' || status === 'set-aside') return
    const message = seenOf(item)
    const text = JSON.stringify([message, status, pending])
    if (this.#said.get(item.key) === text) return
    if (item.own && !this.#said.has(item.key))
      void this.#say({ is: 'ok', device: this.name, chat: item.chatId, author: item.authorId, id: item.id, seq })
    this.#said.set(item.key, text)
    void this.#say({ is: 'saw', device: this.name, message, status, pending })
  }

  #tellState(): void {
    const { network, outbox } = this.#engine
    const state: DeviceState = {
      device: this.name,
      connected: network.connected,
      inFlight: outbox.filter((item) => item.state === 'appended' && item.kind === 'message').length,
      waiting: outbox.length,
      ready: this.#windows.size === this.#options.chats.length,
      views: this.#expected && this.#viewsOf(this.#expected),
    }
    const text = JSON.stringify({ ...state, views: state.views?.map(({ messages, document }) => [messages.length, document]) })
    if (text === this.#told) return
    this.#told = text
    this.#tell(state)
  }

  /** From now on what it shows is told once that is all of this. */
  expect(expected: Expected): void {
    const looks = this.#expected !== null
    this.#expected = expected
    if (looks) return
    // Pages come one by one, and of a document whose entries came by another way before nobody is told.
    const look = setInterval(() => {
      if (this.#closed) return clearInterval(look)
      for (const window of this.#windows.values()) if (window.hasOlder && !window.loading && window.items.length < PAGES) void window.loadOlder()
      this.#tellState()
    }, 200)
  }

  /** What it shows now, complete or not. */
  views(): View[] {
    return Array.from(this.#windows, ([chat, window]) => {
      const bytes = this.#engine.documentState(chat)
      return {
        device: this.name,
        chat,
        whole: !window.hasOlder,
        messages: window.items.filter(({ seq }) => seq > 0).map(seenOf),
        document: bytes && createHash('sha256').update(bytes).digest('hex'),
      }
    })
  }
  #viewsOf(expected: Expected): View[] | null {
    for (const [chat, window] of this.#windows) {
      const { messages, revs } = expected[chat] ?? { messages: 0, revs: 0 }
      const items = window.items.filter(({ seq, pending }) => seq > 0 && !pending)
      const all = items.length === messages && items.reduce((sum, { rev }) => sum + rev, 0) === revs
      // Of a chat that is longer than a window the newest must be there.
      if (!all && !(messages > PAGES && items.length >= PAGES && items.at(-1)?.seq === messages)) return null
    }
    return this.views()
  }

  async close(): Promise<void> {
    this.#closed = true
    this.#talking = false
    await this.#engine.close()
  }
}

function seenOf(item: MessageItem): Seen {
  const reactions = item.reactions.flatMap(({ emoji, userIds }) => userIds.map((user) => `${emoji} ${user}`)).sort()
  return {
    chat: item.chatId,
    id: item.id,
    author: item.authorId,
    seq: item.seq,
    rev: item.rev,
    text: item.text,
    deleted: item.deletedAt !== null,
    reactions,
  }
}
