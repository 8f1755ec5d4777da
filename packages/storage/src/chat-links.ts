// Links by which people join a group. A link is its maker's invitation: it works as long as they are in the group and may invite.
import { MAX_LINKS_PER_CHAT, type ChatId, type UserId } from '@skein/protocol'
import { lockChats } from './commit/read.ts'
import type { Context } from './context.ts'
import { columns, type ChatLinksTable } from './schema.ts'
import { insertRows } from './statements.ts'

export interface ChatLink {
  id: string
  chatId: ChatId
  createdBy: UserId
  createdAt: number
  expiresAt: number
  /** null: any number of people. */
  maxUses: number | null
  uses: number
}

export interface ChatLinkStorage {
  /** `tokenHash`: SHA-256 of the token, base64url; the token itself is kept nowhere. */
  createChatLink(link: Omit<ChatLink, 'createdAt' | 'uses'> & { tokenHash: string }): Promise<ChatLink | 'not-allowed' | 'too-many'>
  /** Links that have not expired, the newest first. */
  chatLinks(chat: ChatId): Promise<ChatLink[]>
  /** false: there is no such link. */
  revokeChatLink(chat: ChatId, id: string): Promise<boolean>
  /** Counts one use of a link that works; null: there is none, or not any more, or its maker may invite nobody now, or `user` was taken out by somebody else. */
  takeChatLink(tokenHash: string, user: UserId): Promise<ChatLink | null>
  /** The use that was counted led nowhere. */
  giveBackChatLink(id: string): Promise<void>
}

const toLink = ({ id, chat_id, created_by, created_at, expires_at, max_uses, uses }: ChatLinksTable): ChatLink => ({
  id,
  chatId: chat_id,
  createdBy: created_by,
  createdAt: created_at,
  expiresAt: expires_at,
  maxUses: max_uses,
  uses,
})

export function chatLinks(context: Context): ChatLinkStorage {
  const { database, ports } = context
  const { build, engine } = database
  const alive = () => build.selectFrom('chat_links').select(columns.chat_links).where('expires_at', '>', ports.now())
  const inviting = (chat: ChatId, user: UserId) =>
    build
      .selectFrom('chat_members')
      .select('user_id')
      .where('chat_id', '=', chat)
      .where('user_id', '=', user)
      .where('left_rev', 'is', null)
      .where('may_invite', '=', 1)

  return {
    createChatLink: ({ id, chatId, createdBy, expiresAt, maxUses, tokenHash }) =>
      database.transaction(async (session) => {
        await lockChats(session, [chatId])
        if (!(await session.row(inviting(chatId, createdBy)))) return 'not-allowed'
        await session.write([build.deleteFrom('chat_links').where('chat_id', '=', chatId).where('expires_at', '<=', ports.now())])
        const [there] = await session.rows(alive().where('chat_id', '=', chatId))
        if (there.length >= MAX_LINKS_PER_CHAT) return 'too-many'
        const row: ChatLinksTable = {
          id,
          chat_id: chatId,
          token_hash: tokenHash,
          created_by: createdBy,
          created_at: ports.now(),
          expires_at: expiresAt,
          max_uses: maxUses,
          uses: 0,
        }
        await session.write(insertRows(engine, 'chat_links', [row]))
        return toLink(row)
      }),

    async chatLinks(chat) {
      const query = alive().where('chat_id', '=', chat).orderBy('created_at', 'desc').orderBy('id')
      const [rows] = await database.read((session) => session.rows(query))
      return rows.map(toLink)
    },

    async revokeChatLink(chat, id) {
      const query = build.deleteFrom('chat_links').where('chat_id', '=', chat).where('id', '=', id)
      return (await database.read((session) => session.change(query))) > 0
    },

    takeChatLink: (tokenHash, user) =>
      database.transaction(async (session) => {
        const row = await session.row(alive().where('token_hash', '=', tokenHash))
        if (!row) return null
        const { id, chat_id, created_by } = row
        const takenOut = build
          .selectFrom('chat_members')
          .innerJoin('operations', (join) =>
            join.onRef('operations.chat_id', '=', 'chat_members.chat_id').onRef('operations.rev', '=', 'chat_members.left_rev'),
          )
          .select('operations.author_id')
          .where('chat_members.chat_id', '=', chat_id)
          .where('chat_members.user_id', '=', user)
          .where('operations.author_id', '<>', user)
        if (!(await session.row(inviting(chat_id, created_by))) || (await session.row(takenOut))) return null
        const use = build
          .updateTable('chat_links')
          .set((eb) => ({ uses: eb('uses', '+', 1) }))
          .where('id', '=', id)
          .where((eb) => eb.or([eb('max_uses', 'is', null), eb('uses', '<', eb.ref('max_uses'))]))
        return (await session.change(use)) > 0 ? toLink({ ...row, uses: row.uses + 1 }) : null
      }),

    async giveBackChatLink(id) {
      const query = build
        .updateTable('chat_links')
        .set((eb) => ({ uses: eb('uses', '-', 1) }))
        .where('id', '=', id)
        .where('uses', '>', 0)
      await database.read((session) => session.change(query))
    },
  }
}
