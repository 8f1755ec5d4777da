// What only the leading tab runs, from the moment it leads until it lets go: the socket with its live documents, and the feed. All it writes is fenced.
import type { ChatId } from '@skein/protocol'
import { createBackground } from './background.ts'
import { createChatSync } from './chats/chat-sync.ts'
import { createFeed, type Feed } from './chats/feed.ts'
import { createMarkSender } from './chats/mark-sender.ts'
import { createRoom } from './chats/room.ts'
import { createRecounter } from './chats/recount.ts'
import { openFence } from './fence.ts'
import type { Local } from './local.ts'
import { createPeopleReader } from './people-reader.ts'
import { inBackground, type Ports } from './ports.ts'
import type { Session } from './session.ts'
import { createLive, type Live } from './sync/live.ts'

export interface Leading {
  readonly fence: number
  readonly live: Pick<Live, 'network' | 'online' | 'typing' | 'nextTries' | 'documentState' | 'show' | 'retry' | 'setTyping' | 'disconnected'>
  readonly feed: Pick<Feed, 'catchUp' | 'refresh'>
  /** The chat's row or its outbox changed. */
  consider(chat: ChatId): void
  start(): void
  /** Tries to connect now. */
  connect(): void
  /** The socket is closed when this returns; resolves when nothing is going on any more. */
  stop(): Promise<void>
}

export interface LeadingOptions {
  server: string
  name: string
  fence: number | null
  local: Local
  session: Session
  ports: Ports
  budgetBytes(): number
  /** Another tab leads: the store says so. */
  lost(): void
  /** Everything runs that leading takes. */
  started(): void
  changed(): void
}

export function openLeading({
  server,
  name,
  fence: number,
  local: unfenced,
  session,
  ports,
  budgetBytes,
  lost,
  started,
  changed,
}: LeadingOptions): Leading {
  const fence = openFence(unfenced, number, ports, lost)
  const { local } = fence
  const sync = createChatSync(local, session, ports)
  const people = createPeopleReader(local, session, ports)
  const live = createLive({
    server,
    name,
    local,
    session,
    sync,
    ports,
    mayOpen: fence.holds,
    nudged: (chat, rev, markPos) => {
      // A live chat gets entries and marks by its document. The marks' count is noted only where they come with it, so that the feed finds what was announced and never shown.
      if (!live.isLive(chat)) feed.nudge(chat, rev, markPos)
    },
    catchUp: (chat) => feed.catchUp(chat),
    connected: () => {
      feed.refresh()
      background.connected()
    },
    stranger: people.meet,
    changed,
  })
  const feed = createFeed({
    local,
    session,
    sync,
    ports,
    relocated: live.relocated,
    read: async () => {
      await people.read()
      await local.findUntold()
      await background.remind()
    },
  })
  const recounter = createRecounter(local, sync, ports)
  const room = createRoom(local, budgetBytes, live.shows, ports)
  const background = createBackground({ local, session, sync, room, ports, catchUp: feed.catchUp })
  const marks = createMarkSender(local, session, ports)
  const settingAside = new Set<ChatId>()
  /** It waits in a chat that one is no member of: written in the moment in which another tab learned of it. */
  const isLeftBehind = (chat: ChatId): boolean =>
    local.chats.get(chat)?.removed === true && local.outboxOf(chat).some(({ state }) => state.at !== 'aside')
  async function setAside(chat: ChatId): Promise<void> {
    settingAside.add(chat)
    try {
      while (isLeftBehind(chat)) await sync.setAside(chat, 'no-access')
    } finally {
      settingAside.delete(chat)
    }
  }

  return {
    fence: number ?? 0,
    live,
    feed,
    consider: (chat) => {
      if (isLeftBehind(chat) && !settingAside.has(chat)) inBackground(setAside(chat), ports)
      live.consider(chat)
      recounter.consider(chat)
      room.consider()
      background.consider(chat)
      marks.consider()
    },
    start: () => {
      recounter.start()
      room.start()
      background.start()
      marks.start()
      feed.start()
      live.start()
      started()
    },
    connect: () => {
      live.connect()
      feed.refresh()
      marks.consider()
    },
    stop: async () => {
      marks.stop()
      feed.stop()
      recounter.stop()
      room.stop()
      background.stop()
      await live.stop()
      await feed.settled()
      await background.settled()
    },
  }
}
