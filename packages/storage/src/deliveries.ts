// What webhooks are still to be told: written down from the chains, claimed by one server at a time, and kept until it was taken or given up.
import {
  base64url,
  MAX_IDS_PER_QUESTION,
  MAX_WAITING_DELIVERIES,
  WEBHOOK_DEAD_MS,
  WEBHOOK_GIVE_UP_MS,
  type ChatEvent,
  type ChatId,
  type OperationKind,
  type WebhookEvent,
} from '@skein/protocol'
import type { Context } from './context.ts'
import type { Session } from './database.ts'
import { toEntry } from './rows.ts'
import { columns, type WebhookDeliveriesTable } from './schema.ts'
import { insertRows } from './statements.ts'
import type { StoredEntry } from './types.ts'

/** One event for one webhook. */
export interface Delivery {
  /** The same for the same event, however often it is written down or sent. */
  id: string
  webhookId: string
  event: WebhookEvent
  createdAt: number
  /** Attempts that failed. */
  attempts: number
  chatId: ChatId | null
  reportId: string | null
  /** The entry of the chat's chain that it tells of. */
  entry: StoredEntry | null
}

export interface DeadDelivery {
  id: string
  webhookId: string
  /** Of the webhook's person; null for the server's own. */
  email: string | null
  url: string
  event: string
  createdAt: number
  attempts: number
  error: string | null
}

export interface DeliveryStorage {
  /** Writes down what has happened in these chats, or in all, for every webhook of their members; the ids of webhooks that have something new to be told. */
  collectDeliveries(chats: readonly ChatId[] | null): Promise<string[]>
  /** Webhooks that have something to be told now and are not paused. */
  dueWebhooks(): Promise<string[]>
  /** Takes the next delivery of a webhook: nobody else gets it for `forMs`, unless it is put back. null: nothing is due. */
  claimDelivery(webhook: string, forMs: number): Promise<Delivery | null>
  /** It was taken, or there is nobody any more whom it is for. */
  endDelivery(id: string): Promise<void>
  /** It was not taken: it is due again at `nextAt`, or given up (null). */
  failDelivery(id: string, failure: { nextAt: number | null; error: string }): Promise<void>
  /** What was given up, the oldest first. */
  deadDeliveries(limit: number): Promise<DeadDelivery[]>
  /** Makes what was given up due again: one delivery or those of one webhook by its id, or all; how many. */
  replayDeliveries(id: string | null): Promise<number>
  /** Gives up what has waited for too long without its turn, and removes what was given up long ago. */
  pruneDeliveries(): Promise<void>
}

/** Entries that are looked through in one transaction. */
const SPAN = 500

const EVENT_OF: Partial<Record<OperationKind, ChatEvent>> = {
  message: 'message.created',
  edit: 'message.edited',
  delete: 'message.deleted',
  join: 'member.joined',
  leave: 'member.left',
}

