// What the left column shows: chats and people that match the filter, and the line under a chat's name.
import { msg } from '@lit/localize'
import type { ChatItem, Person } from '@skein/engine'
import { numberText } from '../languages/language.ts'
import { lineOf } from './text-parts.ts'

export const isMuted = ({ mutedUntil }: Pick<ChatItem, 'mutedUntil'>, now: number): boolean => mutedUntil !== null && mutedUntil > now

/** Unread messages that call for the person: of a muted chat none, unless one names them. What was marked unread counts as one at least. */
export const callsFor = (chat: Pick<ChatItem, 'mutedUntil' | 'mentioned' | 'unread' | 'markedUnread'>, now: number): number =>
  isMuted(chat, now) && !chat.mentioned ? 0 : Math.max(chat.unread, chat.markedUnread ? 1 : 0)

export const fold = (text: string): string => text.normalize('NFD').replaceAll(/\p{M}/gu, '').toLocaleLowerCase()

/** Every word typed begins some word of the name. */
export function matches(name: string, filter: string): boolean {
  const words = fold(name).split(/[\s\-_.@]+/u)
  return fold(filter)
    .split(/\s+/u)
    .filter(Boolean)
    .every((typed) => words.some((word) => word.startsWith(typed)))
}

export const filterChats = (chats: readonly ChatItem[], filter: string): readonly ChatItem[] =>
  filter.trim() ? chats.filter((chat) => matches(chat.title, filter)) : chats
export const filterPeople = (people: readonly Person[], filter: string): readonly Person[] =>
  filter.trim() ? people.filter((person) => matches(person.name, filter)) : people

/** Of a direct chat that somebody only opened nobody else needs to know; an embedding page opens chats for people, who are to find them. */
export const spokenIn = (chats: readonly ChatItem[], open: ChatItem['id'] | null): readonly ChatItem[] =>
  chats.filter(({ id, kind, lastMessage }) => kind === 'group' || lastMessage !== null || id === open)

export interface ListedChats {
  /** The pinned ones first; within both, as they came. */
  chats: ChatItem[]
  archived: ChatItem[]
}

export function listed(chats: readonly ChatItem[], filter: string): ListedChats {
  const [pinned, others, archived]: ChatItem[][] = [[], [], []]
  for (const chat of filterChats(chats, filter)) (chat.archived ? archived : chat.pinned ? pinned : others)?.push(chat)
  return { chats: [...(pinned ?? []), ...(others ?? [])], archived: archived ?? [] }
}

/** The chat before or after the open one, in the order of the list; the first one where none is open. */
export function neighbourOf(chats: readonly ChatItem[], open: ChatItem['id'] | null, step: 1 | -1): ChatItem | undefined {
  const at = chats.findIndex(({ id }) => id === open)
  return at < 0 ? chats[0] : chats[at + step]
}

/** What the archive holds that one has not read and would want to hear of. */
export const unreadIn = (chats: readonly ChatItem[], now: number): number => chats.reduce((sum, chat) => sum + callsFor(chat, now), 0)

const email = /^[^\s@]+@[^\s@]+\.[^\s@]+$/u
/** What was typed reads as an email, so a chat can be begun with it. */
export const isEmail = (text: string): boolean => email.test(text.trim())

/** The last message in one line; apart from the text, who wrote it, since the words may be of another direction. */
export function previewOf(chat: ChatItem): { who: string; text: string } {
  const { lastMessage } = chat
  if (chat.removed) return { who: '', text: msg('You are no longer in this chat') }
  if (!lastMessage) return { who: '', text: msg('No messages yet') }
  const text = lastMessage.deletedAt === null ? lineOf(lastMessage.text) : msg('Message deleted')
  if (lastMessage.own) return { who: msg('You:'), text }
  const author = chat.members.find((member) => member.id === lastMessage.authorId)?.name
  return { who: chat.kind === 'group' && author ? `${author}:` : '', text }
}

/** 1, 99, 99+ */
export const countText = (count: number): string => (count > 99 ? `${numberText(99)}+` : numberText(count))
