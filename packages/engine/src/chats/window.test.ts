import { messageOf } from '@skein/protocol'
import { expect, test } from 'vitest'
import { HttpError } from '../http.ts'
import { memoryStores, StoreFull, WINDOW_ITEMS, type ChatWindow, type StoreFactory } from '../index.ts'
import { putChat } from '../local.ts'
import { testPorts, tokenOf } from '../ports.suite.ts'
import { newChatRow, type MessageRow } from '../store/rows.ts'
import { alice, bob, chat, edit, entriesOf, say } from './chain.suite.ts'
import type { History } from './history.ts'
import { withSeq } from './ranges.ts'
import { openParts, openStory } from './story.suite.ts'
import type { ViewOf } from './views.ts'
import { openWindow } from './window.ts'

const COUNT = WINDOW_ITEMS + 200
const story = entriesOf([
  ...Array.from({ length: COUNT + 2 }, (_, i) => [bob, say(i + 1)] as [typeof bob, ReturnType<typeof say>]),
  [bob, edit(9_999, 5, bob, 'edited')],
])
const seqs = (window: ChatWindow): number[] => window.items.map(({ seq }) => seq)
/** Ascending, each once, without a hole. */
const isStretch = (window: ChatWindow): boolean => seqs(window).every((seq, index) => seq === (seqs(window)[0] ?? 0) + index)

test('promise 6: a window pages back to the first message and forth again, never longer than WINDOW_ITEMS, without a hole', async () => {
  const server = await openStory(story, COUNT)
  const window = server.engine.openChat(chat)
  expect(window.loading).toBe('older')
  await server.clock.advance(100)
  expect([window.loading, seqs(window).at(-1), window.items.length, window.hasNewer]).toEqual([null, COUNT, 50, false])
  while (window.hasOlder) {
    const page = window.loadOlder()
    await server.clock.settle()
    await page
    expect(isStretch(window)).toBe(true)
    expect(window.items.length).toBeLessThanOrEqual(WINDOW_ITEMS)
  }
  expect([seqs(window)[0], window.items.length, window.hasNewer]).toEqual([1, WINDOW_ITEMS, true])
  server.asked.length = 0
  while (window.hasNewer) {
    const page = window.loadNewer()
    await server.clock.settle()
    await page
    expect(isStretch(window)).toBe(true)
  }
  expect([seqs(window).at(-1), window.items.length]).toEqual([COUNT, WINDOW_ITEMS])
  // All of it was held.
  expect(server.asked).toEqual([])
  await server.engine.close()
})

/** The window shows the beginning, and its end is not the chat's. */
async function readFarBack() {
  const server = await openStory(story, COUNT)
  const window = server.engine.openChat(chat)
  await server.clock.advance(100)
  while (window.hasOlder) {
    const page = window.loadOlder()
    await server.clock.settle()
    await page
  }
  return { server, window }
}

test('who reads far back is not moved by what comes; changes of what is shown are shown; the way to the end is one step', async () => {
  const { server, window } = await readFarBack()
  const before = seqs(window)
  server.rev = COUNT + 3
  server.engine.connect()
  await server.clock.advance(100)
  expect(seqs(window)).toEqual(before)
  expect(window.hasNewer).toBe(true)
  expect(window.items[4]?.text).toBe('edited')
  await server.engine.send(chat, 'mine')
  expect(window.items.at(-1)?.text).not.toBe('mine')
  const jump = window.jumpToLatest()
  await server.clock.settle()
  await jump
  expect([window.items.at(-1)?.text, window.items.at(-2)?.seq, window.hasNewer]).toEqual(['mine', COUNT + 2, false])
  await server.engine.close()
})

test('UX 11: the way to the end is not swallowed by a page that is on its way', async () => {
  const { server, window } = await readFarBack()
  expect(window.hasNewer).toBe(true)
  const page = window.loadNewer()
  const jump = window.jumpToLatest()
  await server.clock.settle()
  await Promise.all([page, jump])
  expect([seqs(window).at(-1), window.hasNewer, isStretch(window)]).toEqual([COUNT, false, true])
  await server.engine.close()
})

