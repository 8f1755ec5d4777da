// Names of documents and of the roots inside a chat document.
import { isChatId, isEpochName, isUserId, type ChatId, type EpochName, type UserId } from './ids.ts'

/** The ledger's Yjs client id: only the server's entries stand under it. */
export const LEDGER_CLIENT = 1
/** The Yjs client id of the one entry in `info`. */
export const INFO_CLIENT = 2
export const LEDGER_ROOT = 'ledger'
export const INFO_ROOT = 'info'
export const logRoot = (user: UserId): string => `log:${user}`

export type DocumentName = { kind: 'chat'; chat: ChatId; epoch: EpochName } | { kind: 'user'; user: UserId }

export const chatDocument = (chat: ChatId, epoch: EpochName): string => `chat/${chat}/${epoch}`
export const userDocument = (user: UserId): string => `user/${user}`

/** Reads a document name; null for anything that is not exactly one (rule DOC-1). */
export function parseDocumentName(name: unknown): DocumentName | null {
  if (typeof name !== 'string' || name.length > 100) return null
  const [kind, first, second, ...rest] = name.split('/')
  if (rest.length) return null
  if (kind === 'chat' && isChatId(first) && isEpochName(second)) return { kind, chat: first, epoch: second }
  if (kind === 'user' && isUserId(first) && second === undefined) return { kind, user: first }
  return null
}
