// The epochs of a chat, which follow each other: where one ends, the next one starts.
import { DOCUMENT_SCHEMA, encodeInfo, epochNameOf, epochNumber, tagBytes, type ChatId, type EpochName, type Head } from '@skein/protocol'
import type { Context } from './context.ts'
import type { Session } from './database.ts'
import { membersHash } from './rows.ts'
import type { ChatsTable, EpochsTable } from './schema.ts'
import { insertRows } from './statements.ts'
import type { Member, StoragePorts } from './types.ts'

type Start = { chatId: ChatId; name: EpochName; baseRev: number; baseSeq: number; baseHead: Head; members: readonly Member['id'][]; now: number }

/** The row of an epoch that starts at this place of the chain. */
export function epochRow(ports: StoragePorts, { chatId, name, baseRev, baseSeq, baseHead, members, now }: Start): EpochsTable {
  const baseTag = ports.tag(tagBytes(chatId, baseRev, baseHead))
  const info = encodeInfo({
    chat: chatId,
    epoch: name,
    baseRev,
    baseSeq,
    baseHead,
    baseTag,
    schema: ports.documentSchema?.() ?? DOCUMENT_SCHEMA,
    members: membersHash(members, ports.sha256),
  })
  return { chat_id: chatId, epoch: name, info, base_rev: baseRev, created_at: now, closed_at: null, end_rev: null, end_pos: null, end_head: null }
}

/** Closes the chat's epoch where it stands and starts the next one from the rows. The chat's row must be locked, and be what the database has; the answer is what it has then. */
export async function startNextEpoch(session: Session, { database, ports }: Context, chat: ChatsTable): Promise<ChatsTable> {
  const { build, engine } = database
  const now = ports.now()
  const [people] = await session.rows(
    build.selectFrom('chat_members').select('user_id').where('chat_id', '=', chat.id).where('left_rev', 'is', null).orderBy('user_id'),
  )
  const name = epochNameOf(epochNumber(chat.epoch) + 1, ports.randomBytes(8))
  const members = people.map((person) => person.user_id)
  const next = { ...chat, epoch: name, base_rev: chat.rev, base_seq: chat.seq, changed_at: Math.max(now, chat.changed_at) }
  await session.write([
    build
      .updateTable('epochs')
      .set({ closed_at: now, end_rev: chat.rev, end_pos: chat.pos, end_head: chat.head })
      .where('chat_id', '=', chat.id)
      .where('epoch', '=', chat.epoch),
    // Its log and snapshot go once its rows are checked.
    ...insertRows(engine, 'sweeps', [{ chat_id: chat.id, epoch: chat.epoch, damaged: 0 }]),
    ...insertRows(engine, 'epochs', [
      epochRow(ports, { chatId: chat.id, name, baseRev: chat.rev, baseSeq: chat.seq, baseHead: chat.head, members, now }),
    ]),
    build
      .updateTable('chats')
      .set({ epoch: next.epoch, base_rev: next.base_rev, base_seq: next.base_seq, changed_at: next.changed_at })
      .where('id', '=', chat.id),
  ])
  return next
}
