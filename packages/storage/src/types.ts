// The face of the storage: what it keeps, and what can be asked of it. One contract suite runs on every implementation.
import type {
  Checked,
  ChatId,
  CloseReason,
  Entry,
  EpochName,
  Head,
  GroupOperation,
  MessageState,
  OperationId,
  Operation,
  Pin,
  RefusalCode,
  Run,
  Sha256,
  UserId,
} from '@skein/protocol'
import type { BlockStorage } from './blocks.ts'
import type { GroupStorage } from './groups.ts'
import type { ChatLinkStorage } from './chat-links.ts'
import type { ApiKeyStorage } from './api-keys.ts'
import type { ServerKeyStorage } from './server-keys.ts'
import type { DeliveryStorage } from './deliveries.ts'
import type { ImportStorage } from './import/import.ts'
import type { ReportStorage } from './reports.ts'
import type { WebhookStorage } from './webhooks.ts'
import type { AccountSweepStorage } from './account-sweeps.ts'
import type { IdentityStorage } from './identities.ts'
import type { LinkStorage } from './links.ts'
import type { PictureStorage } from './pictures.ts'
import type { ReusedSessionStorage } from './reused-sessions.ts'

/**
 * The journal of deletions and erasures, which lives apart from the database and its backups: what is in it stays deleted, whatever the database was restored to.
 * It holds keys (`journalKey` of the protocol) and nothing else.
 */
export interface DeletionJournal {
  /** Whether this operation was deleted or erased at some time. */
  has(key: string): boolean
  /** Its first key, by which a database knows it again, and how many it has; null while it is empty. */
  place(): { first: string; count: number } | null
  /** Resolves once the keys would survive a power cut; those that are there already cost nothing. */
  add(keys: readonly string[]): Promise<void>
}

/** What storage takes from its surroundings, so that tests can turn the clock and draw the same numbers twice. */
export interface StoragePorts {
  /** Milliseconds since 1970. */
  now(): number
  randomBytes(count: number): Uint8Array
  sha256: Sha256
  /** The chain's tag over bytes: `<key number>.<16 bytes base64url>`. */
  tag(bytes: Uint8Array): string
  /** Whether this is a tag over these bytes, by any key that was ever in use. */
  verifyTag(bytes: Uint8Array, tag: string): boolean
  /** Version of the document's schema that new epochs name; for tests that play a newer server. Default: DOCUMENT_SCHEMA. */
  documentSchema?(): number
  /** null: there is none, and what a restored database has forgotten to be deleted comes back with whoever still holds it. */
  journal: DeletionJournal | null
}

export interface User {
  id: UserId
  /** null: of somebody whom another issuer vouches for without one. */
  email: string | null
  name: string
  avatarUrl: string | null
  createdAt: number
  lastSeenAt: number | null
  /** Since when this person may not log in; null: they may. */
  disabledAt: number | null
  /** Since when it is known that the email is theirs; null: it is not. */
  emailConfirmedAt: number | null
}

/** Whoever may log in; not who was erased. */
export interface Account extends User {
  /** null: no password, only an identity of another issuer. */
  passwordHash: string | null
}

export interface Session {
  id: string
  userId: UserId
  /** SHA-256 of the present refresh token, base64url. */
  tokenHash: string
  /** Of the token that was exchanged for it. */
  previousHash: string | null
  createdAt: number
  /** The last refresh. */
  lastUsedAt: number
  expiresAt: number
  /** What it runs on, in words; null when nobody knows. */
  device: string | null
  /** It goes on by a token of an issuer, and not by refresh tokens. */
  isIssued: boolean
}

/** One thing that waits to be stored. */
export type CommitItem =
  | {
      /** A checked, normalised Yjs update of one person. */
      kind: 'update'
      chatId: ChatId
      epoch: EpochName
      userId: UserId
      update: Uint8Array
      /** Yjs client ids of this person in the update. */
      clients: number[]
      /** The operations it adds to the person's log, in order; validated copies with their canonical text. */
      operations: Checked[]
    }
  | {
      /** A message sent over HTTP: an entry that carries its operation. */
      kind: 'operation'
      chatId: ChatId
      userId: UserId
      operation: Operation
      text: string
      /** When another server stored it, for an import: its entry has this time, unless the one before has a later one. */
      at?: number
    }
  | {
      /** A change of a group and its members, by the doing of `userId`: an entry that carries its operation. `not-allowed` where this member may not; what is so already is no entry. */
      kind: 'member'
      chatId: ChatId
      userId: UserId
      operation: GroupOperation
      text: string
    }

