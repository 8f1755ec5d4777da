// What a message of 80 characters costs in bytes, against its JSON: one download of its document, the device's rows, the server's disk. Commits of 20.
import { statSync } from 'node:fs'
import { join } from 'node:path'
import { canonicalJson, chatDocument, parseEpochName, parseOperationId, type ChatId, type UserId } from '@skein/protocol'
import type { Storage } from '@skein/storage'
import { atMost, type Row } from '../row.ts'
import { ask, createSkein, joinChat } from '../skein.ts'
import { encodeAppend } from '../wires/updates.ts'
import { newMessage } from '../wires/wire.ts'

const MESSAGES = 2_000
const COMMIT = 20

export const messageBytes: Row = {
  name: 'message-bytes',
  what: 'bytes a message of 80 characters, commits of 20, × its JSON',
  async run() {
    await using skein = await createSkein()
    const file = join(skein.folder, 'skein.db')
    const { id, seats } = await skein.prepare(async (storage) =>
      skein.chat(storage, [await skein.person(storage, 0), await skein.person(storage, 1)]),
    )
    const [seat, reader] = seats
    if (!seat || !reader) throw new Error('no seats')
    const before = statSync(file).size
    const epoch = parseEpochName(seat.document.split('/')[2])
    await skein.prepare((storage) => write(storage, id, seat.user, epoch))
    const disk = (statSync(file).size - before) / MESSAGES
    await using server = await skein.start()
    const member = await joinChat(server, { ...reader, document: chatDocument(id, epoch) })
    const wire = member.bytes / MESSAGES
    member.close()
    const json = canonicalJson(newMessage()).length
    const page = await ask<{ entries: object[] }>(server, reader.token, `/api/chats/${id}/changes?since=1`)
    // A device keeps the chain's entry and the message in its present state: both hold the words.
    const rows = page.entries.reduce((sum, entry) => sum + JSON.stringify(entry).length, 0) / page.entries.length
    const { messages } = await ask<{ messages: object[] }>(server, reader.token, `/api/chats/${id}/messages?limit=50`)
    const device = rows + messages.reduce((sum, message) => sum + JSON.stringify(message).length, 0) / messages.length
    return {
      figures: [
        { who: 'its JSON', value: json, unit: 'bytes', ratio: null },
        { who: 'one download', value: wire, unit: 'bytes', ratio: wire / json },
        { who: "the device's rows, as JSON", value: device, unit: 'bytes', ratio: device / json },
        { who: "the server's disk", value: disk, unit: 'bytes', ratio: disk / json },
      ],
      goals: [atMost('one download', wire / json, 2), atMost("the device's rows", device / json, 3), atMost("the server's disk", disk / json, 5)],
    }
  },
}

/** As one client writes them, 20 in an update. */
async function write(storage: Storage, chatId: ChatId, userId: UserId, epoch: ReturnType<typeof parseEpochName>): Promise<void> {
  for (let clock = 0; clock < MESSAGES; clock += COMMIT) {
    const messages = Array.from({ length: COMMIT }, newMessage)
    const operations = messages.map((message) => {
      const operation = { ...message, id: parseOperationId(message.id) }
      return { operation, text: canonicalJson(operation) }
    })
    const update = encodeAppend(77, clock, `log:${userId}`, messages)
    const [outcome] = await storage.commit([{ kind: 'update', chatId, epoch, userId, update, clients: [77], operations }])
    if (!outcome?.ok) throw new Error('not stored')
  }
}
