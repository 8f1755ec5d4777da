// Exports that are none: whatever a file holds, the first line that is wrong is named, and nothing but that happens.
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import {
  MAX_GROUP_MEMBERS,
  MAX_IMPORT_LINE_BYTES,
  MAX_IMPORT_MESSAGES,
  MAX_IMPORT_PEOPLE,
  MAX_REACTIONS_PER_PERSON,
  MAX_TEXT_LENGTH,
  type UserId,
} from '@skein/protocol'
import type { ImportedMessage } from '@skein/storage'
import { BadLine, readImport, type ImportFile } from './import-file.ts'

type Line = Record<string, unknown>
const userOf = (n: number): UserId => String(n).padStart(26, '0') as UserId
const [ann, bob, cleo] = [userOf(1), userOf(2), userOf(3)]
const at = '2026-01-01T00:00:00.000Z'
const uuidOf = (n: number): string => `00000000-0000-4000-8000-${String(n).padStart(12, '0')}`
const member = (id: string, more: Line = {}): Line => ({ id, name: 'Somebody', mayInvite: false, mayRemove: false, ...more })
const chat = (more: Line = {}): Line => ({
  ...{ type: 'chat', version: 1, id: 'c'.repeat(26), kind: 'group', title: 'Crew', members: [member(ann), member(bob)], createdAt: at },
  ...more,
})
const word = (seq: number, more: Line = {}): Line => ({
  ...{ type: 'message', id: uuidOf(seq), seq, rev: seq + 1, authorId: ann, authorName: 'Ann', text: `word ${seq}`, createdAt: at, receivedAt: at },
  ...{ editedAt: null, deletedAt: null, replyTo: null, replyToAuthor: null, mentions: [], forwardedFrom: null, reactions: [] },
  ...more,
})
const end = (messages: number): Line => ({ type: 'end', messages })
const textOf = (lines: (Line | string)[]): string => lines.map((line) => `${typeof line === 'string' ? line : JSON.stringify(line)}\n`).join('')

