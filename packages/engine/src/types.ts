// The face of the engine: the local-first client without a face of its own. Everything shown comes from memory that is filled from the local store, so no call waits for a server.
import type { ChatId, Json, MessageView, OperationId, RefusalCode, UserId, CloseReason } from '@skein/protocol'

export interface Person {
  id: UserId
  name: string
  avatarUrl: string | null
  online: boolean
  lastSeenAt: number | null
}

export interface Me {
  id: UserId
  /** null: of who logs in by another issuer, which told none. */
  email: string | null
  name: string
  /** Whether it is known that the email is theirs; undefined: this device was not told. */
  emailConfirmed?: boolean | undefined
}

/** A device that was logged out since what it logs in with was used a second time: somebody else may have had a copy. */
export interface LoggedOutDevice {
  /** Such as 'Firefox on Windows'; null when nobody knows. */
  device: string | null
  /** In milliseconds. */
  at: number
}

/** What one does to an account without being logged in, or beside it; each asks the server. */
export interface AccountCalls {
  /** Whether there is an account or not: if there is, a mail with a link goes out. @throws EngineError 'slow-down', 'offline', … */
  forgotPassword(email: string): Promise<void>
  /** With the token of such a link; all sessions of the account end. @throws EngineError 'link-expired', 'common-password', 'offline', … */
  resetPassword(token: string, password: string): Promise<void>
  /** With the token of the link that was sent to the email. @throws EngineError 'link-expired', 'offline', … */
  confirmEmail(token: string): Promise<void>
  /** Has that mail sent again, to one's own email. @throws EngineError 'slow-down', 'offline', … */
  sendConfirmation(): Promise<void>
}

export type SessionState =
  /** The local store is being opened. */
  | { status: 'starting' }
  | { status: 'logged-out' }
  /** `needsPassword`: the server ended the session; everything local goes on, sending waits for the password. */
  | { status: 'logged-in'; user: Me; needsPassword: boolean }

export interface NetworkState {
  /** Connected to the server now. */
  connected: boolean
  /** When the connection was lost, in milliseconds; null while connected or before the first attempt ended. */
  offlineSince: number | null
  /** Operations in the outbox that wait, over all chats. */
  waiting: number
  /** When the next attempt to connect is made, in milliseconds; null when none is planned. */
  nextTryAt: number | null
  /** Something has waited for 30 s while connected, or waits for this program to be updated: the server writes documents of a newer version. */
  stuck: boolean
  /** A newer version of the program has taken over the local data: nothing is written any more, calls end with 'newer-version', and the page must be reloaded. Stays so. */
  outdated: boolean
}

export type MessageStatus = 'queued' | 'sent' | 'delivered' | 'seen' | 'set-aside'

/** A message in a chat window: stored, or still in one's outbox. */
export interface MessageItem extends MessageView {
  /** Stable over the message's whole life: `<authorId>/<id>`. */
  key: string
  own: boolean
  /** Of one's own messages; 'sent' for those of others. */
  status: MessageStatus
  /** Not on this device's disk: the local store failed. */
  unsaved: boolean
  /** An own edit, deletion or reaction of this message is still in the outbox. */
  pending: boolean
  /** Why it was set aside or refused. */
  problem: CloseReason | RefusalCode | null
}

export interface ChatItem {
  id: ChatId
  kind: 'direct' | 'group'
  /** The chat's title, or the other person's name. */
  title: string
  /** The other person of a direct chat. */
  peer: UserId | null
  members: { id: UserId; name: string; mayInvite: boolean; mayRemove: boolean }[]
  /** An https address; null where the group has none, and of direct chats. */
  pictureUrl: string | null
  /** Until when the person wants to hear nothing of it, in milliseconds; null: they want to. */
  mutedUntil: number | null
  pinned: boolean
  archived: boolean
  lastMessage: MessageItem | null
  /** Of the last message (waiting ones included), in milliseconds. */
  lastAt: number
  unread: number
  offline: OfflineState
  /** The person was removed; nothing can be sent any more. */
  removed: boolean
  /** Stored words that this device can prove and that the server, restored from a backup, has lacked for a day. */
  missing: number
}

/** How much of a chat is on this device. */
export interface OfflineState {
  /** 'off': as much as is looked at. Of a chat that is kept: 'loading' while older messages are missing, 'complete', or 'over-budget' when there was no room for more. */
  state: 'off' | 'loading' | 'complete' | 'over-budget'
  /** Messages on this device, of how many there are. */
  held: number
  total: number
  /** About what they take. */
  bytes: number
}

/** What this device holds of all chats. */
export interface StorageState {
  /** About what is held, and how much may be. */
  usedBytes: number
  budgetBytes: number
  /** The browser has promised not to throw it away; null where it does not say. */
  persisted: boolean | null
  /** The disk is lost: everything is in memory alone. */
  failed: boolean
}

