// Everything that runs while one person is logged in: their rows, windows, and, in the leading tab, feed, marks and live documents.
import { MAX_HIDDEN_MESSAGES, type ChatId, type OperationId, type UserId } from '@skein/protocol'
import { createHistory } from './chats/history.ts'
import { markDelivered, markSeen } from './chats/marks.ts'
import { chatItem, outboxItem, type ViewOf } from './chats/views.ts'
import { arrangedOf, wished, type Wanted } from './chats/wishes.ts'
import { openWindow, type OpenWindow } from './chats/window.ts'
import { lateChatCalls, lateContactCalls, lateGroupCalls, lateServedHistory, neededParts } from './late-calls.ts'
import { openLateLeading } from './late-leading.ts'
import { lateParts, loadLateParts } from './late.ts'
import { openLocal, putChat, type Local } from './local.ts'
import type { Exported } from './outbox/export.ts'
import { createOutboxWriter, type OutboxWriter } from './outbox/write.ts'
import { peopleOf } from './people.ts'
import { inBackground, leftOf, type Ports } from './ports.ts'
import type { Session } from './session.ts'
import { bareChatRow, messageKey, newChatRow, type ChatRow, type OutboxRow } from './store/rows.ts'
import { createDiskReturn } from './store/disk-return.ts'
import { createStorageKeeper } from './store/storage-state.ts'
import { expectField, put, type StoreFactory } from './store/store.ts'
import { claimFence } from './claim-fence.ts'
import type { Leading } from './leading.ts'
import type { LiveState, TabMessage } from './tab-channel.ts'
import { openTabs } from './tabs.ts'
import { createTelling } from './telling.ts'
import {
  EngineError,
  type ChatItem,
  type ChatWindow,
  type ContactCalls,
  type GroupCalls,
  type KnownMe,
  type NetworkState,
  type OutboxItem,
  type Person,
  type StorageState,
} from './types.ts'

export interface Profile {
  readonly user: KnownMe
  readonly local: Local
  readonly writer: OutboxWriter
  readonly network: NetworkState
  chats(): ChatItem[]
  people(): Person[]
  outbox(): OutboxItem[]
  retry(operation: OperationId, text?: string): Promise<void>
  exportOutbox(format: 'text' | 'json'): Promise<string>
  readonly storage: StorageState
  keepOffline(chat: ChatId, keep: boolean): Promise<void>
  arrange(chat: ChatId, wanted: Wanted): Promise<void>
  readonly groups: GroupCalls
  readonly contacts: ContactCalls
  clearHistory(): Promise<number>
  directChat(person: UserId): Promise<ChatId>
  chatByEmail(email: string): Promise<ChatId>
  openChat(chat: ChatId): ChatWindow
  connect(): void
  /** The network is gone. */
  disconnected(): void
  documentState(chat: ChatId): Uint8Array | null
  /** The session works again. */
  sessionChanged(): void
  /** What waits is dropped: another tab was told to leave nothing behind. */
  forget(): Promise<void>
  /** Puts the words of another profile of this person, and the chats that were begun with them, into the store. */
  takeOver(from: Local): Promise<void>
  /** Leads no more and writes nothing more; what was shown stays. */
  retire(): void
  /** `lastTry`: what only memory holds, since the disk failed, is to be kept if it can be. */
  close(lastTry: boolean): Promise<void>
}

export interface ProfileOptions {
  server: string
  user: KnownMe
  /** Names the store, the lock and the channel; holds the server and the person's id (W7). */
  name: string
  factory: StoreFactory
  session: Session
  ports: Ports
  changed(): void
  /** A newer program has taken over the local data. */
  outdated(): void
}

/** How exactly it is known when a chat was last opened. */
const OPENED_MS = 60_000
const NOT_CONNECTED: LiveState['network'] = { connected: false, offlineSince: null, nextTryAt: null, stuck: false }