test('promise 5: a window that is opened while news arrive, at whatever moment, shows them and follows', async () => {
  const path = `GET /api/chats/${chat}/changes`
  const ends: object[] = []
  const moments = Array.from({ length: 40 }, (_, moment) => moment)
  for (const moment of moments) {
    const server = await openStory(story.slice(0, 13), 11)
    server.engine.openChat(chat).close()
    await server.clock.advance(100)
    const answer = server.routes[path]
    if (!answer) throw new Error('no route')
    let window: ChatWindow | null = null
    server.routes[path] = (request) => {
      void (async () => {
        for (let turn = 0; turn < moment; turn++) await Promise.resolve()
        window ??= server.engine.openChat(chat)
      })()
      return answer(request)
    }
    server.rev = 13
    server.engine.connect()
    await server.clock.advance(100)
    const shown = window as ChatWindow | null
    ends.push([moment, shown?.items.at(-1)?.seq, shown?.hasNewer])
    await server.engine.close()
  }
  expect(ends).toEqual(moments.map((moment) => [moment, 13, false]))
}, 60_000)

test('O4: a page that cannot be had says why, and works when asked again; a second opening needs no server', async () => {
  const server = await openStory(story, COUNT)
  const path = `GET /api/chats/${chat}/messages`
  const answer = server.routes[path]
  if (!answer) throw new Error('no route')
  const first = server.engine.openChat(chat)
  await server.clock.advance(100)
  server.routes[path] = () => 'unreachable'
  const failing = first.loadOlder()
  await server.clock.settle()
  await failing
  expect([first.error, first.loading, first.items.length]).toEqual(['The server cannot be reached.', null, 50])
  server.routes[path] = answer
  const again = first.loadOlder()
  await server.clock.settle()
  await again
  expect([first.error, first.items.length]).toEqual([null, 100])
  first.close()
  server.routes[path] = () => 'unreachable'
  const second = server.engine.openChat(chat)
  await server.clock.advance(100)
  expect([second.error, second.items.length, second.items.at(-1)?.authorId === alice]).toEqual([null, 50, false])
  await server.engine.close()
})

/** Stores of which the next write of a word finds the disk full. */
function fullOnce(): StoreFactory & { isFull: boolean } {
  const inner = memoryStores()
  const factory = {
    isFull: false,
    remove: inner.remove,
    open: async (...args: Parameters<StoreFactory['open']>) => {
      const store = await inner.open(...args)
      return {
        ...store,
        write: async (...[changes, durable]: Parameters<typeof store.write>) => {
          const isWord = changes.some((change) => 'put' in change && change.put === 'outbox')
          if (factory.isFull && isWord) {
            factory.isFull = false
            throw new StoreFull('full')
          }
          return store.write(changes, durable)
        },
      }
    },
  }
  return factory
}

test('I1: rows that made room for a word leave the open window, which shows only what hears of changes', async () => {
  const store = fullOnce()
  const server = await openStory(story.slice(0, 120), 120, store)
  const window = server.engine.openChat(chat)
  await server.clock.advance(100)
  const page = window.loadOlder()
  await server.clock.settle()
  await page
  expect(seqs(window)).toEqual(Array.from({ length: 100 }, (_, i) => 21 + i))
  store.isFull = true
  await server.engine.send(chat, 'mine')
  await server.clock.advance(100)
  expect([window.items.at(-1)?.text, window.items.length, window.hasOlder]).toEqual(['mine', 51, true])
  expect(seqs(window).slice(0, -1)).toEqual(Array.from({ length: 50 }, (_, i) => 71 + i))
  const again = window.loadOlder()
  await server.clock.settle()
  await again
  expect(seqs(window).slice(0, -1)).toEqual(Array.from({ length: 100 }, (_, i) => 21 + i))
  await server.engine.close()
})

