// API keys: what a person's programs log in with. The database holds only hashes.
import { isScope, MAX_API_KEYS_PER_PERSON, type Scope, type UserId } from '@skein/protocol'
import { lockAccount, webhookRemovals } from './lock-account.ts'
import type { Context } from './context.ts'
import { columns, type ApiKeysTable } from './schema.ts'
import { insertRows } from './statements.ts'

export interface ApiKey {
  id: string
  userId: UserId
  name: string
  scopes: Scope[]
  createdAt: number
  /** null: never. */
  expiresAt: number | null
  /** To a minute. */
  lastUsedAt: number | null
}

export interface ApiKeyStorage {
  /** `tokenHash`: SHA-256 of the key, base64url. null when its person may not log in. */
  createApiKey(key: {
    id: string
    userId: UserId
    name: string
    tokenHash: string
    scopes: readonly Scope[]
    expiresAt: number | null
  }): Promise<ApiKey | 'too-many' | null>
  /** The newest first; those that have expired, too. */
  apiKeys(user: UserId): Promise<ApiKey[]>
  /** The key with this hash and its person's name, as long as it and its person may be used; notes the use. */
  useApiKey(tokenHash: string): Promise<(ApiKey & { userName: string }) | null>
  /** false when this person has no such key. It is good for nothing at once, and the webhooks that it made are gone. */
  deleteApiKey(user: UserId, id: string): Promise<boolean>
}

/** Uses are noted at most this often. */
const NOTED_MS = 60_000

const toApiKey = (row: ApiKeysTable): ApiKey => ({
  id: row.id,
  userId: row.user_id,
  name: row.name,
  // One that a newer server knew is none here.
  scopes: row.scopes.split(' ').filter(isScope),
  createdAt: row.created_at,
  expiresAt: row.expires_at,
  lastUsedAt: row.last_used_at,
})

export function apiKeys(context: Context): ApiKeyStorage {
  const { database, ports } = context
  const { build, engine } = database
  const ofUser = (user: UserId) => build.selectFrom('api_keys').select(columns.api_keys).where('user_id', '=', user)

  return {
    createApiKey: ({ id, userId, name, tokenHash, scopes, expiresAt }) =>
      database.transaction(async (session) => {
        if (!(await lockAccount(session, build, userId))) return null
        const [own] = await session.rows(ofUser(userId))
        if (own.length >= MAX_API_KEYS_PER_PERSON) return 'too-many'
        const row: ApiKeysTable = {
          id,
          user_id: userId,
          name,
          token_hash: tokenHash,
          scopes: scopes.join(' '),
          created_at: ports.now(),
          expires_at: expiresAt,
          last_used_at: null,
        }
        await session.write(insertRows(engine, 'api_keys', [row]))
        return toApiKey(row)
      }),

    async apiKeys(user) {
      const [rows] = await database.read((session) => session.rows(ofUser(user).orderBy('created_at', 'desc').orderBy('id')))
      return rows.map(toApiKey)
    },

    useApiKey: (tokenHash) =>
      database.read(async (session) => {
        const now = ports.now()
        const query = build
          .selectFrom('api_keys')
          .innerJoin('users', 'users.id', 'api_keys.user_id')
          .select(columns.api_keys.map((column) => `api_keys.${column}` as const))
          .select('users.name as user_name')
          .where('token_hash', '=', tokenHash)
          .where('users.password_hash', '<>', '')
          .where('users.disabled_at', 'is', null)
        const row = await session.row(query)
        if (!row || (row.expires_at !== null && row.expires_at <= now)) return null
        if (row.last_used_at === null || row.last_used_at <= now - NOTED_MS)
          await session.change(build.updateTable('api_keys').set({ last_used_at: now }).where('id', '=', row.id))
        return { ...toApiKey(row), userName: row.user_name }
      }),

    deleteApiKey: (user, id) =>
      database.transaction(async (session) => {
        await lockAccount(session, build, user, true)
        if ((await session.change(build.deleteFrom('api_keys').where('user_id', '=', user).where('id', '=', id))) === 0) return false
        const [made] = await session.rows(build.selectFrom('webhooks').select('id').where('user_id', '=', user).where('key_id', '=', id))
        await session.write(made.flatMap((webhook) => webhookRemovals(build, webhook.id)))
        return true
      }),
  }
}
