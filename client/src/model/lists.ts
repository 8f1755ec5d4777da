// What the left column shows: chats and people that match the filter, and the line under a chat's name.
import type { ChatItem, Person } from '@skein/engine'

const fold = (text: string): string => text.normalize('NFD').replaceAll(/\p{M}/gu, '').toLocaleLowerCase()

/** Every word typed begins some word of the name. */
export function matches(name: string, filter: string): boolean {
  const words = fold(name).split(/[\s\-_.@]+/u)
  return fold(filter)
    .split(/\s+/u)
    .filter(Boolean)
    .every((typed) => words.some((word) => word.startsWith(typed)))
}

export const filterChats = (chats: readonly ChatItem[], filter: string): ChatItem[] => chats.filter((chat) => matches(chat.title, filter))
export const filterPeople = (people: readonly Person[], filter: string): Person[] => people.filter((person) => matches(person.name, filter))

const email = /^[^\s@]+@[^\s@]+\.[^\s@]+$/u
/** What was typed reads as an email, so a chat can be begun with it. */
export const isEmail = (text: string): boolean => email.test(text.trim())

/** The last message in one line. */
export function previewOf(chat: ChatItem): string {
  const { lastMessage } = chat
  if (chat.removed) return 'You are no longer in this chat'
  if (!lastMessage) return 'No messages yet'
  const text = lastMessage.deletedAt === null ? lastMessage.text.replaceAll(/\s+/gu, ' ').slice(0, 200) : 'Message deleted'
  if (lastMessage.own) return `You: ${text}`
  const author = chat.members.find((member) => member.id === lastMessage.authorId)?.name
  return chat.kind === 'group' && author ? `${author}: ${text}` : text
}

/** 1, 99, 99+ */
export const countText = (count: number): string => (count > 99 ? '99+' : String(count))
