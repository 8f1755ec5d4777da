import { eraseEntry, viewOf, type Entry } from '@skein/protocol'
import { describe, expect, test } from 'vitest'
import { NOT_ARRANGED, type ChatRow, type OutboxRow } from '../store/rows.ts'
import { alice, bob, chat, edit, entriesOf, erase, idOf, pin, Replica, say, sha256 } from './chain.suite.ts'
import { knowsPins, scrubbedPins, toldPins } from './pins.ts'
import { pinnedItems, type ViewOf } from './views.ts'

const story = entriesOf([
  [alice, say(1)],
  [bob, say(2)],
  [bob, pin(3, 1, alice)],
  [alice, pin(4, 2, bob)],
  [alice, edit(5, 1, alice, 'edited')],
  [bob, erase(6, 2, bob)],
  [alice, say(7)],
  [bob, pin(8, 7, alice)],
  [alice, pin(9, 1, alice, false)],
])

async function replicaOf(entries: readonly Entry[]): Promise<Replica> {
  const replica = new Replica(bob)
  expect(await replica.take(entries)).toBeTypeOf('object')
  return replica
}
const pinned = ({ pins }: ChatRow): (string | undefined)[] | undefined => pins?.list.map(({ id, state }) => `${id.slice(-1)} ${state?.text}`)
const view = (row: ChatRow, outbox: OutboxRow[] = []): ViewOf => ({
  self: bob,
  chat: row,
  outbox,
  isUnsaved: () => false,
  people: new Map(),
  server: 'https://chat.example.org',
})
const queued = (n: number, operation: OutboxRow['operation']): OutboxRow => ({
  id: idOf(n),
  chat,
  order: n,
  operation,
  state: { at: 'waiting' },
  createdAt: n,
})

