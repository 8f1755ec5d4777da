import type { ChatItem, MessageItem } from '@skein/engine'
import type { ChatId, OperationId, UserId } from '@skein/protocol'
import { describe, expect, test } from 'vitest'
import { rowsOf, type Row } from './rows.ts'

const me = 'me' as UserId
const ada = 'ada' as UserId
const members = [{ id: ada, name: 'Ada' }]
const chat = { id: 'chat' as ChatId, title: 'Ada', members } as unknown as ChatItem
const now = new Date(2026, 10, 23, 18, 0).getTime()
const minute = 60_000

function message(seq: number, authorId: UserId, at: number, more: Partial<MessageItem> = {}): MessageItem {
  const id = `id${seq}-${at}` as OperationId
  const time = new Date(at).toISOString()
  const own = authorId === me
  const still = { editedAt: null, deletedAt: null, replyTo: null, mentions: [], reactions: [], unsaved: false, pending: false, problem: null }
  return {
    ...still,
    id,
    key: `${authorId}/${id}`,
    chatId: chat.id,
    seq,
    rev: seq,
    authorId,
    own,
    text: `words ${seq}`,
    createdAt: time,
    receivedAt: time,
    status: 'sent',
    ...more,
  }
}

function rows(items: MessageItem[], more: { unreadAfter?: number; hasOlder?: boolean } = {}): Row[] {
  const window = { chat, items, hasOlder: more.hasOlder ?? false, loading: null, error: null }
  return rowsOf({ window, unreadAfter: more.unreadAfter ?? null, now })
}
const shape = (list: Row[]): string[] =>
  list.map((row) =>
    row.kind === 'message' ? `${row.item.seq}${row.opens ? '(' : ''}${row.closes ? ')' : ''}` : row.kind === 'day' ? row.label : row.kind,
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
