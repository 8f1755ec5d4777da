// Healing, and what was decided: who may offer, who is a member, and what stays deleted.
import { canonicalJson, directChatId, genesisHead, journalKey, parseEpochName, type ChatId, type UserId } from '@skein/protocol'
import { backUp } from '@skein/testing'
import { describe, expect, test } from 'vitest'
import type { CommitItem } from '../types.ts'
import { checkChain } from './chain.ts'
import { edit, group, member, message, person, remove, sha256, storeOne, talk, update, type Lab } from './lab.ts'
import { cut, heal, kinds, runOf, say, texts, useHealing, without } from './healing-scene.ts'

export function healingDecisionsContract(lab: Lab): void {
  describe('healing: members and deletions', () => {
    const { bed, journaled, saved, later, journaling } = useHealing(lab)

    test('HEAL-2, promise 8: who is no member learns nothing, and gives nothing', async () => {
      const { storage } = bed
      const chat = await saved()
      const mallory = await person(storage, 'Mallory')
      const run = await runOf(storage, chat.id)
      const nowhere = (await talk(storage)).id
      const unknown = nowhere.replace(/^./, (c) => (c === '0' ? '1' : '0')) as ChatId
      expect(await storage.heal(chat.id, mallory, run)).toBe('no-such-chat')
      expect(await storage.heal(unknown, mallory, { ...run, start: { rev: 0, head: genesisHead(unknown, sha256) } })).toBe('no-such-chat')
      expect(await storage.heal(unknown, chat.ann, { start: { rev: 0, head: genesisHead(unknown, sha256) }, entries: [] })).toBe('no-such-chat')
      // Who has left, by the server's own chain, offers nothing either.
      const crew = await group(storage, [chat.ann, chat.bob])
      const held = await runOf(storage, crew.id)
      await storeOne(storage, member(crew, chat.ann, 'leave', chat.bob))
      expect(await storage.heal(crew.id, chat.bob, held)).toBe('no-such-chat')
    })

    test('HEAL-2, promise 7: a chat begun after the backup comes back with its members, whoever of them brings it', async () => {
      const { storage } = bed
      const [ann, bob, cleo] = [await person(storage, 'Ann'), await person(storage, 'Bob'), await person(storage, 'Cleo')]
      const restore = await backUp(bed.url)
      const crew = await group(storage, [ann, bob], 'Crew 2')
      await storeOne(storage, update(crew, ann, [message('begun')]))
      await storeOne(storage, member(crew, ann, 'join', cleo))
      await storeOne(storage, update(crew, bob, [message('welcome')]))
      const run = await runOf(storage, crew.id)
      await restore()
      expect(await storage.chat(crew.id)).toBeNull()
      // A piece from the middle cannot say what the chat is.
      expect(await storage.heal(crew.id, cleo, cut(run, 1, 4))).toBe('no-such-chat')
      expect(await storage.heal(crew.id, await person(storage), run)).toBe('no-such-chat')
      const outcomes = await Promise.all([heal(storage, crew.id, cleo, run), heal(await bed.another(), crew.id, bob, run)])
      expect(outcomes.map(({ placed }) => placed).sort()).toEqual([0, 4])
      expect(await storage.chat(crew.id)).toMatchObject({ kind: 'group', title: 'Crew 2', rev: 4, seq: 2, baseRev: 4, baseSeq: 2 })
      expect((await storage.members(crew.id)).map(({ name }) => name).sort()).toEqual(['Ann', 'Bob', 'Cleo'])
      await checkChain(storage, crew.id)
      await storeOne(
        storage,
        update({ id: crew.id, epoch: outcomes[0]?.epoch ?? parseEpochName('1-0000000000000000') }, cleo, [message('I am here')]),
      )
      // A direct chat that both began anew meanwhile: the old words come behind.
      const direct = await saved()
      const old = await runOf(storage, direct.id)
      await restore()
      const { chat: again } = await storage.createChat({
        id: direct.id,
        kind: 'direct',
        title: null,
        by: direct.bob,
        members: [direct.ann, direct.bob],
      })
      expect(again.head).not.toBe(old.start.head)
      expect(await heal(storage, direct.id, direct.ann, old)).toMatchObject({ common: { rev: 0 }, entered: 2 })
      expect(await kinds(storage, direct.id)).toEqual(['create', 'restored', 'create', 'message'])
    })

    test('HEAL-2, HEAL-4: of a direct chat begun after the backup a later piece is enough, also where one of the two has blocked the other since', async () => {
      const { storage } = bed
      const [ann, bob, cleo] = [await person(storage, 'Ann'), await person(storage, 'Bob'), await person(storage, 'Cleo')]
      const restore = await backUp(bed.url)
      const id = directChatId(ann, bob, sha256)
      const { chat } = await storage.createChat({ id, kind: 'direct', title: null, by: ann, members: [ann, bob] })
      await storeOne(storage, update(chat, ann, [message('begun')]))
      await storeOne(storage, update(chat, bob, [message('told')]))
      const piece = cut(await runOf(storage, id), 1, 3)
      await restore()
      await storage.block(ann, bob, id)
      // Neither what is not proven, nor a name that is not in the chat's id, nor somebody else begins it.
      expect(await storage.heal(id, bob, piece)).toBe('no-such-chat')
      expect(await storage.heal(id, bob, { ...piece, with: cleo })).toBe('no-such-chat')
      expect(await storage.heal(id, cleo, { ...piece, with: ann })).toBe('no-such-chat')
      const unproven = { ...piece, with: ann, entries: piece.entries.map((entry) => ({ ...entry, tag: null })) }
      expect(await storage.heal(id, bob, unproven)).toBe('no-such-chat')
      expect(await storage.chat(id)).toBeNull()
      const outcomes = await Promise.all([
        heal(storage, id, bob, { ...piece, with: ann }),
        heal(await bed.another(), id, ann, { ...piece, with: bob }),
      ])
      expect(outcomes.map(({ entered }) => entered).sort()).toEqual([0, 2])
      expect(await kinds(storage, id)).toEqual(['create', 'restored', 'message', 'message'])
      expect(await texts(storage, id)).toEqual(['begun', 'told'])
      await checkChain(storage, id)
      // As for any other chat of the two, nothing new is taken.
      expect((await storage.marks(id)).blocked).toBe(true)
    })

    test('HEAL-2: who joined after the backup proves it by the run; a later decision about members is not undone by what comes back', async () => {
      const { storage } = bed
      const [ann, bob, cleo, dan] = [
        await person(storage, 'Ann'),
        await person(storage, 'Bob'),
        await person(storage, 'Cleo'),
        await person(storage, 'Dan'),
      ]
      const crew = await group(storage, [ann, bob])
      const change = (type: 'join' | 'leave', user: UserId): CommitItem => {
        later()
        const item = member(crew, ann, type, user)
        if (item.kind !== 'member') throw new Error('unreachable')
        const operation = { ...item.operation, at: new Date(bed.clock.now).toISOString() }
        return { ...item, operation, text: canonicalJson(operation) }
      }
      const restore = await backUp(bed.url)
      await storeOne(storage, change('join', cleo))
      await storeOne(storage, change('join', dan))
      await storeOne(storage, change('leave', bob))
      await storeOne(storage, update(crew, cleo, [message('hello from Cleo')]))
      const run = await runOf(storage, crew.id)
      await restore()
      // By her own words alone, too: only members write.
      expect(await storage.heal(crew.id, bob, cut(run, 3, 5))).not.toBe('no-such-chat')
      await restore()
      await storeOne(storage, change('join', dan))
      await storeOne(storage, change('leave', dan))
      expect(await heal(storage, crew.id, cleo, cut(run, 1, 5))).toMatchObject({ entered: 4 })
      expect((await storage.members(crew.id)).map(({ name }) => name).sort()).toEqual(['Ann', 'Cleo'])
      expect(await storage.membership(crew.id, bob)).toBeNull()
      // In two pieces the same.
      await restore()
      await storeOne(storage, update(crew, bob, [message('still here?')]))
      await heal(storage, crew.id, cleo, cut(run, 1, 2))
      await heal(storage, crew.id, cleo, cut(run, 2, 5))
      expect((await storage.members(crew.id)).map(({ name }) => name).sort()).toEqual(['Ann', 'Cleo', 'Dan'])
    })

    test('HEAL-5, RT6: what was deleted comes back without its words when the journal knows it, in whatever piece', async () => {
      const withJournal = await journaling()
      const chat = await talk(withJournal)
      const word = message('secret')
      const restore = await backUp(bed.url)
      await say(withJournal, chat, [chat.ann, word], [chat.ann, edit(word.operation.id, 'secret, edited')], [chat.bob, message('answer')])
      const stale = await runOf(withJournal, chat.id)
      await say(withJournal, chat, [chat.ann, remove(word.operation.id)])
      const whole = await runOf(withJournal, chat.id)
      journaled.add(journalKey(chat.id, chat.ann, word.operation.id, sha256))
      for (const isAhead of [false, true]) {
        await restore()
        if (isAhead) await say(withJournal, chat, [chat.bob, message('new')])
        // A prefix that ends before the deletion, by whoever keeps it.
        await heal(withJournal, chat.id, chat.bob, stale)
        expect(JSON.stringify([await runOf(withJournal, chat.id), await texts(withJournal, chat.id)])).not.toContain('secret')
        expect(await withJournal.message(chat.id, chat.ann, word.operation.id)).toMatchObject({ text: '', mentions: [], reactions: [] })
        expect((await withJournal.message(chat.id, chat.ann, word.operation.id))?.deletedAt).not.toBeNull()
        await checkChain(withJournal, chat.id)
        // CHAIN-4: its hash stays, and with it the chain: who has the rest finds the same heads.
        const outcome = await heal(withJournal, chat.id, chat.ann, whole)
        expect(outcome).toMatchObject(isAhead ? { entered: 1 } : { placed: 1, common: { rev: 5 } })
        await checkChain(withJournal, chat.id)
      }
    })

    test('HEAL-5, RT6: a refused edit of what is deleted comes back without its words, also where its message does not', async () => {
      const withJournal = await journaling()
      const chat = await talk(withJournal)
      const [word, elsewhere] = [message('a word'), message('on no device any more')]
      const restore = await backUp(bed.url)
      await say(withJournal, chat, [chat.ann, word], [chat.ann, remove(word.operation.id)])
      await say(
        withJournal,
        chat,
        [chat.ann, edit(word.operation.id, 'secret, too late')],
        [chat.ann, edit(elsewhere.operation.id, 'secret, too early')],
      )
      const run = await runOf(withJournal, chat.id)
      expect(run.entries.map(({ code }) => code)).toEqual([null, null, null, 'deleted', 'no-such-message'])
      journaled.add(journalKey(chat.id, chat.ann, elsewhere.operation.id, sha256))
      await restore()
      await say(withJournal, chat, [chat.bob, message('new')])
      for (const piece of [cut(run, 3, 4), run]) {
        await heal(withJournal, chat.id, chat.bob, piece)
        expect(JSON.stringify(await runOf(withJournal, chat.id))).not.toContain('secret')
        await checkChain(withJournal, chat.id)
      }
      expect((await runOf(withJournal, chat.id)).entries.filter(({ kind }) => kind === 'edit').map(({ operation }) => operation)).toEqual([
        null,
        null,
      ])
    })

    test('HEAL-5, RT6: without a journal one device that has the deletion is enough; proven deletions are journaled', async () => {
      const { storage } = bed
      const chat = await talk(storage)
      const word = message('regretted')
      const restore = await backUp(bed.url)
      await say(storage, chat, [chat.ann, word])
      const stale = await runOf(storage, chat.id)
      await say(storage, chat, [chat.ann, remove(word.operation.id)], [chat.bob, message('after')])
      const whole = await runOf(storage, chat.id)
      const end = cut(whole, 2, 4)
      for (const [isAhead, ...runs] of [
        [false, stale, whole],
        [true, stale, whole],
        [true, end, stale, end],
      ] as const) {
        await restore()
        if (isAhead) await say(storage, chat, [chat.bob, message('new')])
        for (const run of runs) await heal(storage, chat.id, chat.bob, run)
        expect(await texts(storage, chat.id)).not.toContain('regretted')
        await checkChain(storage, chat.id)
      }
      // The deletion came first, from a device that never held the message: with the journal the message stays away for good.
      const withJournal = await journaling()
      await restore()
      await heal(withJournal, chat.id, chat.bob, end)
      expect(journaled.has(journalKey(chat.id, chat.ann, word.operation.id, sha256))).toBe(true)
      await heal(withJournal, chat.id, chat.bob, stale)
      expect(await texts(withJournal, chat.id)).not.toContain('regretted')
    })

    test('HEAL-5: nobody silences a word that was not deleted by taking it off its entry', async () => {
      const withJournal = await journaling()
      const chat = await talk(withJournal)
      const restore = await backUp(bed.url)
      await say(withJournal, chat, [chat.ann, message('mine')], [chat.bob, message('his')])
      const run = await runOf(withJournal, chat.id)
      await restore()
      const silenced = without(run, ({ authorId, kind }) => authorId === chat.ann && kind === 'message')
      expect(await heal(withJournal, chat.id, chat.bob, silenced)).toMatchObject({ entered: 1, missing: [2] })
      expect(await heal(withJournal, chat.id, chat.ann, run)).toMatchObject({ entered: 1, missing: [] })
      expect((await texts(withJournal, chat.id)).sort()).toEqual(['his', 'mine'])
      // Where it was deleted, nobody needs the words.
      await restore()
      journaled.add(journalKey(chat.id, chat.ann, run.entries[1]?.id ?? message().operation.id, sha256))
      expect(await heal(withJournal, chat.id, chat.bob, silenced)).toMatchObject({ placed: 2, missing: [] })
      expect(await texts(withJournal, chat.id)).toEqual(['', 'his'])
    })
  })
}
