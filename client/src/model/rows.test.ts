import type { ChatEvent, ChatItem, MessageItem } from '@skein/engine'
import type { ChatId, OperationId, UserId } from '@skein/protocol'
import { describe, expect, test } from 'vitest'
import { itemOf } from '../../dev/memory-items.ts'
import { rowsOf, type Row } from './rows.ts'

const me = 'me' as UserId
const ada = 'ada' as UserId
const members = [{ id: ada, name: 'Ada' }]
const chat = { id: 'chat' as ChatId, title: 'Ada', members } as unknown as ChatItem
const now = new Date(2026, 10, 23, 18, 0).getTime()
const minute = 60_000

const message = (seq: number, authorId: UserId, at: number, more: Partial<MessageItem> = {}): MessageItem =>
  itemOf({ id: `id${seq}-${at}` as OperationId, chatId: chat.id, seq, rev: seq, authorId, own: authorId === me, text: `words ${seq}`, at, ...more })

function rows(
  items: MessageItem[],
  more: { hiding?: string[]; unreadAfter?: number; hasOlder?: boolean; hasNewer?: boolean; events?: ChatEvent[] } = {},
): Row[] {
  const { hiding = [], unreadAfter = null, hasOlder = false, hasNewer = false, events = [] } = more
  return rowsOf({
    window: { chat, items, events, hasOlder, hasNewer, loading: null, error: null },
    me,
    unreadAfter,
    now,
    people: [],
    hiding: new Set(hiding),
  })
}
const shape = (list: Row[]): string[] =>
  list.map((row) =>
    row.kind === 'message'
      ? `${row.item.seq}${row.opens ? '(' : ''}${row.closes ? ')' : ''}`
      : row.kind === 'day'
        ? row.label
        : row.kind === 'event'
          ? row.text
          : row.kind,
  )

