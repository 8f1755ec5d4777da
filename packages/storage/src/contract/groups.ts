// Groups: who may change them, what is never left without somebody who may, and what comes back after a restore.
import { MAX_DRAFTS, MAX_GROUP_MEMBERS, MAX_HIDDEN_MESSAGES, userIdOf, type ChatId, type GroupOperation, type UserId } from '@skein/protocol'
import { backUp } from '@skein/testing'
import { describe, expect, test } from 'vitest'
import type { CommitItem, Storage } from '../types.ts'
import { checkChain } from './chain.ts'
import { commitOne, group, grouped, member, message, newId, person, randomBytes, storeOne, update, useBed, type Lab } from './lab.ts'
import { cut, heal, kinds, runOf, useHealing } from './healing-scene.ts'

const refused = (reason: string) => ({ ok: false, reason })
const nothing = { ok: true, entries: [] }

type Without<T> = T extends unknown ? Omit<T, 'id' | 'at'> : never
/** A change at the time of the clock. */
const change = (chat: { id: ChatId }, by: UserId, now: number, operation: Without<GroupOperation>): CommitItem =>
  grouped(chat, by, { ...operation, id: newId(), at: new Date(now).toISOString() } as GroupOperation)

/** Who may invite and who may remove, by name. */
async function abilities(storage: Storage, chat: ChatId): Promise<{ invite: string[]; remove: string[] }> {
  const members = (await storage.members(chat)).toSorted((a, b) => a.name.localeCompare(b.name))
  return {
    invite: members.filter(({ mayInvite }) => mayInvite).map(({ name }) => name),
    remove: members.filter(({ mayRemove }) => mayRemove).map(({ name }) => name),
  }
}

