import { createHash, createHmac } from 'node:crypto'
import { describe, expect, test } from 'vitest'
import { genesisHead, nextHead, operationHash, tagBytes } from './chain.ts'
import type { Entry } from './entries.ts'
import { isHead, parseChatId, parseOperationId, parseUserId } from './ids.ts'

const sha256 = (bytes: Uint8Array): Uint8Array => createHash('sha256').update(bytes).digest()
const chat = parseChatId('1'.repeat(26))
const other = parseChatId('2'.repeat(26))
const author = parseUserId('a'.repeat(26))
const id = parseOperationId('00000000-0000-4000-8000-000000000001')
const entry: Entry = {
  rev: 1,
  seq: 1,
  kind: 'message',
  code: null,
  at: 1_767_225_600_000,
  authorId: author,
  id,
  salt: 'AAAAAAAAAAAAAAAAAAAAAA',
  tag: null,
  hash: null,
  operation: { type: 'message', id, text: 'words', at: '2026-01-01T00:00:00.000Z' },
}
const genesis = genesisHead(chat, sha256)

describe('the chain', () => {
  test('CHAIN-1, RT5: the genesis holds the chat, so that no branch moves to another one', () => {
    expect(isHead(genesis)).toBe(true)
    expect(genesisHead(other, sha256)).not.toBe(genesis)
  })
  test('CHAIN-2, RT5: every field is covered', () => {
    const head = nextHead(genesis, entry, sha256)
    const changes: Partial<Entry>[] = [
      { rev: 2 },
      { seq: 0 },
      { kind: 'edit' },
      { code: 'deleted' },
      { at: 1 },
      { authorId: parseUserId('b'.repeat(26)) },
      { id: parseOperationId('00000000-0000-4000-8000-000000000002') },
      { salt: 'BAAAAAAAAAAAAAAAAAAAAA' },
      { operation: { type: 'message', id, text: 'word', at: '2026-01-01T00:00:00.000Z' } },
    ]
    const heads = new Set([head, ...changes.map((change) => nextHead(genesis, { ...entry, ...change }, sha256)), nextHead(head, entry, sha256)])
    expect(heads.size).toBe(changes.length + 2)
    // Pinned: a stored chain must be provable for ever.
    expect([genesis, head]).toMatchInlineSnapshot(`
      [
        "mfSE-MATdsEGq_Mp8mE84gJwEEEJfpRBGcF8bIbRFXc",
        "RCB4pUReNgzLx9nwgXp3VTPLku2zwLPO7cptSJadjrE",
      ]
    `)
  })
  test('CHAIN-2: the order of an operation’s keys does not matter, RFC 8785', () => {
    const turned: Entry = { ...entry, operation: { at: '2026-01-01T00:00:00.000Z', text: 'words', id, type: 'message' } }
    expect(nextHead(genesis, turned, sha256)).toBe(nextHead(genesis, entry, sha256))
  })
  test('CHAIN-4: an erased entry keeps the chain whole', () => {
    if (!entry.operation || entry.salt === null) throw new Error()
    const erased: Entry = { ...entry, operation: null, salt: null, hash: operationHash(entry.salt, entry.operation, sha256) }
    expect(nextHead(genesis, erased, sha256)).toBe(nextHead(genesis, entry, sha256))
  })
  test('CHAIN-3: a tag is over chat, rev and head', () => {
    const mac = (bytes: Uint8Array): string => createHmac('sha256', 'key').update(bytes).digest('hex')
    expect(new Set([mac(tagBytes(chat, 1, genesis)), mac(tagBytes(other, 1, genesis)), mac(tagBytes(chat, 2, genesis))]).size).toBe(3)
  })
})
