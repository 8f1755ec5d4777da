// Groups whose history begins, for whoever joins, where they joined (CHAT-9).
import { chatIdOf, type ChatId, type UserId } from '@skein/protocol'
import { backUp } from '@skein/testing'
import { describe, expect, test } from 'vitest'
import type { Storage } from '../types.ts'
import { checkChain } from './chain.ts'
import { heal, runOf, useHealing } from './healing-scene.ts'
import { commitOne, edit, group, member, message, person, posted, randomBytes, storeOne, stored, update, useBed, type Lab } from './lab.ts'

const newest = { before: null, cursor: null, limit: 50 } as const

async function closed(storage: Storage, members: UserId[]): Promise<{ id: ChatId }> {
  const [by] = members
  if (!by) throw new Error('A group has members')
  return (await storage.createChat({ id: chatIdOf(randomBytes(17)), kind: 'group', title: 'Crew', by, members, fromJoining: true })).chat
}
/** What a member reads of a chat, asked with where their sight begins. */
async function readBy(storage: Storage, chat: ChatId, user: UserId) {
  const from = (await storage.membership(chat, user))?.from
  if (!from) throw new Error('No member')
  const changes = await storage.changes(chat, { since: 0, head: null, limit: 1_000, from })
  if (changes === 'unknown-head') throw new Error(changes)
  const texts = (await storage.history(chat, { ...newest, above: from.seq })).items.map(({ text }) => text)
  return { from, texts, changes, kinds: changes.entries.map(({ kind }) => kind) }
}

