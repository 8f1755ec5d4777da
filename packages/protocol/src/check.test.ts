// The check, case by case: rows 1–19 of the attack list, and what an honest client may send.
import * as Y from 'yjs'
import { describe, expect, test } from 'vitest'
import { checkUpdate } from './check.ts'
import { encodeLedger } from './entries.ts'
import { parseUserId, type UserId } from './ids.ts'
import { logRoot } from './names.ts'
import { testId, testMessage, wireUpdate, type WireBlock } from './testing-updates.ts'
import * as encoding from 'lib0/encoding'

const mallory = parseUserId('m'.repeat(26))
const alice = parseUserId('a'.repeat(26))
const own = logRoot(mallory)

/** A server that knows one operation of Mallory (client 77), one of Alice (1001), and two ledger entries. */
function server(): { doc: Y.Doc; owners: Map<number, UserId> } {
  const doc = new Y.Doc()
  Y.applyUpdate(doc, wireUpdate([{ client: 77, clock: 0, structs: [{ root: own, values: [testMessage(1)] }] }]))
  Y.applyUpdate(doc, wireUpdate([{ client: 1001, clock: 0, structs: [{ root: logRoot(alice), values: [testMessage(2)] }] }]))
  Y.applyUpdate(doc, encodeLedger(0, [['x'], ['y']]))
  return {
    doc,
    owners: new Map([
      [77, mallory],
      [1001, alice],
    ]),
  }
}

function judge(raw: Uint8Array, user = mallory, upToDate = true): string {
  const { doc, owners } = server()
  const before = Y.encodeStateAsUpdate(doc)
  const result = checkUpdate(raw, { doc, user, ownerOf: (client) => owners.get(client), upToDate })
  expect(Y.encodeStateAsUpdate(doc)).toEqual(before)
  return result.kind === 'refused' ? result.reason : result.kind
}
const struct = (client: number, clock: number, part: WireBlock['structs'][number]): Uint8Array => wireUpdate([{ client, clock, structs: [part] }])
const varuint = (n: number) => (encoder: encoding.Encoder) => encoding.writeVarUint(encoder, n)
const nested = (depth: number): unknown => {
  let value: unknown = 1
  for (let i = 0; i < depth; i++) value = [value]
  return value
}

