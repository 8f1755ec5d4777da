import * as Y from 'yjs'
import { describe, expect, test } from 'vitest'
import { encodeInfo, encodeLedger, parseLedgerValue, toLedgerValue, type Entry, type LedgerValue } from './entries.ts'
import { genesisHead } from './chain.ts'
import { parseChatId, parseEpochName, parseOperationId, parseUserId } from './ids.ts'
import { seeded, testId, wireUpdate } from './testing-updates.ts'

const author = parseUserId('a'.repeat(26))
const entry = (n: number, text = 'x'): Entry => ({
  rev: n,
  seq: n,
  kind: 'message',
  code: null,
  at: 1000 + n,
  authorId: author,
  id: parseOperationId(testId(n)),
  salt: 'AAAAAAAAAAAAAAAAAAAAAA',
  tag: n % 3 ? null : '1.AAAAAAAAAAAAAAAAAAAAAA',
  hash: null,
  operation: { type: 'message', id: parseOperationId(testId(n)), text, at: '2026-01-01T00:00:00.000Z' },
})
const values = (from: number, to: number): LedgerValue[] =>
  Array.from({ length: to - from }, (_, i) => toLedgerValue(entry(from + i + 1), (from + i) % 5 === 0))
const hex = (doc: Y.Doc): string => Buffer.from(Y.encodeStateAsUpdate(doc)).toString('hex')

describe('the ledger', () => {
  test('LED-2, DOC-2, promise 5: the same bytes under any partition, overlap and order (seed 3, 500 runs)', () => {
    const pick = seeded(3)
    const want = new Y.Doc()
    Y.applyUpdate(want, encodeLedger(0, values(0, 40)))
    for (let run = 0; run < 500; run++) {
      const updates: Uint8Array[] = []
      for (let p = 0; p < 40;) {
        const end = Math.min(40, p + 1 + pick(9))
        updates.push(encodeLedger(p, values(p, end)))
        p = end
      }
      for (let k = 0; k < 6; k++) {
        const p = pick(40)
        updates.push(encodeLedger(p, values(p, Math.min(40, p + 1 + pick(20)))))
      }
      for (let i = updates.length - 1; i > 0; i--) {
        const j = pick(i + 1)
        const [x, y] = [updates[i], updates[j]]
        if (x && y) [updates[i], updates[j]] = [y, x]
      }
      const doc = new Y.Doc()
      if (pick(2)) updates.forEach((update) => Y.applyUpdate(doc, update))
      else doc.transact(() => updates.forEach((update) => Y.applyUpdate(doc, update)))
      expect(doc.store.pendingStructs).toBeNull()
      expect(hex(doc)).toBe(hex(want))
    }
  })
  test('LED-1 a value reads back; whatever is none reads as null', () => {
    expect(parseLedgerValue(toLedgerValue(entry(1), true))).toMatchObject({
      id: testId(1),
      authorId: author,
      seq: 1,
      at: 1001,
      code: null,
      operation: { text: 'x' },
    })
    expect(parseLedgerValue(toLedgerValue(entry(1), false))?.operation).toBeNull()
    for (const bad of [
      null,
      {},
      [],
      ['x'],
      [testId(1), author, -1, 0, null, null, null],
      [testId(1), author, 1, 0, 'other', null, null],
      [testId(1), author, 1, 0, null, null, null, { type: 'x' }],
    ])
      expect(parseLedgerValue(bad)).toBeNull()
  })
  test('DOC-3 info is one value under client id 2', () => {
    const chat = parseChatId('1'.repeat(26))
    const info = {
      chat,
      epoch: parseEpochName('1-0123456789abcdef'),
      baseRev: 0,
      baseSeq: 0,
      baseHead: genesisHead(chat, (b) => b.slice(0, 32)),
      baseTag: '1.x',
      schema: 1,
      members: 'h',
    }
    const doc = new Y.Doc()
    Y.applyUpdate(doc, encodeInfo(info))
    expect(doc.getArray('info').toArray()).toEqual([info])
    expect(Y.getState(doc.store, 2)).toBe(1)
  })
  test('a document of the first days still reads: logs, ledger and info in one update', () => {
    // Written by hand when the format was fixed; it must read the same for ever.
    const old = wireUpdate([
      {
        client: 4000,
        clock: 0,
        structs: [{ root: `log:${author}`, values: [{ type: 'message', id: testId(1), text: 'old words', at: '2026-01-01T00:00:00.000Z' }] }],
      },
      { client: 1, clock: 0, structs: [{ root: 'ledger', values: [[testId(1), author, 1, 1767225600000, null, 'AAAAAAAAAAAAAAAAAAAAAA', null]] }] },
    ])
    expect(Buffer.from(old).toString('base64')).toMatchInlineSnapshot(
      `"AgGgHwAIAR5sb2c6YWFhYWFhYWFhYWFhYWFhYWFhYWFhYWFhYWEBdgQEdHlwZXcHbWVzc2FnZQJpZHckMDAwMDAwMDAtMDAwMC00MDAwLTgwMDAtMDAwMDAwMDAwMDAxBHRleHR3CW9sZCB3b3JkcwJhdHcYMjAyNi0wMS0wMVQwMDowMDowMC4wMDBaAQEACAEGbGVkZ2VyAXUHdyQwMDAwMDAwMC0wMDAwLTQwMDAtODAwMC0wMDAwMDAwMDAwMDF3GmFhYWFhYWFhYWFhYWFhYWFhYWFhYWFhYWFhfQF7Qnm3baqAAAB+dxZBQUFBQUFBQUFBQUFBQUFBQUFBQUFBfgA="`,
    )
    const doc = new Y.Doc()
    Y.applyUpdate(doc, old)
    expect(parseLedgerValue(doc.getArray('ledger').get(0))).toMatchObject({ id: testId(1), seq: 1 })
  })
})
