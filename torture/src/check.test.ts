// The checker is proved on planted violations: an honest history passes, and each lie in it is caught under its rule.
import { expect, test } from 'vitest'
import { check } from './check.ts'
import type { Ending, Event, Link, Recorded, Seen } from './history.ts'
import { modelOf } from './model.ts'

const chat = 'c1'
const link = (rev: number, seq: number, kind: string, author: string, id: string, operation: object | null, code: string | null = null): Link => ({
  chat,
  rev,
  seq,
  kind,
  code,
  at: 1_000 + rev,
  author,
  id,
  operation: operation && JSON.stringify(operation),
})
const seen = (id: string, author: string, seq: number, rev: number, text: string, more: Partial<Seen> = {}): Seen => ({
  chat,
  id,
  author,
  seq,
  rev,
  text,
  deleted: false,
  reactions: [],
  ...more,
})

interface Case {
  history: Recorded[]
  ending: Ending
}

/** Ann on two devices, Ben on one and a bot of his: messages, an edit, a reaction, a deletion, a refused edit, a refused and two unknown sends. */
function honest(): Case {
  const links = [
    link(1, 0, 'create', 'ann', 'o1', { members: ['ann', 'ben'] }),
    link(2, 1, 'message', 'ann', 'm1', { text: 'a.0.1' }),
    link(3, 2, 'message', 'ben', 'm2', { text: 'b.0.1 and more' }),
    link(4, 0, 'edit', 'ann', 'o2', { target: 'm1', targetAuthor: 'ann', text: 'a.0.2' }),
    link(5, 0, 'react', 'ben', 'o3', { target: 'm1', targetAuthor: 'ann', emoji: '👍', on: true }),
    link(6, 3, 'message', 'ann', 'm3', { text: 'a2.0.1' }),
    link(7, 0, 'delete', 'ann', 'o4', { target: 'm3', targetAuthor: 'ann' }),
    link(8, 0, 'edit', 'ben', 'o5', { target: 'm1', targetAuthor: 'ann', text: 'b.0.2' }, 'not-yours'),
    link(9, 4, 'message', 'ben', 'm4', { text: 'bot.1' }),
  ]
  const m1 = seen('m1', 'ann', 1, 5, 'a.0.2', { reactions: ['👍 ben'] })
  const m2 = seen('m2', 'ben', 2, 3, 'b.0.1 and more')
  const m3 = seen('m3', 'ann', 3, 7, '', { deleted: true })
  const m4 = seen('m4', 'ben', 4, 9, 'bot.1')
  const events: Event[] = [
    { is: 'send', device: 'a', chat, word: 'a.0.1' },
    { is: 'kept', device: 'a', word: 'a.0.1', id: 'm1' },
    { is: 'ok', device: 'a', chat, author: 'ann', id: 'm1', seq: 1 },
    { is: 'saw', device: 'a', message: seen('m1', 'ann', 1, 2, 'a.0.1'), status: 'sent', pending: false },
    { is: 'send', device: 'b', chat, word: 'b.0.1' },
    { is: 'kept', device: 'b', word: 'b.0.1', id: 'm2' },
    { is: 'ok', device: 'b', chat, author: 'ben', id: 'm2', seq: 2 },
    { is: 'newest', device: 'a', chat, seq: 2 },
    { is: 'change', device: 'a', user: 'ann', change: 'a.0.2', chat, kind: 'edit', target: 'm1', what: 'a.0.2', on: true },
    { is: 'changed', device: 'a', change: 'a.0.2' },
    { is: 'change', device: 'b', user: 'ben', change: 'b.0.3', chat, kind: 'react', target: 'm1', what: '👍', on: true },
    { is: 'changed', device: 'b', change: 'b.0.3' },
    { is: 'change', device: 'b', user: 'ben', change: 'b.0.2', chat, kind: 'edit', target: 'm1', what: 'b.0.2', on: true },
    { is: 'changed', device: 'b', change: 'b.0.2' },
    { is: 'refused', device: 'b', word: 'b.0.2', reason: 'not-yours' },
    { is: 'saw', device: 'a', message: m1, status: 'delivered', pending: false },
    { is: 'send', device: 'a2', chat, word: 'a2.0.1' },
    { is: 'kept', device: 'a2', word: 'a2.0.1', id: 'm3' },
    { is: 'ok', device: 'a2', chat, author: 'ann', id: 'm3', seq: 3 },
    { is: 'change', device: 'a', user: 'ann', change: 'a.0.3', chat, kind: 'delete', target: 'm3', what: '', on: true },
    { is: 'changed', device: 'a', change: 'a.0.3' },
    { is: 'saw', device: 'b', message: m3, status: 'sent', pending: false },
    { is: 'send', device: 'a', chat, word: 'a.0.4' },
    { is: 'refused', device: 'a', word: 'a.0.4', reason: 'too-large' },
    // Nobody ever heard of them again: one was stored.
    { is: 'send', device: 'bot', chat, word: 'bot.1' },
    { is: 'send', device: 'bot', chat, word: 'bot.2' },
    ...links.map((each): Event => ({ is: 'link', device: 'reader', link: each })),
    { is: 'marks', device: 'reader', chat, user: 'ben', marks: [2, 1] },
    { is: 'marks', device: 'reader', chat, user: 'ben', marks: [3, 3] },
  ]
  const view = (device: string, messages: Seen[], whole = true) => ({ device, chat, whole, messages, document: 'bytes' })
  return {
    history: events.map((event, at) => ({ ...event, at })),
    ending: {
      stored: {
        chats: [{ id: chat, rev: 9, seq: 4 }],
        links,
        messages: [m1, m2, m3, m4],
        reactions: [{ chat, seq: 1, what: '👍 ben' }],
        marks: [{ chat, user: 'ben', marks: [4, 3] }],
      },
      views: [view('a', [m1, m2, m3, m4]), view('b', [m1, m2, m3, m4]), view('fresh', [m3, m4], false)],
      settled: ['a', 'a2', 'b'],
    },
  }
}