/** A window on one chat, at most WINDOW_ITEMS long, around the reader. */
export interface ChatWindow {
  readonly chat: ChatItem
  /** Oldest first; stored ones by seq, then those of the outbox. */
  readonly items: readonly MessageItem[]
  /** There are older messages than the first item. */
  readonly hasOlder: boolean
  /** There are newer messages than the last item (the reader went far back). */
  readonly hasNewer: boolean
  readonly loading: 'older' | 'newer' | null
  /** Why the last page could not be loaded. */
  readonly error: string | null
  /** seq of the last message one had seen when the window was opened; the unread divider stands after it. */
  readonly firstUnreadAfter: number
  /** Where the server was restored from a backup and took back what members still had: behind which seq, and when (ISO 8601). What it took back stands below. */
  readonly restores: readonly { afterSeq: number; at: string }[]
  /** Names of others who are typing now. */
  readonly typing: readonly string[]
  /** Resolves when the page is there or failed (see `error`). */
  loadOlder(): Promise<void>
  loadNewer(): Promise<void>
  jumpToLatest(): Promise<void>
  /** Tells others that one is typing; call on each input, it is throttled and ends by itself. */
  setTyping(typing: boolean): void
  /** Everything up to this seq was visible to the person. */
  markSeen(seq: number): void
  subscribe(listener: () => void): () => void
  close(): void
}

export interface OutboxItem {
  id: OperationId
  chatId: ChatId
  kind: 'message' | 'edit' | 'delete' | 'react'
  /** The words; of a reaction its emoji; of a deletion nothing. */
  text: string
  /** The message that an edit, deletion or reaction is about. */
  target: { id: OperationId; author: UserId | null } | null
  state: 'waiting' | 'appended' | 'aside'
  reason: CloseReason | RefusalCode | null
  /** When the person wrote it, in milliseconds. */
  createdAt: number
  /** When it is tried next, in milliseconds; null while it waits for the network, for an earlier one of its chat, for an answer, or for the person. */
  nextTryAt: number | null
  /** Not on this device's disk: the local store failed. */
  unsaved: boolean
}

/** An expected failure of a call, with a stable code of the protocol's list (or 'offline', 'too-large', 'not-open', 'newer-version') and a sentence. */
export class EngineError extends Error {
  readonly code: string
  constructor(code: string, message: string) {
    super(message)
    this.name = 'EngineError'
    this.code = code
  }
}

export interface Engine {
  readonly session: SessionState
  readonly network: NetworkState
  /** The last active first. */
  readonly chats: readonly ChatItem[]
  /** Everybody else on this server, by name, as far as known. */
  readonly people: readonly Person[]
  readonly outbox: readonly OutboxItem[]
  readonly storage: StorageState
  /** Called after any of the above changed, at most once a frame; the values are new objects when they differ. */
  subscribe(listener: () => void): () => void

  /** Resolves when the local store is open and what it holds is shown; a server is not needed. */
  readonly ready: Promise<void>
  /** `loggedOut`: devices that no log-in told of yet. @throws EngineError 'wrong-login', 'offline', … */
  login(email: string, password: string): Promise<{ loggedOut: LoggedOutDevice[] }>
  /** `invitation`: the token of a link that invites. @throws EngineError 'email-taken', 'bad-request', 'registration-closed', 'invitation-needed', 'link-expired', 'email-unconfirmed', 'offline', … */
  register(email: string, name: string, password: string, invitation?: string): Promise<void>
  readonly account: AccountCalls
  /** With words still waiting: `keep` leaves them on this device for the same person, `discard` deletes them. Ask before; see `network.waiting`. */
  logout(waiting: 'keep' | 'discard'): Promise<void>

  /** The direct chat with a person; works offline, since its id follows from the two people. */
  directChat(person: UserId): Promise<ChatId>
  /** @throws EngineError 'no-such-person', 'offline' */
  chatByEmail(email: string): Promise<ChatId>
  openChat(chat: ChatId): ChatWindow
  /** Whether the whole chat stays on this device, old and new messages; it is loaded in the background, see `offline` of the chat. True again after 'over-budget' tries again. */
  keepOffline(chat: ChatId, keep: boolean): Promise<void>

  /** Resolves with the message's id once it is on this device's disk (or known not to be: see `unsaved`). */
  send(chat: ChatId, text: string, options?: { replyTo?: { id: OperationId; author: UserId }; mentions?: UserId[] }): Promise<OperationId>
  edit(chat: ChatId, message: { id: OperationId; author: UserId }, text: string): Promise<void>
  delete(chat: ChatId, message: { id: OperationId; author: UserId }): Promise<void>
  react(chat: ChatId, message: { id: OperationId; author: UserId }, emoji: string, on: boolean): Promise<void>
  /** Puts what was set aside back into the outbox, under a new id, with `text` when given; what waits is tried now. */
  retry(operation: OperationId, text?: string): Promise<void>
  /** Changes the words of a message or an edit in the outbox; what was set aside goes out again with them. False when it was handed to the document already. */
  editQueued(operation: OperationId, text: string): Promise<boolean>
  /** Takes a waiting or set-aside operation out of the outbox; false when it was handed to the document already. */
  discard(operation: OperationId): Promise<boolean>
  /** Everything in the outbox, with chats and times, to be kept elsewhere. */
  exportOutbox(format: 'text' | 'json'): Promise<string>

  /** Tries to connect now. */
  connect(): void
  /** The chat's live document as one Yjs update, for tests and tools; null while it is not open in this tab. */
  documentState(chat: ChatId): Uint8Array | null
  /** Stops everything and waits until what is written is on disk. */
  close(): Promise<void>
}

/** One row of a store; plain JSON. */
export type Row = { [key: string]: Json }
