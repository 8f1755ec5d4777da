// What people do to groups, and with their chats as a whole, from their devices: with the real server, the same on both databases.
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import type { ChatId } from '@skein/protocol'
import { until } from '@skein/testing'
import type { Engine } from './index.ts'
import { nothingQueued, openScene, password, type Person, type Scene } from './scene.suite.ts'

const tokenOf = (url: string): string => new URLSearchParams(new URL(url).hash.slice(1)).get('join') ?? ''
const codeOf = (call: Promise<unknown>): Promise<string> =>
  call.then(
    () => 'done',
    (error: { code?: string }) => error.code ?? 'no code',
  )
const only = ({ chats }: Engine) => {
  const [chat] = chats
  if (!chat || chats.length > 1) throw new Error(`${chats.length} chats`)
  return chat
}

export function groupCallsSuite(databaseUrl: (folder: string) => Promise<string>): void {
  describe('groups, by the engine’s own calls', () => {
    let scene: Scene
    let alice: Person
    let bob: Person
    let chat: ChatId
    beforeEach(async () => {
      scene = await openScene(databaseUrl)
      alice = await scene.person('Alice')
      bob = await scene.person('Bob')
      chat = await alice.engine.groups.create('Crew', [bob.id])
      await until(bob.engine, () => bob.engine.chats.length === 1)
    })
    afterEach(() => scene[Symbol.asyncDispose]())

    test('CHAT-9: what a group shows to whoever joins is said when it is made', async () => {
      const { storage } = scene.skein
      const other = await alice.engine.groups.create('Crew', [bob.id], 'joined')
      expect([(await storage.chat(chat))?.fromJoining, (await storage.chat(other))?.fromJoining]).toEqual([false, true])
      expect(alice.engine.chats.map(({ id, history }) => [id, history])).toEqual(
        expect.arrayContaining([
          [chat, 'all'],
          [other, 'joined'],
        ]),
      )
    })

    test('C4: a group is made, renamed, gets a picture and another member; each change shows when its call resolves, and on the others’ devices', async () => {
      const cleo = await scene.person('Cleo')
      const { groups } = alice.engine
      expect(only(alice.engine)).toMatchObject({ id: chat, kind: 'group', title: 'Crew' })
      await groups.rename(chat, 'Boat')
      await groups.setPicture(chat, 'https://example.org/boat.png')
      await groups.invite(chat, { email: 'cleo@example.org' })
      await groups.allow(chat, bob.id, { mayInvite: true, mayRemove: true })
      const after = { title: 'Boat', pictureUrl: 'https://example.org/boat.png' }
      const may = { mayInvite: true, mayRemove: true }
      expect(only(alice.engine)).toMatchObject(after)
      expect(new Map(only(alice.engine).members.map((member) => [member.name, member]))).toMatchObject(
        new Map([
          ['Alice', may],
          ['Bob', may],
          ['Cleo', { mayInvite: false, mayRemove: false }],
        ]),
      )
      for (const { engine } of [bob, cleo]) await until(engine, () => engine.chats[0]?.title === 'Boat' && engine.chats[0].members.length === 3)
      expect(only(cleo.engine)).toMatchObject(after)
      await groups.rename(chat, null)
      expect(only(alice.engine).title.split(', ').sort()).toEqual(['Bob', 'Cleo'])
    })

    test('CHAT-6: who may not, is told so by a code, and nothing changes', async () => {
      const cleo = await scene.person('Cleo')
      const { groups, contacts } = bob.engine
      expect(await codeOf(groups.invite(chat, { id: cleo.id }))).toBe('forbidden')
      expect(await codeOf(groups.remove(chat, alice.id))).toBe('forbidden')
      expect(await codeOf(groups.allow(chat, bob.id, { mayInvite: true }))).toBe('forbidden')
      expect(await codeOf(groups.links(chat))).toBe('forbidden')
      expect(await codeOf(groups.makeLink(chat))).toBe('forbidden')
      expect(await codeOf(groups.join('nothing'))).toBe('no-such-link')
      expect(await codeOf(alice.engine.groups.invite(chat, { email: 'nobody@example.org' }))).toBe('no-such-person')
      expect(await codeOf(alice.engine.groups.setPicture(chat, 'http://example.org/x.png'))).toBe('bad-request')
      expect(await codeOf(alice.engine.groups.revokeLink(chat, 'nothing'))).toBe('no-such-link')
      await contacts.block(cleo.id)
      expect(await codeOf(groups.create('Two', [cleo.id]))).toBe('blocked')
      bob.network.cut()
      expect(await codeOf(groups.rename(chat, 'Alone'))).toBe('offline')
      expect(only(bob.engine)).toMatchObject({ title: 'Crew', members: [{}, {}] })
    })

    test('a group that was asked for and not answered is not made twice', async () => {
      alice.network.cut()
      expect(await codeOf(alice.engine.groups.create('Late', [bob.id]))).toBe('offline')
      alice.network.mend()
      const first = alice.engine.groups.create('Late', [bob.id])
      const second = alice.engine.groups.create('Late', [bob.id])
      expect(await first).toBe(await second)
      expect(await alice.engine.groups.create('Late', [bob.id])).not.toBe(await first)
    })

    test('a link: who has it joins at once and reads what was said; it counts, is listed without its token, and works no more when revoked', async () => {
      const { groups } = alice.engine
      await alice.engine.send(chat, 'ahoy')
      const endsAt = Date.now() + 3_600_000
      const link = await groups.makeLink(chat, { expiresAt: endsAt, maxUses: 5 })
      expect(link).toMatchObject({ createdBy: alice.id, expiresAt: endsAt, maxUses: 5, uses: 0 })
      expect(link.url.startsWith(`${alice.network.url}/#join=`)).toBe(true)
      const cleo = await scene.person('Cleo')
      expect(await cleo.engine.groups.join(tokenOf(link.url))).toBe(chat)
      await until(cleo.engine, () => cleo.engine.chats[0]?.lastMessage?.text === 'ahoy')
      expect(only(cleo.engine)).toMatchObject({ title: 'Crew', unread: 0, removed: false })
      expect(await cleo.engine.groups.join(tokenOf(link.url))).toBe(chat)
      await cleo.engine.send(chat, 'hello crew')
      await until(bob.engine, () => bob.engine.chats[0]?.lastMessage?.text === 'hello crew')
      const { url: _, ...listed } = link
      expect(await groups.links(chat)).toEqual([{ ...listed, uses: 1 }])
      await groups.revokeLink(chat, link.id)
      expect(await groups.links(chat)).toEqual([])
      const dora = await scene.person('Dora')
      expect(await codeOf(dora.engine.groups.join(tokenOf(link.url)))).toBe('no-such-link')
    })

    test('who leaves, and who is taken out, sees so when the call resolves, keeps what was said, and can be let in again', async () => {
      await alice.engine.send(chat, 'ahoy')
      await until(bob.engine, () => bob.engine.chats[0]?.lastMessage?.text === 'ahoy')
      const window = bob.engine.openChat(chat)
      await until(bob.engine, () => bob.engine.documentState(chat) !== null)
      await bob.engine.groups.leave(chat)
      expect(only(bob.engine)).toMatchObject({ removed: true, lastMessage: { text: 'ahoy' } })
      await until(alice.engine, () => only(alice.engine).members.length === 1)
      await alice.engine.groups.invite(chat, { id: bob.id })
      await until(bob.engine, () => !only(bob.engine).removed)
      await alice.engine.groups.remove(chat, bob.id)
      expect(only(alice.engine).members.map(({ name }) => name)).toEqual(['Alice'])
      await until(bob.engine, () => only(bob.engine).removed)
      window.close()
    })

    test('BLOCK-1: a block is listed, stops the words of both, and can be taken back; a report reaches whoever runs the server', async () => {
      const { contacts } = bob.engine
      const direct = await alice.engine.directChat(bob.id)
      const window = alice.engine.openChat(direct)
      const said = await alice.engine.send(direct, 'hello')
      await until(window, () => nothingQueued(window) && window.items.length === 1)
      await contacts.block(alice.id)
      expect(await contacts.blocked()).toEqual([{ id: alice.id, name: 'Alice' }])
      await alice.engine.send(direct, 'are you there?')
      await until(alice.engine, () => alice.engine.outbox[0]?.reason === 'blocked')
      await contacts.report({ person: alice.id, chat: direct, messages: [{ id: said, author: alice.id }], reason: 'Rude' })
      expect(await scene.skein.storage.reports(false)).toMatchObject([
        { reporterId: bob.id, userId: alice.id, chatId: direct, messages: [[alice.id, said]], reason: 'Rude' },
      ])
      expect(await codeOf(contacts.report({ person: alice.id, reason: ' ' }))).toBe('bad-request')
      await contacts.unblock(alice.id)
      expect(await contacts.blocked()).toEqual([])
    })

    test('a message that names somebody marks the chat for them until they have seen it, after a reload and on a fresh device too', async () => {
      await alice.engine.send(chat, 'anybody?')
      await until(bob.engine, () => bob.engine.chats[0]?.unread === 1)
      expect(only(bob.engine).mentioned).toBe(false)
      await alice.engine.send(chat, '@Bob, you', { mentions: [bob.id] })
      await until(bob.engine, () => bob.engine.chats[0]?.mentioned === true)
      expect(only(alice.engine).mentioned).toBe(false)
      await bob.reload()
      expect(only(bob.engine).mentioned).toBe(true)
      const other = await scene.device()
      await other.engine.login('bob@example.org', password)
      await until(other.engine, () => other.engine.chats[0]?.mentioned === true)
      const window = bob.engine.openChat(chat)
      await until(window, () => window.items.length === 2)
      window.markSeen(2)
      for (const { engine } of [bob, other]) await until(engine, () => engine.chats[0]?.mentioned === false && engine.chats[0].unread === 0)
      window.close()
    })
  })
}