/** The case with its first event of that kind (or the n-th) changed, or taken out where `change` says so. */
function change<K extends Event['is']>(given: Case, is: K, edit: (event: Extract<Recorded, { is: K }>) => void, nth = 0): void {
  const event = given.history.filter((each): each is Extract<Recorded, { is: K }> => each.is === is)[nth]
  if (!event) throw new Error(`no ${is}`)
  edit(event)
}
const add = (given: Case, ...events: Event[]): void => void given.history.push(...events.map((event) => ({ ...event, at: 1_000 })))
const stored = (given: Case, rev: number): Link => {
  const found = given.ending.stored.links.find((each) => each.rev === rev)
  if (!found) throw new Error(`no rev ${rev}`)
  return found
}
/** The chain ends before that rev, and everybody who reads it at the end agrees. */
function lose(given: Case, rev: number): void {
  const { stored: end, views } = given.ending
  const [gone] = end.links.splice(rev - 1)
  end.chats[0] = { id: chat, rev: rev - 1, seq: end.links.filter(({ seq }) => seq > 0).length }
  end.messages = end.messages.filter(({ id }) => id !== gone?.id)
  for (const view of views) view.messages = view.messages.filter(({ id }) => id !== gone?.id)
  given.history = given.history.filter((event) => event.is !== 'link' || event.link.rev < rev)
}
/** One more message at the end of the chain, which everybody shows. */
function append(given: Case, id: string, author: string, text: string): void {
  const { stored: end, views } = given.ending
  end.links.push(link(10, 5, 'message', author, id, { text }))
  end.chats[0] = { id: chat, rev: 10, seq: 5 }
  const message = seen(id, author, 5, 10, text)
  end.messages.push(message)
  for (const view of views) view.messages.push(message)
}

