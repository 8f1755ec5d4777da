// The face of the engine: the local-first client without a face of its own. Everything shown comes from memory that is filled from the local store, so no call waits for a server.
import type { ChatId, Json, MessageView, OperationId, RefusalCode, UserId, CloseReason } from '@skein/protocol'

export interface Person {
  id: UserId
  name: string
  avatarUrl: string | null
  /** Where a page loads the picture from; null: the server keeps none of them, and a page that asked elsewhere would tell strangers who looks. */
  picture: string | null
  online: boolean
  lastSeenAt: number | null
}

/** What a device remembers of whoever is logged in. */
export interface KnownMe {
  id: UserId
  /** null: of who logs in by another issuer, which told none. */
  email: string | null
  name: string
  /** Whether it is known that the email is theirs; undefined: this device was not told. */
  emailConfirmed?: boolean | undefined
  /** An https address, or null; undefined: this device was not told. */
  avatarUrl?: string | null | undefined
}

export interface Me extends KnownMe {
  /** As of a `Person`. */
  picture: string | null
}

/** A device that was logged out since what it logs in with was used a second time: somebody else may have had a copy. */
export interface LoggedOutDevice {
  /** Such as 'Firefox on Windows'; null when nobody knows. */
  device: string | null
  /** In milliseconds. */
  at: number
}

/** A device that is logged in. */
export interface DeviceItem {
  id: string
  /** Such as 'Firefox on Windows'; null when nobody knows. */
  name: string | null
  /** In milliseconds; moves about every five minutes while the device is used. */
  lastUsedAt: number
  /** The one that asks. */
  current: boolean
}

/** How one can log in at this server. */
export interface LoginWays {
  registration: 'open' | 'invite' | 'closed'
  /** An OpenID provider, and what people call it; null: none is offered. */
  provider: { label: string } | null
}

/** What one does to an account, partly without being logged in; each asks the server. */
export interface AccountCalls {
  /** @throws EngineError 'offline', 'slow-down', … */
  loginWays(): Promise<LoginWays>
  /** Whether there is an account or not: if there is, a mail with a link goes out. @throws EngineError 'slow-down', 'offline', … */
  forgotPassword(email: string): Promise<void>
  /** With the token of such a link; all sessions of the account end. @throws EngineError 'link-expired', 'common-password', 'offline', … */
  resetPassword(token: string, password: string): Promise<void>
  /** With the token of the link that was sent to the email. @throws EngineError 'link-expired', 'offline', … */
  confirmEmail(token: string): Promise<void>
  /** Has that mail sent again, to one's own email. @throws EngineError 'slow-down', 'offline', … */
  sendConfirmation(): Promise<void>
  /** `avatarUrl`: the picture as a data URI, which the server then keeps, or an https address; null: none. `session.user` follows, here and on one's other tabs. @throws EngineError 'bad-request', 'session-ended', 'offline', … */
  changeProfile(wanted: { name?: string; avatarUrl?: string | null }): Promise<void>
  /** The new one gets a mail with a link by which it is confirmed, the old one is told. @throws EngineError 'wrong-password', 'email-taken', 'bad-request', 'slow-down', 'offline', … */
  changeEmail(email: string, password: string): Promise<void>
  /** All other devices are logged out. @throws EngineError 'wrong-password', 'common-password', 'bad-request', 'slow-down', 'offline', … */
  changePassword(current: string, wanted: string): Promise<void>
  /** The last used first. @throws EngineError 'offline', … */
  devices(): Promise<DeviceItem[]>
  /** Logs a device out; one that is no longer there counts as done. @throws EngineError 'offline', … */
  endDevice(id: string): Promise<void>
  /** @throws EngineError 'offline', … */
  endOtherDevices(): Promise<void>
  /** `password` null: of who has none and has just logged in by a provider. The account and all its words are erased; then the person is logged out, and nothing of them stays on this device. @throws EngineError 'wrong-password', 'slow-down', 'offline', … */
  deleteAccount(password: string | null): Promise<void>
}

/** A link by which people join a group; times in milliseconds. */
export interface InviteLink {
  id: string
  createdBy: UserId
  createdAt: number
  expiresAt: number
  /** How many people may join by it; null: anybody who has it. */
  maxUses: number | null
  /** How many have. */
  uses: number
}

