// Answers of the server that are older than what this device has read meanwhile.
import { describe, expect, test } from 'vitest'
import type { Entry } from '@skein/protocol'
import { putChat } from '../local.ts'
import { testPorts, tokenOf } from '../ports.suite.ts'
import { alice, bob, chat, entriesOf, idOf, say, sha256 } from './chain.suite.ts'
import { createChatSync } from './chat-sync.ts'
import { createFeed } from './feed.ts'
import { createHealer } from './heal.ts'
import { openParts } from './story.suite.ts'
import { newChatRow } from '../store/rows.ts'
import { startOf } from '../store/start-of.ts'

const member = (id: typeof alice, name: string) => ({ id, name, mayInvite: true, mayRemove: true })
const both = [member(alice, 'Alice'), member(bob, 'Bob')]
const document = `chat/${chat}/1-0123456789abcdef`

/** A group of these, at its beginning. */
async function openChat(ids: readonly (typeof alice)[]) {
  const parts = testPorts()
  parts.routes['POST /api/auth/login'] = () => ({
    body: { accessToken: tokenOf('x', 100_000), user: { id: alice, email: 'a@example.org', name: 'Alice' } },
  })
  const { local, session } = await openParts(parts)
  const sync = createChatSync(local, session, parts.ports)
  const members = both.filter(({ id }) => ids.includes(id))
  await local.commit(putChat(undefined, { ...newChatRow(chat, members, 0), kind: 'group', document, position: startOf(chat, sha256) }))
  return { parts, local, session, sync }
}
const entryOf = (kind: Entry['kind'], rev = 1): Entry => ({
  ...(entriesOf([[bob, say(1)]])[0] ?? expect.fail('no entry')),
  rev,
  seq: 0,
  kind,
  id: idOf(rev + 1),
})

test('CHAT-6, promise 8: who has left stays gone, also where an answer from before comes after it', async () => {
  const { parts, local, sync } = await openChat([alice, bob])
  const entries = entriesOf([[bob, say(1)]])
  expect(await sync.take(chat, entries)).toBe('ok')
  const { position } = local.chats.get(chat) ?? expect.fail('no chat')
  const left: Entry = {
    ...entryOf('leave', 2),
    authorId: alice,
    operation: { type: 'leave', id: idOf(3), at: '2026-01-02T03:04:05.678Z', user: bob },
  }
  const here = (): string[] | undefined => local.chats.get(chat)?.members.map(({ id }) => id)

  // The answer is on its way when the open document tells of the entry behind it.
  parts.routes[`GET /api/chats/${chat}/changes`] = () => {
    void sync.take(chat, [left])
    return { body: { entries: [], begins: null, members: both, marks: {}, head: position?.head, more: false, erasedPos: 0 } }
  }
  const reading = sync.catchUp(chat)
  await parts.clock.settle()
  await reading
  expect([local.chats.get(chat)?.position?.rev, here()]).toEqual([2, [alice]])

  parts.routes[`GET /api/chats/${chat}`] = () => ({
    body: {
      chat: { id: chat, kind: 'group', title: null, members: both, marks: {}, document, lastMessage: null, unread: 0, rev: 1, seq: 1 },
    },
  })
  const asking = sync.ask([chat]).then((answers) => sync.adopt(answers))
  await parts.clock.settle()
  await asking
  expect(here()).toEqual([alice])
})

test('CHAT-6: who came by the ledger has a name by the answer that was on its way meanwhile', async () => {
  const { local, sync, parts } = await openChat([alice])
  const join: Entry = { ...entryOf('join'), authorId: alice, operation: { type: 'join', id: idOf(2), at: '2026-01-02T03:04:05.678Z', user: bob } }
  const rename: Entry = {
    ...entryOf('rename', 2),
    authorId: alice,
    operation: { type: 'rename', id: idOf(3), at: '2026-01-02T03:04:05.678Z', title: 't' },
  }
  parts.routes[`GET /api/chats/${chat}/changes`] = () => {
    void sync.take(chat, [join, rename])
    return { body: { entries: [], begins: null, members: both, marks: {}, head: startOf(chat, sha256).head, more: false, erasedPos: 0 } }
  }
  const reading = sync.catchUp(chat)
  await parts.clock.settle()
  await reading
  expect(local.chats.get(chat)?.members.map(({ id, name }) => [id, name])).toEqual([
    [alice, 'Alice'],
    [bob, 'Bob'],
  ])
})