describe('ID-3, CHECK-1, CHECK-2, CHECK-4, CHECK-5, CHECK-6, CHECK-7, promise 3: forgeries are refused with their reason, the document is untouched', () => {
  const m = testMessage(9)
  const cases: [string, Uint8Array, string][] = [
    ["C1 struct under another's client id and next clock, in one's own log", struct(1001, 1, { origin: [77, 0], values: [m] }), 'foreign-client'],
    ['C2 GC struct of length 2^50', struct(555, 0, { ref: 0, content: varuint(2 ** 50) }), 'bad-struct'],
    ['C3 Skip struct', struct(78, 0, { ref: 10, content: varuint(5) }), 'bad-struct'],
    ['C3 ContentDeleted of length 2^50', struct(78, 0, { ref: 1, root: own, content: varuint(2 ** 50) }), 'bad-struct'],
    ['C4 gap of ten', struct(77, 11, { root: own, values: [m] }), 'gap'],
    ['C4 clock 2^53 − 1', struct(77, Number.MAX_SAFE_INTEGER, { root: own, values: [m] }), 'gap'],
    ['C4 clock 2^60', Uint8Array.from([1, 1, 77, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x10, 8, 1, 1, 120, 0, 0]), 'garbage'],
    ["C5 delete of another's live item", wireUpdate([], [[1001, 0, 1]]), 'has-delete'],
    ["C5 delete of another's future", wireUpdate([], [[1001, 1, 1000]]), 'has-delete'],
    ["C5 delete of one's own log", wireUpdate([], [[77, 0, 1]]), 'has-delete'],
    ['C7 own origin, rightOrigin of another', struct(78, 0, { origin: [77, 0], rightOrigin: [1001, 0], values: [m] }), 'foreign-write'],
    ['C7 rightOrigin alone', struct(78, 0, { rightOrigin: [1001, 0], values: [m] }), 'foreign-write'],
    ['C7 origin of another', struct(78, 0, { origin: [1001, 0], values: [m] }), 'foreign-write'],
    ['C7 origin is a ledger entry', struct(78, 0, { origin: [1, 0], values: [m] }), 'foreign-write'],
    ['C8 own struct with other content', struct(77, 0, { root: own, values: [m] }), 'client-id-taken'],
    ["C8 own struct moved to another's root", struct(77, 0, { root: logRoot(alice), values: [testMessage(1)] }), 'foreign-client'],
    [
      'C9 65 new client ids',
      wireUpdate(Array.from({ length: 65 }, (_, i) => ({ client: 200 + i, clock: 0, structs: [{ root: own, values: [testMessage(100 + i)] }] }))),
      'rebase',
    ],
    ['C11 ledger client as author', struct(1, 2, { root: own, values: [m] }), 'reserved-client'],
    ['C11 info client as author', struct(2, 0, { root: own, values: [m] }), 'reserved-client'],
    ['C11 forged ledger entry: cut off, nothing taken', struct(1, 2, { origin: [1, 1], values: [['z']] }), 'nothing-new'],
    ...[
      `${own}2`,
      `${own} `,
      own.toUpperCase(),
      own.replace('m', 'м'),
      `${own}\0`,
      'log:',
      '__proto__',
      'constructor',
      '',
      'ledger',
      'info',
      'x'.repeat(65536),
    ].map((root): [string, Uint8Array, string] => [
      `C12 root ${JSON.stringify(root.slice(0, 40))}`,
      struct(78, 0, { root, values: [m] }),
      'foreign-root',
    ]),
    ['C13 nested type', struct(78, 0, { ref: 7, root: own, content: varuint(0) }), 'bad-content'],
    ['C13 subdocument', fromDoc((doc) => doc.getArray(own).push([new Y.Doc()])), 'bad-content'],
    ['C13 Y.Text', fromDoc((doc) => doc.getText(own).insert(0, 'x')), 'bad-content'],
    ['C13 Y.Map entry', fromDoc((doc) => doc.getMap(own).set('k', 1)), 'bad-value'],
    ['C14 ContentString', struct(78, 0, { ref: 4, root: own, content: (e) => encoding.writeVarString(e, 'x') }), 'bad-content'],
    [
      'C14 ContentFormat',
      struct(78, 0, { ref: 6, root: own, content: (e) => (encoding.writeVarString(e, 'k'), encoding.writeVarString(e, '1')) }),
      'bad-content',
    ],
    ['C14 ContentEmbed', struct(78, 0, { ref: 5, root: own, content: (e) => encoding.writeVarString(e, '{}') }), 'bad-content'],
    ['C14 ContentBinary', struct(78, 0, { ref: 3, root: own, content: (e) => encoding.writeVarUint8Array(e, Uint8Array.of(1)) }), 'bad-content'],
    [
      'C14 ContentJSON',
      struct(78, 0, { ref: 2, root: own, content: (e) => (encoding.writeVarUint(e, 1), encoding.writeVarString(e, 'undefined')) }),
      'bad-content',
    ],
    ['C15 parentSub in a log', struct(78, 0, { root: own, parentSub: 'k', values: [m] }), 'bad-value'],
    ['C16 nine levels', struct(78, 0, { root: own, values: [nested(9)] }), 'too-deep'],
    [
      'C16 100,000 levels',
      struct(78, 0, {
        root: own,
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
    ['C16 length claim of 2^40', struct(78, 0, { root: own, content: varuint(2 ** 40) }), 'garbage'],
    ['C16 many small objects', struct(78, 0, { root: own, values: [{ ...m, mentions: Array.from({ length: 201 }, () => ({})) }] }), 'too-deep'],
    ['C17 unknown key', struct(78, 0, { root: own, values: [{ ...m, kind: 'x' }] }), 'bad-operation'],
    ['C17 undefined', struct(78, 0, { root: own, values: [undefined] }), 'bad-operation'],
    ['C17 Uint8Array', struct(78, 0, { root: own, values: [{ ...m, text: Uint8Array.of(1) }] }), 'bad-operation'],
    ['C17 BigInt', struct(78, 0, { root: own, values: [{ ...m, text: 5n }] }), 'bad-operation'],
    ['C17 NaN', struct(78, 0, { root: own, values: [NaN] }), 'bad-operation'],
    ['C17 NUL', struct(78, 0, { root: own, values: [testMessage(9, 'a\0b')] }), 'bad-operation'],
    ['C17 direction override', struct(78, 0, { root: own, values: [testMessage(9, 'a\u202eb')] }), 'bad-operation'],
    ['C17 blank text', struct(78, 0, { root: own, values: [testMessage(9, '  ')] }), 'bad-operation'],
    ['C17 text too long', struct(78, 0, { root: own, values: [testMessage(9, 'x'.repeat(16_001))] }), 'bad-operation'],
    ['C17 id with a slash', struct(78, 0, { root: own, values: [{ ...m, id: 'a/b' }] }), 'bad-operation'],
    [
      'C17 server operation in a log',
      struct(78, 0, { root: own, values: [{ type: 'join', id: testId(3), at: '2026-01-01T00:00:00.000Z', user: alice }] }),
      'bad-operation',
    ],
    ['C17 __proto__ as a key', struct(78, 0, { root: own, content: (e) => protoValue(e) }), 'bad-operation'],
    ['C19 V2 update', Y.encodeStateAsUpdateV2(someDoc()), 'garbage'],
    ['C19 no bytes', new Uint8Array(0), 'garbage'],
    ['C19 one byte', Uint8Array.of(0), 'garbage'],
    ['C19 random bytes', Uint8Array.of(9, 9, 9, 9), 'garbage'],
    ['RT1 struct of length 0', struct(78, 0, { root: own, values: [] }), 'bad-struct'],
    ['RT2 origin is itself', struct(78, 0, { origin: [78, 0], values: [m] }), 'gap'],
    [
      'RT2 origin is its own later clock',
      wireUpdate([
        {
          client: 78,
          clock: 0,
          structs: [
            { origin: [78, 1], values: [m] },
            { root: own, values: [testMessage(10)] },
          ],
        },
      ]),
      'gap',
    ],
    [
      'RT2 cycle of two clients',
      wireUpdate([
        { client: 81, clock: 0, structs: [{ origin: [80, 0], values: [m] }] },
        { client: 80, clock: 0, structs: [{ origin: [81, 0], values: [m] }] },
      ]),
      'gap',
    ],
    [
      'RT2 one client in two blocks',
      wireUpdate([
        { client: 78, clock: 0, structs: [{ root: own, values: [m] }] },
        { client: 78, clock: 5, structs: [{ root: own, values: [m] }] },
      ]),
      'bad-struct',
    ],
    [
      'RT2 two blocks with another between',
      wireUpdate([78, 79, 78].map((client, i) => ({ client, clock: i >> 1, structs: [{ root: own, values: [testMessage(20 + i)] }] }))),
      'bad-struct',
    ],
  ]
  test.each(cases)('%s → %s', (_, raw, expected) => {
    expect(judge(raw)).toBe(expected)
    expect(Object.hasOwn(Object.prototype, 'polluted')).toBe(false)
  })
})

function protoValue(encoder: encoding.Encoder): void {
  encoding.writeVarUint(encoder, 1)
  encoding.writeUint8(encoder, 118) // object
  encoding.writeVarUint(encoder, 1)
  encoding.writeVarString(encoder, '__proto__')
  encoding.writeAny(encoder, { type: 'message' })
}
function someDoc(): Y.Doc {
  const doc = new Y.Doc()
  doc.getArray(own).push([testMessage(9)])
  return doc
}
function fromDoc(change: (doc: Y.Doc) => void): Uint8Array {
  const doc = new Y.Doc()
  change(doc)
  return Y.encodeStateAsUpdate(doc)
}

describe('CHECK: what an honest client sends', () => {
  test('RT3: a taken client id is said, before anything is cut', () => {
    const squatted = struct(77, 0, { root: logRoot(alice), values: [testMessage(9)] })
    expect(judge(squatted, alice)).toBe('client-id-taken')
  })
  test('RT10: structs of others and of the server are read up on, then cut', () => {
    const { doc, owners } = server()
    const bob = new Y.Doc()
    Y.applyUpdate(bob, Y.encodeStateAsUpdate(doc))
    Y.applyUpdate(bob, wireUpdate([{ client: 1001, clock: 1, structs: [{ origin: [1001, 0], values: [testMessage(3)] }] }]))
    Y.applyUpdate(bob, encodeLedger(2, [['z']]))
    bob.getArray(own).push([testMessage(4)])
    const raw = Y.encodeStateAsUpdate(bob, Y.encodeStateVector(doc))
    const ownerOf = (client: number): UserId | undefined => owners.get(client)
    expect(checkUpdate(raw, { doc, user: mallory, ownerOf, upToDate: false }).kind).toBe('behind')
    const result = checkUpdate(raw, { doc, user: mallory, ownerOf, upToDate: true })
    if (result.kind !== 'new') throw new Error(result.kind)
    expect(result.clients).toEqual([bob.clientID])
    expect(result.operations.map((checked) => checked.operation.id)).toEqual([testId(4)])
    Y.applyUpdate(doc, result.update)
    expect(doc.store.pendingStructs).toBeNull()
    expect(Y.getState(doc.store, 1001)).toBe(1)
  })
  test('CHECK-3: an exact repeat brings nothing new; what hangs behind an update is cut off', () => {
    const repeat = struct(77, 0, { root: own, values: [testMessage(1)] })
    expect(judge(repeat)).toBe('nothing-new')
    const update = struct(77, 1, { origin: [77, 0], values: [testMessage(5)] })
    const { doc, owners } = server()
    const trailing = new Uint8Array(update.length + 1000)
    trailing.set(update)
    const result = checkUpdate(trailing, { doc, user: mallory, ownerOf: (c) => owners.get(c), upToDate: true })
    expect(result).toMatchObject({ kind: 'new', update })
  })
  test('A18: an origin may stand later in the same update', () => {
    const raw = wireUpdate([
      { client: 90, clock: 0, structs: [{ origin: [80, 0], values: [testMessage(6)] }] },
      { client: 80, clock: 0, structs: [{ root: own, values: [testMessage(5)] }] },
    ])
    expect(judge(raw)).toBe('new')
  })
})
