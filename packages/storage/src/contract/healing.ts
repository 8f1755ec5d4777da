// Healing: a database is put back to an earlier state, and devices come back with what they kept. What is proved, and where it goes.
import { operationHash, restoredId, type Entry, type Run } from '@skein/protocol'
import { backUp } from '@skein/testing'
import { describe, expect, test } from 'vitest'
import { checkChain } from './chain.ts'
import { commitOne, edit, message, react, sha256, storeOne, stored, talk, update, type Lab } from './lab.ts'
import { cut, heal, kinds, runOf, say, texts, useHealing } from './healing-scene.ts'

export function healingContract(lab: Lab): void {
  describe('healing', () => {
    const { bed, saved, later } = useHealing(lab)

    test('HEAL-3, promise 7: where the server stands just before it, a run goes back to its old places, to the byte, in a new epoch', async () => {
      const { storage } = bed
      const chat = await saved()
      const restore = await backUp(bed.url)
      const word = message('lost')
      later()
      await say(
        storage,
        chat,
        [chat.bob, word],
        [chat.bob, edit(word.operation.id, 'lost, edited')],
        [chat.ann, react(word.operation.id, '👍', true, { targetAuthor: chat.bob })],
      )
      await say(storage, chat, [chat.ann, edit(word.operation.id, 'not mine', { targetAuthor: chat.bob })], [chat.ann, message('last')])
      const run = await runOf(storage, chat.id)
      const before = {
        chat: await storage.chat(chat.id),
        chain: await storage.changes(chat.id, { since: 0, head: null, limit: 100 }),
        history: await storage.history(chat.id, { before: null, cursor: null, limit: 100 }),
      }
      await restore()
      later()
      expect(await texts(storage, chat.id)).toEqual(['saved'])
      const outcome = await heal(storage, chat.id, chat.ann, run)
      expect(outcome).toMatchObject({
        proven: 7,
        placed: 5,
        entered: 0,
        messages: 2,
        missing: [],
        fork: null,
        rev: 7,
        changed: true,
        common: { rev: 7, seq: 3, head: before.chat?.head },
      })
      const after = await storage.chat(chat.id)
      expect(after).toMatchObject({ rev: 7, seq: 3, head: before.chat?.head, baseRev: 7, baseSeq: 3, lastAt: before.chat?.lastAt })
      expect(after?.epoch).toMatch(/^2-/)
      expect(await storage.changes(chat.id, { since: 0, head: null, limit: 100 })).toEqual(before.chain)
      expect(await storage.history(chat.id, { before: null, cursor: null, limit: 100 })).toEqual(before.history)
      await checkChain(storage, chat.id)
      // RT16: what still waits for the old epoch is refused; the chat goes on in the new one.
      expect(await commitOne(storage, update(chat, chat.bob, [message()]))).toEqual({ ok: false, reason: 'closed-epoch' })
      await storeOne(storage, update({ id: chat.id, epoch: outcome.epoch }, chat.bob, [message('goes on')]))
      await checkChain(storage, chat.id)
    })

    test('HEAL-4, RT4: a server that has gone on takes back what it lost behind what it has, once, and tells of it in one entry', async () => {
      const { storage } = bed
      const chat = await saved()
      const restore = await backUp(bed.url)
      const [first, second] = [message('lost 1'), message('lost 2')]
      later()
      await say(storage, chat, [chat.ann, first], [chat.ann, edit(first.operation.id, 'lost 1, edited')], [chat.bob, second])
      const run = await runOf(storage, chat.id)
      await restore()
      later()
      // Longer than what was lost, in the same epoch: no clock betrays it.
      for (let i = 0; i < 6; i++) await storeOne(storage, update(chat, chat.bob, [message(`new ${i}`)]))
      const { rev } = (await storage.chat(chat.id)) ?? { rev: 0 }
      const outcome = await heal(storage, chat.id, chat.ann, run)
      expect(outcome).toMatchObject({
        common: { rev: 2, seq: 1, head: run.entries[1] && cut(run, 2, 2).start.head },
        placed: 0,
        entered: 3,
        messages: 2,
        missing: [],
        fork: 2,
      })
      expect(await texts(storage, chat.id)).toEqual(['saved', ...[0, 1, 2, 3, 4, 5].map((i) => `new ${i}`), 'lost 1, edited', 'lost 2'])
      const entries = await checkChain(storage, chat.id)
      const [told, ...back] = entries.slice(rev)
      expect(told).toMatchObject({ kind: 'restored', id: restoredId(chat.id, 2, sha256), authorId: chat.ann, operation: { rev: 2 } })
      expect(back.map(({ id, authorId, salt, operation, code }) => ({ id, authorId, salt, operation, code }))).toEqual(
        run.entries.slice(2).map(({ id, authorId, salt, operation, code }) => ({ id, authorId, salt, operation, code })),
      )
      // Times never go back; the author's own stands in the message.
      expect(back.every(({ at }) => at >= (told?.at ?? 0))).toBe(true)
      const message9 = await storage.message(chat.id, chat.ann, first.operation.id)
      expect(message9?.createdAt).toBe(Date.parse(first.operation.at))
      // Again, in halves, and by another device: nothing is there twice.
      for (const [user, again] of [
        [chat.ann, run],
        [chat.bob, cut(run, 2, 4)],
        [chat.bob, cut(run, 4, 5)],
        [chat.bob, run],
      ] as const)
        expect(await heal(storage, chat.id, user, again)).toMatchObject({ placed: 0, entered: 0, missing: [], changed: false })
      expect((await checkChain(storage, chat.id)).length).toBe(entries.length)
    })

    test('HEAL-4: two halves of one run by two devices, the later first: each word once, one entry about the fork', async () => {
      const { storage } = bed
      const chat = await saved()
      const restore = await backUp(bed.url)
      for (let i = 0; i < 6; i++) await say(storage, chat, [i % 2 ? chat.bob : chat.ann, message(`lost ${i}`)])
      const run = await runOf(storage, chat.id)
      await restore()
      // A device that joined later holds the end alone.
      expect(await heal(storage, chat.id, chat.bob, cut(run, 5, 8))).toMatchObject({ common: null, placed: 0, entered: 3, fork: 2 })
      expect(await heal(storage, chat.id, chat.ann, run)).toMatchObject({ common: { rev: 2 }, placed: 0, entered: 3 })
      expect(await texts(storage, chat.id)).toEqual(['saved', 'lost 3', 'lost 4', 'lost 5', 'lost 0', 'lost 1', 'lost 2'])
      expect((await kinds(storage, chat.id)).filter((kind) => kind === 'restored')).toHaveLength(1)
    })

    test('HEAL-4: what was brought back is lost again, and comes back again with the entry that told of it', async () => {
      const { storage } = bed
      const chat = await saved()
      const restore = await backUp(bed.url)
      for (let i = 0; i < 3; i++) await say(storage, chat, [chat.ann, message(`lost ${i}`)])
      const end = cut(await runOf(storage, chat.id), 3, 5)
      await restore()
      expect(await heal(storage, chat.id, chat.bob, end)).toMatchObject({ entered: 2, fork: 2 })
      const run = await runOf(storage, chat.id)
      expect(run.entries.map(({ kind }) => kind)).toEqual(['create', 'message', 'restored', 'message', 'message'])
      for (const [isAhead, by] of [
        [false, chat.bob],
        [true, chat.bob],
        [true, chat.ann],
      ] as const) {
        await restore()
        if (isAhead) await say(storage, chat, [chat.bob, message('new')])
        expect(await heal(storage, chat.id, by, run)).toMatchObject(isAhead ? { placed: 0, entered: 3, missing: [] } : { placed: 3, entered: 0 })
        expect(await texts(storage, chat.id)).toEqual(['saved', ...(isAhead ? ['new'] : []), 'lost 1', 'lost 2'])
        expect((await kinds(storage, chat.id)).filter((kind) => kind === 'restored')).toHaveLength(1)
        expect(await heal(storage, chat.id, by, run)).toMatchObject({ placed: 0, entered: 0, missing: [], changed: false })
      }
    })

    test('HEAL-4: what a healed server brought back behind what it had gone on with is lost again: another who heals tells of the fork once', async () => {
      const { storage } = bed
      const chat = await saved()
      const restore = await backUp(bed.url)
      for (let i = 0; i < 3; i++) await say(storage, chat, [chat.ann, message(`lost ${i}`)])
      const lost = await runOf(storage, chat.id)
      await restore()
      await say(storage, chat, [chat.bob, message('gone on')])
      await heal(storage, chat.id, chat.bob, lost)
      const run = await runOf(storage, chat.id)
      await restore()
      await say(storage, chat, [chat.bob, message('other')])
      expect(await heal(storage, chat.id, chat.ann, run)).toMatchObject({ entered: 4, missing: [] })
      expect(await texts(storage, chat.id)).toEqual(['saved', 'other', 'gone on', 'lost 0', 'lost 1', 'lost 2'])
      expect((await kinds(storage, chat.id)).filter((kind) => kind === 'restored')).toHaveLength(1)
      expect(await heal(storage, chat.id, chat.bob, run)).toMatchObject({ placed: 0, entered: 0, missing: [], changed: false })
    })

    test('HEAL-6: devices that come back at once with runs that overlap store each entry once', async () => {
      const servers = [bed.storage, await bed.another(), await bed.another()]
      const chat = await saved()
      const restore = await backUp(bed.url)
      for (let i = 0; i < 12; i++) await say(bed.storage, chat, [i % 2 ? chat.bob : chat.ann, message(`lost ${i}`)])
      const run = await runOf(bed.storage, chat.id)
      for (const isAhead of [false, true]) {
        await restore()
        if (isAhead) await say(bed.storage, chat, [chat.bob, message('new')])
        await Promise.all(
          servers.flatMap((server, i) => [heal(server, chat.id, chat.ann, cut(run, 0, 5 + 3 * i)), heal(server, chat.id, chat.bob, cut(run, 2, 14))]),
        )
        const there = await texts(bed.storage, chat.id)
        expect([...there].sort()).toEqual(['saved', ...(isAhead ? ['new'] : []), ...Array.from({ length: 12 }, (_, i) => `lost ${i}`)].sort())
        expect((await kinds(bed.storage, chat.id)).filter((kind) => kind === 'restored')).toHaveLength(isAhead ? 1 : 0)
      }
    })

    test('HEAL-1, RT5: what is changed, cut behind its tag, or of another chat proves nothing, and nothing of it is stored', async () => {
      const { storage } = bed
      const chat = await saved()
      const other = await talk(storage)
      const restore = await backUp(bed.url)
      const forged = message('forged')
      stored(await storage.commit([update(chat, chat.ann, [message('one'), message('two'), message('three')])]))
      await say(storage, other, [other.ann, message('elsewhere')])
      const run = await runOf(storage, chat.id)
      const foreign = await runOf(storage, other.id)
      await restore()
      const third = (change: Partial<Entry>): Run => ({
        ...run,
        entries: run.entries.map((entry) => (entry.rev === 3 ? { ...entry, ...change } : entry)),
      })
      const changes: Partial<Entry>[] = [
        { at: 1 },
        { seq: 9 },
        { code: 'deleted' },
        { authorId: chat.bob },
        { id: forged.operation.id },
        { operation: forged.operation },
        {
          operation: forged.operation,
          salt: null,
          hash: operationHash(run.entries[2]?.salt ?? '', run.entries[2]?.operation ?? forged.operation, sha256),
        },
      ]
      const { head } = (await storage.chat(chat.id)) ?? {}
      for (const offered of [...changes.map(third), cut(run, 0, 4), { ...foreign, entries: foreign.entries.slice(1) }, foreign]) {
        const outcome = await heal(storage, chat.id, chat.bob, offered)
        expect(outcome).toMatchObject({ placed: 0, entered: 0, changed: false })
        expect(outcome.missing.length).toBeGreaterThan(0)
      }
      expect(await storage.chat(chat.id)).toMatchObject({ rev: 2, head })
      expect(await heal(storage, chat.id, chat.bob, run)).toMatchObject({ placed: 3 })
    })

    test('HEAL-4: an edit, a reaction and a deletion wait for their message; the verdict of then stands', async () => {
      const { storage } = bed
      const chat = await saved()
      const restore = await backUp(bed.url)
      const word = message('lost')
      await say(storage, chat, [chat.ann, word])
      await say(
        storage,
        chat,
        [chat.bob, edit(word.operation.id, 'forged', { targetAuthor: chat.ann })],
        [chat.ann, edit(word.operation.id, 'edited')],
      )
      const run = await runOf(storage, chat.id)
      await restore()
      await say(storage, chat, [chat.bob, message('new')])
      expect(await heal(storage, chat.id, chat.bob, cut(run, 3, 5))).toMatchObject({ entered: 1, missing: [5] })
      expect(await heal(storage, chat.id, chat.ann, run)).toMatchObject({ entered: 2, missing: [] })
      expect(await texts(storage, chat.id)).toEqual(['saved', 'new', 'edited'])
      const entries = await checkChain(storage, chat.id)
      expect(entries.filter(({ code }) => code).map(({ code, operation }) => [code, operation && 'text' in operation ? operation.text : ''])).toEqual(
        [['not-yours', 'forged']],
      )
    })

    test('RT15: ids that somebody took on the restored server are taken under that name alone', async () => {
      const { storage } = bed
      const chat = await saved()
      const restore = await backUp(bed.url)
      const word = message('Ann’s')
      await say(storage, chat, [chat.ann, word], [chat.ann, edit(word.operation.id, 'Ann’s, edited')])
      const run = await runOf(storage, chat.id)
      await restore()
      const squatted = message('Bob’s')
      const { id } = word.operation
      await say(storage, chat, [chat.bob, { operation: { ...squatted.operation, id }, text: squatted.text.replace(squatted.operation.id, id) }])
      expect(await heal(storage, chat.id, chat.ann, run)).toMatchObject({ entered: 2, missing: [] })
      expect(await texts(storage, chat.id)).toEqual(['saved', 'Bob’s', 'Ann’s, edited'])
    })

    test('HEAL-3: a run of 3,000 entries goes back in pieces, each to its old places; ahead, behind what is there', async () => {
      const { storage } = bed
      const chat = await saved()
      const restore = await backUp(bed.url)
      for (let i = 0; i < 30; i++)
        stored(
          await storage.commit([
            update(
              chat,
              i % 2 ? chat.bob : chat.ann,
              Array.from({ length: 100 }, (_, n) => message(`${i}.${n}`)),
            ),
          ]),
        )
      const run = await runOf(storage, chat.id)
      const all = await texts(storage, chat.id)
      const { head } = (await storage.chat(chat.id)) ?? {}
      await restore()
      for (let from = 2; from < run.entries.length; from += 1_000)
        expect(await heal(storage, chat.id, chat.bob, cut(run, from, from + 1_000))).toMatchObject({ placed: 1_000 })
      expect((await storage.chat(chat.id))?.head).toBe(head)
      await restore()
      await say(storage, chat, [chat.bob, message('new')])
      let fork: number | null = null
      for (let from = 2; from < run.entries.length; from += 1_000) {
        const piece = { ...cut(run, from, from + 1_000), ...(fork === null ? {} : { fork }) }
        ;({ fork } = await heal(storage, chat.id, chat.bob, piece))
        expect(fork).toBe(2)
      }
      expect(await texts(storage, chat.id)).toEqual([all[0], 'new', ...all.slice(1)])
      expect((await kinds(storage, chat.id)).filter((kind) => kind === 'restored')).toHaveLength(1)
    })

    test('HEAL-7: the last common place is found among any heads', async () => {
      const { storage } = bed
      const chat = await saved()
      const restore = await backUp(bed.url)
      for (let i = 0; i < 4; i++) await say(storage, chat, [chat.ann, message(`lost ${i}`)])
      const run = await runOf(storage, chat.id)
      const places = [0, 1, 2, 3, 4, 5, 6].map((rev) => cut(run, rev, rev).start)
      expect(await storage.lastCommon(chat.id, places)).toEqual({ ...places[6], seq: 5 })
      await restore()
      await say(storage, chat, [chat.ann, message('new')])
      expect(await storage.lastCommon(chat.id, places)).toEqual({ ...places[2], seq: 1 })
      expect(await storage.lastCommon(chat.id, places.slice(0, 2))).toEqual({ ...places[1], seq: 0 })
      expect(await storage.lastCommon(chat.id, places.slice(3))).toBeNull()
      expect(await storage.lastCommon(chat.id, [])).toBeNull()
    })
  })
}
