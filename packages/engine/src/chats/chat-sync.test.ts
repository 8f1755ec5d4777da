// Answers of the server that are older than what this device has read meanwhile.
import { expect, test } from 'vitest'
import type { Entry } from '@skein/protocol'
import { putChat } from '../local.ts'
import { testPorts, tokenOf } from '../ports.suite.ts'
import { alice, bob, chat, entriesOf, idOf, say, sha256 } from './chain.suite.ts'
import { createChatSync, newChatRow } from './chat-sync.ts'
import { startOf } from './ingest.ts'
import { openParts } from './story.suite.ts'

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
  return { parts, local, sync }
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

test('CHAT-6, promise 8: whoever was taken out is not brought back by an answer from before, but by what is read later, or by joining again', async () => {
  const { parts, local, sync } = await openChat([alice, bob])
  const listed = { id: chat, kind: 'group', title: null, members: both, marks: {}, document, lastMessage: null, unread: 0, rev: 0, seq: 0 }
  const removed = (): boolean | undefined => local.chats.get(chat)?.removed
  const answer = { body: { chat: listed } }
  const ask = async (): Promise<void> => {
    const asking = sync.ask([chat]).then((answers) => sync.adopt(answers))
    await parts.clock.settle()
    await asking
  }
  const { position } = local.chats.get(chat) ?? expect.fail('no chat')

  parts.routes[`GET /api/chats/${chat}`] = () => {
    void sync.remove(chat)
    return answer
  }
  await ask()
  expect(removed()).toBe(true)

  const changes = { body: { entries: [], begins: null, members: both, marks: {}, head: position?.head, more: false, erasedPos: 0 } }
  const read = async (): Promise<void> => {
    const reading = sync.catchUp(chat)
    await parts.clock.settle()
    await reading
  }
  parts.routes[`GET /api/chats/${chat}/changes`] = () => changes
  await read()
  expect(removed()).toBe(false)
  parts.routes[`GET /api/chats/${chat}/changes`] = () => {
    void sync.remove(chat)
    return changes
  }
  await read()
  expect(removed()).toBe(true)

  parts.routes[`GET /api/chats/${chat}`] = () => answer
  const [told] = await Promise.all([sync.ask([chat]), parts.clock.settle()])
  await sync.joined(told[0] ?? expect.fail('no answer'))
  expect(removed()).toBe(false)
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
