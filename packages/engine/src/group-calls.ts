// What one does to a group: each call asks the server, whose chain then tells everybody. What came of it is shown when the call resolves.
import { links, newLink, nothing, oneChat, type ChatAnswer } from '@skein/http/answers'
import { base64url, type ChatId } from '@skein/protocol'
import type { z } from 'zod'
import { createChatSync, type Rows } from './chats/chat-sync.ts'
import { isPassing, type Call } from './http.ts'
import type { Local } from './local.ts'
import type { Ports } from './ports.ts'
import type { Session } from './session.ts'
import type { GroupCalls, InviteLink } from './types.ts'

export interface GroupCallOptions {
  server: string
  local: Local
  session: Session
  ports: Ports
  /** A chat became known by an answer: the feed tells its place. */
  adopted(): void
}

const linkOf = ({ id, createdBy, createdAt, expiresAt, maxUses, uses }: z.infer<typeof links>['links'][number]): InviteLink => ({
  id,
  createdBy,
  createdAt: Date.parse(createdAt),
  expiresAt: Date.parse(expiresAt),
  maxUses,
  uses,
})

export function createGroupCalls({ server, local, session, ports, adopted }: GroupCallOptions): GroupCalls {
  const { self } = local
  const sync = createChatSync(local, session, ports)
  const rows = (): Rows => new Map(local.chats)
  /** By what was asked for: without an answer it is asked for again under the same key, and there is one group. */
  const keys = new Map<string, string>()

  async function adopt(chat: ChatAnswer, before: Rows): Promise<ChatId> {
    await sync.joined(chat, before)
    adopted()
    return chat.id
  }
  /** The answer may be older than what others decided meanwhile: what counts is the chain. */
  async function change(chat: ChatId, call: Call): Promise<void> {
    await session.ask(call, oneChat)
    await sync.catchUp(chat)
  }

  return {
    create: async (title, people, history = 'all') => {
      const wanted = JSON.stringify([title, history, [...people].sort()])
      const key = keys.get(wanted) ?? base64url(ports.randomBytes(16))
      keys.set(wanted, key)
      const json = { kind: 'group' as const, memberIds: [...people], history, ...(title === null ? {} : { title }) }
      const before = rows()
      try {
        const { chat } = await session.ask((api) => api.api.chats.$post({ header: { 'idempotency-key': key }, json }), oneChat)
        keys.delete(wanted)
        return await adopt(chat, before)
      } catch (error) {
        if (!isPassing(error)) keys.delete(wanted)
        throw error
      }
    },
    invite: (chat, person) =>
      change(chat, (api) =>
        api.api.chats[':id'].members.$post({ param: { id: chat }, json: 'email' in person ? { email: person.email } : { userId: person.id } }),
      ),
    remove: async (chat, person) => {
      await session.ask((api) => api.api.chats[':id'].members[':userId'].$delete({ param: { id: chat, userId: person } }), nothing)
      await sync.catchUp(chat)
    },
    leave: async (chat) => {
      const before = rows().get(chat)
      await session.ask((api) => api.api.chats[':id'].members[':userId'].$delete({ param: { id: chat, userId: self } }), nothing)
      await sync.remove(chat, before)
    },
    rename: (chat, title) => change(chat, (api) => api.api.chats[':id'].$patch({ param: { id: chat }, json: { title } })),
    setPicture: (chat, pictureUrl) => change(chat, (api) => api.api.chats[':id'].$patch({ param: { id: chat }, json: { pictureUrl } })),
    allow: (chat, person, abilities) =>
      change(chat, (api) => api.api.chats[':id'].members[':userId'].$patch({ param: { id: chat, userId: person }, json: abilities })),
    links: async (chat) => (await session.ask((api) => api.api.chats[':id'].links.$get({ param: { id: chat } }), links)).links.map(linkOf),
    makeLink: async (chat, { expiresAt, maxUses = null } = {}) => {
      const json = { maxUses, ...(expiresAt === undefined ? {} : { expiresAt: new Date(expiresAt).toISOString() }) }
      const { link, token } = await session.ask((api) => api.api.chats[':id'].links.$post({ param: { id: chat }, json }), newLink)
      return { ...linkOf(link), url: `${server}/#join=${token}` }
    },
    revokeLink: async (chat, link) => {
      await session.ask((api) => api.api.chats[':id'].links[':linkId'].$delete({ param: { id: chat, linkId: link } }), nothing)
    },
    join: async (token) => {
      const before = rows()
      return adopt((await session.ask((api) => api.api.join.$post({ json: { token } }), oneChat)).chat, before)
    },
  }
}
