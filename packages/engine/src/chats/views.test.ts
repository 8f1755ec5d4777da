import { describe, expect, test } from 'vitest'
import type { Operation } from '@skein/protocol'
import type { OutboxState } from '../outbox/outbox.ts'
import { NOT_ARRANGED, type Marks, type OutboxRow } from '../store/rows.ts'
import { alice, bob, chat, edit, entriesOf, erase, idOf, react, Replica, say } from './chain.suite.ts'
import { chatItem, itemsOf, type ViewOf } from './views.ts'

const queued = (operation: Operation, state: OutboxState = { at: 'waiting' }, order = 1): OutboxRow => ({
  id: operation.id,
  chat,
  order,
  operation,
  state,
  createdAt: 5,
})

async function view(outbox: OutboxRow[] = [], marks: Marks = [0, 0]): Promise<{ of: ViewOf; replica: Replica }> {
  const replica = new Replica(alice)
  await replica.take(
    entriesOf([
      [alice, say(1)],
      [bob, say(2)],
    ]),
  )
  const of: ViewOf = {
    self: alice,
    chat: { ...replica.row, marks: { [bob]: marks } },
    outbox,
    isUnsaved: (id) => id === idOf(9),
    people: new Map(),
    server: 'https://chat.example.org',
  }
  return { of, replica }
}

describe('what is shown', () => {
  test.each<[Marks, string]>([
    [[0, 0], 'sent'],
    [[1, 0], 'delivered'],
    [[1, 1], 'seen'],
  ])('of one’s own message with the other’s marks at %j: %s', async (marks, status) => {
    const { of, replica } = await view([], marks)
    expect(itemsOf(replica.shown, true, of)[0]?.status).toBe(status)
  })

  test('CHAT-1: the ledger’s order, then the outbox; a message in both stands once, as stored', async () => {
    const { of, replica } = await view([
      queued(say(1, 'late'), { at: 'appended', document: 'x', n: 0 }),
      queued(say(8)),
      queued(say(9), { at: 'aside', reason: 'too-large' }),
    ])
    const items = itemsOf(replica.shown, true, of)
    expect(items.map(({ text, status, unsaved }) => [text, status, unsaved])).toEqual([
      ['m1', 'sent', false],
      ['m2', 'sent', false],
      ['m8', 'queued', false],
      ['m9', 'set-aside', true],
    ])
    expect(items[3]?.problem).toBe('too-large')
  })

  test('UX 3, 4: what waits is shown on the message; a deletion keeps the words; a refused edit brings the old text back', async () => {
    const waiting = await view([queued(edit(5, 1, alice, 'better')), queued(react(6, 2, bob, '👍')), queued(erase(7, 1, alice))])
    const [own, other] = itemsOf(waiting.replica.shown, true, waiting.of)
    expect(own).toMatchObject({ text: 'better', pending: true })
    expect(own?.deletedAt).not.toBeNull()
    expect(other).toMatchObject({ pending: true, reactions: [{ emoji: '👍', userIds: [alice] }] })
    const refused = await view([queued(edit(5, 1, alice, 'better'), { at: 'aside', reason: 'deleted' })])
    expect(itemsOf(refused.replica.shown, true, refused.of)[0]).toMatchObject({ text: 'm1', pending: false, problem: 'deleted' })
  })

  test('UX 15: a message that the person hid has no words, in a window and as the last one of its chat, and no message beside it changes', async () => {
    const { of, replica } = await view([queued(edit(5, 2, bob, 'what they cannot'))])
    const shown = itemsOf(replica.shown, true, of)
    const mine = { ...NOT_ARRANGED, hidden: [2] }
    const hiding = { ...of, chat: { ...of.chat, mine } }
    const items = itemsOf(replica.shown, true, hiding)
    expect(items[0]).toBe(shown[0])
    expect(items[1]).toMatchObject({ seq: 2, hidden: true, text: '', reactions: [], deletedAt: expect.any(String) as string })
    expect(chatItem(hiding).lastMessage).toEqual(items[1])
    expect(itemsOf(replica.shown, true, of)[1]).toMatchObject({ text: shown[1]?.text, hidden: false, deletedAt: null })
    const alone = { ...hiding, outbox: [] }
    expect(itemsOf(replica.shown, true, alone)[1]).toBe(itemsOf(replica.shown, true, alone)[1])
    expect(itemsOf(replica.shown, true, { ...of, outbox: [] })[1]?.text).toBe('m2')
  })

  test('an item stays the same object until it would look different', async () => {
    const { of, replica } = await view()
    const before = itemsOf(replica.shown, true, of)
    const marked = { ...of, chat: { ...of.chat, marks: { [bob]: [2, 0] as Marks } } }
    const after = itemsOf(replica.shown, true, marked)
    expect(after[1]).toBe(before[1])
    expect(after[0]).not.toBe(before[0])
  })

  test('a direct chat bears the other’s name, and its last message counts what waits', async () => {
    const { of } = await view([queued(say(8, 'waits'))])
    expect(chatItem(of)).toMatchObject({ title: 'Bob', peer: bob, lastMessage: { text: 'waits', status: 'queued' }, unread: 1 })
  })
})