export function groupsContract(lab: Lab): void {
  describe('groups', () => {
    const bed = useBed(lab)
    const crew = async () => {
      const people = [await person(bed.storage, 'Ann'), await person(bed.storage, 'Bob'), await person(bed.storage, 'Cleo')] as const
      const chat = await group(bed.storage, [...people])
      const [ann, bob, cleo] = people
      const offer = (by: UserId, operation: Without<GroupOperation>, storage = bed.storage) =>
        commitOne(storage, change(chat, by, bed.clock.now, operation))
      return { ann, bob, cleo, chat, offer }
    }

    test('CHAT-6: who made a group may invite and remove, and gives both to whom they like; nobody else may', async () => {
      const { ann, bob, cleo, chat, offer } = await crew()
      const dan = await person(bed.storage, 'Dan')
      expect(await abilities(bed.storage, chat.id)).toEqual({ invite: ['Ann'], remove: ['Ann'] })
      expect(await offer(bob, { type: 'join', user: dan })).toEqual(refused('not-allowed'))
      expect(await offer(bob, { type: 'leave', user: cleo })).toEqual(refused('not-allowed'))
      expect(await offer(bob, { type: 'may', user: bob, invite: true })).toEqual(refused('not-allowed'))
      expect(await offer(ann, { type: 'may', user: dan, invite: true })).toEqual(refused('bad-operation'))
      expect(await offer(dan, { type: 'may', user: dan, invite: true })).toEqual(refused('no-access'))
      expect((await bed.storage.chat(chat.id))?.rev).toBe(1)

      expect(await offer(ann, { type: 'may', user: bob, invite: true })).toMatchObject({
        ok: true,
        entries: [{ kind: 'may', rev: 2, carried: true }],
      })
      expect(await offer(ann, { type: 'may', user: bob, invite: true, remove: false })).toMatchObject(nothing)
      expect(await offer(bob, { type: 'join', user: dan })).toMatchObject({ ok: true, entries: [{ kind: 'join' }] })
      // What one does not have, one neither gives nor takes.
      for (const remove of [true, false]) expect(await offer(bob, { type: 'may', user: ann, remove })).toEqual(refused('not-allowed'))
      expect(await offer(bob, { type: 'leave', user: dan })).toEqual(refused('not-allowed'))
      // What one has, one takes from others, too.
      expect(await offer(bob, { type: 'may', user: ann, invite: false })).toMatchObject({ ok: true })
      expect(await abilities(bed.storage, chat.id)).toEqual({ invite: ['Bob'], remove: ['Ann'] })
      // Who comes back comes back without.
      expect(await offer(ann, { type: 'leave', user: bob })).toMatchObject({ ok: true })
      const [inviter] = (await bed.storage.members(chat.id)).filter(({ mayInvite }) => mayInvite)
      expect(await offer(inviter?.id ?? ann, { type: 'join', user: bob })).toMatchObject({ ok: true })
      expect((await abilities(bed.storage, chat.id)).invite).not.toContain('Bob')
      await checkChain(bed.storage, chat.id)
    })

    test('CHAT-7: the last ability goes to the longest member when its holder leaves or is taken out, and nobody can throw it away', async () => {
      const { ann, bob, cleo, chat, offer } = await crew()
      expect(await offer(ann, { type: 'may', user: ann, remove: false })).toEqual(refused('not-allowed'))
      const dan = await person(bed.storage, 'Dan')
      await offer(ann, { type: 'join', user: dan })
      for (const user of [bob, cleo]) await offer(ann, { type: 'leave', user })
      await offer(ann, { type: 'join', user: bob })
      await offer(ann, { type: 'may', user: bob, remove: true })
      // Bob, who may remove and not invite, takes out Ann: Dan, who is in it longer, may invite from now on.
      const before = (await bed.storage.chat(chat.id))?.rev ?? 0
      expect(await offer(bob, { type: 'leave', user: ann })).toMatchObject({
        ok: true,
        entries: [
          { kind: 'may', rev: before + 1, authorId: bob, operation: { user: dan, invite: true } },
          { kind: 'leave', rev: before + 2, authorId: bob, operation: { user: ann } },
        ],
      })
      expect(await abilities(bed.storage, chat.id)).toEqual({ invite: ['Dan'], remove: ['Bob'] })
      await offer(bob, { type: 'leave', user: bob })
      expect(await abilities(bed.storage, chat.id)).toEqual({ invite: ['Dan'], remove: ['Dan'] })
      // The last one leaves a group of nobody.
      expect(await offer(dan, { type: 'leave', user: dan })).toMatchObject({ ok: true, entries: [{ kind: 'leave' }] })
      expect(await bed.storage.members(chat.id)).toEqual([])
      await checkChain(bed.storage, chat.id)
    })

    test('CHAT-7: whatever two servers are asked at the same moment, somebody is left who may, and each change is one entry', async () => {
      const servers = [bed.storage, await bed.another()]
      for (let i = 0; i < 8; i++) {
        const { ann, bob, cleo, chat, offer } = await crew()
        await offer(ann, { type: 'may', user: bob, invite: true, remove: true })
        const outcomes = await Promise.all([
          // The two who may take each other out, a third is taken out twice, and leaves.
          offer(ann, { type: 'leave', user: bob }, servers[0]),
          offer(bob, { type: 'leave', user: ann }, servers[1]),
          offer(ann, { type: 'leave', user: cleo }, servers[1]),
          offer(bob, { type: 'join', user: cleo }, servers[0]),
        ])
        expect(outcomes.map((outcome) => outcome.ok || outcome.reason)).not.toContain('try-again')
        const members = await bed.storage.members(chat.id)
        expect(members.length).toBeGreaterThan(0)
        expect(members.some(({ mayInvite }) => mayInvite) && members.some(({ mayRemove }) => mayRemove)).toBe(true)
        // One of the two was first, and the other one was out then.
        expect(outcomes.slice(0, 2).filter((outcome) => !outcome.ok)).toEqual([refused('no-access')])
        await checkChain(bed.storage, chat.id)
      }
    })

    test('a group takes no more than MAX_GROUP_MEMBERS', async () => {
      const ann = await person(bed.storage, 'Ann')
      const crowd = Array.from({ length: MAX_GROUP_MEMBERS - 2 }, () => userIdOf(randomBytes(17)))
      const chat = await group(bed.storage, [ann, ...crowd])
      const [bob, cleo] = [await person(bed.storage, 'Bob'), await person(bed.storage, 'Cleo')]
      const join = (user: UserId) => commitOne(bed.storage, member(chat, ann, 'join', user))
      const outcomes = await bed.storage.commit([member(chat, ann, 'join', bob), member(chat, ann, 'join', cleo)])
      expect(outcomes).toMatchObject([{ ok: true }, refused('group-full')])
      // Who is in it already needs no place.
      expect(await join(bob)).toMatchObject(nothing)
      await storeOne(bed.storage, member(chat, bob, 'leave', bob))
      expect(await join(cleo)).toMatchObject({ ok: true })
    })

    test('CHAT-8: title and picture are entries of the chain, of any member; what is so already is no entry; a direct chat has neither', async () => {
      const { ann, bob, chat, offer } = await crew()
      expect(await offer(bob, { type: 'rename', title: 'Boat 🛶' })).toMatchObject({ ok: true, entries: [{ kind: 'rename', carried: true }] })
      expect(await offer(ann, { type: 'rename', title: 'Boat 🛶' })).toMatchObject(nothing)
      await offer(ann, { type: 'picture', url: 'https://example.org/boat.png' })
      const summary = await bed.storage.chatSummary(chat.id, bob)
      expect(summary).toMatchObject({ title: 'Boat 🛶', pictureUrl: 'https://example.org/boat.png', rev: 3 })
      // Words and a name at once, and the words after it find the chat as it is.
      await bed.storage.commit([
        update(chat, ann, [message()]),
        change(chat, bob, bed.clock.now, { type: 'rename', title: null }),
        update(chat, bob, [message()]),
      ])
      expect(await bed.storage.chat(chat.id)).toMatchObject({ title: null, pictureUrl: 'https://example.org/boat.png', rev: 6, seq: 2 })
      await checkChain(bed.storage, chat.id)
    })

    test('UX 9: drafts are one member’s own, the latest MAX_DRAFTS of them; their feed tells of each', async () => {
      const { ann, bob, chat } = await crew()
      const chats = [chat]
      while (chats.length <= MAX_DRAFTS) chats.push(await group(bed.storage, [ann, bob]))
      for (const [n, { id }] of chats.entries()) {
        bed.clock.now += 1_000
        expect(await bed.storage.setMine(id, ann, { draft: `Half a thought ${n}` })).toMatchObject({ draft: `Half a thought ${n}` })
      }
      const drafts = async (user: UserId): Promise<string[]> => (await bed.storage.feed(user, null)).flatMap(({ mine }) => mine.draft || [])
      expect(new Set(await drafts(ann))).toEqual(new Set(chats.slice(1).map((_, n) => `Half a thought ${n + 1}`)))
      expect(await drafts(bob)).toEqual([])
      const since = (bed.clock.now += 1_000)
      expect(await bed.storage.setMine(chats[1]?.id ?? chat.id, ann, { draft: '' })).toMatchObject({ draft: '', pinned: false })
      expect(await bed.storage.feed(ann, since)).toMatchObject([{ id: chats[1]?.id, mine: { draft: '' } }])
      // Erased with whoever typed them.
      await bed.storage.eraseUserWords(ann, () => undefined)
      expect(await drafts(ann)).toEqual([])
    })

    test('mute, pin, archive and unread again are one member’s own, and their feed tells of it', async () => {
      const { ann, bob, chat } = await crew()
      const since = (bed.clock.now += 1_000)
      expect((await bed.storage.feed(ann, since)).length).toBe(0)
      const until = since + 3_600_000
      expect(await bed.storage.setMine(chat.id, ann, { mutedUntil: until, pinned: true })).toEqual({
        mutedUntil: until,
        pinned: true,
        archived: false,
        draft: '',
        unreadAfter: null,
        hidden: [],
        changedAt: since,
      })
      expect(await bed.storage.setMine(chat.id, ann, { archived: true, mutedUntil: null })).toEqual({
        mutedUntil: null,
        pinned: true,
        archived: true,
        draft: '',
        unreadAfter: null,
        hidden: [],
        changedAt: since + 1,
      })
      expect(await bed.storage.feed(ann, since)).toMatchObject([{ id: chat.id, mine: { mutedUntil: null, pinned: true, archived: true } }])
      expect(await bed.storage.feed(bob, since)).toEqual([])
      expect(await bed.storage.setMine(chat.id, ann, { unreadAfter: 7 })).toMatchObject({ unreadAfter: 7, pinned: true })
      expect((await bed.storage.chatSummary(chat.id, bob))?.mine.unreadAfter).toBeNull()
      expect(await bed.storage.setMine(chat.id, ann, { unreadAfter: null })).toMatchObject({ unreadAfter: null })
      expect((await bed.storage.chatSummary(chat.id, ann))?.mine).toMatchObject({ mutedUntil: null, pinned: true, archived: true })
      expect((await bed.storage.chatSummaries(bob, { limit: 5, cursor: null })).items[0]?.mine.pinned).toBe(false)
      // Marks and words leave it alone; who is out has nothing to arrange.
      await bed.storage.raiseMarks(ann, new Map([[chat.id, [1, 1]]]))
      await storeOne(bed.storage, update(chat, ann, [message()]))
      expect((await bed.storage.chatSummary(chat.id, ann))?.mine.pinned).toBe(true)
      await storeOne(bed.storage, member(chat, ann, 'leave', bob))
      expect(await bed.storage.setMine(chat.id, bob, { pinned: true })).toBeNull()
    })

    test('promise 1: what a member hides from themselves is theirs alone; devices that hide and show apart, at the same moment, do not undo one another, up to MAX_HIDDEN_MESSAGES', async () => {
      const { ann, bob, chat } = await crew()
      const hidden = async (user: UserId) => (await bed.storage.chatSummary(chat.id, user))?.mine.hidden
      const since = (bed.clock.now += 1_000)
      await Promise.all([9, 30, 4].map((seq) => bed.storage.setMine(chat.id, ann, { hide: [seq] })))
      expect([await hidden(ann), await hidden(bob)]).toEqual([[4, 9, 30], []])
      expect(await bed.storage.feed(ann, since)).toMatchObject([{ id: chat.id, mine: { hidden: [4, 9, 30] } }])
      expect(await bed.storage.setMine(chat.id, ann, { pinned: true })).toMatchObject({ hidden: [4, 9, 30] })
      expect(await bed.storage.setMine(chat.id, ann, { show: [9, 10], hide: [5] })).toMatchObject({ hidden: [4, 5, 30], pinned: true })
      const more = Array.from({ length: MAX_HIDDEN_MESSAGES - 3 }, (_, n) => 100 + n)
      expect(await bed.storage.setMine(chat.id, ann, { hide: [...more, 99] })).toBe('too-many')
      expect(await bed.storage.setMine(chat.id, ann, { hide: more })).toMatchObject({ hidden: [4, 5, 30, ...more] })
      expect(await bed.storage.setMine(chat.id, ann, { show: [4, 5, 30, ...more] })).toMatchObject({ hidden: [] })
      await storeOne(bed.storage, member(chat, ann, 'leave', bob))
      expect(await bed.storage.setMine(chat.id, bob, { hide: [1] })).toBeNull()
    })

    test('who left is told to other servers until they are back, and the groups of a person are those they are in', async () => {
      const { ann, bob, cleo, chat, offer } = await crew()
      const since = (bed.clock.now += 1_000)
      await offer(ann, { type: 'leave', user: bob })
      await offer(ann, { type: 'leave', user: cleo })
      await offer(ann, { type: 'join', user: cleo })
      expect(await bed.storage.departures(since)).toEqual([{ chat: chat.id, user: bob, rev: 2 }])
      expect(await bed.storage.departures(since + 1)).toEqual([])
      expect([await bed.storage.groupsOf(ann), await bed.storage.groupsOf(bob)]).toEqual([[chat.id], []])
    })
  })

  describe('groups after a restore', () => {
    const { bed, later } = useHealing(lab)
    const people = async () => [await person(bed.storage, 'Ann'), await person(bed.storage, 'Bob'), await person(bed.storage, 'Cleo')] as const

    test('HEAL-3, CHAT-6: abilities, title and picture come back with the chain, whether the group was there before or not', async () => {
      const { storage } = bed
      const [ann, bob, cleo] = await people()
      const old = await group(storage, [ann, bob])
      const offer = (chat: { id: ChatId }, by: UserId, operation: Without<GroupOperation>) => {
        later()
        return storeOne(storage, change(chat, by, bed.clock.now, operation))
      }
      const restore = await backUp(bed.url)
      const fresh = await group(storage, [ann, bob])
      for (const chat of [old, fresh]) {
        await offer(chat, ann, { type: 'may', user: bob, invite: true })
        await offer(chat, bob, { type: 'join', user: cleo })
        await offer(chat, cleo, { type: 'rename', title: 'Named' })
        await offer(chat, bob, { type: 'picture', url: 'https://example.org/p' })
        await offer(chat, ann, { type: 'leave', user: ann })
      }
      const runs = [await runOf(storage, old.id, 1), await runOf(storage, fresh.id)] as const
      const before = [await abilities(storage, old.id), await abilities(storage, fresh.id)]
      expect(before[0]).toEqual({ invite: ['Bob'], remove: ['Bob'] })
      await restore()
      for (const [i, chat] of [old, fresh].entries()) {
        const run = runs[i] ?? runs[0]
        // In two pieces, so that the second one finds what the first has left.
        await heal(storage, chat.id, bob, cut(run, run.start.rev, 4))
        await heal(storage, chat.id, bob, cut(run, 4, 99))
        expect(await storage.chat(chat.id)).toMatchObject({ title: 'Named', pictureUrl: 'https://example.org/p' })
        expect(await abilities(storage, chat.id)).toEqual(before[i])
        expect(await storage.membership(chat.id, ann)).toBeNull()
        await checkChain(storage, chat.id)
      }
    })

    test('HEAL-2, CHAT-7: what was decided since is not undone by what comes back, and pieces leave nobody without who may', async () => {
      const { storage } = bed
      const [ann, bob, cleo] = await people()
      const chat = await group(storage, [ann, bob, cleo])
      const offer = (by: UserId, operation: Without<GroupOperation>) => {
        later()
        return storeOne(storage, change(chat, by, bed.clock.now, operation))
      }
      const restore = await backUp(bed.url)
      await offer(ann, { type: 'rename', title: 'Lost' })
      await offer(ann, { type: 'may', user: bob, invite: true })
      await offer(ann, { type: 'leave', user: ann })
      const run = await runOf(storage, chat.id, 1)
      await restore()
      await offer(cleo, { type: 'rename', title: 'Newer' })
      await offer(ann, { type: 'may', user: bob, invite: true, remove: true })
      await offer(ann, { type: 'may', user: bob, invite: false })
      await offer(ann, { type: 'may', user: cleo, invite: true })
      await heal(storage, chat.id, bob, run)
      expect((await storage.chat(chat.id))?.title).toBe('Newer')
      // Ann's leave came back, but not what Bob was given before it, for that was taken from him since.
      expect(await storage.membership(chat.id, ann)).toBeNull()
      const now = await abilities(storage, chat.id)
      expect([now.invite, now.remove.includes('Bob')]).toEqual([['Cleo'], true])
      expect(await kinds(storage, chat.id)).toEqual(['create', 'rename', 'may', 'may', 'may', 'restored', 'rename', 'may', 'may', 'leave'])
      // The leave alone, without what was handed over before it.
      await restore()
      await heal(storage, chat.id, bob, cut(run, 4, 5))
      const after = await abilities(storage, chat.id)
      expect([(await storage.members(chat.id)).length, after.invite.length, after.remove.length]).toEqual([2, 1, 1])
    })

    test('HEAL-2, CHAT-6: an ability that ended with a membership comes back with no piece of the past', async () => {
      const { storage } = bed
      const [ann, bob, cleo] = await people()
      const chat = await group(storage, [ann, bob, cleo])
      const offer = (operation: Without<GroupOperation>) => {
        later()
        return storeOne(storage, change(chat, ann, bed.clock.now, operation))
      }
      const restore = await backUp(bed.url)
      await offer({ type: 'may', user: bob, invite: true })
      await offer({ type: 'leave', user: bob })
      await offer({ type: 'join', user: bob })
      const run = await runOf(storage, chat.id, 1)
      await restore()
      await offer({ type: 'rename', title: 'Gone on' })
      await heal(storage, chat.id, cleo, cut(run, 2, 4))
      await heal(storage, chat.id, bob, cut(run, 1, 2))
      expect((await storage.members(chat.id)).length).toBe(3)
      expect((await abilities(storage, chat.id)).invite).toEqual(['Ann'])
    })

    test('HEAL-2, CHAT-6: each ability is decided by its own time: what was taken from somebody stays so, whatever was decided of the other since', async () => {
      const { storage } = bed
      const [ann, bob, cleo] = await people()
      const chat = await group(storage, [ann, bob, cleo])
      const offer = (operation: Without<GroupOperation>) => {
        later()
        return storeOne(storage, change(chat, ann, bed.clock.now, operation))
      }
      for (const user of [bob, cleo]) await offer({ type: 'may', user, invite: true, remove: true })
      const restore = await backUp(bed.url)
      await offer({ type: 'may', user: bob, remove: false })
      await offer({ type: 'may', user: cleo, invite: false })
      const run = await runOf(storage, chat.id, 3)
      await restore()
      await offer({ type: 'may', user: bob, invite: false })
      await offer({ type: 'may', user: cleo, remove: false })
      await heal(storage, chat.id, bob, run)
      expect(await abilities(storage, chat.id)).toEqual({ invite: ['Ann'], remove: ['Ann'] })
    })

    test('HEAL-2, CHAT-7: whom a piece left in charge for want of anybody else is so no longer once another piece says whom it was given to', async () => {
      const { storage } = bed
      const [ann, ...others] = await people()
      const [first, second] = others.toSorted() as [UserId, UserId]
      const chat = await group(storage, [ann, first, second])
      const offer = (by: UserId, operation: Without<GroupOperation>) => {
        later()
        return storeOne(storage, change(chat, by, bed.clock.now, operation))
      }
      const mayNow = async () => (await storage.members(chat.id)).map(({ id, mayInvite, mayRemove }) => [id, mayInvite, mayRemove])
      const restore = await backUp(bed.url)
      await offer(ann, { type: 'may', user: second, invite: true })
      await offer(ann, { type: 'rename', title: 'Between' })
      await offer(ann, { type: 'leave', user: ann })
      const run = await runOf(storage, chat.id, 1)
      expect(run.entries.map(({ kind }) => kind)).toEqual(['may', 'rename', 'may', 'leave'])
      const expected = await mayNow()
      await restore()
      await heal(storage, chat.id, second, cut(run, 4, 5))
      expect(await mayNow()).toEqual([
        [first, true, true],
        [second, false, false],
      ])
      await heal(storage, chat.id, second, cut(run, 1, 2))
      expect(await mayNow()).toEqual([
        [first, false, true],
        [second, true, false],
      ])
      await heal(storage, chat.id, first, cut(run, 2, 5))
      expect(await mayNow()).toEqual(expected)
    })
  })
}
