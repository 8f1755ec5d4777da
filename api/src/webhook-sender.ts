// Tells webhooks what happened. What is to be told stands in the database before it is sent; each webhook has a turn of its own, so that none waits for another, and no message for any.
import { signWebhook } from '@skein/auth'
import {
  MAX_WEBHOOK_REQUESTS,
  MAX_WEBHOOK_RETRY_MS,
  WEBHOOK_GIVE_UP_MS,
  WEBHOOK_MS,
  WEBHOOK_RETRY_MS,
  viewOf,
  type ChatId,
  type OperationId,
  type UserId,
} from '@skein/protocol'
import type { Delivery, Storage, Webhook } from '@skein/storage'
import type { ApiDependencies } from './ports.ts'
import { createTurnstile } from './turnstile.ts'
import { reportView } from './views.ts'

/** Sends a body; null when it was taken, else why not, in few words. Never rejects, and ends within WEBHOOK_MS. */
export type WebhookPost = (request: {
  url: string
  headers: Record<string, string>
  body: string
  /** Whoever runs the server gave the address. */
  isTrusted: boolean
  signal: AbortSignal
}) => Promise<string | null>

export interface WebhookSender extends AsyncDisposable {
  /** Something was stored in this chat. */
  noticed(chat: ChatId): void
}

/** Commits that come one after the other are looked at together; in milliseconds. */
const GATHER_MS = 50
/** How often is looked for what is due, and for what nobody noticed: another server ended before it wrote that down. With jitter. */
const DUE_MS = 2_000
const MISSED_MS = 60_000
/** A delivery is somebody else's again after this time: longer than it may take. */
const CLAIM_MS = 2 * WEBHOOK_MS
/** A webhook that fails is left alone for so long at most, in milliseconds. */
const MAX_PAUSE_MS = 5 * 60_000

