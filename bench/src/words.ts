// Messages put in from the server's side, through the same commit as everybody's.
import { canonicalJson, parseOperationId, type ChatId, type UserId } from '@skein/protocol'
import type { CommitItem, Storage } from '@skein/storage'
import { newMessage } from './wires/wire.ts'

/** Items in one commit, and operations after which the seeded chat goes on in its next epoch. */
const BATCH = 500
const EPOCH = 1_000

/** Adds so many messages to a chat; the last `live` of them stand in its current epoch. Answers that epoch's name. */
export async function fillChat(storage: Storage, chat: ChatId, people: UserId[], count: number, live: number): Promise<string> {
  let epoch = (await storage.chat(chat))?.epoch
  if (!epoch) throw new Error('No such chat')
  for (let done = 0; done < count;) {
    const left = done < count - live ? count - live - done : count - done
    const size = Math.min(BATCH, left)
    const items = Array.from({ length: size }, (_, i): CommitItem => {
      const { id, ...rest } = newMessage()
      const operation = { ...rest, id: parseOperationId(id) }
      return { kind: 'operation', chatId: chat, userId: people[i % people.length] ?? ('' as UserId), operation, text: canonicalJson(operation) }
    })
    const outcomes = await storage.commit(items)
    if (outcomes.some(({ ok }) => !ok)) throw new Error('The database took none of it')
    done += size
    if (done === count - live || (done < count - live && done % EPOCH === 0)) epoch = (await storage.nextEpoch(chat, epoch)).epoch
  }
  return epoch
}
