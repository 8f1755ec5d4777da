import type { ChatItem } from '@skein/engine'
import { describe, expect, test } from 'vitest'
import { actionsOf, ALWAYS, mutes, mutedText, offlineText, sizeText } from './chat-actions.ts'
import { isMuted, listed, neighbourOf, spokenIn, unreadIn } from './lists.ts'

const now = new Date(2026, 10, 23, 18, 0).getTime()
const hour = 3_600_000
const offline = { state: 'off', held: 0, total: 0, bytes: 0 } as const
const chat = (more: Partial<ChatItem>): ChatItem =>
  ({
    kind: 'direct',
    peer: 'p',
    title: 'Ada',
    mutedUntil: null,
    pinned: false,
    archived: false,
    removed: false,
    unread: 0,
    markedUnread: false,
    lastMessage: null,
    offline,
    ...more,
  }) as ChatItem
const labels = (more: Partial<ChatItem>, blocked = false): string[] => actionsOf(chat(more), { blocked, now }).map(({ label }) => label)

describe('what can be done with a chat', () => {
  test('direct chats are blocked and reported, groups are left, and each entry says what a press would do', () => {
    expect(labels({})).toEqual(['Contact info', 'Mute', 'Pin', 'Archive', 'Keep offline', 'Report', 'Block'])
    expect(labels({ kind: 'group', peer: null, pinned: true, archived: true, mutedUntil: ALWAYS })).toEqual([
      'Group info',
      'Unmute',
      'Unpin',
      'Unarchive',
      'Keep offline',
      'Leave group',
    ])
    expect(labels({}, true).at(-1)).toBe('Unblock')
  })
  test('UX 12: what is read can be marked unread, and what is unread read; where nothing was said there is neither', () => {
    const lastMessage = { seq: 3 } as ChatItem['lastMessage']
    const marking = (more: Partial<ChatItem>): string[] => labels(more).filter((label) => label.startsWith('Mark'))
    expect(marking({})).toEqual([])
    expect(marking({ lastMessage })).toEqual(['Mark as unread'])
    expect([marking({ lastMessage, unread: 2 }), marking({ lastMessage, markedUnread: true })]).toEqual([['Mark as read'], ['Mark as read']])
    expect(
      unreadIn([chat({ markedUnread: true }), chat({ unread: 4, markedUnread: true }), chat({ markedUnread: true, mutedUntil: ALWAYS })], now),
    ).toBe(5)
  })
  test('a group that one left is only looked at and put away', () => {
    expect(labels({ kind: 'group', peer: null, removed: true })).toEqual(['Group info', 'Archive'])
  })
  test('mute: an hour, eight, a week, always; it ends by itself, and says when', () => {
    const ends = mutes().map(({ until }) => until(now))
    expect(ends).toEqual([now + hour, now + 8 * hour, now + 168 * hour, ALWAYS])
    expect(ends.map((mutedUntil) => isMuted({ mutedUntil }, now + 2 * hour))).toEqual([false, true, true, true])
    const texts = ends.map((mutedUntil) => mutedText({ mutedUntil }, now))
    expect(texts[0]).toMatch(/^Muted until (19:00|7:00\sPM)$/u)
    expect(texts[1]).toMatch(/^Muted until tomorrow at /)
    expect(texts[2]).toMatch(/^Muted until .*30/)
    expect([texts[3], mutedText({ mutedUntil: now - 1 }, now), mutedText({ mutedUntil: null }, now)]).toEqual(['Muted', '', ''])
  })
  test('UX 27: keeping a chat offline says how far it is and how large, and plainly when there is no room', () => {
    const state = { held: 50, total: 200, bytes: 3_400_000 }
    expect(offlineText({ ...state, state: 'off' })).toBe('')
    expect(offlineText({ ...state, state: 'loading' })).toMatch(/^Loading: 25%, 3[.,]4/)
    expect(offlineText({ ...state, state: 'over-budget' })).toBe('Not enough room on this device: 25% is here.')
    expect(offlineText({ ...state, state: 'complete' })).toMatch(/^All of it is on this device, 3[.,]4/)
    expect([0, 999, 12_345, 5e12].map((bytes) => sizeText(bytes).replace(/\s/u, ' '))).toEqual(['0 byte', '999 byte', '12 kB', '5,000 GB'])
  })
})

describe('UX 22: the list', () => {
  const chats = [
    chat({ title: 'One', id: '1' as ChatItem['id'] }),
    chat({ title: 'Two', id: '2' as ChatItem['id'], archived: true, unread: 3 }),
    chat({ title: 'Three', id: '3' as ChatItem['id'], pinned: true }),
    chat({ title: 'Four', id: '4' as ChatItem['id'], archived: true, pinned: true, unread: 4, mutedUntil: ALWAYS }),
  ]
  const [, , three] = chats
  test('pinned chats first, the archive by itself; a filter looks through both', () => {
    const { chats: shown, archived } = listed(chats, '')
    expect([shown, archived].map((some) => some.map(({ title }) => title))).toEqual([
      ['Three', 'One'],
      ['Two', 'Four'],
    ])
    expect(listed(chats, 't')).toMatchObject({ chats: [{ title: 'Three' }], archived: [{ title: 'Two' }] })
  })
  test('a direct chat that somebody only opened is not there before its first word, but while it is open', () => {
    const id = 'a' as ChatItem['id']
    const empty = [chat({ title: 'Only opened', id, lastMessage: null }), chat({ title: 'Crew', kind: 'group', lastMessage: null })]
    expect(spokenIn(empty, null).map(({ title }) => title)).toEqual(['Crew'])
    expect(spokenIn(empty, id).map(({ title }) => title)).toEqual(['Only opened', 'Crew'])
  })
  test('of the archive what is muted calls for nobody, unless it names them', () => {
    expect(unreadIn(chats, now)).toBe(3)
    expect(unreadIn([chat({ unread: 4, mutedUntil: ALWAYS, mentioned: true })], now)).toBe(4)
  })
  test('UX 21: the chat above and below the open one; past an end there is none', () => {
    const { chats: shown } = listed(chats, '')
    expect(neighbourOf(shown, three?.id ?? null, 1)?.title).toBe('One')
    expect(neighbourOf(shown, three?.id ?? null, -1)).toBeUndefined()
    expect(neighbourOf(shown, null, 1)?.title).toBe('Three')
  })
})