/** What one does to a group; each asks the server, and what came of it is shown when it resolves. @throws EngineError 'offline', 'forbidden', 'no-such-chat', … */
export interface GroupCalls {
  /** `title` null: it is called by its people. `history` 'joined': whoever joins later sees what is said from then on. Asked again after a failure that passes, there is still one group. @throws EngineError 'no-such-person', 'blocked', 'slow-down', … */
  create(title: string | null, people: readonly UserId[], history?: 'all' | 'joined'): Promise<ChatId>
  /** @throws EngineError 'forbidden', 'no-such-person', 'blocked', 'group-full', … */
  invite(chat: ChatId, person: { id: UserId } | { email: string }): Promise<void>
  /** Takes somebody else out. @throws EngineError 'forbidden', 'no-such-member', … */
  remove(chat: ChatId, person: UserId): Promise<void>
  /** The chat stays readable here, as removed. */
  leave(chat: ChatId): Promise<void>
  rename(chat: ChatId, title: string | null): Promise<void>
  /** The picture as a data URI, which the server then keeps, or an https address. @throws EngineError 'bad-request', … */
  setPicture(chat: ChatId, picture: string | null): Promise<void>
  /** Gives or takes what one may oneself; the last one who may keeps it. */
  allow(chat: ChatId, person: UserId, abilities: { mayInvite?: boolean; mayRemove?: boolean }): Promise<void>
  /** Those that work, the newest first. For those who may invite. */
  links(chat: ChatId): Promise<InviteLink[]>
  /** `url`: what to give to people, told this once. It ends after a week unless `expiresAt` says otherwise. */
  makeLink(chat: ChatId, options?: { expiresAt?: number; maxUses?: number | null }): Promise<InviteLink & { url: string }>
  revokeLink(chat: ChatId, link: string): Promise<void>
  /** With the token of such a link; the chat is known when it resolves. @throws EngineError 'no-such-link', 'group-full', 'slow-down', … */
  join(token: string): Promise<ChatId>
}

/** Whom one wants nothing of. @throws EngineError 'offline', 'no-such-person', 'slow-down', … */
export interface ContactCalls {
  /** Neither writes to the other any more; nobody is told. */
  block(person: UserId): Promise<void>
  unblock(person: UserId): Promise<void>
  /** By name. */
  blocked(): Promise<{ id: UserId; name: string }[]>
  /** Tells whoever runs the server; of messages of a chat, with the chat. */
  report(about: { person?: UserId; chat?: ChatId; messages?: { id: OperationId; author: UserId }[]; reason: string }): Promise<void>
}

/** What an embedding page says of who is logged in to it. The server must be told of its issuer (`ISSUER` and its settings). */
export interface Identity {
  /**
   * The issuer's token of whoever is logged in to the page now; null: nobody is. Asked at the start, whenever the session is to be renewed (within five minutes), and by
   * `tokenChanged`. What it rejects with, or does not settle within 20 seconds, is tried again later.
   */
  getToken(): Promise<string | null>
  /** Whom it will be of, as the issuer calls them (`sub`), where the page knows without asking anybody: what this device holds of them is then shown before any token is there, also offline. */
  subject?(): string | null
}

/** Why nobody is logged in, or the session does not go on, though the page may have logged somebody in: a code of the protocol's list (or 'offline') and a sentence. */
export interface TokenProblem {
  code: string
  message: string
}

export type SessionState =
  /** The local store is being opened; or an embedding page has not said yet who is there. */
  | { status: 'starting' }
  /** `problem`: of an embedded engine, the page's token was not taken; it is tried again by itself. */
  | { status: 'logged-out'; problem?: TokenProblem }
  /** `needsPassword`: the server ended the session; everything local goes on, sending waits for the password, or for another token of the page (see `problem`). */
  | { status: 'logged-in'; user: Me; needsPassword: boolean; problem?: TokenProblem }

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
  /** A part of the program could not be loaded twice, so that nothing is sent; browsers may not try again before the page is reloaded. */
  incomplete: boolean
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
  /** An own edit, deletion, reaction or pin of this message is still in the outbox. */
  pending: boolean
  /** Whose words were forwarded, as far as this device was told: a page of older messages does not say. */
  forwardedFrom?: UserId
  /** Why it was set aside or refused. */
  problem: CloseReason | RefusalCode | null
  /** The person has hidden it from themselves: it is not to be shown, and is told as if it were deleted, without words. */
  hidden: boolean
}