describe('pinned messages on a device', () => {
  test('PIN-1, PIN-2: the list follows the chain from its beginning, with the words as they are now, however the chain is cut', async () => {
    const upTo = await Promise.all([3, 4, 5, 6, 8, 9].map(async (rev) => pinned((await replicaOf(story.slice(0, rev))).row)))
    expect(upTo).toEqual([['1 m1'], ['1 m1', '2 m2'], ['1 edited', '2 m2'], ['1 edited'], ['1 edited', '7 m7'], ['7 m7']])
    const whole = await replicaOf(story)
    for (let cut = 1; cut < story.length; cut++) {
      const replica = await replicaOf(story.slice(0, cut))
      await replica.take(story.slice(Math.max(0, cut - 2)))
      expect(replica.row).toEqual(whole.row)
    }
    expect(whole.row.events?.map(({ kind, by, afterSeq }) => [kind, by, afterSeq])).toEqual([
      ['pin', bob, 2],
      ['pin', alice, 2],
      ['pin', bob, 3],
    ])
  })

  test('PIN-3: what the server told is not counted twice, and what came since is', async () => {
    const whole = await replicaOf(story.slice(0, 5))
    const messages = whole.shown.map((row) => viewOf(chat, row))
    const [first = expect.fail(), second = expect.fail()] = messages
    const replica = await replicaOf(story.slice(0, 2))
    // Asked for after rev 4; the device is at rev 2, and does not hold the first message.
    replica.messages.clear()
    const list = [first, second].map((message) => ({
      authorId: message.authorId,
      id: message.id,
      message: { ...message, text: `m${message.seq}`, rev: message.seq },
    }))
    replica.row = { ...replica.row, pins: toldPins({ rev: 4, pins: list }) }
    await replica.take(story.slice(2, 5))
    expect([pinned(replica.row), replica.row.pins?.rev, knowsPins(replica.row)]).toEqual([['1 edited', '2 m2'], 5, true])
    await replica.take(story.slice(5))
    expect(pinned(replica.row)).toEqual(['7 m7'])
    // Asked for at the end of the story, it stays as it was told while the device reads on from rev 2: what was pinned then has been taken out since.
    const seventh = viewOf(chat, (await replicaOf(story)).messages.get(`${alice}/${idOf(7)}`) ?? expect.fail())
    const behind = await replicaOf(story.slice(0, 2))
    behind.row = { ...behind.row, pins: toldPins({ rev: 9, pins: [{ authorId: alice, id: seventh.id, message: seventh }] }) }
    await behind.take(story.slice(2, 4))
    expect([pinned(behind.row), behind.row.pins?.rev]).toEqual([['7 m7'], 9])
  })

  test('PIN-3: what is not known is asked for: the list behind a jump in the chain or another program, and the words of a message that is not held', async () => {
    const replica = await replicaOf(story.slice(0, 2))
    replica.messages.clear()
    await replica.take(story.slice(2, 3))
    expect([pinned(replica.row), knowsPins(replica.row)]).toEqual([['1 undefined'], false])
    expect(pinnedItems(view(replica.row), () => undefined)).toEqual([])
    // Somebody to whom the server does not show it.
    const unseen: ChatRow = { ...replica.row, pins: { rev: 3, list: [{ authorId: alice, id: idOf(1), state: null }] } }
    expect([knowsPins(unseen), pinnedItems(view(unseen), () => undefined)]).toEqual([true, []])
    const { pins: _, ...older } = (await replicaOf(story.slice(0, 4))).row
    expect(knowsPins(older)).toBe(false)
    // An older program went on to rev 4, and left the list of rev 3 where it was.
    const behind = await replicaOf(story.slice(0, 3))
    const left = behind.row.pins ?? expect.fail()
    await behind.take(story.slice(3, 4))
    behind.row = { ...behind.row, pins: left }
    expect(knowsPins(behind.row)).toBe(false)
    await behind.take(story.slice(4, 5))
    expect([behind.row.pins, knowsPins(behind.row)]).toEqual([undefined, false])
  })

  test('PIN-1, PIN-2, promise 1: the bar shows the last pinned first, with what waits in the outbox and without what is set aside', async () => {
    const { row } = await replicaOf(story.slice(0, 5))
    const keys = (outbox: OutboxRow[]): string[] => pinnedItems(view(row, outbox), () => undefined).map(({ text }) => text)
    expect(keys([])).toEqual(['m2', 'edited'])
    expect(keys([queued(11, pin(11, 1, alice, false))])).toEqual(['m2'])
    expect(keys([{ ...queued(11, pin(11, 1, alice, false)), state: { at: 'aside', reason: 'blocked' } }])).toEqual(['m2', 'edited'])
    // One's own words that are not sent yet, and their deletion.
    const own = [queued(11, say(11)), queued(12, pin(12, 11, bob))]
    expect(keys(own)).toEqual(['m11', 'm2', 'edited'])
    expect(keys([queued(13, erase(13, 2, bob))])).toEqual(['edited'])
    // What this person has hidden from themselves is pinned for the others alone.
    const hiding: ChatRow = { ...row, mine: { ...NOT_ARRANGED, hidden: [2] } }
    expect(pinnedItems(view(hiding), () => undefined).map(({ text }) => text)).toEqual(['edited'])
    // CHAT-9: taken out of the group and let in again, one sees what was said since.
    expect(pinnedItems(view({ ...row, historyFrom: 1 }), () => undefined).map(({ text }) => text)).toEqual(['m2'])
    // A message that is held, and not in the chat's row before the server has taken the pin.
    const held = (await replicaOf(story)).messages.get(`${alice}/${idOf(7)}`)
    const shown = pinnedItems(view(row, [queued(11, pin(11, 7, alice))]), ({ id }) => (id === held?.id ? held : undefined))
    expect(shown.map(({ text, pending }) => [text, pending])).toEqual([
      ['m7', true],
      ['m2', false],
      ['edited', false],
    ])
  })

  test('ERASE-6: erased words leave the list', async () => {
    const { row } = await replicaOf(story.slice(0, 5))
    const pins = scrubbedPins(row.pins ?? expect.fail(), 1, 1)
    expect(pinned({ ...row, pins })).toEqual(['1 ', '2 m2'])
    expect(pinnedItems(view({ ...row, pins }), () => undefined).map(({ text }) => text)).toEqual(['m2'])
    const [first = expect.fail()] = story
    expect(pinned((await replicaOf([eraseEntry(first, sha256), ...story.slice(1, 5)])).row)).toEqual(['1 ', '2 m2'])
  })
})