describe('an export that is to be imported', () => {
  let root: string
  beforeAll(async () => {
    root = await mkdtemp(join(tmpdir(), 'skein-import-file-'))
  })
  afterAll(() => rm(root, { recursive: true, force: true }))

  async function read(bytes: string | Uint8Array, as = new Map<UserId, UserId>()): Promise<{ file: ImportFile; messages: ImportedMessage[] }> {
    const path = join(root, 'file')
    await writeFile(path, bytes)
    const messages: ImportedMessage[] = []
    const reading = readImport(path, as)
    for (let next = await reading.next(); ; next = await reading.next()) {
      if (next.done) return { file: next.value, messages }
      messages.push(next.value)
    }
  }
  const problem = (bytes: string | Uint8Array): Promise<unknown> =>
    read(bytes).then(
      () => 'taken',
      (error: unknown) => (error instanceof BadLine ? [error.line, error.code] : error),
    )

  test('CHAT-9: of whoever joined later begins where their sight does, and says what the group shows', async () => {
    const lines = [chat({ history: 'joined', historyFrom: 4 }), word(5), word(6), end(2)]
    const { file, messages } = await read(textOf(lines))
    expect([file.fromJoining, messages.length]).toEqual([true, 2])
    expect(await problem(textOf([chat({ historyFrom: 4 }), word(4), end(1)]))).toEqual([2, 'bad-order'])
    expect(await problem(textOf([chat({ history: 'some' }), end(0)]))).toEqual([1, 'bad-line'])
    expect((await read(textOf([chat(), end(0)]))).file.fromJoining).toBe(false)
  })

  test('PIN-1: what was pinned is read and left out; a fourth, or one that names nobody, is wrong', async () => {
    const pins = [1, 2, 3, 4].map((n) => ({ authorId: ann, id: uuidOf(n) }))
    expect(await problem(textOf([chat({ pins: pins.slice(1) }), end(0)]))).toBe('taken')
    expect(await problem(textOf([chat({ pins }), end(0)]))).toEqual([1, 'bad-line'])
    expect(await problem(textOf([chat({ pins: [{ id: uuidOf(1) }] }), end(0)]))).toEqual([1, 'bad-line'])
  })
  test('is read to its end, with people in the order of their coming, by other line ends, a byte order mark and no last line end', async () => {
    const lines = [chat(), word(1), word(2, { authorId: cleo, authorName: 'Cleo', reactions: [{ emoji: 'x', userIds: [bob, userOf(4)] }] }), end(2)]
    const plain = await read(textOf(lines))
    expect([...plain.file.people.values()].map(({ id, name, stays }) => [id, name, stays])).toEqual([
      [ann, 'Ann', true],
      [bob, 'Somebody', true],
      [cleo, 'Cleo', false],
      [userOf(4), 'Somebody', false],
    ])
    expect(plain.messages.map(({ authorId }) => authorId)).toEqual([ann, cleo])
    for (const text of [textOf(lines).replaceAll('\n', '\r\n'), `\ufeff${textOf(lines)}`, textOf(lines).trimEnd()]) {
      const { file, messages } = await read(text)
      expect(messages).toEqual(plain.messages)
      expect(file.digest).not.toBe(plain.file.digest)
    }
  })

  test('who is who here is asked wherever somebody is named', async () => {
    const forwardedFrom = { author: cleo, id: uuidOf(9) }
    const more = {
      authorId: bob,
      mentions: [ann, cleo],
      replyTo: uuidOf(1),
      replyToAuthor: bob,
      forwardedFrom,
      reactions: [{ emoji: 'x', userIds: [bob, cleo] }],
    }
    const as = new Map([
      [bob, userOf(12)],
      [cleo, userOf(12)],
    ])
    const { file, messages } = await read(textOf([chat(), word(1, more), end(1)]), as)
    expect([...file.people.keys()]).toEqual([ann, userOf(12)])
    expect(messages[0]).toMatchObject({
      authorId: userOf(12),
      checked: { operation: { mentions: [ann, userOf(12)], replyToAuthor: userOf(12), forwardedFrom: { author: userOf(12) } } },
      reactions: [{ emoji: 'x', userIds: [userOf(12)] }],
    })
  })

  const early = '2025-12-31T23:59:59.999Z'
  test.each<[string, (Line | string)[], number, string]>([
    ['nothing', [], 1, 'cut-off'],
    ['no end', [chat(), word(1)], 3, 'cut-off'],
    ['another count at its end', [chat(), word(1), end(2)], 3, 'bad-order'],
    ['words behind its end', [chat(), end(0), word(1)], 3, 'bad-order'],
    ['no chat', [word(1), end(1)], 1, 'bad-order'],
    ['two chats', [chat(), chat(), end(0)], 2, 'bad-order'],
    ['a gap', [chat(), word(1), word(3), end(2)], 3, 'bad-order'],
    ['a message twice', [chat(), word(1), word(1), end(2)], 3, 'bad-order'],
    ['an id twice', [chat(), word(1), word(2, { id: uuidOf(1) }), end(2)], 3, 'id-taken'],
    ['a time that goes back', [chat(), word(1), word(2, { receivedAt: early }), end(2)], 3, 'bad-order'],
    ['another version', [chat({ version: 2 }), end(0)], 1, 'bad-line'],
    ['no members', [chat({ members: [] }), end(0)], 1, 'bad-line'],
    ['a member twice', [chat({ members: [member(ann), member(ann)] }), end(0)], 1, 'bad-line'],
    ['too many members', [chat({ members: Array.from({ length: MAX_GROUP_MEMBERS + 1 }, (_, i) => member(userOf(i))) }), end(0)], 1, 'bad-line'],
    ['somebody who is none of the two', [chat({ kind: 'direct' }), word(1, { authorId: cleo }), end(1)], 2, 'no-member'],
    ['a reaction of somebody else', [chat({ kind: 'direct' }), word(1, { reactions: [{ emoji: 'x', userIds: [cleo] }] }), end(1)], 2, 'no-member'],
    ['an id that is none', [chat(), word(1, { authorId: "' or 1=1 --" }), end(1)], 2, 'bad-line'],
    ['a field that is missing', [chat(), word(1, { mentions: undefined }), end(1)], 2, 'bad-line'],
    ['a field too many', [chat(), word(1, { role: 'admin' }), end(1)], 2, 'bad-line'],
    ['a prototype', [chat(), JSON.stringify(word(1)).replace('{', '{"__proto__":{"x":1},'), end(1)], 2, 'bad-line'],
    ['no words', [chat(), word(1, { text: '' }), end(1)], 2, 'bad-line'],
    ['too many words', [chat(), word(1, { text: 'x'.repeat(MAX_TEXT_LENGTH + 1) }), end(1)], 2, 'bad-line'],
    ['words that are longer as JSON than a log takes', [chat(), word(1, { text: '\u0001'.repeat(MAX_TEXT_LENGTH) }), end(1)], 2, 'bad-line'],
    ['a NUL', [chat(), word(1, { text: 'a\0b' }), end(1)], 2, 'bad-line'],
    ['half a character', [chat(), word(1, { text: 'a\ud800' }), end(1)], 2, 'bad-line'],
    ['a deleted message with words', [chat(), word(1, { deletedAt: at }), end(1)], 2, 'bad-line'],
    ['an edit before the message', [chat(), word(1, { editedAt: early }), end(1)], 2, 'bad-line'],
    ['an edit behind the deletion', [chat(), word(1, { text: '', deletedAt: at, editedAt: '2026-01-02T00:00:00.000Z' }), end(1)], 2, 'bad-line'],
    ['a deletion before the message', [chat(), word(1, { text: '', deletedAt: early }), end(1)], 2, 'bad-line'],
    ['a time that is none', [chat(), word(1, { receivedAt: 'yesterday' }), end(1)], 2, 'bad-line'],
    ['a reaction twice', [chat(), word(1, { reactions: [{ emoji: 'x', userIds: [ann, ann] }] }), end(1)], 2, 'bad-line'],
    ['an emoji twice', [chat(), word(1, { reactions: ['x', 'x'].map((emoji) => ({ emoji, userIds: [ann] })) }), end(1)], 2, 'bad-line'],
    [
      'too many reactions of one person',
      [chat(), word(1, { reactions: Array.from({ length: MAX_REACTIONS_PER_PERSON + 1 }, (_, i) => ({ emoji: `${i}`, userIds: [ann] })) }), end(1)],
      2,
      'bad-line',
    ],
    ['an empty line', [chat(), '', end(0)], 2, 'no-json'],
    ['no JSON', [chat(), '{', end(0)], 2, 'no-json'],
    ['JSON that is no object', [chat(), '[]', end(0)], 2, 'bad-line'],
    ['deep JSON', [chat(), '['.repeat(400_000) + ']'.repeat(400_000), end(0)], 2, 'bad-line'],
    [
      'deep JSON in a field',
      [chat(), JSON.stringify(word(1)).replace('"mentions":[]', `"mentions":${'['.repeat(400_000)}${']'.repeat(400_000)}`)],
      2,
      'bad-line',
    ],
    ['a line without end', [chat(), 'x'.repeat(MAX_IMPORT_LINE_BYTES + 1)], 2, 'too-large'],
  ])('%s', async (_, lines, line, code) => {
    expect(await problem(textOf(lines))).toEqual([line, code])
  })

  test('a line as long as may be is read, wherever the file is cut into pieces', async () => {
    const long = JSON.stringify(word(1)).padEnd(MAX_IMPORT_LINE_BYTES, ' ')
    expect(await problem(textOf([chat(), long, end(1)]))).toBe('taken')
    expect(await problem(textOf([chat(), `${long} `, end(1)]))).toEqual([2, 'too-large'])
  })

  test('what is no UTF-8', async () => {
    const bytes = Buffer.from(textOf([chat(), word(1), end(1)]))
    bytes[bytes.indexOf('word 1')] = 0xff
    expect(await problem(bytes)).toEqual([2, 'no-text'])
    expect(await problem(Buffer.from(textOf([chat(), end(0)]), 'utf16le'))).toMatchObject([1, expect.stringMatching(/^no-/)])
    expect(await problem(new Uint8Array(100))).toMatchObject([1, expect.stringMatching(/^no-/)])
  })

  test('names that are none are somebody’s all the same', async () => {
    const names = ['', ' ', '\u202e', 'x'.repeat(81), 'two\nlines']
    const { file } = await read(textOf([chat({ members: names.map((name, i) => member(userOf(i), { name })) }), end(0)]))
    expect(new Set([...file.people.values()].map(({ name }) => name))).toEqual(new Set(['Somebody']))
  })

  test('so many people, and no more', async () => {
    const users = Array.from({ length: MAX_IMPORT_PEOPLE - 1 }, (_, i) => userOf(i + 10))
    const lines = (ids: UserId[]) => [chat({ members: [member(ann)] }), ...ids.map((authorId, i) => word(i + 1, { authorId })), end(ids.length)]
    expect(await problem(textOf(lines(users)))).toBe('taken')
    expect(await problem(textOf(lines([...users, bob])))).toEqual([MAX_IMPORT_PEOPLE + 1, 'too-many'])
    expect(MAX_IMPORT_MESSAGES).toBeGreaterThan(MAX_IMPORT_PEOPLE)
  })
})