test('UX 14: a window opens around any message: one that is held at once and offline, else with the server; an unknown one leaves it where it was', async () => {
  const server = await openStory(story, COUNT)
  const window = server.engine.openChat(chat)
  await server.clock.advance(100)
  const idAt = (seq: number) => {
    const operation = story[seq - 1]?.operation
    if (operation?.type !== 'message') throw new Error('no message')
    return operation.id
  }
  const one = (id: ReturnType<typeof idAt>) => `GET /api/chats/${chat}/messages/${id}`
  server.routes[one(idAt(300))] = () => ({ body: { message: { ...window.items[0], id: idAt(300), seq: 300 } } })
  const jump = async (id: ReturnType<typeof idAt>): Promise<unknown> => {
    const going = window.jumpTo(id).catch((error: unknown) => error)
    await server.clock.settle()
    return going
  }
  expect(await jump(idAt(300))).toBe(true)
  expect([seqs(window).includes(300), isStretch(window), window.hasOlder, window.hasNewer]).toEqual([true, true, true, true])
  // Its surroundings page on in both directions.
  for (const page of [() => window.loadOlder(), () => window.loadNewer()]) {
    const going = page()
    await server.clock.settle()
    await going
    expect([isStretch(window), window.error]).toEqual([true, null])
  }
  expect(seqs(window).length).toBeGreaterThan(120)
  // Both ends are held now.
  server.asked.length = 0
  expect(await jump(idAt(COUNT - 10))).toBe(true)
  expect(await jump(idAt(290))).toBe(true)
  expect([seqs(window).includes(290), isStretch(window), server.asked]).toEqual([true, true, []])
  const before = seqs(window)
  server.routes[one(idAt(3))] = () => ({ status: 404, body: { code: 'no-such-message', message: 'none' } })
  expect(await jump(idAt(3))).toBe(false)
  server.routes[one(idAt(3))] = () => 'unreachable'
  expect(await jump(idAt(3))).toMatchObject({ code: 'offline' })
  expect([seqs(window), window.error]).toEqual([before, null])
  await server.engine.close()
})

test('UX 13: a window opens around the first message of a time: by the rows where they are sure of it, else with the server, and offline as far as the rows go', async () => {
  const server = await openStory(story, COUNT)
  const window = server.engine.openChat(chat)
  await server.clock.advance(100)
  const timeAt = (seq: number): number => story[seq - 1]?.at ?? 0
  const jump = async (time: number): Promise<unknown> => {
    const going = window.jumpToTime(time).catch((error: unknown) => error)
    await server.clock.settle()
    const id = await going
    return window.items.find((item) => item.id === id)?.seq ?? id
  }
  server.asked.length = 0
  expect([await jump(timeAt(COUNT - 10)), server.asked.filter((path) => path.endsWith('/messages'))]).toEqual([COUNT - 10, []])
  expect([await jump(timeAt(300)), isStretch(window), window.hasOlder, window.hasNewer]).toEqual([300, true, true, true])
  expect(await jump(timeAt(300) + 1)).toBe(301)
  expect(await jump(0)).toBe(1)
  expect([await jump(timeAt(COUNT) + 1), window.hasNewer]).toEqual([COUNT, false])
  server.routes[`GET /api/chats/${chat}/messages`] = () => 'unreachable'
  expect(await jump(timeAt(310))).toBe(310)
  // Nothing is held of then: the next that is.
  expect(await jump(timeAt(100))).toBe(276)
  await server.engine.close()
})

test('O2: a page that could not be had while the session was over comes by itself after the log-in', async () => {
  const server = await openStory(story.slice(0, 13), 11)
  const path = `GET /api/chats/${chat}/messages`
  const answer = server.routes[path] ?? expect.fail('no route')
  server.routes[path] = () => ({ status: 401, body: { code: 'session-ended' } })
  server.routes['POST /api/auth/refresh'] = () => ({ status: 401, body: { code: 'session-ended' } })
  const window = server.engine.openChat(chat)
  await server.clock.advance(100)
  expect([window.items.length, window.error === null]).toEqual([0, false])
  server.routes[path] = answer
  await server.engine.login('a@example.org', 'x')
  await server.clock.advance(100)
  expect([seqs(window).at(-1), window.error]).toEqual([11, null])
  await server.engine.close()
})

function rowOf(seq: number): MessageRow {
  const entry = story.find((one) => one.seq === seq)
  if (entry?.operation?.type !== 'message') return expect.fail(`There is no message ${seq}`)
  return { ...messageOf(entry, entry.operation), chat }
}

