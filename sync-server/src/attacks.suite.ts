// Rows 1–20 of the attack list (PITFALLS, C), through a real socket: each refused with its reason, nothing stored, nothing seen by anyone, and an honest client works on.
import { directChatId, logRoot, type UserId } from '@skein/protocol'
import { testId, testMessage, wireUpdate, type WireBlock } from '@skein/protocol/testing'
import * as encoding from 'lib0/encoding'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import * as Y from 'yjs'
import { RawClient, type Heard, sha256, startTestServer, type TestServer } from '@skein/testing'

const varuint = (n: number) => (encoder: encoding.Encoder) => encoding.writeVarUint(encoder, n)
const one = (client: number, clock: number, struct: WireBlock['structs'][number]): Uint8Array => wireUpdate([{ client, clock, structs: [struct] }])
const message = (n: number, text?: string): object => testMessage(n, text)
let serial = 1000

export function attackSuite(databaseUrl: () => Promise<string>): void {
  let server: TestServer
  let alice: UserId
  let mallory: UserId
  beforeAll(async () => {
    server = await startTestServer({ databaseUrl: await databaseUrl() })
    alice = await server.person('alice')
    mallory = await server.person('mallory')
  })
  afterAll(() => server[Symbol.asyncDispose]())

  /** A chat of its own for each attack, with one word of each side in it. */
  async function scene() {
    const victim = await server.person(`victim${serial++}`)
    const { id, document } = await server.chat(victim, mallory)
    const a = await RawClient.connect(server.url)
    const m = await RawClient.connect(server.url)
    await a.open(document, victim)
    expect(await a.append(document, logRoot(victim), [message(serial++)])).toEqual({ type: 'ack' })
    await m.open(document, mallory)
    expect(await m.append(document, logRoot(mallory), [message(serial++)])).toEqual({ type: 'ack' })
    const own = logRoot(mallory)
    await a.untilDoc(document, (doc) => doc.getArray(own).length === 1 && doc.getArray('ledger').length === 3)
    const ids = { victim: a.docs.get(document)?.clientID ?? 0, own: m.docs.get(document)?.clientID ?? 0 }
    return { victim, id, document, a, m, own, ids }
  }
  type Scene = Awaited<ReturnType<typeof scene>>

  async function stored(s: Scene): Promise<{ rev: number; pos: number }> {
    const chat = await server.storage.chat(s.id)
    return { rev: chat?.rev ?? -1, pos: chat?.pos ?? -1 }
  }

  /** Nothing was stored or shown, and both sides go on. */
  async function unharmed(s: Scene, before: { rev: number; pos: number }, bytes: string): Promise<void> {
    expect(await stored(s)).toEqual(before)
    expect(hex(s.a, s.document)).toBe(bytes)
    expect(await s.a.append(s.document, logRoot(s.victim), [message(serial++, 'still here')])).toEqual({ type: 'ack' })
    // A new connection of the attacker is an honest client like any other.
    const again = await RawClient.connect(server.url)
    const doc = await again.open(s.document, mallory)
    expect(doc.getArray(logRoot(s.victim)).length).toBe(2)
    expect(await again.append(s.document, s.own, [message(serial++, 'honest now')])).toEqual({ type: 'ack' })
    await s.a.untilDoc(s.document, (d) => d.getArray(s.own).length === 2)
    await again.close()
    await s.a.close()
    await s.m.close()
  }
  const hex = (client: RawClient, document: string): string =>
    Buffer.from(Y.encodeStateAsUpdate(client.docs.get(document) ?? new Y.Doc())).toString('hex')

  const attacks: [string, (s: Scene) => Uint8Array, string][] = [
    [
      'C1 struct under the victim’s client id and next clock',
      (s) => one(s.ids.victim, 1, { origin: [s.ids.own, 0], values: [message(serial++)] }),
      'foreign-client',
    ],
    ['C2 GC struct of length 2^50', () => one(555, 0, { ref: 0, content: varuint(2 ** 50) }), 'bad-struct'],
    ['C3 Skip struct', () => one(78, 0, { ref: 10, content: varuint(5) }), 'bad-struct'],
    ['C3 ContentDeleted', (s) => one(78, 0, { ref: 1, root: s.own, content: varuint(2 ** 50) }), 'bad-struct'],
    ['C4 clock gap', (s) => one(s.ids.own, 11, { root: s.own, values: [message(serial++)] }), 'gap'],
    ['C4 clock 2^53 − 1', (s) => one(s.ids.own, Number.MAX_SAFE_INTEGER, { root: s.own, values: [message(serial++)] }), 'gap'],
    ['C5 delete of the victim’s word', (s) => wireUpdate([], [[s.ids.victim, 0, 1]]), 'has-delete'],
    ['C5 delete of the victim’s future', (s) => wireUpdate([], [[s.ids.victim, 1, 1000]]), 'has-delete'],
    [
      'C6 a delete set of 10,000 ranges',
      (s) =>
        wireUpdate(
          [],
          Array.from({ length: 10_000 }, (_, i): [number, number, number] => [s.ids.own, i * 2, 1]),
        ),
      'has-delete',
    ],
    [
      'C7 own origin, the victim’s rightOrigin',
      (s) => one(78, 0, { origin: [s.ids.own, 0], rightOrigin: [s.ids.victim, 0], values: [message(serial++)] }),
      'foreign-write',
    ],
    ['C7 rightOrigin alone', (s) => one(78, 0, { rightOrigin: [s.ids.victim, 0], values: [message(serial++)] }), 'foreign-write'],
    ['C7 origin is a ledger entry', () => one(78, 0, { origin: [1, 0], values: [message(serial++)] }), 'foreign-write'],
    ['C8 own struct moved to the victim’s log', (s) => one(s.ids.own, 0, { root: logRoot(s.victim), values: [message(serial++)] }), 'foreign-client'],
    ['C8 own struct with other content', (s) => one(s.ids.own, 0, { root: s.own, values: [message(serial++)] }), 'client-id-taken'],
    [
      'C9 65 new client ids',
      (s) =>
        wireUpdate(Array.from({ length: 65 }, (_, i) => ({ client: 9000 + i, clock: 0, structs: [{ root: s.own, values: [message(serial++)] }] }))),
      'rebase',
    ],
    ['C11 the ledger’s client id as author', (s) => one(1, 3, { root: s.own, values: [message(serial++)] }), 'reserved-client'],
    ['C12 another’s root', (s) => one(78, 0, { root: logRoot(s.victim), values: [message(serial++)] }), 'foreign-root'],
    ['C12 __proto__ as root', () => one(78, 0, { root: '__proto__', values: [message(serial++)] }), 'foreign-root'],
    ['C12 own root with a blank', (s) => one(78, 0, { root: `${s.own} `, values: [message(serial++)] }), 'foreign-root'],
    ['C13 nested type', (s) => one(78, 0, { ref: 7, root: s.own, content: varuint(0) }), 'bad-content'],
    ['C14 ContentString', (s) => one(78, 0, { ref: 4, root: s.own, content: (e) => encoding.writeVarString(e, 'x') }), 'bad-content'],
    ['C15 parentSub in a log', (s) => one(78, 0, { root: s.own, parentSub: 'k', values: [message(serial++)] }), 'bad-value'],
    [
      'C16 100,000 nested arrays',
      (s) =>
        one(78, 0, {
          root: s.own,
          content: (e) => (
            encoding.writeVarUint(e, 1),
            encoding.writeUint8Array(
              e,
              new Uint8Array(200_000).map((_, i) => (i % 2 ? 1 : 117)),
            )
          ),
        }),
      'too-deep',
    ],
    ['C16 length claim of 2^40', (s) => one(78, 0, { root: s.own, content: varuint(2 ** 40) }), 'garbage'],
    ['C17 unknown key', (s) => one(78, 0, { root: s.own, values: [{ ...message(serial++), role: 'admin' }] }), 'bad-operation'],
    ['C17 BigInt', (s) => one(78, 0, { root: s.own, values: [5n] }), 'bad-operation'],
    ['C17 NUL', (s) => one(78, 0, { root: s.own, values: [message(serial++, 'a\0')] }), 'bad-operation'],
    ['C19 random bytes', () => Uint8Array.of(9, 9, 9, 9, 9), 'garbage'],
    ['C19 one byte', () => Uint8Array.of(0), 'garbage'],
    ['RT1 sixteen bytes that end a chat', (s) => one(s.ids.own, 1, { root: s.own, values: [] }), 'bad-struct'],
    ['RT2 origin is itself', () => one(78, 0, { origin: [78, 0], values: [message(serial++)] }), 'gap'],
  ]

  describe('CLOSE-1, attack list, rows 1–19: an update is refused whole', () => {
    test.each(attacks)('%s', async (_, forge, reason) => {
      const s = await scene()
      const before = await stored(s)
      const bytes = hex(s.a, s.document)
      expect(await s.m.offer(s.document, forge(s))).toEqual({ type: 'closed', reason })
      await unharmed(s, before, bytes)
    })

    test('C17 a known id with other content is id-taken', async () => {
      const s = await scene()
      const n = serial++
      expect(await s.m.append(s.document, s.own, [message(n, 'one')])).toEqual({ type: 'ack' })
      const before = await stored(s)
      expect(await s.m.append(s.document, s.own, [message(n, 'two')])).toEqual({ type: 'closed', reason: 'id-taken' })
      expect(await stored(s)).toEqual(before)
    })

    test('C8, C19 an exact repeat and trailing bytes are acknowledged, and store nothing twice', async () => {
      const s = await scene()
      const update = one(78, 0, { root: s.own, values: [message(serial++)] })
      const trailing = Uint8Array.from([...update, ...new Uint8Array(1000)])
      expect(await s.m.offer(s.document, trailing)).toEqual({ type: 'ack' })
      const before = await stored(s)
      expect(await s.m.offer(s.document, update)).toEqual({ type: 'ack' })
      expect(await stored(s)).toEqual(before)
      await s.a.untilDoc(s.document, (doc) => doc.getArray(s.own).length === 2)
    })

    test('C18 what is aimed at another’s message is stored as refused, and changes nothing', async () => {
      const s = await scene()
      const target = (s.a.docs.get(s.document)?.getArray<{ id: string }>(logRoot(s.victim)).get(0) ?? { id: '' }).id
      const at = '2026-01-01T00:00:00.000Z'
      const operations = [
        { type: 'edit', id: testId(serial++), at, target, targetAuthor: s.victim, text: 'forged' },
        { type: 'delete', id: testId(serial++), at, target, targetAuthor: s.victim },
        { type: 'react', id: testId(serial++), at, target: testId(999_999), emoji: '👍', on: true },
      ]
      expect(await s.m.append(s.document, s.own, operations)).toEqual({ type: 'ack' })
      const changes = await server.storage.changes(s.id, { since: 0, head: null, limit: 100 })
      if (changes === 'unknown-head') throw new Error(changes)
      expect(changes.entries.slice(-3).map((entry) => entry.code)).toEqual(['not-yours', 'not-yours', 'no-such-message'])
      expect((await server.storage.history(s.id, { before: null, cursor: null, limit: 10 })).items.map((item) => item.text)).not.toContain('forged')
    })

    test('RT3 a squatted client id is said, and nothing is lost in silence', async () => {
      const s = await scene()
      expect(await s.m.offer(s.document, one(4711, 0, { root: s.own, values: [message(serial++)] }))).toEqual({ type: 'ack' })
      expect(await s.a.offer(s.document, one(4711, 0, { root: logRoot(s.victim), values: [message(serial++)] }))).toEqual({
        type: 'closed',
        reason: 'client-id-taken',
      })
    })
  })

  describe('CLOSE-3, attack list, row 20 and names: frames', () => {
    const frames: [string, (c: RawClient, name: string) => Uint8Array][] = [
      ['type 5, Stateless', (c, name) => c.frame(name, (e) => (encoding.writeVarUint(e, 5), encoding.writeVarString(e, 'x')))],
      ['type 6, BroadcastStateless', (c, name) => c.frame(name, (e) => (encoding.writeVarUint(e, 6), encoding.writeVarString(e, 'x')))],
      ['type 127', (c, name) => c.frame(name, varuint(127))],
      [
        'sync type 3',
        (c, name) =>
          c.frame(name, (e) => (encoding.writeVarUint(e, 0), encoding.writeVarUint(e, 3), encoding.writeVarUint8Array(e, new Uint8Array(2)))),
      ],
      ['cut off', () => Uint8Array.of(200, 1)],
    ]
    test.each(frames)('C20 %s closes the socket as bad-message', async (_, forge) => {
      const s = await scene()
      const before = await stored(s)
      const bytes = hex(s.a, s.document)
      s.m.send(forge(s.m, s.document))
      expect(await s.m.until('', () => true)).toEqual({ type: 'socket-closed', code: 4413, reason: 'bad-message' })
      await unharmed(s, before, bytes)
    })
    test('C20 a frame for a document that was never opened, and a text frame', async () => {
      const s = await scene()
      const client = await RawClient.connect(server.url)
      client.sync(s.document, 0, Uint8Array.of(0))
      expect(await client.until('', () => true)).toMatchObject({ reason: 'bad-message' })
      const other = await RawClient.connect(server.url)
      other.socket.send('text')
      expect(await other.until('', () => true)).toMatchObject({ reason: 'bad-message' })
    })
    test('C22, promise 8: no member, no such chat, no such name: one answer', async () => {
      const stranger = await server.person(`stranger${serial++}`)
      const s = await scene()
      const client = await RawClient.connect(server.url)
      const none = `chat/${directChatId(stranger, alice, sha256)}/1-0000000000000000`
      for (const name of [s.document, none, '__proto__', 'constructor', `${s.document} `, `user/${s.victim}`, `${s.document}\0x`]) {
        client.auth(name, stranger)
        const heard: Heard = await client.until(name, () => true)
        expect([name, heard]).toEqual([name, { type: 'denied', reason: 'no-access' }])
      }
      expect(server.sync.documents).toBeGreaterThan(0)
    })
    test('C22 another epoch of one’s own chat is closed-epoch; a token that is none is token-expired', async () => {
      const s = await scene()
      const client = await RawClient.connect(server.url)
      const other = `chat/${s.id}/7-0000000000000000`
      client.auth(other, mallory)
      expect(await client.until(other, () => true)).toEqual({ type: 'denied', reason: 'closed-epoch' })
      client.auth(s.document, 'nonsense')
      expect(await client.until(s.document, () => true)).toEqual({ type: 'denied', reason: 'token-expired' })
    })
    test('AW-1, C26 awareness: nobody wears another’s name or mutes another; too many and too large frames are dropped', async () => {
      const s = await scene()
      const entry = (client: number, clock: number, state: object | null): Uint8Array =>
        encoding.encode((e) => {
          for (const n of [1, client, clock]) encoding.writeVarUint(e, n)
          encoding.writeVarString(e, JSON.stringify(state))
        })
      s.a.awareness(s.document, entry(71, 1, { user: s.victim, typing: true, until: 5 }))
      await s.m.until(s.document, (heard) => heard.type === 'awareness' && heard.states.has(71))
      const from = s.a.count(s.document)
      s.m.awareness(s.document, entry(71, 9, null))
      s.m.awareness(s.document, entry(72, 1, { user: s.victim, typing: true }))
      s.m.awareness(s.document, entry(73, 1, { user: mallory, typing: true, html: '<b>' }))
      s.m.awareness(s.document, entry(74, 2 ** 52, { user: mallory, typing: true }))
      s.m.awareness(s.document, entry(75, 1, { user: mallory, typing: true, until: 'x'.repeat(2000) }))
      s.m.awareness(s.document, entry(76, 1, { user: mallory, typing: true }))
      await s.a.until(s.document, (heard) => heard.type === 'awareness' && heard.states.has(76), from)
      const seen = (s.a.heard.get(s.document) ?? []).slice(from).flatMap((heard) => (heard.type === 'awareness' ? [...heard.states.keys()] : []))
      expect(seen.filter((client) => [71, 72, 73, 74, 75].includes(client) && client !== 71)).toEqual([])
      expect((s.a.heard.get(s.document) ?? []).slice(from).some((heard) => heard.type === 'awareness' && heard.states.get(71) === null)).toBe(false)
    })
  })
}
