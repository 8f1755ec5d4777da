// The tables as the code sees them. Times are milliseconds, operations canonical JSON in a text column (their key order is bytes of the ledger).
import type { ChatId, EpochName, Head, OperationId, OperationKind, RefusalCode, UserId } from '@skein/protocol'
import type { Picture } from './pictures.ts'

export interface UsersTable {
  id: UserId
  email: string
  name: string
  /** The name in lower case: what people are sorted and found by, the same on every database. */
  name_key: string
  avatar_url: string | null
  password_hash: string
  created_at: number
  last_seen_at: number | null
  disabled_at: number | null
  /** Since when it is known that the email is this person's. */
  email_confirmed_at: number | null
}

export interface SessionsTable {
  id: string
  user_id: UserId
  token_hash: string
  created_at: number
  last_used_at: number
  expires_at: number
  device: string | null
  /** Of the token that was exchanged for the current one. */
  previous_hash: string | null
  /** How often another one was made in its place. */
  remade: number
}

/** Refresh tokens that were exchanged, until they would have expired. */
export interface UsedTokensTable {
  token_hash: string
  session_id: string
  used_at: number
  expires_at: number
}

export interface ChatsTable {
  id: ChatId
  kind: 'direct' | 'group'
  title: string | null
  epoch: EpochName
  base_rev: number
  base_seq: number
  rev: number
  seq: number
  pos: number
  mark_pos: number
  head: Head
  created_at: number
  last_at: number
  /** Time of the newest entry: the next one's is not before it. */
  entry_at: number
  /** When (rev, head, markPos), the epoch or the members last changed: what the feed asks. */
  changed_at: number
  picture_url: string | null
  /** When title and picture were decided, by the operations' times: of two decisions the later one holds. */
  title_at: number
  picture_at: number
  /** 1: one of the two people of a direct chat has blocked the other. */
  blocked: number
  /** 1: whoever joins sees what is said from then on. */
  from_joining: number
  /** JSON: names and seqs of the pinned messages, the first pinned first, see commit/pins.ts; null: none. */
  pins: string | null
}

export interface ChatMembersTable {
  chat_id: ChatId
  user_id: UserId
  joined_rev: number
  left_rev: number | null
  left_at: number | null
  delivered_seq: number
  seen_seq: number
  /** 1: may let others join, may take others out; and when each was decided, by the operation's time. */
  may_invite: number
  may_remove: number
  invite_at: number
  remove_at: number
  /** What the person themselves wants of the chat, and when they last said so. */
  muted_until: number | null
  pinned: number
  archived: number
  mine_at: number
  /** What they have typed and not sent; null: nothing. */
  draft: string | null
  /** The seq above which they want to have it unread, though they have seen it; null: they do not. */
  unread_after: number | null
  /** The seqs that they have hidden from themselves, ascending, as JSON; null: none. */
  hidden: string | null
  /** Where what they see begins: behind this place of the chain. */
  from_rev: number
  from_seq: number
}

/** Who has blocked whom. */
export interface BlocksTable {
  user_id: UserId
  other_id: UserId
  at: number
}

/** Between whom a block began or ended lately: by it a server learns what another one did. */
export interface BlockChangesTable {
  at: number
  chat_id: ChatId
  user_id: UserId
  other_id: UserId
}

/** Who left which chat lately: by it a server learns whom another one took out. */
export interface DeparturesTable {
  at: number
  chat_id: ChatId
  user_id: UserId
}

/** Links by which people join a group. */
export interface ChatLinksTable {
  id: string
  chat_id: ChatId
  token_hash: string
  created_by: UserId
  created_at: number
  expires_at: number
  /** null: any number of people. */
  max_uses: number | null
  uses: number
}

export interface EpochsTable {
  chat_id: ChatId
  epoch: EpochName
  info: Uint8Array
  base_rev: number
  created_at: number
  /** Where the epoch ended; null while it is the current one. */
  closed_at: number | null
  end_rev: number | null
  end_pos: number | null
  end_head: Head | null
}

export interface ClientIdsTable {
  chat_id: ChatId
  epoch: EpochName
  client: number
  user_id: UserId
}

export interface OperationsTable {
  chat_id: ChatId
  rev: number
  seq: number
  kind: OperationKind
  code: RefusalCode | null
  at: number
  author_id: UserId
  operation_id: OperationId
  salt: string | null
  tag: string | null
  operation: string | null
  hash: string | null
  head: Head
  carried: number
}

export interface MessagesTable {
  chat_id: ChatId
  seq: number
  operation_id: OperationId
  author_id: UserId
  rev: number
  text: string
  created_at: number
  received_at: number
  edited_at: number | null
  deleted_at: number | null
  reply_to: OperationId | null
  reply_to_author: UserId | null
  mentions: string
  forwarded_from: string | null
}