export function createWebhookSender(
  ports: Pick<ApiDependencies, 'storage' | 'now' | 'randomBytes' | 'logger'> & { post: WebhookPost },
): WebhookSender {
  const { storage, now, randomBytes, logger, post } = ports
  const stop = new AbortController()
  const { signal } = stop
  const working = new Map<string, Promise<void>>()
  const atOnce = createTurnstile(MAX_WEBHOOK_REQUESTS)
  const wanted = new Set<string>()
  const dirty = new Set<ChatId>()
  let gathering: NodeJS.Timeout | null = null
  let missedAt = -Infinity
  let looking: Promise<void> = Promise.resolve()

  /** Half to one and a half of `ms`. */
  const around = (ms: number): number => ms * (0.5 + (randomBytes(1)[0] ?? 0) / 255)
  const after = (failures: number, least: number, factor: number, most: number): number => around(Math.min(least * factor ** (failures - 1), most))

  async function deliver(webhook: Webhook, delivery: Delivery): Promise<boolean> {
    const payload = await payloadOf(storage, webhook, delivery)
    if (!payload) {
      await storage.endDelivery(delivery.id)
      return true
    }
    const body = JSON.stringify(payload)
    const headers = { 'content-type': 'application/json', 'user-agent': 'Skein', ...signWebhook(webhook.secret, delivery.id, now(), body) }
    const error = await post({ url: webhook.url, headers, body, isTrusted: webhook.userId === null, signal })
    if (error === null) {
      await storage.endDelivery(delivery.id)
      if (webhook.failures > 0) await storage.noteWebhook(webhook.id, { failures: 0, pausedUntil: 0, lastError: null })
      return true
    }
    const time = now()
    const nextAt = Math.ceil(time + after(delivery.attempts + 1, WEBHOOK_RETRY_MS, 3, MAX_WEBHOOK_RETRY_MS))
    const isOver = nextAt > delivery.createdAt + WEBHOOK_GIVE_UP_MS
    await storage.failDelivery(delivery.id, { nextAt: isOver ? null : nextAt, error })
    // What was broken off because this server ends is no fault of the receiver.
    if (signal.aborted) return false
    const failures = webhook.failures + 1
    await storage.noteWebhook(webhook.id, {
      failures,
      pausedUntil: Math.ceil(time + after(failures, WEBHOOK_RETRY_MS / 5, 2, MAX_PAUSE_MS)),
      lastError: error,
    })
    if (isOver) logger.warn('A webhook was not taken and is given up', { webhook: webhook.id, delivery: delivery.id, error })
    return false
  }

  /** One after the other, until nothing is due or one fails. */
  async function turn(id: string): Promise<void> {
    const next = async (): Promise<boolean> => {
      const webhook = signal.aborted ? null : await storage.webhook(id)
      if (!webhook?.active || webhook.pausedUntil > now()) return false
      const delivery = await storage.claimDelivery(id, CLAIM_MS)
      return delivery !== null && (await deliver(webhook, delivery))
    }
    // Claimed with a place at hand, so that the claim does not end while it waits for one.
    while (!signal.aborted && (await atOnce(next)));
  }

  function serve(id: string): void {
    wanted.add(id)
    if (working.has(id) || signal.aborted) return
    wanted.delete(id)
    const work = turn(id)
      .catch((error: unknown) => logger.warn('A webhook’s turn failed', { webhook: id, error }))
      .finally(() => {
        working.delete(id)
        if (wanted.has(id)) serve(id)
      })
    working.set(id, work)
  }

  /** One look at a time. Never rejects: what is missed now the next look finds. */
  function look(work: () => Promise<string[]>): Promise<void> {
    looking = looking.then(async () => {
      if (signal.aborted) return
      try {
        for (const id of await work()) serve(id)
      } catch (error) {
        logger.warn('What webhooks are to be told could not be looked up', { error })
      }
    })
    return looking
  }

  async function lookAround(): Promise<string[]> {
    if (now() - missedAt >= MISSED_MS) {
      missedAt = now()
      await storage.collectDeliveries(null)
      await storage.pruneDeliveries()
    }
    return storage.dueWebhooks()
  }
  function lookLater(ms: number): NodeJS.Timeout {
    const lookAndGoOn = async (): Promise<void> => {
      await look(lookAround)
      if (!signal.aborted) timer = lookLater(around(DUE_MS))
    }
    return setTimeout(() => void lookAndGoOn(), ms).unref()
  }
  let timer = lookLater(0)

  /** Commits that come while this looks are looked at behind it, all together. */
  async function gather(): Promise<void> {
    const chats = [...dirty]
    dirty.clear()
    await look(() => storage.collectDeliveries(chats))
    gathering = dirty.size > 0 && !signal.aborted ? setTimeout(() => void gather(), GATHER_MS).unref() : null
  }

  return {
    noticed(chat) {
      dirty.add(chat)
      gathering ??= setTimeout(() => void gather(), GATHER_MS).unref()
    },
    async [Symbol.asyncDispose]() {
      stop.abort()
      clearTimeout(timer)
      if (gathering) clearTimeout(gathering)
      await looking
      await Promise.all(working.values())
    },
  }
}

/** What a webhook is told, as it stands when it is sent: what was deleted meanwhile has no words. null: it is nobody's to know any more. */
async function payloadOf(storage: Storage, { userId }: Webhook, delivery: Delivery): Promise<object | null> {
  const { event, entry, chatId, reportId } = delivery
  if (reportId !== null) {
    const report = userId === null ? await storage.report(reportId) : null
    return report && { type: event, timestamp: new Date(report.createdAt).toISOString(), data: reportView(report) }
  }
  if (userId === null || chatId === null || !entry?.operation) return null
  const membership = await storage.membership(chatId, userId)
  if (!membership) return null
  const { operation, rev, at, authorId } = entry
  const tell = (data: object): object => ({ type: event, timestamp: new Date(at).toISOString(), data: { chatId, rev, ...data } })
  const tellMessage = async (author: UserId, id: OperationId): Promise<object | null> => {
    const message = await storage.message(chatId, author, id, membership.from.seq)
    return message && tell({ message: viewOf(chatId, message) })
  }
  if (operation.type === 'message') return tellMessage(authorId, operation.id)
  if (operation.type === 'edit' || operation.type === 'delete') return tellMessage(authorId, operation.target)
  return operation.type === 'join' || operation.type === 'leave' ? tell({ userId: operation.user, byId: authorId }) : null
}
