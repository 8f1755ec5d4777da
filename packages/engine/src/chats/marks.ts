// One's own marks as they rise: kept as rows until the server has them (mark-sender.ts).
import type { ChatId } from '@skein/protocol'
import { putChat, type Local } from '../local.ts'
import type { Marks } from '../store/rows.ts'
import { put } from '../store/store.ts'
import { latestSeq } from './ranges.ts'
import { withMarksCounted } from './unread.ts'

async function raise(local: Local, chat: ChatId, marks: Marks): Promise<void> {
  await local.update(chat, async (row) => {
    const next = await withMarksCounted(row, { [local.self]: marks }, local)
    return next && [...putChat(row, next), put('marks', { chat, marks: next.marks[local.self] ?? marks })]
  })
}

/** Owes a receipt for what others wrote and this device holds. */
export async function markDelivered(local: Local, chat: ChatId): Promise<void> {
  const row = local.chats.get(chat)
  if (row && row.othersSeq > (row.marks[local.self]?.[0] ?? 0)) await raise(local, chat, [row.othersSeq, 0])
}

export async function markSeen(local: Local, chat: ChatId, seq: number): Promise<void> {
  const row = local.chats.get(chat)
  const capped = row ? Math.min(seq, latestSeq(row)) : 0
  if (capped > 0) await raise(local, chat, [capped, capped])
}
