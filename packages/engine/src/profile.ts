// Everything that runs while one person is logged in: their rows, windows, and, in the leading tab, feed, marks and live documents.
import { directChatId, type ChatId, type UserId } from '@skein/protocol'
import { createChatSync, newChatRow } from './chats/chat-sync.ts'
import { createFeed, type Feed } from './chats/feed.ts'
import { createHistory } from './chats/history.ts'
import { createMarkSender } from './chats/marks.ts'
import { chatItem, outboxItem, type ViewOf } from './chats/views.ts'
import { openWindow, type OpenWindow } from './chats/window.ts'
import { oneChat } from './http/answers.ts'
import { openLocal, putChat, type Local } from './local.ts'
import { createOutboxWriter, type OutboxWriter } from './outbox/write.ts'
import { createPeopleReader, peopleOf } from './people.ts'
import { inBackground, type Ports, type Timer } from './ports.ts'
import type { Session } from './session.ts'
import type { ChatRow, OutboxRow } from './store/rows.ts'
import type { StoreFactory } from './store/store.ts'
import { createLive } from './sync/live.ts'
import { openTabs, type LiveState, type TabMessage } from './tabs.ts'
import { EngineError, type ChatItem, type ChatWindow, type Me, type NetworkState, type OutboxItem, type Person } from './types.ts'

export interface Profile {
  readonly user: Me
  readonly local: Local
  readonly writer: OutboxWriter
  readonly network: NetworkState
  chats(): ChatItem[]
  people(): Person[]
  outbox(): OutboxItem[]
  directChat(person: UserId): Promise<ChatId>
  chatByEmail(email: string): Promise<ChatId>
  openChat(chat: ChatId): ChatWindow
  connect(): void
  /** The network is gone. */
  disconnected(): void
  documentState(chat: ChatId): Uint8Array | null
  /** The session works again. */
  sessionChanged(): void
  close(): Promise<void>
}

export interface ProfileOptions {
  server: string
  user: Me
  /** Names the store, the lock and the channel; holds the server and the person's id (W7). */
  name: string
  factory: StoreFactory
  session: Session
  ports: Ports
  changed(): void
}

const TELL_MS = 16
const NOT_CONNECTED = { connected: false, offlineSince: null, nextTryAt: null, stuck: false }

