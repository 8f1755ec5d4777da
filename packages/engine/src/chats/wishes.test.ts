import { MAX_TEXT_LENGTH, parseChatId } from '@skein/protocol'
import { describe, expect, test } from 'vitest'
import { newChatRow, type ChatRow, type Mine, type Wishes } from '../store/rows.ts'
import { answered, hiddenUpTo, hidingAnswered, sending, withMine } from './wish-answers.ts'
import { arrangedOf, hidingOf, wished } from './wishes.ts'

const row: ChatRow = { ...newChatRow(parseChatId('c'.repeat(26)), [], 0), document: 'there' }
const mine = (changedAt: number, more: Partial<Mine> = {}): Mine => ({
  mutedUntil: null,
  pinned: false,
  archived: false,
  draft: '',
  unreadAfter: null,
  hidden: [],
  changedAt,
  ...more,
})
const sentOf = ({ wishes }: ChatRow): Wishes => wishes ?? {}

describe('wishes for a chat', () => {
  test('what was wished is shown, and goes when the server holds it', () => {
    const pinned = sending(wished(row, { pinned: true }, 100))
    expect(arrangedOf(pinned)).toEqual({ mutedUntil: null, pinned: true, archived: false, draft: '', unreadAfter: null, hidden: [] })
    const done = answered(pinned, mine(105, { pinned: true }), sentOf(pinned))
    expect([done.wishes, arrangedOf(done).pinned]).toEqual([undefined, true])
    expect(withMine(pinned, mine(105, { pinned: true })).wishes).toBeUndefined()
  })

  test('a wish that was taken back before it was sent leaves nothing to tell', () => {
    expect(wished(wished(row, { pinned: true }, 100), { pinned: false }, 101)).toEqual(row)
  })

  test('the later wish wins, field by field: an older one gives way to what another device decided, whatever it is', () => {
    const both = wished(row, { mutedUntil: 1_000, archived: true }, 100)
    const later = withMine(both, mine(200, { mutedUntil: 2_000 }))
    expect(arrangedOf(later)).toEqual({ mutedUntil: 2_000, pinned: false, archived: true, draft: '', unreadAfter: null, hidden: [] })
    expect(arrangedOf(withMine(both, mine(50, { mutedUntil: 2_000 }))).mutedUntil).toBe(1_000)
    // An answer that is older than what is held says nothing.
    expect(arrangedOf(withMine(later, mine(150, { archived: true })))).toEqual(arrangedOf(later))
  })

  test('UX 9: of two drafts that were typed apart no word is lost; one that says nothing new gives way', () => {
    const typed = { ...wished({ ...row, mine: mine(50, { draft: 'Hello' }) }, { draft: 'Hello Ada' }, 100), version: 1 }
    const draft = (one: ChatRow): string => arrangedOf(one).draft
    const both = withMine(typed, mine(200, { draft: 'Hello Bob' }))
    expect([draft(both), both.wishes?.draft]).toEqual(['Hello Bob\nHello Ada', { is: 'Hello Bob\nHello Ada', was: 'Hello Bob', at: 100 }])
    const longer = withMine(typed, mine(200, { draft: 'Hello Ada and Bob' }))
    expect([draft(longer), longer.wishes]).toEqual(['Hello Ada and Bob', undefined])
    // Sent here, and gone on there.
    expect(draft(withMine(wished(typed, { draft: '' }, 110), mine(200, { draft: 'Hello there' })))).toBe('Hello there')
    // Sent here, and nothing new there.
    expect(draft(withMine(wished(typed, { draft: '' }, 110), mine(200, { draft: 'Hello', pinned: true })))).toBe('')
    // While one is under way another device's comes first.
    const sent = sending(typed)
    const next = wished(sent, { draft: 'Hello Ada!' }, 120)
    const after = answered(withMine(next, mine(300, { draft: 'Hi' })), mine(200, { draft: 'Hello Ada' }), sentOf(sent))
    expect([draft(after), after.wishes?.draft?.was]).toEqual(['Hi\nHello Ada!', 'Hi'])
    const plain = answered(next, mine(200, { draft: 'Hello Ada' }), sentOf(sent))
    expect([draft(plain), plain.wishes?.draft]).toEqual(['Hello Ada!', { is: 'Hello Ada!', was: 'Hello Ada', at: 120 }])
    // Rows of older programs have none; what no server would take is not kept.
    const { draft: _, ...older } = mine(50)
    expect(draft({ ...row, mine: older as Mine })).toBe('')
    expect(draft(wished(row, { draft: `a\0\ud800${'x'.repeat(MAX_TEXT_LENGTH)}` }, 1))).toBe(`a\ufffd${'x'.repeat(MAX_TEXT_LENGTH - 2)}`)
  })

  test('what is wished while an older wish is on its way stays, whether the socket or the answer is first', () => {
    const sent = sending(wished(row, { pinned: true }, 100))
    const since = wished(sent, { pinned: false }, 101)
    const echo = mine(110, { pinned: true })
    const told = withMine(since, echo)
    for (const one of [since, told]) {
      expect(arrangedOf(one).pinned).toBe(false)
      const next = answered(one, echo, sentOf(sent))
      expect([arrangedOf(next).pinned, next.wishes?.pinned]).toEqual([false, { is: false, was: true, at: 101 }])
      expect(answered(sending(next), mine(120), sentOf(next))).toMatchObject({ mine: mine(120) })
    }
  })

  test('messages are hidden one by one: what another device hid or showed meanwhile stands beside it', () => {
    const hidden = (one: ChatRow): readonly number[] => arrangedOf(one).hidden
    const held: ChatRow = { ...row, mine: mine(50, { hidden: [2, 12] }) }
    const wanted = wished(wished(held, { hide: [9, 2], pinned: true }, 100), { show: [12] }, 101)
    expect([hidden(wanted), hidingOf(sentOf(wanted))]).toEqual([[2, 9], { hide: [9], show: [12] }])
    const told = withMine(sending(wanted), mine(200, { hidden: [3, 12], draft: 'Hi' }))
    expect([hidden(told), arrangedOf(told).draft]).toEqual([[3, 9], 'Hi'])
    // Each is answered by itself: the pin waits for its own answer.
    const done = hidingAnswered(told, mine(210, { hidden: [3, 9], draft: 'Hi' }), sentOf(told))
    expect([hidden(done), done.wishes?.hidden, done.wishes?.pinned?.is]).toEqual([[3, 9], undefined, true])
    expect(hidden(answered(told, mine(205, { hidden: [3, 12], pinned: true }), sentOf(told)))).toEqual([3, 9])
    // Rows of older programs have none.
    const { hidden: _, ...older } = mine(50)
    expect(hidden(wished({ ...row, mine: older as Mine }, { hide: [4] }, 1))).toEqual([4])
  })

  test('what was hidden and is wanted back while that is on its way is told again; a server that takes no more leaves what it holds', () => {
    const sent = sending(wished(row, { hide: [4, 5] }, 100))
    const back = wished(sent, { show: [4] }, 101)
    expect(arrangedOf(back).hidden).toEqual([5])
    const answer = hidingAnswered(back, mine(110, { hidden: [4, 5] }), sentOf(sent))
    expect([arrangedOf(answer).hidden, hidingOf(sentOf(answer))]).toEqual([[5], { hide: [], show: [4] }])
    expect(hidingAnswered(sent, null, sentOf(sent))).toEqual(row)
    expect(wished(row, { show: [4] }, 100)).toEqual(row)
  })

  test('above the place where two pasts part nothing is hidden: other messages may stand there', () => {
    const held = wished({ ...row, mine: mine(50, { hidden: [2, 12] }) }, { hide: [5, 9] }, 100)
    const cut = hiddenUpTo(held, 8)
    expect([arrangedOf(cut).hidden, cut.mine?.hidden, hidingOf(sentOf(cut))]).toEqual([[2, 5], [2], { hide: [5], show: [] }])
    expect(hiddenUpTo(wished(row, { hide: [9] }, 100), 8)).toEqual(row)
  })
})
