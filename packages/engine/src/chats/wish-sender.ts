// Sends what the person wants of their chats. What another device decided meanwhile is read first: it may be later.
import { oneChat, oneMine } from '@skein/http/answers'
import type { ChatId } from '@skein/protocol'
import { isNoSuchChat, isPassing, retryAfterMs } from '../http.ts'
import { putChat, type Local } from '../local.ts'
import { backoffMs, inBackground, type Ports, type Timer } from '../ports.ts'
import type { Session } from '../session.ts'
import type { ChatRow, Wishes } from '../store/rows.ts'
import { EngineError } from '../types.ts'
import { mineOf } from './pages.ts'
import { answered, hidingAnswered, sending, withMine } from './wish-answers.ts'
import { hidingOf } from './wishes.ts'

/** After these the wait is as long as it gets. */
const MANY_ATTEMPTS = 10

export interface WishSender {
  /** The chat's row changed. */
  consider(chat: ChatId): void
  /** There is a connection now. */
  connected(): void
  start(): void
  stop(): void
}

export function createWishSender(local: Local, session: Session, ports: Ports): WishSender {
  const due = new Set<ChatId>()
  let running = false
  let working = false
  let timer: Timer | null = null
  let attempt = 0

  // Of a chat that one is in no more nothing can be told: the wish holds on this device.
  const isDue = ({ wishes, document, removed, forked }: ChatRow): boolean => wishes !== undefined && document !== null && !removed && !forked

  async function send(id: ChatId): Promise<void> {
    const param = { id }
    const { chat } = await session.ask((api) => api.api.chats[':id'].$get({ param }), oneChat)
    await local.update(id, (row) => putChat(row, sending(withMine(row, mineOf(chat.mine)))))
    const wishes = local.chats.get(id)?.wishes
    if (!wishes) return
    const { mutedUntil, pinned, archived, draft, unreadAfter } = wishes
    const json = {
      ...(mutedUntil ? { mutedUntil: mutedUntil.is === null ? null : new Date(mutedUntil.is).toISOString() } : {}),
      ...(pinned ? { pinned: pinned.is } : {}),
      ...(archived ? { archived: archived.is } : {}),
      ...(draft ? { draft: draft.is } : {}),
      ...(unreadAfter ? { unreadAfter: unreadAfter.is } : {}),
    }
    if (Object.keys(json).length > 0) {
      const { mine } = await session.ask((api) => api.api.chats[':id'].mine.$patch({ param, json }), oneMine)
      await local.update(id, (row) => putChat(row, answered(row, mineOf(mine), wishes)))
    }
    if (wishes.hidden) await sendHiding(id, wishes)
  }

  /** By itself: a server that does not take it, since it is older or holds too many, takes the rest. */
  async function sendHiding(id: ChatId, wishes: Wishes): Promise<void> {
    const { hide, show } = hidingOf(wishes)
    const json = { ...(hide.length > 0 ? { hide } : {}), ...(show.length > 0 ? { show } : {}) }
    const told = await session
      .ask((api) => api.api.chats[':id'].mine.$patch({ param: { id }, json }), oneMine)
      .catch((error: unknown) => {
        if (error instanceof EngineError && error.code === 'too-many') return null
        throw error
      })
    await local.update(id, (row) => putChat(row, hidingAnswered(row, told && mineOf(told.mine), wishes)))
  }

  async function work(): Promise<void> {
    for (const chat of due) {
      if (!running) return
      due.delete(chat)
      const row = local.chats.get(chat)
      if (!row || !isDue(row)) continue
      try {
        await send(chat)
        attempt = 0
      } catch (error) {
        // The feed will say what became of the chat.
        if (isNoSuchChat(error)) continue
        if (!(error instanceof EngineError)) throw error
        due.add(chat)
        // Without a session nothing goes on before the next log-in, which says so itself.
        attempt = isPassing(error) ? attempt + 1 : MANY_ATTEMPTS
        return later(retryAfterMs(error) + backoffMs(attempt, ports))
      }
    }
  }
  function later(ms: number): void {
    if (!running) return
    if (timer !== null) ports.clearTimeout(timer)
    timer = ports.setTimeout(go, ms)
  }
  function go(): void {
    if (timer !== null) ports.clearTimeout(timer)
    timer = null
    if (!running || working || due.size === 0) return
    working = true
    inBackground(
      work().finally(() => {
        working = false
        // What was wished while the last one was sent.
        if (timer === null && due.size > 0 && attempt === 0) go()
      }),
      ports,
    )
  }

  return {
    consider: (chat) => {
      const row = local.chats.get(chat)
      if (!row || !isDue(row) || due.has(chat)) return
      due.add(chat)
      if (timer === null) go()
    },
    connected: () => {
      attempt = 0
      go()
    },
    start: () => {
      running = true
      for (const row of local.chats.values()) if (isDue(row)) due.add(row.id)
      go()
    },
    stop: () => {
      running = false
      if (timer !== null) ports.clearTimeout(timer)
    },
  }
}
