import { messageOfErased, nextHead, parseUserId, type Entry } from '@skein/protocol'
import { describe, expect, test } from 'vitest'
import { alice, bob, chat, edit, entriesOf, erase, idOf, react, Replica, say, sha256 } from './chain.suite.ts'
import { pageRows } from './pages.ts'
import { viewOf } from '@skein/protocol'
import { startOf } from '../store/start-of.ts'

const story = entriesOf([
  [alice, say(1)],
  [bob, say(2)],
  [alice, edit(3, 1, alice, 'edited')],
  [bob, edit(4, 1, alice, 'forged')],
  [bob, react(5, 1, alice, '👍')],
  [alice, say(6)],
  [bob, erase(7, 2, bob)],
  [bob, react(8, 2, bob, '👍')],
  [alice, react(9, 6, alice, '🎉')],
  [alice, react(10, 6, alice, '🎉', false)],
])
const carol = parseUserId('e'.repeat(26))
const headAt = (rev: number): string => story.slice(0, rev).reduce((head, entry) => nextHead(head, entry, sha256), startOf(chat, sha256).head)

async function replicaOf(entries: readonly Entry[]): Promise<Replica> {
  const replica = new Replica(bob)
  expect(await replica.take(entries)).toBeTypeOf('object')
  return replica
}

describe('ingest', () => {
  test('CHAIN-5: entries that continue the chain become rows; the position is the chain’s', async () => {
    const replica = await replicaOf(story)
    expect(replica.row.position).toEqual({ rev: 10, seq: 3, head: headAt(10) })
    expect(replica.shown.map(({ text, deletedAt, reactions }) => [text, deletedAt, reactions.length])).toEqual([
      ['edited', null, 1],
      ['', 1_006, 0],
      ['m6', null, 0],
    ])
    expect(replica.row).toMatchObject({ unread: 2, ranges: [[1, 3]], lastMessage: { text: 'm6' }, lastAt: 1_005 })
  })

  test('CHAT-5: who joins has nothing unread of what came before, for everybody who sees it', async () => {
    const replica = await replicaOf(story)
    const head = replica.row.position?.rev ?? 0
    const join = { type: 'join', id: idOf(11), at: '2026-01-02T03:04:05.678Z', user: carol } as const
    const entry: Entry = {
      rev: head + 1,
      seq: 0,
      kind: 'join',
      code: null,
      at: 2_000,
      authorId: alice,
      id: join.id,
      salt: 's',
      tag: null,
      operation: join,
      hash: null,
    }
    expect(await replica.take([entry])).toBeTypeOf('object')
    expect([replica.row.marks[carol], replica.row.members.map(({ id }) => id).includes(carol)]).toEqual([[3, 3], true])
    expect(replica.row.events).toEqual([{ rev: head + 1, afterSeq: 3, at: 2_000, kind: 'join', by: alice, user: carol, title: null }])
  })

  test('LED-3: what is refused changes nothing, and its author is told', async () => {
    const replica = new Replica(bob)
    const result = await replica.take(story)
    expect(result).toMatchObject({
      named: [
        { id: idOf(2), code: null },
        { id: idOf(4), code: 'not-yours' },
        { id: idOf(5), code: null },
        { id: idOf(7), code: null },
        { id: idOf(8), code: 'deleted' },
      ],
    })
  })

  test('promise 5: however the chain is cut, and however often a piece comes, the rows are the same', async () => {
    const whole = await replicaOf(story)
    for (let cut = 1; cut < story.length; cut++) {
      const replica = await replicaOf(story.slice(0, cut))
      await replica.take(story.slice(0, cut))
      await replica.take(story.slice(Math.max(0, cut - 2)))
      expect(replica.shown).toEqual(whole.shown)
      expect(replica.row).toEqual(whole.row)
    }
  })

  test('a hole is a gap, and nothing is taken', async () => {
    const replica = await replicaOf(story.slice(0, 2))
    expect(await replica.take(story.slice(3))).toBe('gap')
    expect(replica.row.position?.rev).toBe(2)
  })

  test('RT4: another entry at a known rev is a fork', async () => {
    const replica = await replicaOf(story)
    const other = entriesOf([
      [alice, say(1)],
      [bob, say(99)],
    ])
    expect(await replica.take(other)).toBe('fork')
  })

  test('RT4: another past under the same ids gives another head', async () => {
    const replica = await replicaOf(story)
    const resalted = await replicaOf(
      entriesOf(
        story.map((entry) => [entry.authorId, entry.operation] as never),
        'other salt',
      ),
    )
    expect(resalted.row.position?.head).not.toBe(replica.row.position?.head)
  })

  test('CHAIN-4, ERASE-5: an erased entry keeps the chain whole and shows an erased message, which nothing changes', async () => {
    const [first, ...rest] = story
    if (!first?.operation || first.salt === null) throw new Error('no entry')
    const { operationHash } = await import('@skein/protocol')
    const erased: Entry = { ...first, operation: null, salt: null, hash: operationHash(first.salt, first.operation, sha256) }
    const replica = await replicaOf([erased, ...rest])
    expect(replica.row.position).toEqual({ rev: 10, seq: 3, head: headAt(10) })
    expect(replica.shown[0]).toEqual({ ...messageOfErased(first), chat })
    expect(replica.shown.map(({ seq }) => seq)).toEqual([1, 2, 3])
  })

  test('CHAT-3: rows from a page that is ahead of the chain are not undone by older entries', async () => {
    const whole = await replicaOf(story)
    const page = whole.shown.map((row) => viewOf(chat, row))
    const replica = await replicaOf(story.slice(0, 2))
    for (const row of pageRows(chat, page, replica.shown, [])) replica.messages.set(`${row.authorId}/${row.id}`, row)
    await replica.take(story.slice(2))
    expect(replica.shown.map(({ text, deletedAt, rev }) => [text, deletedAt, rev])).toEqual(
      whole.shown.map(({ text, deletedAt, rev }) => [text, deletedAt, rev]),
    )
    expect(replica.shown.map((row) => viewOf(chat, row).reactions)).toEqual(whole.shown.map((row) => viewOf(chat, row).reactions))
  })

  test('a page that is behind the chain gets the entries that came while it was on its way', async () => {
    const before = await replicaOf(story.slice(0, 2))
    const page = before.shown.map((row) => viewOf(chat, row))
    const whole = await replicaOf(story)
    const rows = pageRows(
      chat,
      page,
      [],
      [...whole.entries.values()].filter(({ rev }) => rev > 2),
    )
    expect(rows.map((row) => viewOf(chat, row))).toEqual(whole.shown.slice(0, 2).map((row) => viewOf(chat, row)))
  })
})