export interface ChatItem {
  id: ChatId
  kind: 'direct' | 'group'
  /** The chat's title, or the other person's name. */
  title: string
  /** The other person of a direct chat. */
  peer: UserId | null
  members: { id: UserId; name: string; picture: string | null; mayInvite: boolean; mayRemove: boolean }[]
  /** Of the group, as the API says it; null where it has none, and of direct chats. */
  pictureUrl: string | null
  /** Of the group, or of the other person, where a page loads it from; null: the server keeps none. */
  picture: string | null
  /** Something unread calls the person by name. */
  mentioned: boolean
  /** Until when the person wants to hear nothing of it, in milliseconds; null: they want to. */
  mutedUntil: number | null
  pinned: boolean
  archived: boolean
  /** What the person has typed and not sent, on whichever device; '': nothing. */
  draft: string
  /** The seq above which the person sees the messages: 0, unless they joined later and the group says so. */
  historyFrom: number
  /** What a group shows to whoever joins: everything, or what is said from then on. */
  history: 'all' | 'joined'
  lastMessage: MessageItem | null
  /** Of the last message (waiting ones included), in milliseconds. */
  lastAt: number
  unread: number
  /** The person wants to have it unread, though they may have seen it all; until it is opened again. */
  markedUnread: boolean
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

/** A line between the messages: somebody made the group, joined, left, named it or changed its picture; or pinned a message; or ('restored') the server was restored from a backup and took back what members still had, which stands below. */
export interface ChatEvent {
  /** Its place among all entries of the chat. */
  rev: number
  /** Behind which message it stands. */
  afterSeq: number
  /** When the server stored it, ISO 8601. */
  at: string
  kind: 'create' | 'join' | 'leave' | 'rename' | 'picture' | 'restored' | 'pin'
  by: UserId
  /** Who joined or left: `by` themselves, or somebody whom `by` added or took out; null otherwise. */
  user: UserId | null
  /** Of 'rename': the name since then; null: none. */
  title: string | null
}

/** A window on one chat, at most WINDOW_ITEMS long, around the reader. */
export interface ChatWindow {
  readonly chat: ChatItem
  /** Oldest first; stored ones by seq, then those of the outbox. */
  readonly items: readonly MessageItem[]
  /** The pinned messages, the last pinned first; at most MAX_PINS. */
  readonly pinned: readonly MessageItem[]
  /** There are older messages than the first item. */
  readonly hasOlder: boolean
  /** There are newer messages than the last item (the reader went far back). */
  readonly hasNewer: boolean
  readonly loading: 'older' | 'newer' | null
  /** Why the last page could not be loaded. */
  readonly error: string | null
  /** seq of the last message one had seen, or before the one from which on it was marked unread, when the window was opened; the unread divider stands after it. */
  readonly firstUnreadAfter: number
  /** It had been marked unread when the window was opened. */
  readonly wasMarkedUnread: boolean
  /** It was closed, or its person's local data began anew, or somebody else is logged in: it shows nothing new any more. */
  readonly isOver: boolean
  /** What happened to the chat beside its messages, oldest first: the last hundred, as far as this device was there. */
  readonly events: readonly ChatEvent[]
  /** Names of others who are typing now. */
  readonly typing: readonly string[]
  /** Resolves when the page is there or failed (see `error`). */
  loadOlder(): Promise<void>
  loadNewer(): Promise<void>
  jumpToLatest(): Promise<void>
  /** Puts the window around a message of the chat, however old. False: there is none of that id. @throws EngineError 'offline', … where this device does not hold it */
  jumpTo(id: OperationId): Promise<boolean>
  /** Puts the window around the first message that was stored at this time (milliseconds) or later, or at the end where none was; resolves with its id, null in an empty chat and where the page could not be had (see `error`). @throws EngineError 'offline', … where this device holds nothing of then */
  jumpToTime(time: number): Promise<OperationId | null>
  /** Of an own message: who has seen it, and on whose devices it is unseen. When, nobody keeps. */
  receiptsOf(seq: number): { delivered: UserId[]; seen: UserId[] }
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
  kind: 'message' | 'edit' | 'delete' | 'react' | 'pin' | 'unpin'
  /** The words; of a reaction its emoji; else nothing. */
  text: string
  /** The message that it is about; null for a message itself. */
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

/** An expected failure of a call, with a stable code of the protocol's list (or 'offline', 'too-large', 'too-late', 'not-open', 'newer-version', 'unsaved') and a sentence. */
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
  /** Logs in as whom the server's cookie says: after a log-in by its OpenID provider, which sets it. @throws EngineError 'session-ended', 'not-logged-in', 'offline', … */
  resume(): Promise<void>
  readonly account: AccountCalls
  /** Whoever is logged in is whom the embedding page says (`identity`): `login` and `register` end with 'forbidden'. */
  readonly embedded: boolean
  /** The page has somebody else now, nobody, or another token. Unless `subject` says that they are the same, nothing of who was there is shown until the page's token has said so. Resolves when it was exchanged, or was not (see `session`). */
  tokenChanged(): Promise<void>
  /** With words still waiting: `keep` leaves them on this device for the same person, `discard` deletes them. Ask before; see `network.waiting`. @throws EngineError 'unsaved' when the disk does not take what is to be kept */
  logout(waiting: 'keep' | 'discard'): Promise<void>

