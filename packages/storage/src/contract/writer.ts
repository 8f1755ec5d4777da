// A process that commits one message after the other and names each once it is acknowledged, until it is killed.
import { createHash, createHmac, randomBytes } from 'node:crypto'
import { checkOperation, parseChatId, parseEpochName, parseUserId, uuidOf } from '@skein/protocol'
import { openStorage } from '../index.ts'

const [url = '', given = '{}'] = process.argv.slice(2)
const { chat, epoch, user, client }: Record<string, unknown> = JSON.parse(given)
const [chatId, epochName, userId] = [parseChatId(chat), parseEpochName(epoch), parseUserId(user)]
const tag = (bytes: Uint8Array): string => `1.${createHmac('sha256', 'chain key').update(bytes).digest().subarray(0, 16).toString('base64url')}`
const storage = await openStorage(
  { url },
  {
    // Times never go back within a chat: they stay what they were.
    now: () => 0,
    randomBytes: (count) => new Uint8Array(randomBytes(count)),
    sha256: (bytes) => new Uint8Array(createHash('sha256').update(bytes).digest()),
    tag,
    verifyTag: (bytes, other) => other === tag(bytes),
    journal: null,
  },
)

/** Writes for ever; the one who started it kills it. */
async function write(own: number): Promise<never> {
  for (;;) {
    const word = checkOperation({ type: 'message', id: uuidOf(randomBytes(16), 4), at: '2026-02-28T09:30:00.000Z', text: 'A word' })
    if (typeof word === 'string') throw new Error(word)
    const [outcome] = await storage.commit([
      { kind: 'update', chatId, epoch: epochName, userId, update: randomBytes(20), clients: [own], operations: [word] },
    ])
    if (!outcome?.ok) throw new Error('Not stored')
    process.stdout.write(`${word.operation.id}\n`)
  }
}
await Promise.all([0, 1, 2, 3].map((n) => write(Number(client) + n)))
