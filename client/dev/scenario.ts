// People, chats and words to look at; the address says which state: ?state=offline, ?messages=500, …
import type { ChatEvent, ChatItem, MessageItem, OutboxItem, Person } from '@skein/engine'
import type { ChatId, UserId } from '@skein/protocol'
import { chatOf, itemOf, MemoryEngine, newUuid } from './memory-engine.ts'

const MINUTE = 60_000
const HOUR = 60 * MINUTE
const DAY = 24 * HOUR
/** Ids that stay the same, so that colours do. */
const fixedId = (n: number): string => `0${String(n).padStart(25, '7')}`

function pick<T>(list: readonly T[], index: number): T {
  const found = list[index]
  if (found === undefined) throw new RangeError(`Nothing at ${index}`)
  return found
}

const names = [
  'Ada Okafor',
  'Bence Szabó',
  'Camille Roux',
  'Dmitri Volkov',
  'Elif Aydın',
  'Farah Haddad',
  'Gustav Holm',
  'Hana Sato',
  'فاطمة الزهراء',
  'Ignacio Pérez de la Cruz',
]

export function scenario(options: URLSearchParams): MemoryEngine {
  const engine = new MemoryEngine()
  const now = Date.now()
  const me = fixedId(99) as UserId
  const state = options.get('state') ?? ''
  if (state === 'login' || state === 'login-offline') {
    if (state === 'login-offline') engine.set({ network: { ...engine.network, connected: false, offlineSince: now } })
    return engine
  }
  engine.session = {
    status: 'logged-in',
    needsPassword: state.startsWith('password'),
    user: { id: me, email: 'mara@example.org', name: 'Mara Lindqvist', emailConfirmed: state !== 'unconfirmed' },
  }
  engine.embedded = options.has('embedded')
  if (state === 'empty') return engine
  engine.people = names.map((name, index): Person => ({
    id: fixedId(index + 1) as UserId,
    name,
    avatarUrl: null,
    online: index === 0 || index === 3 || index === 4,
    lastSeenAt: index === 7 ? null : now - pick([0, 12 * MINUTE, 3 * HOUR, 0, 0, 26 * HOUR, 9 * DAY, 0, 50 * DAY, 400 * DAY], index),
  }))
  const add = (chat: Partial<ChatItem> & { title: string }, messages: (id: ChatId) => MessageItem[], unread = 0): ChatId => {
    const id = fixedId(200 + engine.all.length) as ChatId
    const items = messages(id)
    const last = items.at(-1) ?? null
    const full = chatOf({
      id,
      lastMessage: last,
      lastAt: last ? Date.parse(last.createdAt) : now,
      unread,
      offline: { state: 'off', held: items.length, total: items.length, bytes: items.length * 900 },
      ...chat,
    })
    engine.all.push({ chat: full, messages: items, seen: Math.max(0, ...items.map((item) => item.seq)) - unread })
    return id
  }
  const direct = (index: number): Partial<ChatItem> & { title: string } => {
    const person = pick(engine.people, index)
    return { title: person.name, peer: person.id, members: [{ id: person.id, name: person.name, mayInvite: false, mayRemove: false }] }
  }
  const ada = pick(engine.people, 0)
  const unread = state === 'unread' ? Number(options.get('unread') ?? 4) : 0
  const first = add(direct(0), (chatId) => conversation(chatId, me, ada.id, now, Number(options.get('messages') ?? 60), unread), unread)
  const line =
    (index: number, text: string, ago: number, own = false, more: Partial<MessageItem> = {}) =>
    (chatId: ChatId) => [itemOf({ chatId, authorId: own ? me : pick(engine.people, index).id, own, text, at: now - ago, seq: 1, ...more })]
  add(direct(4), line(4, 'Could you look at the schedule before Friday? I moved two sessions and I am not sure the rooms still fit.', 22 * MINUTE), 3)
  const memberOf = (id: UserId, name: string, may = false): ChatItem['members'][number] => ({ id, name, mayInvite: may, mayRemove: may })
  const members = [0, 1, 2].map((index) => memberOf(pick(engine.people, index).id, pick(engine.people, index).name))
  const team = add(
    { title: 'Weekend hike', kind: 'group', members: [...members, memberOf(me, 'Mara Lindqvist', state !== 'guest')] },
    (chatId) => hike(chatId, me, members, now),
    state === 'unread' ? 2 : 0,
  )
  const [adaIn, camilleIn] = [pick(members, 0), pick(members, 2)]
  const happened = (rev: number, more: Pick<ChatEvent, 'kind' | 'by' | 'afterSeq'> & Partial<ChatEvent>): ChatEvent => {
    return { rev, at: new Date(now - HOUR - 15 * MINUTE + rev * MINUTE).toISOString(), user: null, title: null, ...more }
  }
  engine.of(team).events = [
    happened(1, { kind: 'create', by: adaIn.id, afterSeq: 0 }),
    happened(4, { kind: 'join', by: adaIn.id, user: me, afterSeq: 3 }),
    happened(6, { kind: 'rename', by: camilleIn.id, title: 'Weekend hike', afterSeq: 4 }),
  ]
  add(direct(3), line(3, 'Sent you the draft 🙂', 5 * HOUR, true, { status: 'seen' }))
  add(direct(1), line(1, 'Köszi, holnap hívlak!', 25 * HOUR))
  add(direct(8), line(8, 'مرحبا، هل نلتقي غدا في المكتبة؟', 3 * DAY))
  add({ ...direct(6), removed: true }, line(6, 'See you', 30 * DAY))
  if (state === 'arranged') {
    engine.patchChat(team, { pinned: true, unread: 12, mentioned: true })
    const [, elif, , dmitri, bence, fatima] = engine.all
    for (const [one, patch] of [
      [elif, { mutedUntil: now + 5 * HOUR }],
      [dmitri, { pinned: true }],
      [bence, { archived: true }],
      [fatima, { archived: true, unread: 2 }],
    ] as const)
      if (one) engine.patchChat(one.chat.id, patch)
  }
  for (let n = engine.all.length; n < Number(options.get('chats') ?? 0); n++)
    add({ title: `Chat ${n}`, kind: 'group', lastAt: now - 40 * DAY - n * MINUTE, pinned: n % 500 === 0 }, () => [])
  if (state === 'offline') {
    engine.network = {
      connected: false,
      offlineSince: now - 14 * MINUTE,
      waiting: 3,
      nextTryAt: now + 12_000,
      stuck: false,
      outdated: false,
      incomplete: false,
    }
    const waiting = (text: string, ago: number): MessageItem =>
      itemOf({ chatId: first, authorId: me, own: true, text, at: now - ago, status: 'queued' })
    engine.append(first, waiting('The train has no signal between here and the coast, but I can still write.', 3 * MINUTE))
    engine.append(first, waiting('So: yes to Saturday, and I bring the stove.', 2 * MINUTE))
    const edited = engine.of(first).messages.findLast((item) => item.own && item.seq > 0)
    if (edited)
      engine.patchItem(first, edited.id, { text: `${edited.text} (edited on the train)`, editedAt: new Date(now).toISOString(), pending: true })
  }
  if (state === 'pinned') {
    const { messages } = engine.of(first)
    engine.of(first).pinned = [messages.at(-12), messages.at(-30), messages.at(3)].flatMap((item) => item?.id ?? [])
    engine.of(first).events = [happened(200, { kind: 'pin', by: ada.id, afterSeq: messages.at(-1)?.seq ?? 0 })]
  }
  if (state === 'aside') {
    engine.append(
      first,
      itemOf({
        chatId: first,
        authorId: me,
        own: true,
        text: 'These words were refused, but they are not lost.',
        at: now,
        status: 'set-aside',
        problem: 'bad-operation',
      }),
    )
    engine.outbox = [
      {
        id: newUuid(),
        chatId: first,
        kind: 'edit',
        text: 'Meet at the north entrance instead, the south one is closed.',
        state: 'aside',
        reason: 'deleted',
        target: null,
        createdAt: now,
        nextTryAt: null,
        unsaved: false,
      },
    ]
    engine.network = { ...engine.network, waiting: 2 }
  }
  if (state === 'password-offline') engine.network = { ...engine.network, connected: false, offlineSince: now - HOUR, waiting: 2 }
  if (state === 'outbox') {
    engine.network = {
      connected: false,
      offlineSince: now - 14 * MINUTE,
      waiting: 3,
      nextTryAt: now + 12_000,
      stuck: false,
      outdated: false,
      incomplete: false,
    }
    const one = (given: Partial<OutboxItem>): OutboxItem => ({
      id: newUuid(),
      chatId: first,
      kind: 'message',
      text: '',
      target: null,
      state: 'waiting',
      reason: null,
      createdAt: now - 6 * MINUTE,
      nextTryAt: null,
      unsaved: false,
      ...given,
    })
    engine.outbox = [
      one({ text: 'The train has no signal between here and the coast, but I can still write.' }),
      one({ kind: 'react', text: '👍', state: 'appended' }),
      one({ kind: 'edit', text: 'Meet at the north entrance instead, the south one is closed.', state: 'aside', reason: 'deleted' }),
      one({ chatId: team, text: 'I bring the stove.', createdAt: now - 26 * HOUR }),
    ]
  }
  if (state === 'typing') {
    setTimeout(() => {
      for (const window of engine.windows) window.typing = ['Ada Okafor']
      engine.changed()
    }, 500)
  }
  if (state === 'rich') {
    const bence = pick(engine.people, 1)
    const wrote = (text: string, ago: number, more: Partial<MessageItem> = {}): void =>
      engine.append(
        team,
        itemOf({ chatId: team, authorId: bence.id, own: false, text, at: now - ago * MINUTE, seq: 20 - ago, rev: 20 - ago, ...more }),
      )
    wrote('**Packing list**, please check _today_:\n\n1. stove and `2 × 230 g` gas\n2. rope\n   - the long one\n   - not the red one', 9)
    wrote('> Nine is fine.\n\nThen it is *settled*. Route: [the ridge](https://example.org/ridge), snake_case_stays.', 7)
    wrote('```\nfor (const peak of peaks) {\n  climb(peak) // slowly\n}\n```', 5)
    wrote('@Mara Lindqvist can you ask @Ada Okafor about the car?', 3, { mentions: [me, ada.id] })
  }
  engine.delayMs = Number(options.get('delay') ?? 350)
  Object.assign(engine, { first, team })
  return engine
}

