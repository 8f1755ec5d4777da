// Live documents: what the leader keeps open over the socket. (The face; the parts stand beside.)
import type { ChatId, UserId } from '@skein/protocol'

export interface LiveNetwork {
  connected: boolean
  offlineSince: number | null
  nextTryAt: number | null
  stuck: boolean
}

export interface Live {
  readonly network: LiveNetwork
  start(): void
  /** Tries to connect now. */
  connect(): void
  /** The chat's document or its outbox changed. */
  consider(chat: ChatId): void
  /** The windows that any tab shows. */
  show(chats: ReadonlySet<ChatId>): void
  setTyping(chat: ChatId, typing: boolean): void
  typing(chat: ChatId): readonly UserId[]
  readonly online: ReadonlySet<UserId>
  stop(): Promise<void>
}