export interface ReactionsTable {
  chat_id: ChatId
  seq: number
  user_id: UserId
  /** UTF-8 as bytes: MySQL's collations would take two emojis that differ by a blank at the end for one. */
  emoji: Uint8Array
  rev: number
}

export interface UpdatesTable {
  chat_id: ChatId
  epoch: EpochName
  pos: number
  bytes: Uint8Array
}

export interface SnapshotsTable {
  chat_id: ChatId
  epoch: EpochName
  pos: number
  rev: number
  bytes: Uint8Array
}

/** One row for each group that was committed, for an hour: how a commit whose answer was lost is read back. */
export interface CommitsTable {
  id: string
  at: number
}

/** Deleted messages whose words still stand somewhere. */
export interface DeletionsTable {
  chat_id: ChatId
  seq: number
  /** When the deletion was stored. */
  at: number
}

/** How many keys of a deletion journal, known by its first one, tell nothing new. */
export interface JournalsTable {
  first_key: string
  followed: number
}

/** Which entries hold further words of a message, until they are erased. */
export interface EditsTable {
  chat_id: ChatId
  seq: number
  rev: number
}

/** Edits whose message is not in the chat: after a restore it may come behind them. */
export interface EarlyEditsTable {
  chat_id: ChatId
  author_id: UserId
  target: OperationId
  rev: number
}

/** Entries that were erased, numbered within their chat: what a device reads after its own place in the list. */
export interface ErasuresTable {
  chat_id: ChatId
  pos: number
  rev: number
  /** The message's, where the entry is one; else 0. */
  seq: number
  at: number
}

/** Closed epochs whose update log, snapshot and client ids still stand. */
export interface SweepsTable {
  chat_id: ChatId
  epoch: EpochName
  /** 1: the rows of the epoch do not continue its chain, and everything is kept for somebody to look at. */
  damaged: number
}

/** Links that work once, by the hash of their token. */
export interface LinksTable {
  token_hash: string
  purpose: 'reset' | 'confirm' | 'invite'
  /** null: of an invitation. */
  user_id: UserId | null
  /** The email that it was sent to, or that it invites; null: an invitation for anybody. */
  email: string | null
  expires_at: number
}

/** People by what another issuer calls them. */
export interface IdentitiesTable {
  /** SHA-256 over issuer and subject: MySQL's collations would take two subjects that differ by a blank at the end for one. */
  identity: string
  user_id: UserId
  issuer: string
  subject: string
  /** When they last logged out everywhere: what was issued before is exchanged no more. */
  valid_from: number
}

/** Hashes of an issuer's tokens whose session was ended, until they would have expired. */
export interface EndedTokensTable {
  token_hash: string
  expires_at: number
}

export interface PicturesTable {
  id: string
  /** Who sent it. */
  user_id: UserId
  /** Of its bytes: 'image/png', … */
  type: Picture['type']
  bytes: Uint8Array
  created_at: number
}

/** Sessions that ended since a refresh token came twice, for a month. */
export interface ReusedSessionsTable {
  user_id: UserId
  session_id: string
  device: string | null
  at: number
  /** 1: the person was told at a log-in. */
  told: number
}

/** People who were erased a short time ago. */
export interface ErasedUsersTable {
  user_id: UserId
  at: number
}

export interface ApiKeysTable {
  id: string
  user_id: UserId
  name: string
  token_hash: string
  /** With blanks between them. */
  scopes: string
  created_at: number
  expires_at: number | null
  last_used_at: number | null
}

/** Of whoever runs the server; each acts for nobody. */
export interface ServerKeysTable {
  id: string
  name: string
  token_hash: string
  created_at: number
  expires_at: number | null
  last_used_at: number | null
}

/** Groups that were made with a server key. */
export interface ServerChatsTable {
  chat_id: ChatId
  at: number
}

export interface WebhooksTable {
  id: string
  /** '': the server's own. */
  user_id: UserId | ''
  url: string
  secret: string
  /** With blanks between them. */
  events: string
  active: number
  created_at: number
  /** Failed attempts since the last that went well, and until when nothing is sent for them. */
  failures: number
  paused_until: number
  last_error: string | null
  /** The API key that made it, and with which it ends; null: its person did. */
  key_id: string | null
}

/** Up to which rev of a chat a webhook's deliveries are written down. No row: from the rev with which its person joined. */
export interface WebhookPlacesTable {
  webhook_id: string
  chat_id: ChatId
  rev: number
}

/** What a webhook is still to be told. It goes when it was taken. */
export interface WebhookDeliveriesTable {
  id: string
  webhook_id: string
  event: string
  /** The entry that it tells of; null and 0 for what is no chat's. */
  chat_id: ChatId | null
  rev: number
  report_id: string | null
  created_at: number
  attempts: number
  /** Nobody else sends it before; null: given up. */
  next_at: number | null
  error: string | null
}