describe('CHAT-6, promise 8: words of being in a chat or not that overtake each other', () => {
  const listed = { id: chat, kind: 'group', title: null, members: both, marks: {}, document, lastMessage: null, unread: 0, rev: 0, seq: 0 }
  const { head } = startOf(chat, sha256)
  const page = { body: { entries: [], begins: null, members: both, marks: {}, head, more: false, erasedPos: 0 } }
  const none = { status: 404, body: { code: 'no-such-chat' } }
  const changes = `GET /api/chats/${chat}/changes`
  const feed = 'GET /api/feed'

  async function open() {
    const opened = await openChat([alice, bob])
    const { parts, local, sync } = opened
    const row = () => local.chats.get(chat) ?? expect.fail('no chat')
    const settle = async (work: Promise<unknown>): Promise<void> => {
      await parts.clock.settle()
      await work
    }
    const leave = (): Promise<void> => sync.remove(chat, row())
    const asked: string[] = []
    /** Each answer once, the last one from then on. */
    const answer = (route: string, ...answers: (() => typeof page | typeof none)[]): void => {
      parts.routes[route] = () => {
        asked.push(route)
        return ((answers.length > 1 ? answers.shift() : answers[0]) ?? expect.fail('no answer'))()
      }
    }
    return { ...opened, row, settle, leave, answer, asked }
  }

  test('a list that names the chat does not bring it back', async () => {
    const { parts, sync, row, leave, settle } = await open()
    parts.routes[`GET /api/chats/${chat}`] = () => {
      void leave()
      return { body: { chat: listed } }
    }
    await settle(sync.ask([chat]).then((answers) => sync.adopt(answers)))
    expect(row().removed).toBe(true)
  })

  test('what is read after it was taken out brings it back; what was asked for before is asked for again', async () => {
    const { sync, row, leave, settle, answer, asked } = await open()
    const left = (): typeof page => {
      void leave()
      return page
    }
    answer(changes, left, () => none)
    await settle(sync.catchUp(chat))
    expect([row().removed, asked.length]).toEqual([true, 2])
    answer(changes, () => page)
    await settle(sync.catchUp(chat))
    expect([row().removed, asked.length]).toEqual([false, 3])
    answer(changes, left, () => page)
    await settle(sync.catchUp(chat))
    expect([row().removed, asked.length]).toEqual([false, 5])
  })

  test('who joined again is not taken out by an answer from before', async () => {
    const { sync, row, leave, settle, answer, asked } = await open()
    // With a run that could be healed: also that is no sign of a lost past.
    expect(await sync.take(chat, entriesOf([[bob, say(1)]]))).toBe('ok')
    await leave()
    const before = new Map([[chat, row()]])
    // Asked for while out of it; when it comes, they are in again.
    answer(
      changes,
      () => {
        void sync.present(chat, before.get(chat))
        return none
      },
      () => page,
    )
    await settle(sync.catchUp(chat))
    expect([row().removed, row().forked, asked.length]).toEqual([false, false, 2])
  })

  test('who read that they left and joined again is not taken out by an answer from before', async () => {
    const { sync, row, settle, answer, asked } = await open()
    const at = '2026-01-02T03:04:05.678Z'
    const own = (type: 'leave' | 'join', rev: number): Entry => ({
      ...entryOf(type, rev),
      authorId: bob,
      operation: { type, id: idOf(rev + 1), at, user: alice },
    })
    const before = row()
    expect(await sync.take(chat, [own('leave', 1), own('join', 2)])).toBe('ok')
    answer(changes, () => page)
    await settle(sync.remove(chat, before))
    expect([row().removed, asked.length]).toEqual([false, 1])
  })

  test('RT4: a server that does not know the past says so to members only: they are in, and the chat is healed', async () => {
    const { parts, sync, row, leave, settle } = await open()
    await leave()
    parts.routes[changes] = () => ({ status: 409, body: { code: 'unknown-head' } })
    await settle(sync.catchUp(chat))
    expect([row().removed, row().forked]).toEqual([false, true])
  })

  test('a healing that is refused while they came in again is begun anew, and its refusal believed then', async () => {
    const { parts, local, session, sync, row, settle } = await open()
    const { ports, clock } = parts
    expect(await sync.take(chat, entriesOf([[bob, say(1)]]))).toBe('ok')
    await sync.fork(chat)
    const asked: string[] = []
    const healer = createHealer({ local, session, sync, ports, catchUp: () => {} })
    parts.routes[`POST /api/chats/${chat}/heal`] = () => none
    parts.routes[`POST /api/chats/${chat}/common`] = () => {
      asked.push('common')
      // What the leading tab does on each change of the row.
      if (asked.length === 1) void sync.present(chat, row()).then(() => healer.consider(chat))
      return none
    }
    healer.start()
    await clock.advance(60_000)
    await settle(healer.settled())
    healer.stop()
    expect([asked.length, row().removed, row().forked]).toEqual([2, true, false])
  })

  test('a call by which they came in says nothing once they are known to be out again', async () => {
    const { parts, sync, row, leave, settle, answer, asked } = await open()
    parts.routes[`GET /api/chats/${chat}`] = () => ({ body: { chat: listed } })
    const [told] = await Promise.all([sync.ask([chat]), parts.clock.settle()])
    await leave()
    const before = new Map([[chat, row()]])
    answer(changes, () => none)
    await settle(leave())
    await settle(sync.joined(told[0] ?? expect.fail('no answer'), before))
    expect([row().removed, asked]).toEqual([true, [changes]])
    await settle(sync.joined(told[0] ?? expect.fail('no answer'), new Map([[chat, row()]])))
    expect([row().removed, asked]).toEqual([false, [changes]])
  })

  test.each([false, true])('a line of the feed from before (removed: %s) is asked about again', async (removed) => {
    const { parts, local, session, sync, row, leave, settle, answer, asked } = await open()
    const line = { id: chat, document, rev: 0, head, seq: 0, markPos: 0, removed }
    answer(changes, () => (removed ? page : none))
    if (removed) await leave()
    const before = row()
    parts.routes[feed] = () => {
      void (removed ? sync.present(chat, before) : leave())
      return { body: { chats: [line], next: 't1' } }
    }
    const reader = createFeed({ local, session, sync, ports: parts.ports, relocated: () => {}, read: async () => {} })
    reader.start()
    await settle(reader.settled())
    reader.stop()
    expect([row().removed, asked]).toEqual([!removed, [changes]])
  })
})

test('CHAT-6, promise 7: a title of old that comes back after a restore does not undo the one that the server names', async () => {
  const { local, sync, parts } = await openChat([alice, bob])
  const named = { title: 'New', titleAt: '2026-01-03T00:00:00.000Z', pictureUrl: null, pictureAt: null }
  const answer = { id: chat, kind: 'group', ...named, members: both, marks: {}, document, lastMessage: null, unread: 0, rev: 0, seq: 0 }
  parts.routes[`GET /api/chats/${chat}`] = () => ({ body: { chat: answer } })
  const [told] = await Promise.all([sync.ask([chat]), parts.clock.settle()])
  await sync.adopt(told)
  const rename: Entry = { ...entryOf('rename'), operation: { type: 'rename', id: idOf(2), at: '2026-01-02T00:00:00.000Z', title: 'Old' } }
  // An older server names no time: what this device knows of it stays.
  await sync.adopt(told.map((one) => ({ ...one, titleAt: null })))
  expect(await sync.take(chat, [rename])).toBe('ok')
  expect(local.chats.get(chat)?.title).toBe('New')
})
