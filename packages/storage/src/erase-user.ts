// Erasing a person: all words of theirs, in all chats, and who they were. What others wrote, the order and the chain stay whole.
import type { ChatId, UserId } from '@skein/protocol'
import { lockChats } from './commit/read.ts'
import type { Context } from './context.ts'
import { erase } from './erasures.ts'
import { columns } from './schema.ts'
import { insertRows, statement } from './statements.ts'
import { endAllSessions, endPrograms, lockAccount } from './lock-account.ts'
import type { Erased, Storage } from './types.ts'

/** Revs that are looked through in one transaction. */
const SPAN = 5_000
/** A token that was handed out before lives five minutes: what it still wrote is found when the person is gone over again, until this time has passed. */
const REPEAT_MS = 15 * 60_000
/** Stands in place of the name. */
const NAME = 'Deleted account'

export function eraseUser(context: Context): Pick<Storage, 'eraseUser' | 'eraseUserWords' | 'erasedUsers'> {
  const { database, ports } = context
  const { build, engine } = database

  /** The person's words in the span of the chain that ends at `to`, or at its end, in one transaction; and where the span before ends. */
  const eraseSpan = (id: ChatId, user: UserId, to: number, quietly: boolean): Promise<{ erased: Erased | null; before: number }> =>
    database.transaction(async (session) => {
      const chat = (await lockChats(session, [id])).get(id)
      if (!chat) return { erased: null, before: 0 }
      const before = Math.min(to, chat.rev) - SPAN
      const query = build
        .selectFrom('operations')
        .select(columns.operations)
        .where('chat_id', '=', id)
        .where('rev', '>', before)
        .where('rev', '<=', to)
        .where('author_id', '=', user)
        .where('kind', 'in', ['message', 'edit'])
        .where('operation', 'is not', null)
      const [rows] = await session.rows(query)
      return { erased: rows.length ? await erase(session, context, chat, rows, quietly) : null, before }
    })

  return {
    eraseUser: (user) =>
      database.transaction(async (session) => {
        await lockAccount(session, build, user, true)
        await endAllSessions(session, build, user, null)
        const name = { name: NAME, name_key: NAME.toLowerCase(), avatar_url: null, last_seen_at: null }
        await session.write([
          build
            .updateTable('users')
            .set({ ...name, email: `erased:${user}`, password_hash: '', email_confirmed_at: null })
            .where('id', '=', user),
          ...(['links', 'identities', 'reused_sessions', 'pictures'] as const).map((table) =>
            statement(`delete from ${table} where user_id = ?`, [user]),
          ),
          ...endPrograms(build, user),
          build.updateTable('reports').set({ reason: '' }).where('reporter_id', '=', user),
          ...insertRows(engine, 'erased_users', [{ user_id: user, at: ports.now() }], { key: ['user_id'], columns: ['at'] }),
        ])
      }),

    async eraseUserWords(user, erased) {
      const startedAt = ports.now()
      await database.transaction((session) =>
        session.write([build.updateTable('chat_members').set({ draft: null }).where('user_id', '=', user).where('draft', 'is not', null)]),
      )
      const [chats] = await database.read((session) => session.rows(build.selectFrom('chat_members').select('chat_id').where('user_id', '=', user)))
      for (const { chat_id } of chats) {
        // The newest first: they are in the live document.
        let ended = false
        for (let to = Number.MAX_SAFE_INTEGER; to > 0;) {
          const span = await eraseSpan(chat_id, user, to, ended)
          to = span.before
          if (!span.erased) continue
          ended = true
          erased(span.erased)
        }
      }
      await database.read((session) =>
        session.change(
          build
            .deleteFrom('erased_users')
            .where('user_id', '=', user)
            .where('at', '<=', startedAt - REPEAT_MS),
        ),
      )
    },

    async erasedUsers() {
      const [rows] = await database.read((session) => session.rows(build.selectFrom('erased_users').select('user_id').orderBy('at')))
      return rows.map((row) => row.user_id)
    },
  }
}