export interface ReportsTable {
  id: string
  reporter_id: UserId
  user_id: UserId | null
  chat_id: ChatId | null
  /** JSON: [[author, message id], …]. */
  messages: string
  reason: string
  created_at: number
  closed_at: number | null
}

/** Chats that were taken in from an export, by the id that they had where it was made. */
export interface ImportsTable {
  source_id: ChatId
  /** Of the file, SHA-256, base64url. */
  digest: string
  chat_id: ChatId
  at: number
}

export interface Schema {
  users: UsersTable
  sessions: SessionsTable
  used_tokens: UsedTokensTable
  chats: ChatsTable
  chat_members: ChatMembersTable
  epochs: EpochsTable
  client_ids: ClientIdsTable
  operations: OperationsTable
  messages: MessagesTable
  reactions: ReactionsTable
  updates: UpdatesTable
  snapshots: SnapshotsTable
  commits: CommitsTable
  deletions: DeletionsTable
  edits: EditsTable
  early_edits: EarlyEditsTable
  journals: JournalsTable
  erasures: ErasuresTable
  sweeps: SweepsTable
  erased_users: ErasedUsersTable
  blocks: BlocksTable
  block_changes: BlockChangesTable
  chat_links: ChatLinksTable
  departures: DeparturesTable
  api_keys: ApiKeysTable
  server_keys: ServerKeysTable
  server_chats: ServerChatsTable
  webhooks: WebhooksTable
  webhook_places: WebhookPlacesTable
  webhook_deliveries: WebhookDeliveriesTable
  reports: ReportsTable
  imports: ImportsTable
  links: LinksTable
  identities: IdentitiesTable
  ended_tokens: EndedTokensTable
  reused_sessions: ReusedSessionsTable
  pictures: PicturesTable
}

export type Engine = 'sqlite' | 'mysql'

/** Whole rows by the names of their columns: what a later migration adds does not travel to where nobody expects it. */
export const columns = {
  users: ['id', 'email', 'name', 'name_key', 'avatar_url', 'password_hash', 'created_at', 'last_seen_at', 'disabled_at', 'email_confirmed_at'],
  sessions: ['id', 'user_id', 'token_hash', 'created_at', 'last_used_at', 'expires_at', 'device', 'previous_hash', 'remade'],
  chats: [
    'id',
    'kind',
    'title',
    'epoch',
    'base_rev',
    'base_seq',
    'rev',
    'seq',
    'pos',
    'mark_pos',
    'head',
    'created_at',
    'last_at',
    'entry_at',
    'changed_at',
    'picture_url',
    'title_at',
    'picture_at',
    'blocked',
    'from_joining',
    'pins',
  ],
  chat_members: [
    'chat_id',
    'user_id',
    'joined_rev',
    'left_rev',
    'left_at',
    'delivered_seq',
    'seen_seq',
    'may_invite',
    'may_remove',
    'invite_at',
    'remove_at',
    'muted_until',
    'pinned',
    'archived',
    'mine_at',
    'draft',
    'unread_after',
    'hidden',
    'from_rev',
    'from_seq',
  ],
  chat_links: ['id', 'chat_id', 'token_hash', 'created_by', 'created_at', 'expires_at', 'max_uses', 'uses'],
  client_ids: ['chat_id', 'epoch', 'client', 'user_id'],
  operations: ['chat_id', 'rev', 'seq', 'kind', 'code', 'at', 'author_id', 'operation_id', 'salt', 'tag', 'operation', 'hash', 'head', 'carried'],
  messages: [
    'chat_id',
    'seq',
    'operation_id',
    'author_id',
    'rev',
    'text',
    'created_at',
    'received_at',
    'edited_at',
    'deleted_at',
    'reply_to',
    'reply_to_author',
    'mentions',
    'forwarded_from',
  ],
  reactions: ['chat_id', 'seq', 'user_id', 'emoji', 'rev'],
  api_keys: ['id', 'user_id', 'name', 'token_hash', 'scopes', 'created_at', 'expires_at', 'last_used_at'],
  server_keys: ['id', 'name', 'token_hash', 'created_at', 'expires_at', 'last_used_at'],
  webhooks: ['id', 'user_id', 'url', 'secret', 'events', 'active', 'created_at', 'failures', 'paused_until', 'last_error', 'key_id'],
  webhook_deliveries: ['id', 'webhook_id', 'event', 'chat_id', 'rev', 'report_id', 'created_at', 'attempts', 'next_at', 'error'],
  reports: ['id', 'reporter_id', 'user_id', 'chat_id', 'messages', 'reason', 'created_at', 'closed_at'],
  links: ['token_hash', 'purpose', 'user_id', 'email', 'expires_at'],
} as const satisfies { [T in keyof Schema]?: readonly (keyof Schema[T])[] }