/** A window on rows that a test puts there by hand; `fetch` answers where nothing is held. */
async function openByHand(fetch: History['fetch']) {
  const parts = testPorts()
  parts.routes['POST /api/auth/login'] = () => ({
    body: { accessToken: tokenOf('x', 100_000), user: { id: alice, email: 'a@example.org', name: 'Alice' } },
  })
  const { local, another } = await openParts(parts)
  const row = newChatRow(chat, [{ id: bob, name: 'Bob' }], 0)
  await local.commit(putChat(undefined, row))
  const viewOf = (id: typeof chat): ViewOf => {
    const known = local.chats.get(id) ?? expect.fail('asked for a chat that is not known')
    return { self: alice, chat: known, outbox: [], isUnsaved: () => false, people: new Map(), server: 'https://chat.example.org' }
  }
  const held = new Map<number, MessageRow>()
  const heldBefore = async (_: typeof chat, last: number): Promise<MessageRow[]> => {
    const page: MessageRow[] = []
    for (let seq = last, one = held.get(seq); one; one = held.get(--seq)) page.unshift(one)
    return page
  }
  const none = (): void => {}
  const network = { connected: true }
  const window = openWindow({
    chat,
    local,
    history: { heldBefore, fetch, seqOf: () => Promise.resolve(2) } as unknown as History,
    ports: parts.ports,
    viewOf,
    isConnected: () => network.connected,
    typing: () => [],
    setTyping: none,
    markSeen: none,
    closed: none,
  })
  /** The device holds these now, and the window hears of it. */
  const hold = async (places: readonly number[]): Promise<void> => {
    const messages = places.map(rowOf)
    for (const one of messages) held.set(one.seq, one)
    await local.update(chat, (now) => putChat(now, { ...now, ranges: places.reduce((ranges, seq) => withSeq(ranges, seq), now.ranges) }))
    window.changed({ chats: new Set([chat]), messages, reread: false, anything: false })
    await parts.clock.settle()
  }
  return { ...parts, local, another, row, window, hold, network }
}

test('CHAT-1: a window shows no gap, also where the newest comes before what stands between, and while an older page is on its way', async () => {
  const page = Promise.withResolvers<MessageRow[]>()
  const { window, hold, clock } = await openByHand(() => page.promise)
  await hold([2, 3])
  expect(seqs(window.face)).toEqual([2, 3])
  const older = window.face.loadOlder()
  expect(window.face.loading).toBe('older')
  await hold([6])
  expect(seqs(window.face)).toEqual([6])
  page.resolve([rowOf(1)])
  await clock.settle()
  await older
  expect([seqs(window.face), window.face.hasOlder]).toEqual([[6], true])
  window.face.close()
})

test('CHAT-1: a message that got another place by a restore is shown there alone, while the past that was lost is still on the screen', async () => {
  const { window, hold, clock } = await openByHand(() => new Promise(() => {}))
  await hold([1, 2, 3])
  window.changed({ chats: new Set([chat]), messages: [{ ...rowOf(2), seq: 3 }], reread: false, anything: false })
  await clock.settle()
  const ids = window.face.items.map(({ id }) => id)
  expect(ids.filter((id) => id === rowOf(2).id)).toEqual([rowOf(2).id])
  window.face.close()
})

test('O4: a page that a server in reach could not give is asked for again by itself, later each time, until it comes or the window closes', async () => {
  let asked = 0
  const failure = new HttpError('not-ready', 'Not now.', 503, 40_000)
  const { window, hold, clock, network } = await openByHand(async () => {
    asked++
    throw failure
  })
  await hold([3])
  expect([window.face.error, asked]).toEqual(['Not now.', 1])
  // The server wants to be left alone for so long.
  await clock.advance(39_000)
  expect(asked).toBe(1)
  await clock.advance(60_000)
  expect(asked).toBeGreaterThan(1)
  // Out of reach it is not asked, and at once when it is back.
  network.connected = false
  const before = asked
  await clock.advance(600_000)
  expect(asked).toBe(before)
  window.connected()
  await clock.settle()
  expect(asked).toBe(before + 1)
  network.connected = true
  window.face.close()
  await clock.advance(600_000)
  expect(asked).toBe(before + 1)
})

test('UX 14: a jump that fails is not made later by itself', async () => {
  let asked = 0
  const { window, hold, clock } = await openByHand(async () => {
    asked++
    throw new HttpError('not-ready', 'Not now.', 503)
  })
  await hold([6])
  await clock.settle()
  await window.face.jumpTo(rowOf(2).id)
  const before = asked
  expect(window.face.error).toBe('Not now.')
  await clock.advance(600_000)
  expect([asked, seqs(window.face)]).toEqual([before, [6]])
  window.connected()
  expect([asked, window.face.error]).toEqual([before, null])
  window.face.close()
})

test('a window whose chat the device has forgotten, by another tab, shows what it showed until the chat is known again', async () => {
  const { local, another, row, window } = await openByHand(async () => [])
  const { face, refresh } = window
  const other = await another()
  await other.commit([{ remove: 'chats', key: chat }])
  await local.rereadAll()
  refresh()
  expect([local.chats.has(chat), face.chat.id, face.items]).toEqual([false, chat, []])
  await local.commit(putChat(undefined, { ...row, title: 'Back' }))
  refresh()
  expect(face.chat.title).toBe('Back')
  face.close()
})
