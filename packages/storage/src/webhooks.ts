// Webhooks: who is to be told of what. What has happened is derived from the chats' chains by a place for each webhook and chat, so that a commit pays nothing for it.
import { isWebhookEvent, MAX_WEBHOOKS_PER_PERSON, type UserId, type WebhookEvent } from '@skein/protocol'
import { lockAccount, webhookRemovals } from './lock-account.ts'
import type { Context } from './context.ts'
import type { Session } from './database.ts'
import { columns, type WebhooksTable } from './schema.ts'
import { insertRows } from './statements.ts'

export interface Webhook {
  id: string
  /** null: the server's own. */
  userId: UserId | null
  url: string
  /** `whsec_` and the key in base64. */
  secret: string
  events: WebhookEvent[]
  active: boolean
  createdAt: number
  /** Failed attempts since the last that went well. */
  failures: number
  /** Nothing is sent before this time. */
  pausedUntil: number
  lastError: string | null
}

export interface WebhookStorage {
  /** Is told of what happens from now on. null when its person may not log in, or the key is gone. */
  createWebhook(webhook: {
    id: string
    userId: UserId
    url: string
    secret: string
    events: readonly WebhookEvent[]
    /** The API key that asks: the webhook ends with it. null: its person does. */
    keyId: string | null
  }): Promise<Webhook | 'too-many' | null>
  /** The server's own webhook: there is at most one; null takes it away, with what it was still to be told. */
  setServerWebhook(webhook: { url: string; secret: string } | null): Promise<void>
  webhooks(user: UserId): Promise<Webhook[]>
  /** null when there is none, its person may not log in (it rests until they may again), or the key that made it has expired. */
  webhook(id: string): Promise<Webhook | null>
  /** What happens while it is not active it is never told of. null when this person has no such webhook. */
  updateWebhook(user: UserId, id: string, changes: { url?: string; events?: readonly WebhookEvent[]; active?: boolean }): Promise<Webhook | null>
  deleteWebhook(user: UserId, id: string): Promise<boolean>
  /** How the last attempt went. */
  noteWebhook(id: string, state: { failures: number; pausedUntil: number; lastError: string | null }): Promise<void>
}

/** The id of the server's own. */
export const SERVER_WEBHOOK = 'server'

const toWebhook = (row: WebhooksTable): Webhook => ({
  id: row.id,
  userId: row.user_id === '' ? null : row.user_id,
  url: row.url,
  secret: row.secret,
  events: row.events.split(' ').filter(isWebhookEvent),
  active: row.active === 1,
  createdAt: row.created_at,
  failures: row.failures,
  pausedUntil: row.paused_until,
  lastError: row.last_error,
})

export function webhooks(context: Context): WebhookStorage {
  const { database, ports } = context
  const { build, engine } = database
  const all = build.selectFrom('webhooks').select(columns.webhooks)
  const fresh = () => ({ active: 1, created_at: ports.now(), failures: 0, paused_until: 0, last_error: null })

  /** From here on it is told: each chat of the person stands where it is now. Chats that they join later begin with that. */
  async function standNow(session: Session, id: string, user: UserId): Promise<void> {
    const chats = build
      .selectFrom('chat_members')
      .innerJoin('chats', 'chats.id', 'chat_members.chat_id')
      .select(['chats.id', 'chats.rev'])
      .where('user_id', '=', user)
    const [places] = await session.rows(chats)
    const rows = places.map((chat) => ({ webhook_id: id, chat_id: chat.id, rev: chat.rev }))
    await session.write(insertRows(engine, 'webhook_places', rows, { key: ['webhook_id', 'chat_id'], columns: ['rev'] }))
  }

  return {
    createWebhook: ({ id, userId, url, secret, events, keyId }) =>
      database.transaction(async (session) => {
        if (!(await lockAccount(session, build, userId))) return null
        if (keyId !== null && !(await session.row(build.selectFrom('api_keys').select('id').where('id', '=', keyId)))) return null
        const [own] = await session.rows(all.where('user_id', '=', userId))
        if (own.length >= MAX_WEBHOOKS_PER_PERSON) return 'too-many'
        const row: WebhooksTable = { id, user_id: userId, url, secret, events: events.join(' '), key_id: keyId, ...fresh() }
        await session.write(insertRows(engine, 'webhooks', [row]))
        await standNow(session, id, userId)
        return toWebhook(row)
      }),

    setServerWebhook: (webhook) =>
      database.transaction(async (session) => {
        if (!webhook) return session.write(webhookRemovals(build, SERVER_WEBHOOK))
        const row: WebhooksTable = { id: SERVER_WEBHOOK, user_id: '', ...webhook, events: 'report.created', key_id: null, ...fresh() }
        await session.write(insertRows(engine, 'webhooks', [row], { key: ['id'], columns: ['url', 'secret', 'events', 'active'] }))
      }),

    async webhooks(user) {
      const [rows] = await database.read((session) => session.rows(all.where('user_id', '=', user).orderBy('created_at', 'desc').orderBy('id')))
      return rows.map(toWebhook)
    },

    async webhook(id) {
      const query = build
        .selectFrom('webhooks')
        .leftJoin('users', 'users.id', 'webhooks.user_id')
        .leftJoin('api_keys', 'api_keys.id', 'webhooks.key_id')
        .select(columns.webhooks.map((column) => `webhooks.${column}` as const))
        .where('webhooks.id', '=', id)
        .where((eb) => eb.or([eb('webhooks.user_id', '=', ''), eb.and([eb('users.password_hash', '<>', ''), eb('users.disabled_at', 'is', null)])]))
        .where((eb) => eb.or([eb('api_keys.expires_at', 'is', null), eb('api_keys.expires_at', '>', ports.now())]))
      const row = await database.read((session) => session.row(query))
      return row ? toWebhook(row) : null
    },

    updateWebhook: (user, id, { url, events, active }) =>
      database.transaction(async (session) => {
        const own = all.where('id', '=', id).where('user_id', '=', user)
        const before = await session.row(engine === 'mysql' ? own.forUpdate() : own)
        if (!before) return null
        const after: WebhooksTable = {
          ...before,
          url: url ?? before.url,
          events: events?.join(' ') ?? before.events,
          active: active === undefined ? before.active : Number(active),
          // Who mended it wants to see at once whether it works.
          paused_until: 0,
        }
        if (after.active === 0)
          await session.write([build.deleteFrom('webhook_deliveries').where('webhook_id', '=', id).where('next_at', 'is not', null)])
        if (after.active === 1 && before.active === 0) await standNow(session, id, user)
        const { url: to, events: of, active: now, paused_until } = after
        await session.write([build.updateTable('webhooks').set({ url: to, events: of, active: now, paused_until }).where('id', '=', id)])
        return toWebhook(after)
      }),

    deleteWebhook: (user, id) =>
      database.transaction(async (session) => {
        const own = build.selectFrom('webhooks').select('id').where('id', '=', id).where('user_id', '=', user)
        if (!(await session.row(engine === 'mysql' ? own.forUpdate() : own))) return false
        await session.write(webhookRemovals(build, id))
        return true
      }),

    async noteWebhook(id, { failures, pausedUntil, lastError }) {
      const query = build.updateTable('webhooks').set({ failures, paused_until: pausedUntil, last_error: lastError }).where('id', '=', id)
      await database.read((session) => session.change(query))
    },
  }
}
