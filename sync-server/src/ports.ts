// What the sync server takes from its surroundings.
import type { ChatId, UserId } from '@skein/protocol'
import type { Storage } from '@skein/storage'

export interface Logger {
  debug(fields: object, message: string): void
  info(fields: object, message: string): void
  warn(fields: object, message: string): void
  error(fields: object, message: string): void
}

/** A token that was verified: whose it is, of which session, and until when (milliseconds). */
export interface VerifiedToken {
  userId: UserId
  sessionId: string
  expiresAt: number
}

/** The awaits of the write path, at which a test may unload, fail or stop. */
export type FaultPoint = 'before-check' | 'before-commit' | 'after-commit' | 'before-acknowledge' | 'loading'

export interface SyncPorts {
  storage: Storage
  /** Other servers write into the same database: what they decide about members is asked for. */
  hasOthers: boolean
  /** Whom people find: everybody on this server, or only those with whom they share a chat; nobody else is told who is new or has another name. */
  contacts: 'everyone' | 'shared'
  /** null for any token that is not valid now. */
  verifyToken: (token: string) => Promise<VerifiedToken | null>
  /** The same for a ticket, which opens an ordinary y-websocket client's socket in place of a token. */
  verifyTicket: (ticket: string) => Promise<VerifiedToken | null>
  now: () => number
  randomBytes: (count: number) => Uint8Array
  logger: Logger
  /** Entries of this chat were stored. Must not throw; nobody waits for it. */
  stored?: (chat: ChatId) => void
  faults?: { at(point: FaultPoint, document: string): Promise<void> | void }
}
