// RT19 through the real door: mutated updates over a socket into a real storage. What is acknowledged is in rows, log and ledger alike; a newcomer and a replay see
// the same; an honest client of the same chat works on.
import { logRoot, type ChatId, type UserId } from '@skein/protocol'
import { mutatedUpdate, seeded, testMessage } from '@skein/protocol/testing'
import { RawClient, startTestServer, type TestServer } from '@skein/testing'
import { expect, test } from 'vitest'
import * as Y from 'yjs'

const CHATS = 20
const UPDATES = 300
const UPDATES_PER_SOCKET = 100
const hex = (doc: Y.Doc): string => Buffer.from(Y.encodeStateAsUpdate(doc)).toString('hex')
const idsIn = (doc: Y.Doc, root: string): string[] =>
  doc
    .getArray<{ id: string }>(root)
    .toArray()
    .map((value) => value.id)

async function rowsOf(server: TestServer, chat: ChatId): Promise<string[]> {
  const rows: string[] = []
  for (let since = 0; ;) {
    const page = await server.storage.changes(chat, { since, head: null, limit: 500 })
    if (page === 'unknown-head') throw new Error(page)
    rows.push(...page.entries.filter((entry) => entry.kind !== 'create').map((entry) => entry.id))
    since = page.entries.at(-1)?.rev ?? since
    if (!page.more) return rows
  }
}

test(`promises 2, 3 and 5: ${CHATS * UPDATES} mutated updates through the socket (seed 21)`, async () => {
  await using server = await startTestServer({ databaseUrl: 'sqlite::memory:' })
  const mallory: UserId = await server.person('mallory')
  const own = logRoot(mallory)
  const pick = seeded(21)
  const tally = new Map<string, number>()
  let n = 1
  for (let round = 0; round < CHATS; round++) {
    const alice = await server.person(`alice ${round}`)
    const other = logRoot(alice)
    const { id, document } = await server.chat(alice, mallory)
    const honest = await RawClient.connect(server.url)
    const view = await honest.open(document, alice)
    let client = await RawClient.connect(server.url)
    let mine = await client.open(document, mallory)
    for (let i = 0; i < UPDATES; i++) {
      // One socket may open documents only so often.
      if (i % UPDATES_PER_SOCKET === 0 && i > 0) {
        await client.close()
        client = await RawClient.connect(server.url)
        mine = await client.open(document, mallory)
      }
      const update = mutatedUpdate(pick, () => n++, { own, other, next: (of) => Y.getState(mine.store, of) })
      const answer = await client.offer(document, update)
      const kind = answer.type === 'closed' ? answer.reason : answer.type
      tally.set(kind, (tally.get(kind) ?? 0) + 1)
      if (answer.type === 'closed') await client.open(document, mallory)
      if (i % 50 === 0) expect(await honest.append(document, other, [testMessage(n++)])).toEqual({ type: 'ack' })
    }
    const newcomer = await RawClient.connect(server.url)
    const doc = await newcomer.open(document, alice)
    const rows = await rowsOf(server, id)
    const ledger = doc.getArray<unknown[]>('ledger').toArray().slice(1)
    expect(ledger.map((entry) => entry[0])).toEqual(rows)
    expect([...idsIn(doc, own), ...idsIn(doc, other)].sort()).toEqual([...rows].sort())
    await honest.untilDoc(document, () => hex(view) === hex(doc))
    const chat = await server.storage.chat(id)
    const tail = chat && (await server.storage.epochTail(id, chat.epoch, { pos: 0, rev: 0 }))
    const replayed = new Y.Doc()
    for (const update of tail?.updates ?? []) Y.applyUpdate(replayed, update)
    expect(replayed.store.pendingStructs).toBeNull()
    for (const root of [own, other]) expect(idsIn(replayed, root)).toEqual(idsIn(doc, root))
    for (const each of [honest, client, newcomer]) await each.close()
  }
  process.stdout.write(`through the socket: ${JSON.stringify(Object.fromEntries([...tally].sort()))}\n`)
  expect(tally.get('ack') ?? 0).toBeGreaterThan(500)
})
