// The small pure parts of the views: names, times, filters, the network's line, reasons.
import type { ChatItem, NetworkState } from '@skein/engine'
import { CLOSE_REASONS, REFUSAL_CODES, type CloseReason } from '@skein/protocol'
import { describe, expect, test } from 'vitest'
import { filterChats, isEmail, matches } from './lists.ts'
import { GRACE_MS, networkLine, outdatedText } from './network.ts'
import { hueOf, initialsOf, namesOf, typingOf } from './people.ts'
import { failureText } from './failures.ts'
import { reasonText } from './reasons.ts'
import { dayLabel, lastSeen, listTime, untilText } from './times.ts'

const now = new Date(2026, 10, 23, 18, 0).getTime()
const minute = 60_000
const day = 24 * 60 * minute

describe('people', () => {
  test('initials are of the first and the last word, in any script', () => {
    expect(['Ada', 'Ada Lovelace King', '  bence   szabó ', 'فاطمة الزهراء', '', '👩‍👧 x'].map(initialsOf)).toEqual(['A', 'AK', 'BS', 'فا', '?', '👩‍👧X'])
  })
  test('a colour stays with its person', () => {
    expect(hueOf('abc')).toBe(hueOf('abc'))
    expect(new Set(Array.from({ length: 200 }, (_, index) => hueOf(`0${index}7`))).size).toBe(8)
  })
  test('UX 17: typing is one line, whoever types', () => {
    expect(typingOf([], true)).toBe('')
    expect(typingOf(['Ada'], true)).toBe('typing…')
    expect([['Ada'], ['Ada', 'Ben'], ['Ada', 'Ben', 'Cleo']].map((names) => typingOf(names, false))).toEqual([
      'Ada is typing…',
      'Ada and Ben are typing…',
      'several people are typing…',
    ])
    expect(namesOf(['Ada', 'Ben', 'Cleo'])).toBe('Ada, Ben, and 1 other')
  })
})

describe('times', () => {
  test('a day is a calendar day', () => {
    const late = new Date(2026, 10, 22, 23, 59).getTime()
    expect([now, late, now - 3 * day, now - 30 * day, now - 400 * day].map((ms) => dayLabel(ms, now))).toEqual([
      'Today',
      'Yesterday',
      'Friday',
      expect.stringMatching(/October/) as string,
      expect.stringMatching(/2025/) as string,
    ])
    expect(listTime(late, now)).toBe('Yesterday')
  })
  test('last seen grows coarser', () => {
    expect([now - 5_000, now - 12 * minute].map((ms) => lastSeen(ms, now))).toEqual(['just now', '12 minutes ago'])
    expect(lastSeen(now - 3 * 60 * minute, now)).toMatch(/^today at /)
    expect(lastSeen(now - day, now)).toMatch(/^yesterday at /)
  })
  test('a countdown never goes below nothing', () => {
    expect([now - 500, now + 200, now + 59_000, now + 61_000].map((ms) => untilText(ms, now))).toEqual(['0 s', '1 s', '59 s', '2 min'])
  })
})

describe('filter', () => {
  test('begins some word of the name, whatever the accents', () => {
    expect(matches('Bence Szabó', 'szabo')).toBe(true)
    expect(matches('Bence Szabó', 'ben sz')).toBe(true)
    expect(matches('Bence Szabó', 'abo')).toBe(false)
    expect(filterChats([{ title: 'Ada' }, { title: 'Ben' }] as ChatItem[], '').length).toBe(2)
  })
  test('an email is one word with an @ and a dot', () => {
    expect([' ada@example.org ', 'ada@', 'ada example.org', 'ada@example'].map(isEmail)).toEqual([true, false, false, false])
  })
})

describe('the network', () => {
  const state: NetworkState = { connected: true, offlineSince: null, waiting: 0, nextTryAt: null, stuck: false, outdated: false, incomplete: false }
  const offline: NetworkState = { ...state, connected: false, offlineSince: now - minute }
  test('UX 3: nothing is shown while online, not even for what is on its way, nor for a connection that is back at once', () => {
    expect(networkLine({ ...state, waiting: 2 }, false, now)).toEqual({ text: 'Online', countdown: '', quiet: true })
    expect(networkLine({ ...state, connected: false }, false, now).quiet).toBe(true)
    expect(networkLine({ ...offline, offlineSince: now - GRACE_MS + 1 }, false, now).quiet).toBe(true)
    expect(networkLine({ ...offline, offlineSince: now - GRACE_MS }, false, now).quiet).toBe(false)
  })
  test('UX 5: offline since when, how much waits, when it tries again', () => {
    const line = networkLine({ ...offline, waiting: 3, nextTryAt: now + 8_000 }, false, now)
    expect(line.text).toMatch(/^Offline since .+ · 3 changes waiting$/)
    expect(line.countdown).toBe('next try in 8 s')
    for (const nextTryAt of [null, now - 1]) expect(networkLine({ ...offline, nextTryAt }, false, now).countdown).toBe('trying now')
  })
  test('UX 5: a session that has ended is not called offline', () => {
    expect(networkLine(offline, true, now)).toEqual({ text: '', countdown: '', quiet: true })
  })
  test('V7: an older page says that it must be reloaded, whatever else there is to say', () => {
    const incomplete = networkLine({ ...state, connected: false, incomplete: true }, false, now)
    expect(incomplete).toMatchObject({ text: 'A part of this page could not be loaded. Reload it when there is a network.', quiet: false })
    expect(networkLine({ ...state, outdated: true }, true, now)).toEqual({ text: outdatedText(), countdown: '', quiet: false })
    expect(failureText(Object.assign(new Error('x'), { code: 'newer-version' }))).toMatch(/Reload/)
  })
  test('speaks up when something waits although the server is there', () => {
    expect(networkLine({ ...state, waiting: 1, stuck: true }, false, now)).toMatchObject({
      quiet: false,
      text: 'Online, but 1 change could not be sent yet',
    })
  })
})

describe('reasons', () => {
  test('every code has a sentence', () => {
    for (const code of [...REFUSAL_CODES, ...(Object.keys(CLOSE_REASONS) as CloseReason[]), null]) expect(reasonText(code)).toMatch(/^[A-Z].+\.$/)
  })
  test('an unknown failure says what it said itself', () => {
    expect(failureText(new Error('Out of paper.'))).toBe('Out of paper.')
    expect(failureText(undefined)).toBe('Something went wrong. Try again.')
  })
})
