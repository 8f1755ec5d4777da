// Reports: what somebody wants whoever runs the server to look at. They name messages and hold no copy of them.
import { base64url, type ChatId, type OperationId, type UserId } from '@skein/protocol'
import type { Context } from './context.ts'
import { columns, type ReportsTable } from './schema.ts'
import { insertRows } from './statements.ts'
import { SERVER_WEBHOOK } from './webhooks.ts'

export interface Report {
  id: string
  reporterId: UserId
  /** Whom it is about; null when it is about a chat's messages alone. */
  userId: UserId | null
  chatId: ChatId | null
  messages: [author: UserId, id: OperationId][]
  reason: string
  createdAt: number
  closedAt: number | null
}

export interface ReportStorage {
  /** Stored together with the notice for the server's own webhook. */
  createReport(report: Omit<Report, 'id' | 'createdAt' | 'closedAt'>): Promise<Report>
  report(id: string): Promise<Report | null>
  /** The oldest first; `closed`: those that were closed, too. */
  reports(closed: boolean): Promise<Report[]>
  /** false when there is no such report, or it was closed before. */
  closeReport(id: string): Promise<boolean>
}

const toReport = (row: ReportsTable): Report => ({
  id: row.id,
  reporterId: row.reporter_id,
  userId: row.user_id,
  chatId: row.chat_id,
  messages: JSON.parse(row.messages) as Report['messages'],
  reason: row.reason,
  createdAt: row.created_at,
  closedAt: row.closed_at,
})

export function reports({ database, ports }: Context): ReportStorage {
  const { build, engine } = database
  const all = build.selectFrom('reports').select(columns.reports)
  const server = build.selectFrom('webhooks').select('id').where('id', '=', SERVER_WEBHOOK)

  return {
    createReport: ({ reporterId, userId, chatId, messages, reason }) =>
      database.transaction(async (session) => {
        const now = ports.now()
        const id = base64url(ports.randomBytes(12))
        const row: ReportsTable = {
          id,
          reporter_id: reporterId,
          user_id: userId,
          chat_id: chatId,
          messages: JSON.stringify(messages),
          reason,
          created_at: now,
          closed_at: null,
        }
        const webhook = await session.row(engine === 'mysql' ? server.forUpdate() : server)
        const notice = { event: 'report.created', chat_id: null, rev: 0, report_id: id, created_at: now, attempts: 0, next_at: now, error: null }
        await session.write([
          ...insertRows(engine, 'reports', [row]),
          ...(webhook ? insertRows(engine, 'webhook_deliveries', [{ id: `msg_${id}`, webhook_id: webhook.id, ...notice }]) : []),
        ])
        return toReport(row)
      }),

    async report(id) {
      const row = await database.read((session) => session.row(all.where('id', '=', id)))
      return row ? toReport(row) : null
    },

    async reports(closed) {
      const query = closed ? all : all.where('closed_at', 'is', null)
      const [rows] = await database.read((session) => session.rows(query.orderBy('created_at').orderBy('id')))
      return rows.map(toReport)
    },

    async closeReport(id) {
      const query = build.updateTable('reports').set({ closed_at: ports.now() }).where('id', '=', id).where('closed_at', 'is', null)
      return (await database.read((session) => session.change(query))) > 0
    },
  }
}