describe('rows of a chat', () => {
  test('UX 18: one person within five minutes is one group', () => {
    const list = rows([
      message(1, ada, now - 20 * minute),
      message(2, ada, now - 18 * minute),
      message(3, ada, now - 12 * minute),
      message(4, me, now - 11 * minute),
    ])
    expect(shape(list)).toEqual(['edge', 'Today', '1(', '2)', '3()', '4()'])
  })

  test('what happened to the chat stands between the messages where it happened, and breaks groups', () => {
    let rev = 0
    const event = (afterSeq: number, at: number, kind: ChatEvent['kind'], by: UserId, more: Partial<ChatEvent> = {}): ChatEvent => {
      return { rev: ++rev, afterSeq, at: new Date(at).toISOString(), kind, by, user: null, title: null, ...more }
    }
    const gone = 'gone' as UserId
    const events = [
      event(0, now - 20 * minute, 'create', ada),
      event(1, now - 18 * minute, 'join', ada, { user: me }),
      event(1, now - 18 * minute, 'leave', gone, { user: gone }),
      event(2, now - 10 * minute, 'rename', me, { title: 'Boats' }),
      event(2, now - 10 * minute, 'rename', me),
      event(3, now - minute, 'leave', me, { user: ada }),
      event(3, now - minute, 'picture', ada),
      event(3, now - minute, 'restored', ada),
    ]
    const items = [message(1, ada, now - 19 * minute), message(2, ada, now - 18 * minute), message(3, ada, now - 2 * minute)]
    const restored = 'The server was restored from a backup. What stands below came back from people’s devices.'
    const last = ['You removed Ada', 'Ada changed the group’s picture', restored]
    const between = ['1()', 'Ada added you', 'Someone who left left', '2()', 'You named the group “Boats”', 'You removed the group’s name', '3()']
    expect(shape(rows(items, { events }))).toEqual(['edge', 'Today', 'Ada made the group', ...between, ...last])
    // What lies beyond a page that is not loaded comes with it.
    expect(shape(rows(items.slice(1), { events, hasOlder: true }))).toEqual(['edge', 'Today', ...between.slice(3), ...last])
    expect(shape(rows(items.slice(0, 2), { events, hasNewer: true }))).toEqual(['edge', 'Today', 'Ada made the group', ...between.slice(0, 4)])
    expect(shape(rows([], { events: events.slice(0, 1) }))).toEqual(['edge', 'Today', 'Ada made the group'])
  })

  test('UX 13: a line between days, by the time of arrival', () => {
    const day = 24 * 60 * minute
    const list = rows([
      message(1, ada, now - 3 * day),
      message(2, ada, now - day),
      message(3, ada, now, { createdAt: new Date(now - 9 * day).toISOString() }),
    ])
    expect(shape(list)).toEqual(['edge', 'Friday', '1()', 'Yesterday', '2()', 'Today', '3()'])
  })

  test('what waits since yesterday stays at the end, and no day comes twice', () => {
    const list = rows([message(1, ada, now - minute), message(0, me, now - 24 * 60 * minute, { status: 'queued' })])
    expect(shape(list)).toEqual(['edge', 'Today', '1()', '0()'])
  })

  test("UX 12: the unread line stands above the first of others' messages that was not seen", () => {
    const items = [message(1, ada, now - 3 * minute), message(2, me, now - 2 * minute), message(3, ada, now - minute)]
    expect(shape(rows(items, { unreadAfter: 1 }))).toEqual(['edge', 'Today', '1()', '2()', 'unread', '3()'])
    expect(shape(rows(items.slice(2), { unreadAfter: 1, hasOlder: true })).includes('unread')).toBe(false)
  })

  test('UX 15: what one hid is left out, but for as long as that can be taken back; who stood around it stands together; with nothing left the chat is empty', () => {
    const hidden = { hidden: true, text: '', deletedAt: new Date(now).toISOString() }
    const [first, second, third] = [message(1, ada, now - 2 * minute), message(2, me, now - minute, hidden), message(3, ada, now, hidden)]
    const items = [first, second, message(3, ada, now, { replyTo: second.id })]
    expect(shape(rows(items))).toEqual(['edge', 'Today', '1(', '3)'])
    expect(rows(items).at(-1)).toMatchObject({ quote: { text: 'Deleted message' } })
    expect(shape(rows(items, { hiding: [second.key] }))).toEqual(['edge', 'Today', '1()', '2()', '3()'])
    expect(rows([second, third])).toMatchObject([{ kind: 'edge', state: 'empty' }])
    expect(rows([second, third], { hasOlder: true })).toMatchObject([{ kind: 'edge', state: 'more' }])
    const made = { rev: 1, afterSeq: 2, at: new Date(now).toISOString(), kind: 'create', by: ada, user: null, title: null } as const
    expect(shape(rows([second, message(3, ada, now)], { hasOlder: true, events: [made] }))).toEqual(['edge', 'Today', 'Ada made the group', '3()'])
  })

  test('a quote shows the words of what it answers, and says so when they are gone or not here', () => {
    const first = message(1, ada, now - minute)
    const gone = message(2, ada, now - minute, { text: '', deletedAt: new Date(now).toISOString() })
    const answers = [first.id, gone.id, 'elsewhere' as OperationId].map((replyTo, index) => message(3 + index, me, now, { replyTo }))
    const quotes = rows([first, gone, ...answers]).flatMap((row) => (row.kind === 'message' && row.quote ? [row.quote] : []))
    expect(quotes.map(({ author, text }) => [author, text])).toEqual([
      ['Ada', 'words 1'],
      ['Ada', 'Deleted message'],
      ['', 'An earlier message'],
    ])
  })

  test('keys are unique, whatever the order of clocks', () => {
    const items = Array.from({ length: 200 }, (_, index) => message(index + 1, index % 3 ? ada : me, now - ((index * 7919) % 90) * 24 * 60 * minute))
    const keys = rows(items, { unreadAfter: 100 }).map((row) => row.key)
    expect(new Set(keys).size).toBe(keys.length)
  })
})