/** An entry with the place where its operation stands. */
export interface StoredEntry extends Entry {
  /** true: the ledger's value carries the operation; false: it stands in its author's log. */
  carried: boolean
}

export type CommitOutcome =
  | {
      ok: true
      epoch: EpochName
      baseRev: number
      /** The chat's count of stored updates after this item. */
      pos: number
      /** New entries, in order; empty when everything was stored before. */
      entries: StoredEntry[]
      /** Entries of the offered operations that were stored before this commit. */
      repeated: StoredEntry[]
      /** The chat's head and rev after this item. */
      rev: number
      head: Head
      /** The epoch ended with this group of items, and this one follows it. */
      movedTo?: EpochName
    }
  | { ok: false; reason: CloseReason }

export interface ChatRow {
  id: ChatId
  kind: 'direct' | 'group'
  title: string | null
  /** When title and picture were decided, in milliseconds; 0: never. */
  titleAt: number
  pictureUrl: string | null
  pictureAt: number
  /** One of the two people of a direct chat has blocked the other. */
  blocked: boolean
  /** Of a group: whoever joins sees what is said from then on (CHAT-9). */
  fromJoining: boolean
  epoch: EpochName
  baseRev: number
  baseSeq: number
  /** Operations, messages and updates stored so far, and the place of the last change of marks or erasure (places.ts). */
  rev: number
  seq: number
  pos: number
  markPos: number
  head: Head
  createdAt: number
  /** Time of the last message; of the creation when there is none. */
  lastAt: number
}

export interface Member {
  id: UserId
  name: string
  /** May let others join this group, may take others out of it. */
  mayInvite: boolean
  mayRemove: boolean
}

/** What a person wants of one chat, on all their devices. */
export interface Mine {
  /** Milliseconds since 1970; null: not muted. */
  mutedUntil: number | null
  pinned: boolean
  archived: boolean
  /** What they have typed and not sent. */
  draft: string
  /** The seq above which they want to have it unread, though they have seen it; null: they do not. */
  unreadAfter: number | null
  /** The seqs that they have hidden from themselves, ascending. */
  hidden: number[]
  /** When it was changed last, in milliseconds since 1970; 0: never. Only grows. */
  changedAt: number
}

export interface ChatSummary extends ChatRow {
  members: Member[]
  /** What this member sees lies behind this place. */
  from: From
  /** Of the members; one's own is the one that `unread` was counted from. */
  marks: Record<UserId, Marks>
  mine: Mine
  lastMessage: MessageState | null
  /** The first pinned first; the message is null where this member does not see it. What was erased without a deletion stands here, too, as erased. */
  pins: (Pin & { message: MessageState | null })[]
  /** Messages of others above one's own seen mark, up to `seq`. */
  unread: number
  /** The chat's last erasure: what this summary shows is erased up to there. */
  erasedPos: number
}

/** A place of a chat's chain behind which a member sees; 0 and 0: from its beginning. */
export interface From {
  rev: number
  seq: number
}

/** `[deliveredSeq, seenSeq]`. */
export type Marks = [delivered: number, seen: number]

export interface FeedLine {
  id: ChatId
  epoch: EpochName
  rev: number
  head: Head
  seq: number
  markPos: number
  removed: boolean
  mine: Mine
}

/** Words of a chat that are erased now. */
export interface Erased {
  chatId: ChatId
  /** The epoch that ended for it: whoever has its document open holds the words. */
  closed: EpochName | null
  /** The chat's `markPos` now: by it devices notice. */
  markPos: number
}

/** Everything a server needs to bring a document up to the database's newest position. */
export interface EpochTail {
  info: Uint8Array
  baseRev: number
  /** The epoch is the chat's current one. */
  current: boolean
  pos: number
  rev: number
  head: Head
  /** Updates after the asked position, by position. */
  updates: Uint8Array[]
  /** Entries after the asked rev and above the epoch's base, by rev. */
  entries: StoredEntry[]
  /** Owners of the Yjs client ids of the epoch: all of them. */
  clients: [client: number, user: UserId][]
}

