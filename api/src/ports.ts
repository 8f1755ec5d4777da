// What the API takes from its surroundings.
import type { AccessTokens, IssuerTokens, LoginAttempts, OpenIdProvider, Passwords, RandomBytes, RefreshTokens } from '@skein/auth'
import type { ChatId, EpochName, GroupOperation, Operation, Sha256, UserId } from '@skein/protocol'
import type { CommitOutcome, Marks, Mine, Storage, User } from '@skein/storage'
import type { HealTally } from './heal-tally.ts'
import type { RateLimits } from './rate-limits.ts'

/** What the server that holds the open documents gives to the API. The notices must not throw, and nobody waits for them. */
export interface SyncPort {
  /** The socket's own write path: committed first, then put into the ledger of the documents that are open. `text` is the operation's canonical JSON. */
  commitOperation(chat: ChatId, user: UserId, operation: Operation, text: string): Promise<CommitOutcome>
  /** Changes a group: `not-allowed` where `by` may not. Who left reads nothing more once this resolves. */
  changeMember(chat: ChatId, by: UserId, operation: GroupOperation): Promise<CommitOutcome>
  /** What a person wants of a chat, for their other devices. */
  mineChanged(user: UserId, chat: ChatId, mine: Mine): void
  /** One of two people has blocked the other, or does not any more. */
  blockChanged(user: UserId, other: UserId, chat: ChatId, apart: boolean): void
  /** This person's marks in the chat have risen to `marks`. */
  marksRaised(chat: ChatId, user: UserId, marks: Marks, markPos: number): void
  chatCreated(chat: ChatId, members: UserId[]): void
  /** There is somebody new on this server. */
  userCreated(user: Pick<User, 'id' | 'name' | 'avatarUrl'>): void
  /** Somebody has another name or picture. */
  userChanged(user: Pick<User, 'id' | 'name' | 'avatarUrl'>): void
  /** Erases a person: account, sessions and sockets at once, then all words of theirs. What a crash leaves undone is done later. */
  eraseUser(user: UserId): Promise<void>
  /** What a device brought back was stored: `epoch` is the chat's only open one now. */
  chatHealed(chat: ChatId, epoch: EpochName, rev: number): void
  isOnline(user: UserId): boolean
  /** The person has logged out, or the session's refresh token was stolen: its sockets must go. */
  sessionEnded(sessionId: string): void
}

/** 'error' means that somebody should go and look. Fields hold no token, no password and no words of a message. */
export interface Logger {
  info(message: string, fields?: Record<string, unknown>): void
  warn(message: string, fields?: Record<string, unknown>): void
  error(message: string, fields?: Record<string, unknown>): void
}

/** One that the server writes to a person. Plain ASCII. */
export interface Mail {
  /** What it is about: all that a log says of it. */
  kind: 'reset' | 'confirm' | 'email-changed' | 'token-reused' | 'already-here' | 'provider-linked'
  to: string
  subject: string
  text: string
}

export interface MailPort {
  /** Returns at once and never throws; nobody waits for it. */
  send(mail: Mail): void
  /** What links begin with: the server's own address as people use it, never one that a request names. */
  linkBase(): string
}

export interface ApiDependencies {
  storage: Storage
  passwords: Passwords
  accessTokens: AccessTokens
  refreshTokens: RefreshTokens
  /** Public parts of the token keys, as they are published. */
  jwks: () => { keys: object[] }
  /** The address that people use, when a proxy stands before the server. */
  publicUrl?: string
  registration: 'open' | 'invite' | 'closed'
  /** Whom people find: everybody on this server, or only those with whom they share a chat. */
  contacts: 'everyone' | 'shared'
  /** false: nobody is found by their email, and where emails have to be confirmed, registering does not tell whether one has an account. */
  findByEmail: boolean
  /** Pages of these origins may ask too, with a token; cookies are for the server's own page. */
  corsOrigins: readonly string[]
  /** Whether people's webhooks may lead to this address: it is public, or nobody answers for its name just now. null: they may lead anywhere, also to plain http. */
  isPublicTarget: ((target: URL) => Promise<boolean>) | null
  /** null: nobody is counted, for load tests. */
  rateLimits: RateLimits | null
  /** Verifies tokens of the embedder's own issuer; null: there is none. */
  issuer: IssuerTokens | null
  /** By whom people log in without a password; `label`: what they know it by. null: by nobody. */
  provider: { label: string; client: OpenIdProvider; attempts: LoginAttempts } | null
  sync: SyncPort
  mail: MailPort
  /** Whether who has not confirmed their email may log in. */
  unconfirmedMayLogIn: boolean
  /** Goes on behind the answer; what it rejects with is logged. */
  inBackground: (work: () => Promise<void>) => void
  /** Counts what devices bring back. */
  healed: HealTally
  /** What must work for the server to be ready, by name; each rejects when it does not. */
  checks: Record<string, () => Promise<void>>
  /** What is told beside them, and without which it works on. */
  niceToHave?: Record<string, () => Promise<void>>
  /** Milliseconds since 1970. */
  now: () => number
  randomBytes: RandomBytes
  /** Another one for each request that brings none: stands in the answer and in the log. */
  requestId: () => string
  sha256: Sha256
  logger: Logger
}
