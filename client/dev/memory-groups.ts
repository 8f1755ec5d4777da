// Groups, blocks and reports of the in-memory engine.
import { EngineError, type ChatItem, type ContactCalls, type Engine, type GroupCalls, type InviteLink } from '@skein/engine'
import type { ChatId, UserId } from '@skein/protocol'
import { chatOf, newId, newUuid, type MemoryChat } from './memory-items.ts'

interface Host extends Pick<Engine, 'session' | 'people'> {
  readonly me: UserId
  readonly all: MemoryChat[]
  of(chat: ChatId): MemoryChat
  patchChat(id: ChatId, patch: Partial<ChatItem>): void
  changed(): void
}

const DAY_MS = 86_400_000

export function memoryGroups(engine: Host, reach: () => Promise<void>): GroupCalls {
  const links = new Map<ChatId, InviteLink[]>()
  const members = (chat: ChatId) => engine.of(chat).chat.members
  const nameOf = (id: UserId): string => engine.people.find((person) => person.id === id)?.name ?? 'Somebody'
  const newMember = (id: UserId, may: boolean) => ({ id, name: nameOf(id), picture: null, mayInvite: may, mayRemove: may })
  return {
    create: async (title, people) => {
      await reach()
      const { session } = engine
      const name = session.status === 'logged-in' ? session.user.name : ''
      const others = people.map((id) => newMember(id, false))
      const chat = chatOf({
        kind: 'group',
        title: title ?? others.map((one) => one.name).join(', '),
        members: [...others, { ...newMember(engine.me, true), name }],
      })
      engine.all.push({ chat, messages: [], seen: 0 })
      engine.changed()
      return chat.id
    },
    invite: async (chat, person) => {
      await reach()
      if ('email' in person) throw new EngineError('no-such-person', 'There is no such person.')
      engine.patchChat(chat, { members: [...members(chat), newMember(person.id, false)] })
    },
    remove: async (chat, person) => {
      await reach()
      engine.patchChat(chat, { members: members(chat).filter(({ id }) => id !== person) })
    },
    leave: async (chat) => {
      await reach()
      engine.patchChat(chat, { removed: true })
    },
    rename: async (chat, title) => {
      await reach()
      engine.patchChat(chat, { title: title ?? members(chat)[0]?.name ?? '' })
    },
    setPicture: async (chat, pictureUrl) => {
      await reach()
      engine.patchChat(chat, { picture: pictureUrl })
    },
    allow: async (chat, person, may) => {
      await reach()
      engine.patchChat(chat, { members: members(chat).map((member) => (member.id === person ? { ...member, ...may } : member)) })
    },
    links: async (chat) => {
      await reach()
      return links.get(chat) ?? []
    },
    makeLink: async (chat, { expiresAt = Date.now() + 7 * DAY_MS, maxUses = null } = {}) => {
      await reach()
      const link = { id: newUuid(), createdBy: engine.me, createdAt: Date.now(), expiresAt, maxUses, uses: 0 }
      links.set(chat, [link, ...(links.get(chat) ?? [])])
      return { ...link, url: `${location.origin}/#join=${newId()}${newId()}` }
    },
    revokeLink: async (chat, id) => {
      await reach()
      links.set(
        chat,
        (links.get(chat) ?? []).filter((link) => link.id !== id),
      )
    },
    join: async (token) => {
      await reach()
      if (token === 'old') throw new EngineError('no-such-link', 'no')
      const group = engine.all.find(({ chat }) => chat.kind === 'group')
      if (!group) throw new EngineError('no-such-link', 'no')
      return group.chat.id
    },
  }
}

export function memoryContacts(engine: Host, reach: () => Promise<void>): ContactCalls {
  const blocked = new Map<UserId, string>()
  return {
    block: async (id) => {
      await reach()
      blocked.set(id, engine.people.find((person) => person.id === id)?.name ?? '')
    },
    unblock: async (id) => {
      await reach()
      blocked.delete(id)
    },
    blocked: async () => {
      await reach()
      return Array.from(blocked, ([id, name]) => ({ id, name }))
    },
    report: async () => reach(),
  }
}