const lies: [rule: string, what: string, plant: (given: Case) => void][] = [
  [
    'each ok exactly once',
    'an acknowledged word is lost',
    (given) => {
      lose(given, 9)
      add(given, { is: 'kept', device: 'bot', word: 'bot.1', id: 'm4' }, { is: 'ok', device: 'bot', chat, author: 'ben', id: 'm4', seq: 4 })
    },
  ],
  ['each ok exactly once', 'an acknowledged word is stored twice, under two ids', (given) => append(given, 'm9', 'ben', 'b.0.1 and more')],
  ['each refused nowhere', 'a refused word is stored', (given) => append(given, 'm9', 'ann', 'a.0.4')],
  ['each refused nowhere', 'a refused edit counts', (given) => void (stored(given, 8).code = null)],
  ['each unknown at most once', 'an unknown word is stored twice', (given) => append(given, 'm9', 'ben', 'bot.1')],
  [
    'what is kept arrives',
    'a word that was on disk is gone',
    (given) => {
      lose(given, 9)
      add(given, { is: 'send', device: 'a', chat, word: 'a.0.9' }, { is: 'kept', device: 'a', word: 'a.0.9', id: 'm9' })
    },
  ],
  [
    'what is kept arrives',
    'an edit that was on disk is gone',
    (given) =>
      add(
        given,
        { is: 'change', device: 'a', user: 'ann', change: 'a.0.8', chat, kind: 'edit', target: 'm1', what: 'a.0.8', on: true },
        { is: 'changed', device: 'a', change: 'a.0.8' },
      ),
  ],
  [
    'what is kept arrives',
    'a deletion that was on disk is gone',
    (given) =>
      add(
        given,
        { is: 'change', device: 'a', user: 'ann', change: 'a.0.8', chat, kind: 'delete', target: 'm1', what: '', on: true },
        { is: 'changed', device: 'a', change: 'a.0.8' },
      ),
  ],
  [
    'what is kept arrives',
    'a reaction that was taken back is there',
    (given) =>
      add(
        given,
        { is: 'change', device: 'b', user: 'ben', change: 'b.0.8', chat, kind: 'react', target: 'm1', what: '👍', on: false },
        { is: 'changed', device: 'b', change: 'b.0.8' },
      ),
  ],
  ['nothing from nowhere', 'a message that nobody sent', (given) => append(given, 'm9', 'ben', 'who')],
  [
    'nothing from nowhere',
    'an edit that nobody made',
    (given) => void (stored(given, 8).operation = JSON.stringify({ target: 'm1', targetAuthor: 'ann', text: 'who' })),
  ],
  ['one answer', 'acknowledged and refused', (given) => add(given, { is: 'refused', device: 'a', word: 'a.0.1', reason: 'garbage' })],
  ['the chat it was sent to', 'a word in another chat', (given) => change(given, 'send', (event) => void (event.chat = 'c2'))],
  ['exactly once', 'an id twice in the chain', (given) => void (stored(given, 9).id = 'm2')],
  ['one order', 'a rev is missing', (given) => void given.ending.stored.links.splice(4, 1)],
  ['one order', 'a seq is missing', (given) => void (stored(given, 9).seq = 5)],
  ['one order', 'the chat says another end', (given) => void (given.ending.stored.chats[0] = { id: chat, rev: 8, seq: 4 })],
  ['times never go back', 'an entry before its time', (given) => void (stored(given, 5).at = 1)],
  ['places never change', 'acknowledged at another seq', (given) => change(given, 'ok', (event) => void (event.seq = 2))],
  ['places never change', 'shown at another seq', (given) => change(given, 'saw', (event) => void (event.message.seq = 2))],
  [
    'what was seen is stored',
    'shown and nowhere',
    (given) => add(given, { is: 'saw', device: 'b', message: seen('m7', 'ann', 5, 10, 'a.0.4'), status: 'sent', pending: false }),
  ],
  [
    'one order for all',
    'a reader was told another entry',
    (given) => change(given, 'link', (event) => void (event.link = { ...event.link, id: 'm7' }), 2),
  ],
  [
    'one order for all',
    'a reader was told other words',
    (given) => change(given, 'link', (event) => void (event.link = { ...event.link, operation: '{"text":"b.0.9"}' }), 2),
  ],
  ['no rev goes back', 'a reader is told an older entry', (given) => add(given, { is: 'link', device: 'reader', link: stored(given, 3) })],
  ['no rev goes back', 'the server does not know what it told', (given) => add(given, { is: 'unknown-head', device: 'reader', chat, rev: 3 })],
  [
    'no rev goes back',
    'a message as it was before',
    (given) => add(given, { is: 'saw', device: 'a', message: seen('m1', 'ann', 1, 4, 'a.0.2'), status: 'delivered', pending: false }),
  ],
  ['no rev goes back', 'the end of a chat falls', (given) => add(given, { is: 'newest', device: 'a', chat, seq: 1 })],
  [
    'deleted stays deleted',
    'a deleted message is back',
    (given) => add(given, { is: 'saw', device: 'b', message: seen('m3', 'ann', 3, 8, 'a2.0.1'), status: 'sent', pending: false }),
  ],
  ['marks never fall', 'a reader is told a lower mark', (given) => add(given, { is: 'marks', device: 'reader', chat, user: 'ben', marks: [3, 2] })],
  [
    'marks never fall',
    'two ticks become one',
    (given) =>
      add(given, { is: 'saw', device: 'a', message: seen('m1', 'ann', 1, 5, 'a.0.2', { reactions: ['👍 ben'] }), status: 'sent', pending: false }),
  ],
  ['marks never fall', 'a mark that was told is not stored', (given) => void (given.ending.stored.marks[0] = { chat, user: 'ben', marks: [2, 2] })],
  ['marks never fall', 'a mark above the end', (given) => void (given.ending.stored.marks[0] = { chat, user: 'ben', marks: [9, 3] })],
  ['what was shown was true', 'other words were shown', (given) => change(given, 'saw', (event) => void (event.message.text = 'a.0.9'))],
  ['what was shown was true', 'a state at a rev that did not touch it', (given) => change(given, 'saw', (event) => void (event.message.rev = 3))],
  ['one state for all', 'a row with other words', (given) => void (given.ending.stored.messages[1] = seen('m2', 'ben', 2, 3, 'b.0.9'))],
  ['one state for all', 'a row is missing', (given) => void given.ending.stored.messages.pop()],
  ['one state for all', 'a reaction row is missing', (given) => void given.ending.stored.reactions.pop()],
  ['one state for all', 'a device shows another order', (given) => void given.ending.views[1]?.messages.reverse()],
  ['one state for all', 'a device lacks a message', (given) => void given.ending.views[0]?.messages.shift()],
  [
    'one state for all',
    'a device shows a message twice',
    (given) => {
      const messages = given.ending.views[0]?.messages ?? []
      messages.push(...messages.slice(-1))
    },
  ],
  ['one state for all', 'a fresh device lacks the end', (given) => void given.ending.views[2]?.messages.pop()],
  [
    'one document for all',
    'two documents differ',
    (given) => {
      const [view] = given.ending.views
      if (view) view.document = 'other bytes'
    },
  ],
  ['whatever the fault', 'a server ended by itself', (given) => add(given, { is: 'broken', what: 'node 0 ended' })],
]