export function joiningContract(lab: Lab): void {
  describe('history from joining on', () => {
    const bed = useBed(lab)
    const now = async (id: ChatId) => {
      const chat = await bed.storage.chat(id)
      if (!chat) throw new Error('No chat')
      return chat
    }

    test('CHAT-9, promise 8: who joins gets nothing of what stands before, by no way of reading, and all that comes from there on', async () => {
      const { storage } = bed
      const [ann, bob, cleo] = [await person(storage, 'Ann'), await person(storage, 'Bob'), await person(storage, 'Cleo')]
      const chat = await closed(storage, [ann, bob])
      const secret = message('secret')
      await storeOne(storage, update(await now(chat.id), ann, [secret, message('more')]))
      const before = await now(chat.id)
      const joined = await storeOne(storage, member(chat, ann, 'join', cleo))
      const after = await now(chat.id)
      expect(joined.movedTo).toBe(after.epoch)
      expect([after.epoch === before.epoch, after.baseRev, after.baseSeq]).toEqual([false, after.rev, 2])
      // What is offered to the epoch that ended is offered again, to the next one.
      const late = update(before, bob, [message('late')])
      expect(await commitOne(storage, late)).toEqual({ ok: false, reason: 'closed-epoch' })
      expect(await storage.epochTail(chat.id, after.epoch, { pos: 0, rev: 0 })).toMatchObject({ updates: [], entries: [] })

      expect(await storage.chatSummary(chat.id, cleo)).toMatchObject({ lastMessage: null, unread: 0, from: { rev: 3, seq: 2 }, fromJoining: true })
      expect(await storage.chatSummary(chat.id, bob)).toMatchObject({ lastMessage: { text: 'more' }, unread: 2, from: { rev: 0, seq: 0 } })
      await storeOne(storage, update(after, bob, [message('welcome')]))
      await storeOne(storage, update(after, ann, [edit(secret.operation.id, 'secret, still')]))
      const seen = await readBy(storage, chat.id, cleo)
      expect([seen.from, seen.texts, seen.kinds]).toEqual([{ rev: 3, seq: 2 }, ['welcome'], ['join', 'message', 'edit']])
      expect(seen.changes.begins).toEqual({ rev: 3, seq: 2, head: before.head })
      expect(await storage.message(chat.id, ann, secret.operation.id, seen.from.seq)).toBeNull()
      expect(await storage.message(chat.id, null, secret.operation.id, seen.from.seq)).toBeNull()
      expect((await storage.chatSummaries(cleo, { limit: 5, cursor: null })).items).toMatchObject([{ lastMessage: { text: 'welcome' }, unread: 1 }])
      // By time as well as by place; there is no page behind the first.
      const page = await storage.history(chat.id, { before: bed.clock.now + 1, cursor: null, limit: 1, above: 2 })
      expect([page.items.map(({ text }) => text), page.nextCursor]).toEqual([['welcome'], null])
      // Whoever was there before sees everything.
      expect((await readBy(storage, chat.id, bob)).texts).toEqual(['secret, still', 'more', 'welcome'])
      expect((await readBy(storage, chat.id, bob)).changes.begins).toBeNull()
      await checkChain(storage, chat.id)
    })

    test('CHAT-9: who comes back sees nothing of what was said meanwhile, and goes on from a place of their own', async () => {
      const { storage } = bed
      const [ann, bob] = [await person(storage, 'Ann'), await person(storage, 'Bob')]
      const chat = await closed(storage, [ann, bob])
      await storeOne(storage, update(await now(chat.id), ann, [message('one')]))
      const { rev, head } = await now(chat.id)
      await storeOne(storage, member(chat, ann, 'leave', bob))
      await storeOne(storage, update(await now(chat.id), ann, [message('of bob')]))
      await storeOne(storage, member(chat, ann, 'join', bob))
      const { from, texts } = await readBy(storage, chat.id, bob)
      expect([from, texts]).toEqual([{ rev: 4, seq: 2 }, []])
      // From where their device stands, and from the place itself; where it stood on another branch it is told so, and brings that back first (HEAL-8).
      const place = await storage.changes(chat.id, { since: 4, head: null, limit: 10, from })
      expect(place).toMatchObject({ begins: { rev: 4, seq: 2 }, entries: [{ kind: 'join', rev: 5 }] })
      expect(await storage.changes(chat.id, { since: rev, head: (await now(chat.id)).head, limit: 10, from })).toBe('unknown-head')
      for (const known of [head, null]) {
        const page = await storage.changes(chat.id, { since: rev, head: known, limit: 10, from })
        expect(page).toMatchObject({ begins: { rev: 4, seq: 2 }, entries: [{ kind: 'join', rev: 5 }], more: false })
      }
      // From the place itself they are anybody, and are told when it is another.
      expect(await storage.changes(chat.id, { since: 4, head, limit: 10, from })).toBe('unknown-head')
    })

    test('CHAT-9, promise 6: what was stored before somebody joined goes into no later document, though its author’s device says it again', async () => {
      const { storage } = bed
      const [ann, bob] = [await person(storage, 'Ann'), await person(storage, 'Bob')]
      const chat = await closed(storage, [ann])
      const secret = message('secret')
      await storeOne(storage, update(await now(chat.id), ann, [secret]))
      // In the same document it is there anyway, and a server of an API may ask as often as it likes.
      expect(await storeOne(storage, update(await now(chat.id), ann, [secret]))).toMatchObject({
        entries: [],
        repeated: [{ id: secret.operation.id }],
      })
      await storeOne(storage, member(chat, ann, 'join', bob))
      const { rev } = await now(chat.id)
      expect(await commitOne(storage, update(await now(chat.id), ann, [message('new'), secret]))).toEqual({ ok: false, reason: 'rebase' })
      expect(await storeOne(storage, posted(chat, ann, secret))).toMatchObject({ entries: [], repeated: [{ id: secret.operation.id }] })
      expect((await now(chat.id)).rev).toBe(rev)
    })

    test('CHAT-9: a group that says nothing shows everything, and goes on in its epoch', async () => {
      const { storage } = bed
      const [ann, bob] = [await person(storage, 'Ann'), await person(storage, 'Bob')]
      const chat = await group(storage, [ann])
      await storeOne(storage, update(chat, ann, [message('one')]))
      expect((await storeOne(storage, member(chat, ann, 'join', bob))).movedTo).toBeUndefined()
      expect((await readBy(storage, chat.id, bob)).texts).toEqual(['one'])
      expect((await now(chat.id)).epoch).toBe(chat.epoch)
    })

    test('CHAT-9, promise 4: words and joins in one commit are all stored once, whichever step fails, and later words too', async () => {
      const { storage: before } = bed
      const [ann, bob, cleo] = [await person(before, 'Ann'), await person(before, 'Bob'), await person(before, 'Cleo')]
      for (let step = 1, failed = true; failed; step++) {
        failed = false
        let [steps, armed] = [0, false]
        const storage = await bed.withFaults({
          at: (point) => {
            if (!armed || point === 'read back' || ++steps !== step) return
            armed = false
            failed = true
            throw new Error('Fault')
          },
        })
        const chat = await closed(storage, [ann])
        await storeOne(storage, update(await now(chat.id), ann, [message('zero')]))
        const items = [update(await now(chat.id), ann, [message('one')]), member(chat, ann, 'join', bob), member(chat, ann, 'join', cleo)]
        armed = true
        const outcomes = stored(await storage.commit(items))
        armed = false
        expect(outcomes.at(-1)?.movedTo).toBe((await now(chat.id)).epoch)
        // What is remembered of the epoch that ended is nothing to the next one.
        for (const text of ['two', 'three']) await storeOne(storage, update(await now(chat.id), ann, [message(text)]))
        const own = await bed.lab.query(
          bed.url,
          `select count(*) as n from client_ids where chat_id = '${chat.id}' and epoch = '${(await now(chat.id)).epoch}'`,
        )
        expect(Number(own[0]?.['n'])).toBe(1)
        for (const user of [bob, cleo]) expect((await readBy(storage, chat.id, user)).texts).toEqual(['two', 'three'])
        await checkChain(storage, chat.id)
      }
      await bed.reopen()
    })
  })

  describe('history from joining on, after a restore', () => {
    const { bed, later } = useHealing(lab)

    test('CHAT-9, HEAL-3: what a group shows, and from where on somebody sees, come back with the chain', async () => {
      const { storage } = bed
      const [ann, bob] = [await person(storage, 'Ann'), await person(storage, 'Bob')]
      const old = await closed(storage, [ann])
      const restore = await backUp(bed.url)
      const fresh = await closed(storage, [ann])
      const epochOf = async (id: ChatId) => (await storage.chat(id)) ?? Promise.reject(new Error('No chat'))
      for (const { id } of [old, fresh]) {
        later()
        await storeOne(storage, update(await epochOf(id), ann, [message('before')]))
        later()
        await storeOne(storage, member({ id }, ann, 'join', bob))
        await storeOne(storage, update(await epochOf(id), ann, [message('after')]))
      }
      const runs = [await runOf(storage, old.id, 1), await runOf(storage, fresh.id)] as const
      await restore()
      await heal(storage, old.id, ann, runs[0])
      await heal(storage, fresh.id, ann, runs[1])
      for (const { id } of [old, fresh]) {
        expect(await storage.chat(id)).toMatchObject({ fromJoining: true })
        const { from, texts } = await readBy(storage, id, bob)
        expect([from, texts]).toEqual([{ rev: 2, seq: 1 }, ['after']])
        expect((await readBy(storage, id, ann)).texts).toEqual(['before', 'after'])
      }
    })
  })
}
