// People.
import { isUserId, userIdOf } from '@skein/protocol'
import { sql, type Expression, type SqlBool } from 'kysely'
import { notBlocked } from './blocks.ts'
import { sharing } from './chats.ts'
import type { Context } from './context.ts'
import type { Session } from './database.ts'
import { fromCursor, isText, toCursor } from './cursors.ts'
import { takeInvitation } from './links.ts'
import { lockAccount } from './lock-account.ts'
import { emailKey, nameKey, toAccount, toUser } from './rows.ts'
import { columns, type UsersTable } from './schema.ts'
import { insertRows } from './statements.ts'
import type { Storage, User } from './types.ts'

/** `%` and `_` of a person's words mean themselves. */
const escapeLike = (text: string): string => text.replaceAll(/[!%_]/g, '!$&')

const like = (column: Expression<string>, pattern: string) => sql<SqlBool>`${column} like ${pattern} escape '!'`

export function users({
  database,
  ports,
}: Context): Pick<
  Storage,
  'createUser' | 'createInvitedUser' | 'user' | 'account' | 'accountByEmail' | 'users' | 'updateUser' | 'replaceHash' | 'touchLastSeen' | 'countUsers'
> {
  const { build, engine } = database
  const one = (column: 'id' | 'email', value: string) => {
    const all = build.selectFrom('users').select(columns.users)
    return database.read((session) => session.row(all.where(column, '=', value)))
  }

  const rowOf = ({ email, name, passwordHash, emailConfirmed = false }: Parameters<Storage['createUser']>[0]): UsersTable => ({
    id: userIdOf(ports.randomBytes(17)),
    email: emailKey(email),
    name,
    name_key: nameKey(name),
    avatar_url: null,
    password_hash: passwordHash,
    created_at: ports.now(),
    last_seen_at: null,
    disabled_at: null,
    email_confirmed_at: emailConfirmed ? ports.now() : null,
  })
  const orTaken = (error: unknown): 'email-taken' => {
    if (database.kindOf(error) !== 'duplicate') throw error
    return 'email-taken'
  }

  return {
    async createUser(user) {
      const row = rowOf(user)
      return database.read((session) => session.write(insertRows(engine, 'users', [row]))).then(() => toUser(row), orTaken)
    },

    async createInvitedUser(user, invitation) {
      const row = rowOf(user)
      const create = async (session: Session): Promise<User | 'no-invitation'> => {
        if (!(await takeInvitation(session, invitation, row.email, ports.now()))) return 'no-invitation'
        await session.write(insertRows(engine, 'users', [row]))
        return toUser(row)
      }
      return database.transaction(create).catch(orTaken)
    },

    async user(id) {
      const row = await one('id', id)
      return row ? toUser(row) : null
    },

    account: async (id) => toAccount(await one('id', id)),
    accountByEmail: async (email) => toAccount(await one('email', emailKey(email))),

    async users({ q, limit, cursor, except, contactsOnly = false, byEmail = true }) {
      let query = build
        .selectFrom('users')
        .select(columns.users)
        .orderBy('name_key')
        .orderBy('id')
        .limit(limit + 1)
        // Those who were erased are found by nobody.
        .where('password_hash', '<>', '')
      if (except !== null) query = query.where('id', '<>', except).where(notBlocked(except, 'users.id'))
      if (except !== null && contactsOnly)
        query = query.where('id', 'in', sharing(build, except).select('other.user_id').where('other.left_rev', 'is', null))
      if (q !== null && q.trim() !== '') {
        const words = escapeLike(nameKey(q))
        query = query.where((eb) => eb.or([like(eb.ref('name_key'), `%${words}%`), ...(byEmail ? [eb('email', '=', emailKey(q))] : [])]))
      }
      if (cursor !== null) {
        const [name, id] = fromCursor(cursor, isText, isUserId)
        query = query.where((eb) => eb.or([eb('name_key', '>', name), eb.and([eb('name_key', '=', name), eb('id', '>', id)])]))
      }
      const [rows] = await database.read((session) => session.rows(query))
      const items = rows.slice(0, limit)
      const end = items.at(-1)
      return { items: items.map(toUser), nextCursor: rows.length > limit && end ? toCursor(end.name_key, end.id) : null }
    },

    async updateUser(id, { name, avatarUrl, email }) {
      const changes = {
        ...(name === undefined ? {} : { name, name_key: nameKey(name) }),
        ...(avatarUrl === undefined ? {} : { avatar_url: avatarUrl }),
      }
      try {
        return await database.transaction(async (session) => {
          const before = await lockAccount(session, build, id, true)
          if (!before) return null
          const isNew = email !== undefined && emailKey(email) !== before.email
          const emailChanges = isNew ? { email: emailKey(email), email_confirmed_at: null } : {}
          const all = { ...changes, ...emailChanges }
          if (Object.keys(all).length) await session.change(build.updateTable('users').set(all).where('id', '=', id))
          // They were sent to who has the email that this was.
          if (isNew) await session.change(build.deleteFrom('links').where('user_id', '=', id))
          const row = await session.row(build.selectFrom('users').select(columns.users).where('id', '=', id))
          return row ? toUser(row) : null
        })
      } catch (error) {
        if (database.kindOf(error) !== 'duplicate') throw error
        return 'email-taken'
      }
    },

    async replaceHash(id, { from, to }) {
      const query = build.updateTable('users').set({ password_hash: to }).where('id', '=', id).where('password_hash', '=', from)
      return (await database.read((session) => session.change(query.where('password_hash', '<>', '')))) > 0
    },

    async touchLastSeen(user, at) {
      const query = build.updateTable('users').set({ last_seen_at: at }).where('id', '=', user)
      await database.read((session) => session.change(query.where((eb) => eb.or([eb('last_seen_at', 'is', null), eb('last_seen_at', '<', at)]))))
    },

    async countUsers() {
      const row = await database.read((session) => session.row(build.selectFrom('users').select((eb) => eb.fn.countAll<number>().as('count'))))
      return Number(row?.count ?? 0)
    },
  }
}