const lines: [own: boolean, text: string][] = [
  [false, 'Morning! Did the parcel arrive?'],
  [true, 'It did, thank you. The lamp is even nicer than in the picture.'],
  [true, 'I put it next to the window.'],
  [false, 'Send a photo when the light is good 🌤️'],
  [true, 'Will do. By the way, the notes from Tuesday are here: https://example.org/notes/2026-11-17 (have a look at the last section).'],
  [false, 'Read them. Two things:\n1. the budget line is from last year\n2. we should ask Elif about the rooms before we promise anything'],
  [true, 'Right.'],
  [true, 'I will fix the first, can you write to Elif?'],
  [false, 'Yes'],
  [false, '👍'],
  [
    true,
    'Then let us meet on Saturday at ten, at the south entrance. If it rains we take the museum, if it does not we walk along the river until somebody gets hungry, and whoever gets hungry first chooses where we eat.',
  ],
  [false, 'Deal. Bring an umbrella anyway.'],
]

function conversation(chatId: ChatId, me: UserId, peer: UserId, now: number, count: number, unread: number): MessageItem[] {
  const items: MessageItem[] = []
  for (let index = 0; index < count; index++) {
    const [wroteIt, text] = pick(lines, (index + (lines.length - (count % lines.length))) % lines.length)
    const own = wroteIt && index < count - unread
    const at = now - (count - index) * 3 * MINUTE - Math.floor((count - index) / 6) * 2 * HOUR
    items.push(
      itemOf({
        chatId,
        authorId: own ? me : peer,
        own,
        text,
        at,
        seq: index + 1,
        rev: index + 1,
        status: own ? (index > count - 3 ? 'delivered' : 'seen') : 'sent',
      }),
    )
  }
  const change = (fromEnd: number, patch: (item: MessageItem) => Partial<MessageItem>): void => {
    const item = items.at(-fromEnd)
    if (item && items.length > 30) items[items.length - fromEnd] = { ...item, ...patch(item) }
  }
  change(1, () => ({
    reactions: [
      { emoji: '😂', userIds: [me] },
      { emoji: '❤️', userIds: [me, peer] },
    ],
  }))
  change(2, () => ({ editedAt: new Date(now).toISOString() }))
  change(5, () => ({ replyTo: items.at(-7)?.id ?? null }))
  change(6, () => ({ deletedAt: new Date(now).toISOString(), text: '' }))
  change(8, (item) => ({ createdAt: new Date(Date.parse(item.receivedAt) - 26 * HOUR).toISOString() }))
  return items
}

function hike(chatId: ChatId, me: UserId, members: { id: UserId }[], now: number): MessageItem[] {
  const words: [number, string][] = [
    [0, 'Who is in for Saturday?'],
    [1, 'Me!'],
    [1, 'I can drive, three seats left.'],
    [3, 'Count me in, I will bring the stove.'],
    [2, 'Weather says 8 °C and dry. Perfect.'],
    [0, 'Then nine at the station?'],
    [2, 'Nine is fine.'],
  ]
  return words.map(([who, text], index) =>
    itemOf({
      chatId,
      authorId: members[who]?.id ?? me,
      own: who === 3,
      text,
      at: now - HOUR - (words.length - index) * 2 * MINUTE,
      seq: index + 1,
      status: who === 3 ? 'seen' : 'sent',
    }),
  )
}