export async function openProfile({ server, user, name, factory, session, ports, changed, outdated }: ProfileOptions): Promise<Profile> {
  const self = user.id
  const windows = new Map<OpenWindow, ChatId>()
  const chatItems = new WeakMap<ChatRow, { outbox: readonly OutboxRow[]; people: number; item: ChatItem }>()
  /** Chats that the person began since the engine started: listed though nothing was said yet. */
  const begun = new Set<ChatId>()
  /** What the leader told; of no use while this tab leads. */
  let told: LiveState | null = null
  let leading: Leading | null = null
  let post: (message: TabMessage) => void = () => {}

  const telling = createTelling(ports, (written) => post({ is: 'changed', ...written }))
  const disk = createDiskReturn(
    () => local,
    ports,
    () => {
      // Who leads begins anew, with a number of the disk's.
      if (ports.locks) tabs.stepDown()
      else leading?.feed.refresh()
    },
  )
  const local = await openLocal({
    self,
    factory,
    name,
    ports,
    outdated,
    failed: () => {
      disk.failed()
      tellLive()
    },
    told: telling.wrote,
  })
  if (local.store.failed) disk.failed()
  const history = createHistory(
    local,
    lateServedHistory(ports, ({ createServedHistory }) => createServedHistory(local, session)),
  )
  const storage = createStorageKeeper(local, ports, changed)
  inBackground(storage.look(), ports)
  const writer = createOutboxWriter(
    local,
    ports,
    () => inBackground(storage.wrote(), ports),
    () => leading === null && told?.failed === true,
  )
  const stopReleasing = ports.pageStates?.((state) => {
    if (state !== 'visible') inBackground(writer.release(), ports)
  })
  const groups = lateGroupCalls(ports, ({ createGroupCalls }) =>
    createGroupCalls({ server, local, session, ports, adopted: () => leading?.feed.refresh() }),
  )
  const chatCalls = lateChatCalls(ports, ({ createChatCalls }) => createChatCalls(local, session, ports))
  const contacts = lateContactCalls(ports, ({ createContactCalls }) => createContactCalls(session))
  /** Of those that were let go. */
  let ended: Promise<unknown> = Promise.resolve()

  const tabs = openTabs({
    name,
    ports,
    claim: (known) => claimFence(local, known),
    lead: (fence) => inBackground(lead(fence), ports),
    resign,
    outdated,
    awake: () => {
      announce()
      inBackground(local.rereadAll(), ports)
    },
    receive: (message) => {
      switch (message.is) {
        case 'typing':
          return leading?.live.setTyping(message.chat, message.typing)
        case 'catch-up':
          return leading?.feed.catchUp(message.chat)
        case 'connect':
          return leading?.connect()
        case 'retry':
          return leading?.live.retry(message.chat)
        case 'changed':
          return inBackground(local.reread(message), ports)
        case 'who':
          return announce()
        case 'windows':
          showWindows()
          // A tab that comes may follow one that died.
          if (leading) inBackground(local.findUntold(), ports)
          return tellLive()
        case 'live':
          told = message.live
          refreshWindows()
          return changed()
        default:
      }
    },
  })
  post = tabs.post

  async function lead(fence: number | null): Promise<void> {
    const mine = openLateLeading({
      server,
      name,
      fence,
      local,
      session,
      ports,
      budgetBytes: () => storage.budgetBytes,
      lost: () => {
        if (leading === mine) tabs.stepDown()
      },
      started,
      changed: () => {
        refreshWindows()
        tellLive()
        changed()
      },
    })
    leading = mine
    if (ports.locks) await local.rereadAll()
    if (leading === mine) mine.start()
  }
  /** This tab leads, and what that takes is there. */
  function started(): void {
    showWindows()
    for (const chat of new Set(Array.from(local.outbox.values(), (row) => row.chat))) leading?.consider(chat)
    refreshWindows()
    tellLive()
    changed()
  }
  function resign(): void {
    if (leading) ended = Promise.all([ended, leading.stop()])
    leading = null
    told = null
    for (const window of windows.keys()) window.refresh()
    changed()
  }
  const shownChats = (): ChatId[] => [...new Set(windows.values())]
  function announce(): void {
    post({ is: 'windows', tab: tabs.id, chats: shownChats() })
    showWindows()
  }
  function showWindows(): void {
    leading?.live.show(new Set([...windows.values(), ...tabs.othersWindows()]))
  }
  function tellLive(): void {
    if (!leading) return
    const { live } = leading
    const { connected, offlineSince, nextTryAt, stuck } = live.network
    const chats = [...new Set([...windows.values(), ...tabs.othersWindows()])]
    post({
      is: 'live',
      fence: leading.fence,
      live: {
        network: { connected, offlineSince, nextTryAt, stuck },
        online: [...live.online],
        typing: chats.map((chat) => [chat, [...live.typing(chat)]]),
        nextTries: [...live.nextTries()],
        failed: local.store.failed,
      },
    })
  }
  const networkNow = (): NetworkState => ({
    incomplete: false,
    ...(leading?.live.network ?? told?.network ?? NOT_CONNECTED),
    waiting: [...local.outbox.values()].filter(({ state }) => state.at !== 'aside').length,
    outdated: false,
  })
  let wasConnected = false
  function refreshWindows(): void {
    const { connected } = networkNow()
    for (const window of windows.keys()) {
      window.refresh()
      // A page that could not be had is asked for again.
      if (connected && !wasConnected) window.connected()
    }
    wasConnected = connected
  }
  const online = (): ReadonlySet<UserId> => leading?.live.online ?? new Set(told?.online)
  const typingIn = (chat: ChatId): readonly UserId[] => leading?.live.typing(chat) ?? told?.typing.find(([id]) => id === chat)?.[1] ?? []

  function viewOf(id: ChatId): ViewOf {
    const chat = local.chats.get(id)
    if (!chat) throw new EngineError('no-such-chat', 'There is no such chat.')
    return { self, chat, outbox: local.outboxOf(id), isUnsaved: local.isUnsaved, people: local.people, server }
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
  function outbox(): OutboxItem[] {
    const tries = leading?.live.nextTries() ?? new Map(told?.nextTries)
    const rows = [...local.outbox.values()].sort((a, b) => a.order - b.order)
    return rows.map((row) => {
      const isNext = row === local.outboxOf(row.chat).find(({ state }) => state.at !== 'aside')
      return outboxItem(row, self, local.isUnsaved(row.id), isNext ? (tries.get(row.chat) ?? null) : null)
    })
  }
  const nameOf = (chat: ChatId, person: UserId): string =>
    local.people.get(person)?.name ?? local.chats.get(chat)?.members.find(({ id }) => id === person)?.name ?? ''

  local.subscribe((change) => {
    for (const window of windows.keys()) window.changed(change)
    for (const chat of change.chats) {
      if (!leading) continue
      leading.consider(chat)
      inBackground(markDelivered(local, chat), ports)
    }
    changed()
  })

  // A tab that follows may lead after a deploy, when what it lacks is there no more. Whoever leads tries again where this fails.
  if (!lateParts())
    inBackground(
      loadLateParts().catch(() => {}),
      ports,
    )

  return {
    user,
    local,
    writer,
    get network() {
      return networkNow()
    },
    chats: () => {
      const shown = new Set([...windows.values(), ...begun])
      const withWords = new Set(Array.from(local.outbox.values(), ({ chat }) => chat))
      return [...local.chats.values()]
        .filter((row) => row.document !== null || withWords.has(row.id) || shown.has(row.id))
        .map(chatItemOf)
        .sort((a, b) => b.lastAt - a.lastAt || (a.id < b.id ? -1 : 1))
    },
    people: () => peopleOf(local, online(), server),
    outbox,
    get storage() {
      return storage.state
    },
    keepOffline: async (chat, keep) => {
      const kept = keep ? 'yes' : 'no'
      await local.update(chat, (row) => (row.kept === kept ? null : putChat(row, { ...row, kept })))
      if (keep) return
      // Others may have found no room.
      for (const { id } of local.chats.values())
        await local.update(id, (row) => (row.kept === 'over-budget' ? putChat(row, { ...row, kept: 'yes' }) : null))
    },
    clearHistory: async () => {
      const { evictFrom } = lateParts() ?? (await neededParts(ports))
      /** What the server gives to this person no more: of chats they left, and from before they came back. */
      const isLast = ({ removed, ranges, historyFrom = 0 }: ChatRow): boolean => removed || (ranges[0]?.[0] ?? Infinity) <= historyFrom
      const lasting = new Set([...local.chats.values()].filter(isLast).map(({ id }) => id))
      return evictFrom(local, (chat) => lasting.has(chat) || shownChats().includes(chat) || tabs.othersWindows().has(chat), ports, Infinity)
    },
    retry: async (id, text) => {
      const row = local.outbox.get(id)
      await writer.retry(id, text)
      if (!row || row.state.at === 'aside') return
      if (leading) leading.live.retry(row.chat)
      else post({ is: 'retry', chat: row.chat })
    },
    exportOutbox: async (format) => {
      const exported = outbox().map(async (item): Promise<Exported> => {
        const row = local.chats.get(item.chatId)
        const about = item.target?.author && (await local.store.get('messages', messageKey(item.chatId, item.target.author, item.target.id)))
        return { item, chat: row ? chatItemOf(row).title : '', about: about ? about.text : null }
      })
      const { exportText, exportJson } = lateParts() ?? (await neededParts(ports))
      return (format === 'text' ? exportText : exportJson)(await Promise.all(exported))
    },
    arrange: (chat, wanted) =>
      local.update(chat, (row) => {
        const next = wished(row, wanted, ports.now())
        if (wanted.hide && arrangedOf(next).hidden.length > MAX_HIDDEN_MESSAGES)
          throw new EngineError('too-many', `One hides at most ${MAX_HIDDEN_MESSAGES} messages of a chat.`)
        return JSON.stringify(next) === JSON.stringify(row) ? null : putChat(row, next)
      }),
    groups,
    contacts,
    directChat: async (person) => {
      const { directChatId } = lateParts() ?? (await neededParts(ports))
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
      const id = await chatCalls.byEmail(email)
      begun.add(id)
      leading?.feed.refresh()
      changed()
      return id
    },
    openChat: (chat) => {
      const window = openWindow({
        chat,
        local,
        history,
        ports,
        viewOf,
        isConnected: () => networkNow().connected,
        typing: () => typingIn(chat).map((person) => nameOf(chat, person)),
        setTyping: (typing) => (leading ? leading.live.setTyping(chat, typing) : post({ is: 'typing', chat, typing })),
        markSeen: (seq) => inBackground(markSeen(local, chat, seq), ports),
        closed: () => {
          windows.delete(window)
          announce()
        },
      })
      windows.set(window, chat)
      inBackground(
        local.update(chat, (row) => {
          // Whoever opens it has it read again.
          const read = arrangedOf(row).unreadAfter === null ? row : wished(row, { unreadAfter: null }, ports.now())
          const isRecent = leftOf(OPENED_MS, row.openedAt, ports.now()) > 0
          return isRecent && read === row ? null : putChat(row, { ...read, openedAt: ports.now() })
        }),
        ports,
      )
      announce()
      if (leading) leading.feed.catchUp(chat)
      else post({ is: 'catch-up', chat })
      return window.face
    },
    connect: () => (leading ? leading.connect() : post({ is: 'connect' })),
    disconnected: () => leading?.live.disconnected(),
    documentState: (chat) => leading?.live.documentState(chat) ?? null,
    sessionChanged: () => {
      if (session.needsPassword) return
      // A page that was refused for want of a session is asked for again.
      for (const window of windows.keys()) window.connected()
      leading?.connect()
    },
    forget: async () => {
      await local.commit(() => Array.from(local.outbox.keys(), (key) => ({ remove: 'outbox', key })))
    },
    takeOver: async (from) => {
      for (const row of from.outbox.values()) {
        // One by one, and again when another tab was faster; what that one took over is its own.
        for (let isOver = false; !isOver;) {
          const chat = from.chats.get(row.chat)
          const begins = chat && !local.chats.has(row.chat) ? putChat(undefined, bareChatRow(chat)) : []
          isOver =
            local.outbox.has(row.id) || (await local.commit([...begins, expectField('outbox', row.id, 'state', null), put('outbox', row)], true))
        }
      }
    },
    retire: () => {
      tabs.close()
      local.store.retire()
    },
    close: async (lastTry) => {
      for (const window of windows.keys()) window.face.close()
      telling.flush()
      stopReleasing?.()
      tabs.close()
      await ended
      await disk.close(lastTry)
      await local.close()
    },
  }
}
