// Keys of whoever runs the server: they act for nobody, for an embedder's back office. The database holds only hashes.
import type { ChatId } from '@skein/protocol'
import type { Context } from './context.ts'
import { columns, type ServerKeysTable } from './schema.ts'
import { insertRows } from './statements.ts'

export interface ServerKey {
  id: string
  name: string
  createdAt: number
  /** null: never. */
  expiresAt: number | null
  /** To a minute. */
  lastUsedAt: number | null
}

export interface ServerKeyStorage {
  /** `tokenHash`: SHA-256 of the key, base64url. */
  createServerKey(key: { id: string; name: string; tokenHash: string; expiresAt: number | null }): Promise<ServerKey>
  /** The newest first; those that have expired, too. */
  serverKeys(): Promise<ServerKey[]>
  /** The key with this hash, as long as it may be used; notes the use. */
  useServerKey(tokenHash: string): Promise<ServerKey | null>
  /** false when there is no such key. It is good for nothing at once. */
  deleteServerKey(id: string): Promise<boolean>
  /** Whether a group was made with a server key, whichever it was. */
  isServerChat(chat: ChatId): Promise<boolean>
}

/** Uses are noted at most this often. */
const NOTED_MS = 60_000

const toServerKey = (row: ServerKeysTable): ServerKey => ({
  id: row.id,
  name: row.name,
  createdAt: row.created_at,
  expiresAt: row.expires_at,
  lastUsedAt: row.last_used_at,
})

export function serverKeys({ database, ports }: Context): ServerKeyStorage {
  const { build, engine } = database
  const all = build.selectFrom('server_keys').select(columns.server_keys)

  return {
    async createServerKey({ id, name, tokenHash, expiresAt }) {
      const row: ServerKeysTable = { id, name, token_hash: tokenHash, created_at: ports.now(), expires_at: expiresAt, last_used_at: null }
      await database.read((session) => session.write(insertRows(engine, 'server_keys', [row])))
      return toServerKey(row)
    },

    async serverKeys() {
      const [rows] = await database.read((session) => session.rows(all.orderBy('created_at', 'desc').orderBy('id')))
      return rows.map(toServerKey)
    },

    useServerKey: (tokenHash) =>
      database.read(async (session) => {
        const now = ports.now()
        const row = await session.row(all.where('token_hash', '=', tokenHash))
        if (!row || (row.expires_at !== null && row.expires_at <= now)) return null
        if (row.last_used_at === null || row.last_used_at <= now - NOTED_MS)
          await session.change(build.updateTable('server_keys').set({ last_used_at: now }).where('id', '=', row.id))
        return toServerKey(row)
      }),

    async deleteServerKey(id) {
      return (await database.read((session) => session.change(build.deleteFrom('server_keys').where('id', '=', id)))) > 0
    },

    async isServerChat(chat) {
      const query = build.selectFrom('server_chats').select('chat_id').where('chat_id', '=', chat)
      return (await database.read((session) => session.row(query))) !== undefined
    },
  }
}