/** What became of an offered run. */
export interface HealOutcome {
  /** The last place that the run and the chat's chain have in common now; null when they have none. */
  common: { rev: number; seq: number; head: Head } | null
  /** How many entries of the run are proven, from its start. */
  proven: number
  /** After which rev the pasts part, where entries were put behind what was there; to be named with the run's next piece. */
  fork: number | null
  /** Entries that were put back at their old places, and those that were put behind what was there. */
  placed: number
  entered: number
  /** Messages among both. */
  messages: number
  /** Revs, in the run, of entries that are not stored: not proven, or about a message that is not there. */
  missing: number[]
  /** The chat's epoch and rev now. */
  epoch: EpochName
  rev: number
  /** Something was stored: the chat goes on in a new epoch. */
  changed: boolean
}

export interface Page<T> {
  items: T[]
  nextCursor: string | null
}

export interface Storage
  extends
    AsyncDisposable,
    GroupStorage,
    ChatLinkStorage,
    BlockStorage,
    LinkStorage,
    IdentityStorage,
    ReusedSessionStorage,
    PictureStorage,
    AccountSweepStorage,
    ApiKeyStorage,
    ServerKeyStorage,
    WebhookStorage,
    DeliveryStorage,
    ReportStorage,
    ImportStorage {
  readonly engine: 'sqlite' | 'mysql'
  /** Asks the database something; rejects when it does not answer. */
  ping(): Promise<void>

  /**
   * The append of promise 2: all items, from all chats, in one transaction. Outcomes in the order of the items.
   * Items that the database refuses as a group are tried again in halves; a commit whose answer was lost is read back under the chats' locks.
   * Rejects only when the database cannot be reached; then nothing of what it rejected for is known to be stored, and the same items may be offered again.
   */
  commit(items: CommitItem[]): Promise<CommitOutcome[]>

  // Chats
  /** Creates the chat with its first epoch and its `create` entry, or returns the one that is there. Members are taken once, sorted. `byServer`: with a server key. */
  createChat(chat: {
    id: ChatId
    kind: 'direct' | 'group'
    title: string | null
    by: UserId
    members: UserId[]
    byServer?: boolean
    fromJoining?: boolean
  }): Promise<{ chat: ChatRow; created: boolean }>
  chat(id: ChatId): Promise<ChatRow | null>
  /** Names of the current epochs; chats that are not there are left out. */
  currentEpochs(chats: ChatId[]): Promise<Map<ChatId, EpochName>>
  /** null when the person is no member (now). `isAble`: their account is neither disabled nor erased. */
  membership(chat: ChatId, user: UserId): Promise<{ joinedRev: number; from: From; isAble: boolean } | null>
  members(chat: ChatId): Promise<Member[]>
  /** One chat as its member sees it; null when there is none or they are no member. */
  chatSummary(chat: ChatId, user: UserId): Promise<ChatSummary | null>
  /** One's chats, the last active first. */
  chatSummaries(user: UserId, page: { limit: number; cursor: string | null }): Promise<Page<ChatSummary>>
  /** Ids of everybody who shares a chat with this person. */
  contacts(user: UserId): Promise<UserId[]>
  /** Which of these people share a chat with this one, or did ('before': they have left all chats in which this person is). */
  acquaintances(user: UserId, people: readonly UserId[]): Promise<Map<UserId, 'now' | 'before'>>
  /** Closes the chat's epoch and starts the next one from the rows, when `epoch` is still the current one; returns the current one. */
  nextEpoch(chat: ChatId, epoch: EpochName): Promise<ChatRow>

  // Healing
  /**
   * Takes back what a restored database has forgotten, from a run that a member's device kept: one transaction, under the chat's lock, any number of times (SPEC, rules HEAL-…).
   * 'no-such-chat': there is none and the run does not begin with its creation, or the person is no member.
   */
  heal(chat: ChatId, user: UserId, run: Run): Promise<HealOutcome | 'no-such-chat'>
  /** The last of these places that the chat's chain has gone through; null for none. */
  lastCommon(chat: ChatId, places: readonly { rev: number; head: Head }[]): Promise<{ rev: number; seq: number; head: Head } | null>

  // Documents
  /** null when there is no such epoch. Read in one consistent view. */
  epochTail(chat: ChatId, epoch: EpochName, after: { pos: number; rev: number }): Promise<EpochTail | null>
  /** Keeps the snapshot that contains updates up to `pos` and entries up to `rev`, unless a newer one is there or the epoch is over. */
  putSnapshot(chat: ChatId, epoch: EpochName, snapshot: { pos: number; rev: number; bytes: Uint8Array }): Promise<void>
  snapshot(chat: ChatId, epoch: EpochName): Promise<{ pos: number; rev: number; bytes: Uint8Array } | null>

  // Reading a chat
  /** Newest page first, oldest first within a page. `cursor` is by seq and wins over `before` (receivedAt, strictly less, in milliseconds); a page by time never splits equal times. `above`: nothing up to this seq. `rev`: the page shows all that stands up to there. */
  history(
    chat: ChatId,
    page: { before: number | null; cursor: string | null; limit: number; above?: number },
  ): Promise<Page<MessageState> & { rev: number }>
  /** Messages above `seq`, the oldest first. */
  messagesAfter(chat: ChatId, seq: number, limit: number): Promise<MessageState[]>
  /** `author` null: of all messages under this id the one with the lowest rev (OP-4). `above`: null for one up to this seq. */
  message(chat: ChatId, author: UserId | null, id: OperationId, above?: number): Promise<MessageState | null>
  /** The entry of an operation, accepted or not; null when it is not stored. */
  operation(chat: ChatId, author: UserId, id: OperationId): Promise<StoredEntry | null>
  /** Entries after `since`, or after `from`, where that is later; `begins` is its place then. `blocked`: the two of this direct chat are to see nothing of each other's marks. `unknown-head` when the chat's head at `since` is another than `head` (null: not asked). */
  changes(
    chat: ChatId,
    page: { since: number; head: Head | null; limit: number; from?: From },
  ): Promise<
    | {
        entries: Entry[]
        begins: (From & { head: Head }) | null
        members: Member[]
        marks: Record<UserId, Marks>
        blocked: boolean
        head: Head
        more: boolean
        erasedPos: number
      }
    | 'unknown-head'
  >
  /** Which of one's ids are stored, with their codes. `closed` is true when `epoch` is not the current one; the epoch is read before the ids. */
  storedIds(
    chat: ChatId,
    author: UserId,
    ids: OperationId[],
    epoch: EpochName,
  ): Promise<{ stored: [OperationId, RefusalCode | null][]; closed: boolean }>
  /** The greatest seq among these messages, 0 for none. */
  greatestSeq(chat: ChatId, ids: OperationId[]): Promise<number>

  // Erasure
  /** Chats with deleted messages whose words are to be erased now. */
  dueErasures(): Promise<ChatId[]>
  /** Erases the words of a chat's deleted messages when it is due, and ends its epoch; null when there was nothing to do, or another server did it. */
  eraseDeleted(chat: ChatId): Promise<Erased | null>
  /** Entries that were erased after place `since` of the chat's list: `[rev, seq or 0, place]`, and the place of the last one. A `since` that is no place of the list is its beginning. */
  erased(
    chat: ChatId,
    since: number,
    limit: number,
  ): Promise<{ erased: [rev: number, seq: number, place: number][]; erasedPos: number; more: boolean }>
  /** Takes a person's name, email, password and sessions away at once. Their words follow by `eraseUserWords`, also after a crash: they are among `erasedUsers` until then. */
  eraseUser(user: UserId): Promise<void>
  /** Erases all words of a person that `eraseUser` took, chat by chat; `erased` is told of each. May be called again at any time. */
  eraseUserWords(user: UserId, erased: (erased: Erased) => void): Promise<void>
  /** People whose words are being erased, for some minutes longer than any token of theirs may live. */
  erasedUsers(): Promise<UserId[]>
  /** Removes what closed epochs hold beside their rows, once the rows prove to be whole; `damaged`: those whose rows are not, and which keep everything. `more`: call again. */
  sweepEpochs(): Promise<{ more: boolean; damaged: { chatId: ChatId; epoch: EpochName }[] }>

  // Marks and feed
  /** Raises one's marks (never lowers, capped at the chat's seq) and tells what they are now, and the chat's `markPos` before and after; chats one is no member of are left out. `raised`: others are to hear of it, which nobody does in a blocked chat. */
  raiseMarks(user: UserId, marks: Map<ChatId, Marks>): Promise<Map<ChatId, { marks: Marks; raised: boolean; markPos: number; before: number }>>
  /** `blocked`: the two of this direct chat are to see nothing of each other's. */
  marks(chat: ChatId): Promise<{ marks: Record<UserId, Marks>; blocked: boolean }>
  /** Chats whose (rev, head, markPos) or `mine` changed after `since` (milliseconds; null: all), and those one was removed from since then. */
  feed(user: UserId, since: number | null): Promise<FeedLine[]>

  // People
  /** 'email-taken' when there is one. Emails are compared in lower case. */
  createUser(user: { email: string; name: string; passwordHash: string; emailConfirmed?: boolean }): Promise<User | 'email-taken'>
  /** The same, and the invitation whose token has this hash is used; 'no-invitation' when it is not good (any more), or invites another email. */
  createInvitedUser(user: { email: string; name: string; passwordHash: string }, invitation: string): Promise<User | 'email-taken' | 'no-invitation'>
  user(id: UserId): Promise<User | null>
  account(id: UserId): Promise<Account | null>
  accountByEmail(email: string): Promise<Account | null>
  /** null when there is no such person, or they were erased. Another email is not confirmed, and ends the links that were sent to the one before. */
  updateUser(
    id: UserId,
    changes: { name?: string | undefined; avatarUrl?: string | null | undefined; email?: string | undefined },
  ): Promise<User | 'email-taken' | null>
  /** From now on this person cannot log in, and all sessions of theirs have ended; false when there is no such person. */
  disableUser(id: UserId): Promise<boolean>
  enableUser(id: UserId): Promise<boolean>
  /** Keeps a better hash of the same password; false when `from` is not its hash any more. */
  replaceHash(id: UserId, hash: { from: string; to: string }): Promise<boolean>
  /**
   * Gives an account a new password and ends its sessions, all but `keepSession`; the ids of those that ended.
   * null when its password is not `from` any more.
   */
  changePassword(id: UserId, change: { from: string; to: string; keepSession: string | null }): Promise<string[] | null>
  /**
   * By name, without `except` and whom they have blocked or are blocked by; `contactsOnly`: of those who share a chat with them. `q` finds parts of names and,
   * unless `byEmail` is false, a whole email: a part of one would let anybody spell out emails letter by letter.
   */
  users(page: {
    q: string | null
    limit: number
    cursor: string | null
    except: UserId | null
    contactsOnly?: boolean
    byEmail?: boolean
  }): Promise<Page<User>>
  touchLastSeen(user: UserId, at: number): Promise<void>
  countUsers(): Promise<number>

  // Sessions
  /** Starts a session of somebody who has shown the password behind `passwordHash`; false when they may not log in with it any more. */
  createSession(session: {
    id: string
    userId: UserId
    passwordHash: string
    tokenHash: string
    expiresAt: number
    device: string | null
  }): Promise<boolean>
  /**
   * Exchanges a refresh token for its successor, of which there is one at a time: `remade` says which.
   * - One that was exchanged less than `graceMs` ago answers 'grace', so that two tabs at once both stay logged in; `remade` is null where its successor was exchanged, too.
   * - Where the successor was never shown (a browser that was killed had not stored it), the token is exchanged for another one in its place, and the first ends the session should it be shown.
   * - Any other that was exchanged is reused: the session ends, and the answer is 'reused' with what it was.
   */
  rotateSession(
    tokenHash: string,
    next: { hashOf(remade: number): string; graceMs: number; expiresAt: number },
  ): Promise<
    { outcome: 'rotated' | 'grace'; session: Session; remade: number | null } | { outcome: 'reused'; session: Session } | { outcome: 'unknown' }
  >
  session(id: string): Promise<Session | null>
  /** A person's sessions that have not ended, the last used first. */
  sessions(user: UserId): Promise<Session[]>
  endSession(id: string): Promise<void>
  /** Ends all sessions of a person; their ids. */
  endSessions(user: UserId): Promise<string[]>
}

/** A database that this program must not touch: newer than the code, in use by another process, or not reachable. `message` says what to do. */
export class StorageError extends Error {
  readonly code: 'database-newer' | 'database-in-use' | 'database-unreachable' | 'database-damaged' | 'journal-damaged'
  constructor(code: StorageError['code'], message: string, options?: ErrorOptions) {
    super(message, options)
    this.name = 'StorageError'
    this.code = code
  }
}
