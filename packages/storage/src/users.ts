// People.
import { isUserId, userIdOf } from '@skein/protocol'
import { sql, type Expression, type SqlBool } from 'kysely'
import { notBlocked } from './blocks.ts'
import type { Context } from './context.ts'
import { fromCursor, isText, toCursor } from './cursors.ts'
import { toAccount, toUser } from './rows.ts'
import { columns, type UsersTable } from './schema.ts'
import { insertRows } from './statements.ts'
import type { Storage } from './types.ts'

/** Emails are one when they differ by case or by blanks around them, on every database (D8). */
const emailKey = (email: string): string => email.trim().toLowerCase()
const nameKey = (name: string): string => name.trim().toLowerCase()
/** `%` and `_` of a person's words mean themselves. */
const escapeLike = (text: string): string => text.replaceAll(/[!%_]/g, '!$&')

const like = (column: Expression<string>, pattern: string) => sql<SqlBool>`${column} like ${pattern} escape '!'`

export function users({
  database,
  ports,
}: Context): Pick<
  Storage,
  'createUser' | 'user' | 'account' | 'accountByEmail' | 'users' | 'updateUser' | 'replaceHash' | 'touchLastSeen' | 'countUsers'
> {
  const { build, engine } = database
  const one = (column: 'id' | 'email', value: string) => {
    const all = build.selectFrom('users').select(columns.users)
    return database.read((session) => session.row(all.where(column, '=', value)))
  }

  return {
    async createUser({ email, name, passwordHash }) {
      const row: UsersTable = {
        id: userIdOf(ports.randomBytes(17)),
        email: emailKey(email),
        name,
        name_key: nameKey(name),
        avatar_url: null,
        password_hash: passwordHash,
        created_at: ports.now(),
        last_seen_at: null,
        disabled_at: null,
      }
      try {
        await database.read((session) => session.write(insertRows(engine, 'users', [row])))
        return toUser(row)
      } catch (error) {
        if (database.kindOf(error) !== 'duplicate') throw error
        return 'email-taken'
      }
    },

    async user(id) {
      const row = await one('id', id)
      return row ? toUser(row) : null
    },

    account: async (id) => toAccount(await one('id', id)),
    accountByEmail: async (email) => toAccount(await one('email', emailKey(email))),

    async users({ q, limit, cursor, except }) {
      let query = build
        .selectFrom('users')
        .select(columns.users)
        .orderBy('name_key')
        .orderBy('id')
        .limit(limit + 1)
        // Those who were erased are found by nobody.
        .where('password_hash', '<>', '')
      if (except !== null) query = query.where('id', '<>', except).where(notBlocked(except, 'users.id'))
      if (q !== null && q.trim() !== '') {
        const words = escapeLike(nameKey(q))
        query = query.where((eb) => eb.or([like(eb.ref('name_key'), `%${words}%`), eb('email', '=', emailKey(q))]))
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
        ...(email === undefined ? {} : { email: emailKey(email) }),
      }
      try {
        if (Object.keys(changes).length) {
          await database.read((session) =>
            session.change(build.updateTable('users').set(changes).where('id', '=', id).where('password_hash', '<>', '')),
          )
        }
        const row = await one('id', id)
        return row && row.password_hash !== '' ? toUser(row) : null
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