export async function openProfile({ server, user, name, factory, session, ports, changed }: ProfileOptions): Promise<Profile> {
  const self = user.id
  const windows = new Map<OpenWindow, ChatId>()
  const chatItems = new WeakMap<ChatRow, { outbox: readonly OutboxRow[]; people: number; item: ChatItem }>()
  /** Chats that the person began since the engine started: listed though nothing was said yet. */
  const begun = new Set<ChatId>()
  let closed = false
  /** What the leader told; of no use while this tab leads. */
  let told: LiveState | null = null
  let post: (message: TabMessage) => void = () => {}

  // Other tabs read the rows again at each notice: one for all that is written within a frame.
  const toTell = new Set<ChatId>()
  let peopleToTell = false
  let tellTimer: Timer | null = null
  function tell(): void {
    tellTimer = null
    if (toTell.size > 0 || peopleToTell) post({ is: 'changed', chats: [...toTell], people: peopleToTell })
    toTell.clear()
    peopleToTell = false
  }

  const local = await openLocal({
    self,
    factory,
    name,
    ports,
    told: (chats, people) => {
      for (const chat of chats) toTell.add(chat)
      peopleToTell ||= people
      tellTimer ??= ports.setTimeout(tell, TELL_MS)
    },
  })
  const sync = createChatSync(local, session, ports)
  const history = createHistory(local, session)
  const marks = createMarkSender(local, session, ports)
  const writer = createOutboxWriter(local, ports)
  const people = createPeopleReader(local, session, ports)

  const live = createLive({
    server,
    name,
    local,
    session,
    sync,
    ports,
    nudged: (chat, rev, markPos) => {
      // A live chat gets entries and marks by its document. The marks' count is noted only where they come with it, so that the feed finds what was announced and never shown.
      if (!live.isLive(chat)) feed.nudge(chat, rev, markPos)
    },
    catchUp: (chat) => feed.catchUp(chat),
    connected: () => feed.refresh(),
    stranger: people.meet,
    changed: () => {
      for (const window of windows.keys()) window.refresh()
      if (tabs.leading) post({ is: 'live', live: liveState() })
      changed()
    },
  })
  const feed: Feed = createFeed({
    local,
    session,
    sync,
    ports,
    relocated: (chat) => live.consider(chat),
    read: async () => {
      await people.read()
      await findUntold()
    },
  })

  const tabs = openTabs({
    name,
    ports,
    lead: () => inBackground(lead(), ports),
    receive: (message) => {
      switch (message.is) {
        case 'typing':
          return tabs.leading ? live.setTyping(message.chat, message.typing) : undefined
        case 'catch-up':
          return tabs.leading ? feed.catchUp(message.chat) : undefined
        case 'connect':
          return tabs.leading ? live.connect() : undefined
        case 'changed':
          return inBackground(local.reread(message.chats, message.people), ports)
        case 'who':
          return post({ is: 'windows', tab: tabs.id, chats: [...new Set(windows.values())] })
        case 'windows':
          showWindows()
          if (tabs.leading) post({ is: 'live', live: liveState() })
          if (tabs.leading) inBackground(findUntold(), ports)
          return
        case 'live':
          told = message.live
          for (const window of windows.keys()) window.refresh()
          return changed()
      }
    },
  })
  post = tabs.post

  /** A tab that died before it could tell left words that nobody would send. */
  async function findUntold(): Promise<void> {
    if (!ports.channel) return
    const queued = await local.store.all('outbox')
    const chats = new Set(queued.filter(({ id }) => !local.outbox.has(id)).map(({ chat }) => chat))
    if (chats.size > 0) await local.reread([...chats], false)
  }

  async function lead(): Promise<void> {
    if (ports.locks) await local.rereadAll()
    if (closed) return
    marks.start()
    feed.start()
    live.start()
    showWindows()
    for (const row of local.outbox.values()) live.consider(row.chat)
    changed()
  }
  function showWindows(): void {
    if (tabs.leading) live.show(new Set([...windows.values(), ...tabs.othersWindows()]))
  }
  const liveState = (): LiveState => ({
    network: networkOf(live.network),
    online: [...live.online],
    typing: [...new Set([...windows.values(), ...tabs.othersWindows()])].map((chat) => [chat, [...live.typing(chat)]]),
  })
  function networkOf(network: Omit<NetworkState, 'waiting'>): NetworkState {
    const { connected, offlineSince, nextTryAt, stuck } = network
    return { connected, offlineSince, nextTryAt, stuck, waiting: [...local.outbox.values()].filter(({ state }) => state.at !== 'aside').length }
  }
  const online = (): ReadonlySet<UserId> => (tabs.leading ? live.online : new Set(told?.online))
  const typingIn = (chat: ChatId): readonly UserId[] => (tabs.leading ? live.typing(chat) : (told?.typing.find(([id]) => id === chat)?.[1] ?? []))

  function viewOf(id: ChatId): ViewOf {
    const chat = local.chats.get(id)
    if (!chat) throw new EngineError('no-such-chat', 'There is no such chat.')
    return { self, chat, outbox: local.outboxOf(id), isUnsaved: local.isUnsaved, people: local.people }
  }
  /** The same object as long as it would look the same. */
  function chatItemOf(row: ChatRow): ChatItem {
    const of = viewOf(row.id)
    const before = chatItems.get(row)
    if (before?.outbox === of.outbox && before.people === local.peopleVersion) return before.item
    const item = chatItem(of)
    chatItems.set(row, { outbox: of.outbox, people: local.peopleVersion, item })
    return item
  }
  const nameOf = (chat: ChatId, person: UserId): string =>
    local.people.get(person)?.name ?? local.chats.get(chat)?.members.find(({ id }) => id === person)?.name ?? ''

  local.subscribe((change) => {
    for (const window of windows.keys()) window.changed(change)
    for (const chat of change.chats) {
      if (!tabs.leading) continue
      live.consider(chat)
      inBackground(marks.delivered(chat), ports)
    }
    changed()
  })

  return {
    user,
    local,
    writer,
    get network() {
      return networkOf(tabs.leading ? live.network : (told?.network ?? NOT_CONNECTED))
    },
    chats: () => {
      const shown = new Set([...windows.values(), ...begun])
      const withWords = new Set(Array.from(local.outbox.values(), ({ chat }) => chat))
      return [...local.chats.values()]
        .filter((row) => row.document !== null || withWords.has(row.id) || shown.has(row.id))
        .map(chatItemOf)
        .sort((a, b) => b.lastAt - a.lastAt || (a.id < b.id ? -1 : 1))
    },
    people: () => peopleOf(local, online()),
    outbox: () => [...local.outbox.values()].sort((a, b) => a.order - b.order).map((row) => outboxItem(row, local.isUnsaved(row.id))),
    directChat: async (person) => {
      const id = directChatId(self, person, ports.sha256)
      begun.add(id)
      if (!local.chats.has(id)) {
        const members = [
          { id: self, name: user.name },
          { id: person, name: local.people.get(person)?.name ?? '' },
        ].sort((a, b) => (a.id < b.id ? -1 : 1))
        await local.commit(putChat(undefined, newChatRow(id, members, ports.now())), true)
      }
      changed()
      return id
    },
    chatByEmail: async (email) => {
      const { chat } = await session.ask('/api/chats', { method: 'POST', body: { email }, answer: oneChat })
      await sync.adopt([chat], new Map())
      feed.refresh()
      return chat.id
    },
    openChat: (chat) => {
      const window = openWindow({
        chat,
        local,
        history,
        ports,
        viewOf,
        typing: () => typingIn(chat).map((person) => nameOf(chat, person)),
        setTyping: (typing) => (tabs.leading ? live.setTyping(chat, typing) : post({ is: 'typing', chat, typing })),
        markSeen: (seq) => inBackground(marks.seen(chat, seq), ports),
        closed: () => {
          windows.delete(window)
          announce()
        },
      })
      const announce = (): void => {
        post({ is: 'windows', tab: tabs.id, chats: [...new Set(windows.values())] })
        showWindows()
      }
      windows.set(window, chat)
      announce()
      if (tabs.leading) feed.catchUp(chat)
      else post({ is: 'catch-up', chat })
      return window.face
    },
    connect: () => {
      if (!tabs.leading) return post({ is: 'connect' })
      live.connect()
      feed.refresh()
    },
    disconnected: () => {
      if (tabs.leading) live.disconnected()
    },
    documentState: (chat) => live.documentState(chat),
    sessionChanged: () => {
      if (!tabs.leading || session.needsPassword) return
      live.connect()
      feed.refresh()
      marks.start()
    },
    close: async () => {
      closed = true
      for (const window of windows.keys()) window.face.close()
      feed.stop()
      marks.stop()
      await live.stop()
      await feed.settled()
      if (tellTimer !== null) ports.clearTimeout(tellTimer)
      tell()
      tabs.close()
      await local.close()
    },
  }
}