  /** The direct chat with a person; works offline, since its id follows from the two people. */
  directChat(person: UserId): Promise<ChatId>
  /** @throws EngineError 'no-such-person', 'offline' */
  chatByEmail(email: string): Promise<ChatId>
  openChat(chat: ChatId): ChatWindow
  /** Whether the whole chat stays on this device, old and new messages; it is loaded in the background, see `offline` of the chat. True again after 'over-budget' tries again. */
  keepOffline(chat: ChatId, keep: boolean): Promise<void>

  /** Mutes (until when, in milliseconds; null: not), pins or archives a chat, marks it unread above a seq (null: not), hides stored messages from the person or shows them again (by seq), or keeps what was typed and not sent (of which MAX_TEXT_LENGTH characters), for the person alone. Works offline: it holds here at once, and on their other devices when there is a connection. Drafts that were typed apart come to stand one under the other. @throws EngineError 'too-many' where more than MAX_HIDDEN_MESSAGES of the chat would be hidden */
  arrange(
    chat: ChatId,
    wanted: {
      mutedUntil?: number | null
      pinned?: boolean
      archived?: boolean
      draft?: string
      unreadAfter?: number | null
      hide?: readonly number[]
      show?: readonly number[]
    },
  ): Promise<void>
  readonly groups: GroupCalls
  readonly contacts: ContactCalls
  /** Takes from this device what the server has too: older messages, of chats that are neither open nor kept. The newest of each chat stay, and so does all that waits. Resolves with about how many bytes went. */
  clearHistory(): Promise<number>

  /** Resolves with the message's id once it is on this device's disk (or known not to be: see `unsaved`). */
  send(
    chat: ChatId,
    text: string,
    options?: { replyTo?: { id: OperationId; author: UserId }; mentions?: UserId[]; forwardedFrom?: { author: UserId } },
  ): Promise<OperationId>
  edit(chat: ChatId, message: { id: OperationId; author: UserId }, text: string): Promise<void>
  /** `undoMs`: for so many milliseconds nobody is told, and `discard` takes it back. It goes out earlier when the page is hidden; where the engine is closed meanwhile, when it is opened again. */
  delete(chat: ChatId, message: { id: OperationId; author: UserId }, options?: { undoMs?: number }): Promise<void>
  react(chat: ChatId, message: { id: OperationId; author: UserId }, emoji: string, on: boolean): Promise<void>
  /** For everybody in the chat; of more than MAX_PINS the first pinned is taken out. */
  pin(chat: ChatId, message: { id: OperationId; author: UserId }, on: boolean): Promise<void>
  /** Puts what was set aside back into the outbox, with `text` when given; under a new id, but for what may be stored already, since the person was taken out or blocked; what waits is tried now. Rejects with 'too-late' where there is a `text` and it is on its way already. */
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
