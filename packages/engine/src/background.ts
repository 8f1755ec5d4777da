// What the leading tab does beside showing and sending: heals, fills chats that are kept whole, and sends wishes.
import type { ChatId } from '@skein/protocol'
import type { ChatSync } from './chats/chat-sync.ts'
import { createHealer } from './chats/heal.ts'
import { createServedHistory } from './chats/served-history.ts'
import { createKeeper } from './chats/keeper.ts'
import type { Room } from './chats/room.ts'
import { createWishSender } from './chats/wish-sender.ts'
import type { Local } from './local.ts'
import type { Ports } from './ports.ts'
import type { Session } from './session.ts'

export interface Background {
  start(): void
  stop(): void
  /** The chat's row changed. */
  consider(chat: ChatId): void
  /** There is a connection now. */
  connected(): void
  /** Offers again what the server has not taken, now and then, and tells what stays away. */
  remind(): Promise<void>
  /** Resolves after what is under way. */
  settled(): Promise<void>
}

export interface BackgroundOptions {
  local: Local
  session: Session
  sync: ChatSync
  room: Room
  ports: Ports
  /** The chat is whole and must be read on. */
  catchUp(chat: ChatId): void
}

export function createBackground({ local, session, sync, room, ports, catchUp }: BackgroundOptions): Background {
  const healer = createHealer({ local, session, sync, ports, catchUp })
  const keeper = createKeeper(local, createServedHistory(local, session), room, ports)
  const wishes = createWishSender(local, session, ports)
  return {
    start: () => {
      healer.start()
      keeper.start()
      wishes.start()
    },
    stop: () => {
      healer.stop()
      keeper.stop()
      wishes.stop()
    },
    consider: (chat) => {
      healer.consider(chat)
      keeper.consider()
      wishes.consider(chat)
    },
    connected: () => {
      keeper.connected()
      wishes.connected()
    },
    remind: healer.remind,
    settled: healer.settled,
  }
}