test('the checker: an honest history passes, its sends counted', () => {
  const { history, ending } = honest()
  expect(check(history, ending)).toEqual({ violations: [], counts: { sends: 6, ok: 3, refused: 1, unknown: 2, unknownStored: 1 } })
})

test('the checker: a message that two devices of a person delete is as the first one left it, with its rev', () => {
  const links = [
    link(1, 1, 'message', 'ann', 'm1', { text: 'a.0.1' }),
    link(2, 0, 'react', 'ben', 'o1', { target: 'm1', targetAuthor: 'ann', emoji: '👍', on: true }),
    link(3, 2, 'message', 'ann', 'm2', { text: 'a.0.2' }),
    link(4, 0, 'delete', 'ann', 'o3', { target: 'm2', targetAuthor: 'ann' }),
    link(5, 0, 'delete', 'ann', 'o4', { target: 'm2', targetAuthor: 'ann' }),
  ]
  expect(modelOf(links).messages.map(({ rev, deleted }) => [rev, deleted])).toEqual([
    [2, false],
    [4, true],
  ])
})

/** Ann's deleted message is erased: its entry has no words any more, and all that is left of it has its entry's rev. */
function erase(given: Case): Seen {
  const erased = seen('m3', 'ann', 3, 6, '', { deleted: true })
  stored(given, 6).operation = null
  given.ending.stored.messages[2] = erased
  for (const view of given.ending.views) view.messages = view.messages.map((message) => (message.id === 'm3' ? erased : message))
  add(given, { is: 'saw', device: 'b', message: erased, status: 'sent', pending: false })
  return erased
}

test('the checker: what was deleted and is erased has the rev of its own entry, and what was seen before stays true (ERASE-5)', () => {
  const given = honest()
  erase(given)
  const before = seen('m3', 'ann', 3, 6, 'a2.0.1')
  given.history.unshift({ is: 'saw', device: 'b', message: before, status: 'sent', pending: false, at: 0 })
  expect(check(given.history, given.ending).violations).toEqual([])
})

test('the checker: a deletion that waits is shown at the rev that the message has, and takes nothing back', () => {
  const given = honest()
  const waiting = seen('m3', 'ann', 3, 6, '', { deleted: true })
  const at = given.history.findIndex((event) => event.is === 'saw' && event.message.id === 'm3')
  given.history.splice(at, 0, { is: 'saw', device: 'b', message: waiting, status: 'sent', pending: true, at: 0 })
  expect(check(given.history, given.ending).violations).toEqual([])
})

test.each<[rule: string, what: string, plant: (given: Case, erased: Seen) => void]>([
  [
    'no rev goes back',
    'what was erased is there as it was before',
    (given) => add(given, { is: 'saw', device: 'b', message: seen('m3', 'ann', 3, 7, '', { deleted: true }), status: 'sent', pending: false }),
  ],
  [
    'one state for all',
    'a row that was not erased',
    (given) => void (given.ending.stored.messages[2] = seen('m3', 'ann', 3, 7, '', { deleted: true })),
  ],
  ['one state for all', 'an erased row with words', (given, erased) => void (given.ending.stored.messages[2] = { ...erased, text: 'a2.0.1' })],
])('the checker catches, where words are erased, as "%s": %s', (rule, _, plant) => {
  const given = honest()
  plant(given, erase(given))
  expect(check(given.history, given.ending).violations.map((violation) => violation.rule)).toContain(rule)
})

test.each(lies)('the checker catches, as "%s": %s', (rule, _, plant) => {
  const given = honest()
  plant(given)
  const { violations } = check(given.history, given.ending)
  expect(violations.map((violation) => violation.rule)).toContain(rule)
})

test('the checker shows the piece of the history that tells it', () => {
  const given = honest()
  append(given, 'm9', 'ben', 'b.0.1 and more')
  const [violation] = check(given.history, given.ending).violations.filter(({ rule }) => rule === 'each ok exactly once')
  expect(violation?.events.map(({ is }) => is)).toEqual(['send', 'kept', 'ok', 'link'])
})