export function deliveries({ database, ports }: Context): DeliveryStorage {
  const { build, engine } = database
  const encoder = new TextEncoder()
  const idOf = (...parts: string[]): string => `msg_${base64url(ports.sha256(encoder.encode(parts.join('\n')))).slice(0, 32)}`

  /** What is more than may wait; a span at a time, since each one that is written down comes by here. By what is due first, which its index answers. */
  async function giveUpOldest(session: Session, webhookId: string): Promise<void> {
    const waiting = build.selectFrom('webhook_deliveries').where('webhook_id', '=', webhookId).where('next_at', 'is not', null)
    const counted = await session.row(waiting.select((eb) => eb.fn.countAll<number>().as('count')))
    const beyond = Number(counted?.count ?? 0) - MAX_WAITING_DELIVERIES
    if (beyond <= 0) return
    const [rows] = await session.rows(waiting.select('id').orderBy('next_at').orderBy('rev').limit(Math.min(beyond, SPAN)))
    const ids = rows.map(({ id }) => id)
    await session.change(build.updateTable('webhook_deliveries').set({ next_at: null, error: 'too many waited' }).where('id', 'in', ids))
  }

  /** One span of a chat for one webhook. Its row is held, so that two servers do not write down the same. `more`: there is another span. */
  const collect = (webhookId: string, chatId: ChatId, joinedRev: number): Promise<{ found: number; more: boolean }> =>
    database.transaction(async (session) => {
      const one = build.selectFrom('webhooks').select(['events', 'active']).where('id', '=', webhookId)
      const webhook = await session.row(engine === 'mysql' ? one.forUpdate() : one)
      if (!webhook || webhook.active === 0) return { found: 0, more: false }
      const place = await session.row(
        build.selectFrom('webhook_places').select('rev').where('webhook_id', '=', webhookId).where('chat_id', '=', chatId),
      )
      const query = build
        .selectFrom('operations')
        .select(['rev', 'kind', 'code', 'author_id', 'operation_id'])
        .where('chat_id', '=', chatId)
        .where('rev', '>', Math.max(place?.rev ?? 0, joinedRev - 1))
        .orderBy('rev')
        .limit(SPAN)
      const [entries] = await session.rows(query)
      const last = entries.at(-1)
      if (!last) return { found: 0, more: false }
      const now = ports.now()
      const wanted = webhook.events.split(' ')
      const rows = entries.flatMap(({ rev, kind, code, author_id, operation_id }): WebhookDeliveriesTable[] => {
        const event = EVENT_OF[kind]
        if (code !== null || event === undefined || !wanted.includes(event)) return []
        const id = idOf(webhookId, chatId, author_id, operation_id)
        const nothingYet = { report_id: null, created_at: now, attempts: 0, next_at: now, error: null }
        return [{ id, webhook_id: webhookId, event, chat_id: chatId, rev, ...nothingYet }]
      })
      await session.write([
        // What a healed chat tells again, and still waits, waits once.
        ...insertRows(engine, 'webhook_deliveries', rows, { key: ['id'], columns: ['rev'] }),
        ...insertRows(engine, 'webhook_places', [{ webhook_id: webhookId, chat_id: chatId, rev: last.rev }], {
          key: ['webhook_id', 'chat_id'],
          columns: ['rev'],
        }),
      ])
      if (rows.length > 0) await giveUpOldest(session, webhookId)
      return { found: rows.length, more: entries.length === SPAN }
    })

  return {
    async collectDeliveries(chats) {
      const told = new Set<string>()
      // Where nobody has a webhook, a look costs next to nothing.
      const any = build.selectFrom('webhooks').select('id').where('active', '=', 1).where('user_id', '<>', '').limit(1)
      if (!(await database.read((session) => session.row(any)))) return []
      for (let from = 0; from === 0 || (chats !== null && from < chats.length); from += MAX_IDS_PER_QUESTION) {
        const behind = build
          .selectFrom('webhooks')
          .innerJoin('users', 'users.id', 'webhooks.user_id')
          .innerJoin('chat_members', 'chat_members.user_id', 'webhooks.user_id')
          .innerJoin('chats', 'chats.id', 'chat_members.chat_id')
          .leftJoin('webhook_places', (join) =>
            join.onRef('webhook_places.webhook_id', '=', 'webhooks.id').onRef('webhook_places.chat_id', '=', 'chats.id'),
          )
          .select(['webhooks.id', 'chat_members.chat_id', 'chat_members.joined_rev'])
          .where('webhooks.active', '=', 1)
          .where('users.disabled_at', 'is', null)
          .where('chat_members.left_rev', 'is', null)
          .where((eb) => eb.or([eb('webhook_places.rev', 'is', null), eb('webhook_places.rev', '<', eb.ref('chats.rev'))]))
        if (chats?.length === 0) break
        const asked = chats === null ? behind : behind.where('chats.id', 'in', chats.slice(from, from + MAX_IDS_PER_QUESTION))
        const [rows] = await database.read((session) => session.rows(asked))
        for (const { id, chat_id, joined_rev } of rows) {
          for (let more = true; more;) {
            const span = await collect(id, chat_id, joined_rev)
            if (span.found > 0) told.add(id)
            more = span.more
          }
        }
      }
      return [...told]
    },

    async dueWebhooks() {
      const now = ports.now()
      const query = build
        .selectFrom('webhooks')
        .select('id')
        .where('active', '=', 1)
        .where('paused_until', '<=', now)
        .where((eb) =>
          eb.exists(
            eb
              .selectFrom('webhook_deliveries')
              .select('webhook_deliveries.id')
              .whereRef('webhook_deliveries.webhook_id', '=', 'webhooks.id')
              .where('next_at', '<=', now),
          ),
        )
      const [rows] = await database.read((session) => session.rows(query))
      return rows.map(({ id }) => id)
    },

    claimDelivery: (webhook, forMs) =>
      database.read(async (session) => {
        for (;;) {
          const now = ports.now()
          const due = build
            .selectFrom('webhook_deliveries')
            .select(columns.webhook_deliveries)
            .where('webhook_id', '=', webhook)
            .where('next_at', '<=', now)
            .orderBy('next_at')
            .orderBy('rev')
            .limit(1)
          const row = await session.row(due)
          if (!row) return null
          // One statement decides who of two at once gets it.
          const claim = build
            .updateTable('webhook_deliveries')
            .set({ next_at: now + forMs })
            .where('id', '=', row.id)
            .where('next_at', '=', row.next_at)
          if ((await session.change(claim)) === 0) continue
          const entry =
            row.chat_id === null
              ? undefined
              : await session.row(
                  build.selectFrom('operations').select(columns.operations).where('chat_id', '=', row.chat_id).where('rev', '=', row.rev),
                )
          return {
            id: row.id,
            webhookId: row.webhook_id,
            event: row.event as WebhookEvent,
            createdAt: row.created_at,
            attempts: row.attempts,
            chatId: row.chat_id,
            reportId: row.report_id,
            entry: entry ? toEntry(entry) : null,
          }
        }
      }),

    async endDelivery(id) {
      await database.read((session) => session.change(build.deleteFrom('webhook_deliveries').where('id', '=', id)))
    },

    async failDelivery(id, { nextAt, error }) {
      const query = build
        .updateTable('webhook_deliveries')
        .set((eb) => ({ next_at: nextAt, error, attempts: eb('attempts', '+', 1) }))
        .where('id', '=', id)
      await database.read((session) => session.change(query))
    },

    async deadDeliveries(limit) {
      const query = build
        .selectFrom('webhook_deliveries')
        .innerJoin('webhooks', 'webhooks.id', 'webhook_deliveries.webhook_id')
        .leftJoin('users', 'users.id', 'webhooks.user_id')
        .select(['webhook_deliveries.id', 'webhook_id', 'users.email', 'url', 'event', 'webhook_deliveries.created_at', 'attempts', 'error'])
        .where('next_at', 'is', null)
        .orderBy('webhook_deliveries.created_at')
        .orderBy('webhook_deliveries.rev')
        .limit(limit)
      const [rows] = await database.read((session) => session.rows(query))
      return rows.map(({ webhook_id, created_at, ...row }) => ({ ...row, webhookId: webhook_id, createdAt: created_at }))
    },

    async replayDeliveries(id) {
      const now = ports.now()
      // Their time begins anew, or they would be given up with the first failure.
      const dead = build.updateTable('webhook_deliveries').set({ next_at: now, created_at: now, attempts: 0 }).where('next_at', 'is', null)
      const query = id === null ? dead : dead.where((eb) => eb.or([eb('id', '=', id), eb('webhook_id', '=', id)]))
      return database.read((session) => session.change(query))
    },

    async pruneDeliveries() {
      const now = ports.now()
      // A webhook that fails gets few attempts a day: what is behind them must end too.
      const waited = build
        .updateTable('webhook_deliveries')
        .set({ next_at: null, error: 'it waited too long' })
        .where('next_at', 'is not', null)
        .where('created_at', '<', now - WEBHOOK_GIVE_UP_MS)
      await database.read((session) => session.change(waited))
      const old = build
        .deleteFrom('webhook_deliveries')
        .where('next_at', 'is', null)
        .where('created_at', '<', now - WEBHOOK_DEAD_MS)
      await database.read((session) => session.change(old))
    },
  }
}
