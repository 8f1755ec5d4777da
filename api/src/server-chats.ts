// What a server key does with chats. It is nobody's: what it does stands in the chain in the name of members, and of what is said in a chat it learns nothing.
import { chatIdOf, directChatId, type ChatId, type UserId } from '@skein/protocol'
import { createGroupChanger } from './change-group.ts'
import type { ApiDependencies } from './ports.ts'
import { HttpError } from './problem.ts'
import { chatView, type ChatView } from './views.ts'

interface Group {
  title: string | null
  fromJoining: boolean
}

const encoder = new TextEncoder()
const wordless = (view: ChatView): ChatView => ({
  ...view,
  marks: {},
  mine: { mutedUntil: null, pinned: false, archived: false, draft: '', unreadAfter: null, hidden: [], changedAt: null },
  lastMessage: null,
  pins: [],
  unread: 0,
})
/** Of a direct chat, which may be the people's own, not even how much was said. */
const silent = (view: ChatView): ChatView => (view.kind === 'direct' ? { ...wordless(view), rev: 0, seq: 0, erasedPos: 0 } : wordless(view))

export function createServerChats(dependencies: ApiDependencies) {
  const { storage, sync, sha256, randomBytes } = dependencies
  const change = createGroupChanger(dependencies)

  async function assertThere(people: readonly UserId[]): Promise<void> {
    const [first] = people
    const { missing } = first === undefined ? { missing: [] } : await storage.unfitFor(first, people)
    if (missing.length > 0) throw new HttpError('no-such-person', `${missing[0]} is nobody`)
  }
  async function openDirect(one: UserId, other: UserId): Promise<{ id: ChatId; created: boolean }> {
    const id = directChatId(one, other, sha256)
    const opened = await storage.openDirectChat(id, one, other)
    if (typeof opened === 'string') throw new HttpError(opened)
    return { id, created: opened.created }
  }
  async function openGroup(by: UserId, group: Group, members: UserId[], key: string | null): Promise<{ id: ChatId; created: boolean }> {
    // No person is called so: their keys lead to other groups.
    const id = chatIdOf(key === null ? randomBytes(17) : sha256(encoder.encode(`group\nserver\n${key}`)))
    const { created } = await storage.createChat({ id, kind: 'group', ...group, by, members, byServer: true })
    return { id, created }
  }
  async function view(id: ChatId): Promise<ChatView> {
    const [member] = await storage.members(id)
    const summary = member && (await storage.chatSummary(id, member.id))
    if (!summary) throw new HttpError('no-such-chat', 'Nobody is in this chat any more.')
    return silent(chatView(summary))
  }

  return {
    async open(
      { kind, memberIds = [], ...group }: Group & { kind: 'direct' | 'group'; memberIds: UserId[] | undefined },
      key: string | null,
    ): Promise<{ chat: ChatView; created: boolean }> {
      const members = [...new Set(memberIds)]
      const [first, second] = members
      await assertThere(members)
      if (first === undefined) throw new HttpError('bad-request', 'memberIds: expects those who are to be in it')
      if (kind === 'direct' && (second === undefined || members.length > 2))
        throw new HttpError('bad-request', 'memberIds: a direct chat has two members')
      const { id, created } =
        kind === 'direct' && second !== undefined ? await openDirect(first, second) : await openGroup(first, group, members, key)
      if (created) sync.chatCreated(id, members)
      return { chat: await view(id), created }
    },

    /** In the name of a member who may invite, and is in no block with them (BLOCK-3). */
    async join(chat: ChatId, user: UserId | undefined): Promise<{ chat: ChatView; isNew: boolean }> {
      if (user === undefined) throw new HttpError('bad-request', 'userId: expects whom to add')
      await assertThere([user])
      const hosts = (await storage.members(chat)).filter(({ mayInvite }) => mayInvite)
      if (hosts.length === 0) throw new HttpError('forbidden', 'Nobody is in this group any more.')
      const { blocked } = await storage.unfitFor(
        user,
        hosts.map(({ id }) => id).filter((id) => id !== user),
      )
      const by = hosts.find(({ id }) => !blocked.includes(id))
      if (!by) throw new HttpError('blocked')
      const isNew = await change(chat, by.id, { type: 'join', user })
      return { chat: await view(chat), isNew }
    },

    /** In the name of another who may take people out, so that no link leads back; the last one leaves. */
    async leave(chat: ChatId, user: UserId): Promise<void> {
      const by = (await storage.members(chat)).find((member) => member.mayRemove && member.id !== user)
      if (by ?? (await storage.membership(chat, user))) await change(chat, by?.id ?? user, { type: 'leave', user })
    },
  }
}
