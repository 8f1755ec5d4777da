// What the last commits of busy chats have left behind, so that the next one needs no reading: a claim, never the truth. The transaction begins by asking whether
// each chat still stands where it was left (epoch, rev, pos, head and blocked: whatever decides moves one of them, a restored database too); where one does not, everything is read as ever.
import type { ChatId, UserId } from '@skein/protocol'
import type { ChatMembersTable, ChatsTable } from '../schema.ts'
import type { CommitItem } from '../types.ts'
import { keyOf, Messages, ownerKey, type Known } from './known.ts'

interface Remembered {
  chat: ChatsTable
  /** Those who have written lately. */
  members: Map<UserId, ChatMembersTable>
  /** Client ids of the chat's epoch. */
  owners: Map<number, UserId>
}

/** Where a chat stands: whatever decides about its next item moves one of these. */
export type Place = Pick<ChatsTable, 'id' | 'rev' | 'pos' | 'epoch' | 'head' | 'blocked'>
export const placesOf = ({ chats }: Known): Map<ChatId, Place> =>
  new Map([...chats.values()].map(({ id, rev, pos, epoch, head, blocked }) => [id, { id, rev, pos, epoch, head, blocked }]))

export const stands = (chat: ChatsTable, { rev, pos, epoch, head, blocked }: Place): boolean =>
  chat.rev === rev && chat.pos === pos && chat.epoch === epoch && chat.head === head && chat.blocked === blocked

/** Chats that are remembered; the one that was written to longest ago goes first. */
const MAX_CHATS = 1_000
/** Items of a group that may be decided from memory: their chats fit into one statement. */
const MAX_ITEMS = 500

export class Memory {
  readonly #chats = new Map<ChatId, Remembered>()

  /** All that decides about these items; null unless each adds messages of a member, under client ids of their own, to a chat that is remembered. */
  recall(items: CommitItem[]): Known | null {
    if (items.length > MAX_ITEMS) return null
    const known: Known = {
      chats: new Map(),
      members: new Map(),
      owners: new Map(),
      clientCounts: new Map(),
      operations: new Map(),
      messages: new Messages(),
    }
    for (const item of items) {
      const chat = this.#chats.get(item.chatId)
      const member = chat?.members.get(item.userId)
      if (!chat || !member || item.kind !== 'update' || item.epoch !== chat.chat.epoch) return null
      // What may be said again there depends on what is stored.
      if (chat.chat.blocked === 1) return null
      if (item.operations.some(({ operation }) => operation.type !== 'message')) return null
      for (const client of item.clients) {
        if (chat.owners.get(client) !== item.userId) return null
        known.owners.set(ownerKey(item.chatId, item.epoch, client), item.userId)
      }
      if (!known.chats.has(item.chatId)) known.chats.set(item.chatId, { ...chat.chat })
      known.members.set(keyOf(item.chatId, item.userId), member)
    }
    return known
  }

  /** Keeps how a group has left its chats; `starts` is where it found them. Call it once the group is stored. */
  learn(items: CommitItem[], known: Known, starts: Map<ChatId, Place>): void {
    const learned = new Map<ChatId, Remembered>()
    for (const item of items) {
      const { chatId, userId } = item
      const chat = known.chats.get(chatId)
      if (!chat) continue
      const remembered = learned.get(chatId) ?? this.#goOn(chat, starts.get(chatId))
      learned.set(chatId, remembered)
      if (item.kind === 'member') remembered.members.clear()
      const member = known.members.get(keyOf(chatId, userId))
      if (member?.left_rev === null) remembered.members.set(userId, member)
      if (item.kind !== 'update' || item.epoch !== chat.epoch) continue
      for (const client of item.clients) {
        const owner = known.owners.get(ownerKey(chatId, item.epoch, client))
        if (owner !== undefined) remembered.owners.set(client, owner)
      }
    }
    for (const [id, remembered] of learned) {
      this.#chats.delete(id)
      this.#chats.set(id, remembered)
    }
    for (const oldest of this.#chats.keys()) {
      if (this.#chats.size <= MAX_CHATS) break
      this.#chats.delete(oldest)
    }
  }

  /** What was remembered of the chat's people goes on only where this group took over exactly there. */
  #goOn(chat: ChatsTable, start: Place | undefined): Remembered {
    const before = this.#chats.get(chat.id)
    const goesOn = before && start && stands(before.chat, start)
    return goesOn ? { chat, members: before.members, owners: before.owners } : { chat, members: new Map(), owners: new Map() }
  }

  forget(items: CommitItem[]): void {
    for (const { chatId } of items) this.#chats.delete(chatId)
  }
}
