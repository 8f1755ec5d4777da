import { MAX_TEXT_LENGTH, parseChatId } from '@skein/protocol'
import { describe, expect, test } from 'vitest'
import type { ChatRow, Mine, Wishes } from '../store/rows.ts'
import { newChatRow } from './chat-sync.ts'
import { answered, arrangedOf, sending, wished, withMine } from './wishes.ts'

const row: ChatRow = { ...newChatRow(parseChatId('c'.repeat(26)), [], 0), document: 'there' }
const mine = (changedAt: number, more: Partial<Mine> = {}): Mine => ({
  mutedUntil: null,
  pinned: false,
  archived: false,
  draft: '',
  unreadAfter: null,
  changedAt,
  ...more,
})
const sentOf = ({ wishes }: ChatRow): Wishes => wishes ?? {}

describe('wishes for a chat', () => {
  test('what was wished is shown, and goes when the server holds it', () => {
    const pinned = sending(wished(row, { pinned: true }, 100))
    expect(arrangedOf(pinned)).toEqual({ mutedUntil: null, pinned: true, archived: false, draft: '', unreadAfter: null })
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
    expect(arrangedOf(later)).toEqual({ mutedUntil: 2_000, pinned: false, archived: true, draft: '', unreadAfter: null })
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
})
