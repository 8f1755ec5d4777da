// Erasure: what was deleted leaves every table, within an hour and at most once an hour; the rest of the chat stays as it is.
import { ERASE_AFTER_MS, journalKey, messageOfErased, MIN_ERASING_MS, operationHash, type UserId } from '@skein/protocol'
import { backUp } from '@skein/testing'
import { beforeEach, describe, expect, test } from 'vitest'
import { journalOf } from '../deletion-journal.ts'
import type { DeletionJournal, Erased, Storage } from '../types.ts'
import { checkChain } from './chain.ts'
import { commitOne, edit, group, message, person, posted, react, remove, sha256, storeOne, talk, update, useBed, type Lab, type Talk } from './lab.ts'

const TABLES = ['operations', 'messages', 'reactions', 'updates', 'snapshots', 'client_ids', 'epochs', 'users', 'edits', 'early_edits', 'deletions']

export function erasureContract(lab: Lab): void {
  describe('erasure', () => {
    const bed = useBed(lab)
    const keys = new Set<string>()
    let failing = false
    const whole = journalOf(keys)
    const journal: DeletionJournal = { ...whole, add: async (news) => (failing ? Promise.reject(new Error('The disk is full')) : whole.add(news)) }
    beforeEach(() => {
      bed.ports.journal = journal
      failing = false
      bed.clock.now += 2 * MIN_ERASING_MS
    })

    /** Every value of every table, as text. */
    async function everything(): Promise<string> {
      const rows = await Promise.all(TABLES.map((table) => lab.query(bed.url, `select * from ${table}`)))
      return JSON.stringify(rows.flat(), (_, value: unknown) => (value instanceof Uint8Array ? Buffer.from(value).toString('latin1') : value))
    }
    const passed = async (storage: Storage): Promise<Erased[]> => {
      const done = []
      for (const chat of await storage.dueErasures()) done.push(await storage.eraseDeleted(chat))
      while ((await storage.sweepEpochs()).more);
      return done.filter((one) => one !== null)
    }
    const current = async (chat: Talk): Promise<Talk> => ({ ...chat, epoch: (await bed.storage.chat(chat.id))?.epoch ?? chat.epoch })

    /** A message with all that may hang on one, deleted again; and what stays. */
    async function story(storage: Storage, secret: string) {
      const chat = await talk(storage)
      const doomed = message(`${secret} one`, { mentions: [chat.bob] })
      const target = doomed.operation.id
      const kept = message('This stays')
      const log = update(chat, chat.ann, [doomed, kept, edit(target, `${secret} two`)])
      if (log.kind === 'update') log.update = new TextEncoder().encode(secret)
      await storeOne(storage, log)
      await storeOne(storage, update(chat, chat.bob, [react(target, '👍'), message('An answer', { replyTo: target })]))
      await storage.putSnapshot(chat.id, chat.epoch, { pos: 2, rev: 6, bytes: new TextEncoder().encode(secret) })
      const removed = remove(target)
      await storeOne(storage, update(chat, chat.ann, [removed]))
      return { chat, target, kept, doomed, key: journalKey(chat.id, chat.ann, target, sha256) }
    }

    test('ERASE-1, RT6: the words and salts of a deleted message and its edits leave every table; the others’ words and the chain stay whole', async () => {
      const { storage } = bed
      const secret = 'Erdbeerquark'
      const { chat, target, key } = await story(storage, secret)
      const before = await storage.changes(chat.id, { since: 0, head: null, limit: 100 })
      expect(await everything()).toContain(secret)
      expect(keys).toContain(key)
      bed.clock.now += ERASE_AFTER_MS
      const { now } = bed.clock
      const [erased] = await passed(storage)
      expect(erased).toEqual({ chatId: chat.id, closed: chat.epoch, markPos: now })
      const all = await everything()
      expect(all).not.toContain(secret)
      const entries = await checkChain(storage, chat.id)
      if (before === 'unknown-head') throw new Error('No chain')
      for (const [i, entry] of entries.entries()) {
        const old = before.entries[i]
        if (!old?.operation || old.salt === null) throw new Error('No entry')
        if (entry.rev !== 2 && entry.rev !== 4) expect(entry).toMatchObject(old)
        else {
          expect(entry).toMatchObject({ salt: null, operation: null, hash: operationHash(old.salt, old.operation, sha256) })
          expect(all).not.toContain(old.salt)
        }
      }
      const made = entries.find(({ id }) => id === target)
      if (!made) throw new Error('No entry')
      expect(await storage.message(chat.id, chat.ann, target)).toEqual(messageOfErased(made))
      const history = await storage.history(chat.id, { before: null, cursor: null, limit: 10 })
      expect(history.items.map(({ text }) => text)).toEqual(['', 'This stays', 'An answer'])
      expect((await lab.query(bed.url, `select seq from reactions where chat_id = '${chat.id}'`)).length).toBe(0)
      expect(await storage.erased(chat.id, 0, 10)).toEqual({
        erased: [
          [2, 1, now],
          [4, 0, now + 1],
        ],
        erasedPos: now + 1,
        more: false,
      })
      expect(await storage.erased(chat.id, now, 10)).toMatchObject({ erased: [[4, 0, now + 1]] })
      expect(await storage.erased(chat.id, 0, 1)).toMatchObject({ erasedPos: now, more: true })
      // RT4: a place of a past that was lost is none of this list, however high it is.
      for (const lost of [now - 1, now + 300_000])
        expect(await storage.erased(chat.id, lost, 10)).toMatchObject({
          erased: [
            [2, 1, now],
            [4, 0, now + 1],
          ],
          erasedPos: now + 1,
        })
      expect(await storage.erased(chat.id, now + 1, 10)).toEqual({ erased: [], erasedPos: now + 1, more: false })
      expect((await storage.chatSummary(chat.id, chat.bob))?.erasedPos).toBe(now + 1)
      expect(await storage.changes(chat.id, { since: 0, head: null, limit: 1 })).toMatchObject({ erasedPos: now + 1 })
      expect((await storage.feed(chat.bob, bed.clock.now)).map((line) => [line.id, line.markPos])).toEqual([[chat.id, now]])
    })

    test('ERASE-2, RT14: rows of a live epoch never change: the epoch ends in the transaction that erases, and nothing is written for it any more', async () => {
      const { storage } = bed
      const { chat, target } = await story(storage, 'Zwetschge')
      bed.clock.now += ERASE_AFTER_MS
      const late = update(chat, chat.bob, [message('Too late')])
      await passed(storage)
      const now = await current(chat)
      expect(now.epoch).toMatch(/^2-/)
      expect(await commitOne(storage, late)).toEqual({ ok: false, reason: 'closed-epoch' })
      await storage.putSnapshot(chat.id, chat.epoch, { pos: 9, rev: 9, bytes: new TextEncoder().encode('Zwetschge') })
      expect(await storage.snapshot(chat.id, chat.epoch)).toBeNull()
      expect(await storage.epochTail(chat.id, now.epoch, { pos: 0, rev: 0 })).toMatchObject({ entries: [], updates: [], baseRev: 7 })
      // Edits, deletions and reactions that come after are judged as before.
      const outcome = await storeOne(storage, update(now, chat.ann, [edit(target, 'Zwetschge again'), react(target, '👍'), remove(target)]))
      expect(outcome.entries.map(({ code }) => code)).toEqual(['deleted', 'deleted', null])
      // The words of the late edit go, too; the message stays what it was.
      const before = await storage.message(chat.id, chat.ann, target)
      bed.clock.now += MIN_ERASING_MS
      expect((await passed(storage)).length).toBe(1)
      expect(await everything()).not.toContain('Zwetschge')
      expect(await storage.message(chat.id, chat.ann, target)).toEqual(before)
      await checkChain(storage, chat.id)
    })

    test('ERASE-1, promise 7: words of an edit that stands before its message, as after a restore, go with it; those of an edit whose message stays away do not', async () => {
      const { storage } = bed
      const chat = await talk(storage)
      const late = message('It comes behind its edit')
      const elsewhere = message('Never said here')
      const early = [edit(late.operation.id, 'Zwetschge'), edit(elsewhere.operation.id, 'Quitte')]
      const outcome = await storeOne(storage, update(chat, chat.ann, [...early, late, remove(late.operation.id)]))
      expect(outcome.entries.map(({ code }) => code)).toEqual(['no-such-message', 'no-such-message', null, null])
      // A database of an earlier version has the same once it is brought up to date.
      await lab.query(bed.url, 'drop table early_edits')
      await lab.query(bed.url, `delete from kysely_migration where name >= '0019'`)
      const again = await bed.reopen()
      bed.clock.now += ERASE_AFTER_MS
      await passed(again)
      const left = async (): Promise<boolean[]> => {
        const all = await everything()
        return ['Zwetschge', 'Quitte'].map((word) => all.includes(word))
      }
      expect(await left()).toEqual([false, true])
      const entries = await checkChain(again, chat.id)
      // It comes after all, and goes: no mark of what was erased is left, and what was not has gone with its message.
      const now = await current(chat)
      await storeOne(again, update(now, chat.ann, [elsewhere, remove(elsewhere.operation.id)]))
      bed.clock.now += MIN_ERASING_MS
      await passed(again)
      expect(await left()).toEqual([false, false])
      expect((await checkChain(again, chat.id)).length).toBe(entries.length + 2)
      expect(await lab.query(bed.url, `select rev from early_edits where chat_id = '${chat.id}'`)).toEqual([])
    })

    test('ERASE-3: within an hour, and never more than one epoch an hour and chat', async () => {
      const { storage } = bed
      const chat = await talk(storage)
      const words = Array.from({ length: 40 }, (_, i) => message(`Word ${i}`))
      await storeOne(storage, update(chat, chat.ann, words))
      const erasedAt: number[] = []
      const start = bed.clock.now
      for (const [i, word] of words.entries()) {
        await storeOne(storage, posted(chat, chat.ann, remove(word.operation.id)))
        if (i === 20) expect(await storage.dueErasures()).not.toContain(chat.id)
        for (let minute = 0; minute < 7; minute++) {
          bed.clock.now += 60_000
          for (const { chatId } of await passed(storage)) if (chatId === chat.id) erasedAt.push(bed.clock.now)
        }
      }
      bed.clock.now += MIN_ERASING_MS
      await passed(storage)
      expect(erasedAt[0]).toBe(start + ERASE_AFTER_MS)
      for (const [i, at] of erasedAt.entries()) if (i > 0) expect(at - (erasedAt[i - 1] ?? 0)).toBe(MIN_ERASING_MS)
      expect(erasedAt.length).toBe(5)
      expect((await storage.erased(chat.id, 0, 100)).erased.length).toBe(40)
      expect(await storage.dueErasures()).not.toContain(chat.id)
      expect(await storage.eraseDeleted(chat.id)).toBeNull()
      await checkChain(storage, chat.id)
    })

    test('ERASE-3: two servers at once erase once', async () => {
      const { storage } = bed
      const { chat } = await story(storage, 'Quitte')
      bed.clock.now += ERASE_AFTER_MS
      const other = await bed.another()
      const results = await Promise.all([storage.eraseDeleted(chat.id), other.eraseDeleted(chat.id), storage.eraseDeleted(chat.id)])
      expect(results.filter((one) => one !== null).length).toBe(1)
      expect((await current(chat)).epoch).toMatch(/^2-/)
    })

    test('promise 7: a deletion is in the journal before anybody hears of it, and one that could not be noted is offered again or found by the eraser', async () => {
      const { storage } = bed
      const chat = await talk(storage)
      const word = message('A word')
      await storeOne(storage, update(chat, chat.ann, [word]))
      const item = update(chat, chat.ann, [remove(word.operation.id)])
      const key = journalKey(chat.id, chat.ann, word.operation.id, sha256)
      failing = true
      await expect(storage.commit([item])).rejects.toThrow('The disk is full')
      bed.clock.now += ERASE_AFTER_MS
      await expect(storage.eraseDeleted(chat.id)).rejects.toThrow('The disk is full')
      expect((await storage.message(chat.id, chat.ann, word.operation.id))?.rev).toBe(3)
      failing = false
      expect(keys).not.toContain(key)
      expect((await storeOne(storage, item)).repeated.length).toBe(1)
      expect(keys).toContain(key)
      keys.delete(key)
      expect(await storage.eraseDeleted(chat.id)).not.toBeNull()
      expect(keys).toContain(key)
      // A deletion that is refused is none, and words without one need no journal.
      const count = keys.size
      failing = true
      const now = await current(chat)
      await storeOne(storage, update(now, chat.ann, [message('Another')]))
      failing = false
      await storeOne(storage, update(now, chat.bob, [remove(word.operation.id, { targetAuthor: chat.ann })]))
      expect(keys.size).toBe(count)
    })

    test('HEAL-9, promise 7: what a restored database has forgotten to be deleted is erased by the journal when it is opened, with nobody bringing it back', async () => {
      await bed.reopen()
      const chat = await talk(bed.storage)
      const [doomed, kept] = [message('Sauerkirsche'), message('Kept')]
      await storeOne(bed.storage, update(chat, chat.ann, [doomed, kept, edit(doomed.operation.id, 'Sauerkirsche, better')]))
      const restore = await backUp(bed.url)
      await storeOne(bed.storage, update(chat, chat.ann, [remove(doomed.operation.id)]))
      await bed.stop()
      await restore()
      expect(await everything()).toContain('Sauerkirsche')

      const forgotten: number[] = []
      const storage = await bed.reopen(bed.ports, (messages) => forgotten.push(messages))
      expect(forgotten).toEqual([1])
      while ((await storage.sweepEpochs()).more);
      expect(await everything()).not.toContain('Sauerkirsche')
      const history = await storage.history(chat.id, { before: null, cursor: null, limit: 10 })
      expect(history.items.map(({ text, deletedAt }) => [text, deletedAt !== null])).toEqual([
        ['', true],
        ['Kept', false],
      ])
      expect((await current(chat)).epoch).toMatch(/^2-/)
      await checkChain(storage, chat.id)
      // What it has followed, it looks for no more: also after a stop, and after a minute.
      await storeOne(storage, update(await current(chat), chat.ann, [remove(kept.operation.id)]))
      await bed.reopen(bed.ports, (messages) => forgotten.push(messages))
      const followed = await lab.query(bed.url, 'select followed from journals')
      expect(followed.map((row) => Number(row['followed']))).toEqual([keys.size])
      expect(forgotten).toEqual([1])
    })

    test('RT4: the place of a change of marks that a restore lost is never given to another one', async () => {
      const chat = await talk(bed.storage)
      await storeOne(bed.storage, update(chat, chat.ann, [message('One'), message('Two')]))
      const restore = await backUp(bed.url)
      const raise = async (user: UserId): Promise<number> => {
        bed.clock.now += 1_000
        const raised = await bed.storage.raiseMarks(user, new Map([[chat.id, [2, 2]]]))
        return raised.get(chat.id)?.markPos ?? expect.fail('Nothing rose')
      }
      const lost = await raise(chat.ann)
      await bed.stop()
      await restore()
      await bed.reopen()
      expect(await raise(chat.bob)).toBeGreaterThan(lost)
    })

    test('CHAIN-4, promise 4: an erased operation that is offered again is stored already, and an erased chain continues', async () => {
      const { storage } = bed
      const { chat, doomed } = await story(storage, 'Mirabelle')
      bed.clock.now += ERASE_AFTER_MS
      await passed(storage)
      const again = await storeOne(storage, posted(await current(chat), chat.ann, doomed))
      expect(again.entries).toEqual([])
      expect(again.repeated).toMatchObject([{ id: doomed.operation.id, operation: null }])
      const entries = await checkChain(storage, chat.id)
      const last = entries.at(-1)
      if (!last) throw new Error('No entries')
      const { head } = (await storage.chat(chat.id)) ?? {}
      const before = await storage.changes(chat.id, { since: last.rev - 1, head: null, limit: 1 })
      expect(before === 'unknown-head' ? null : before.head).toBe(head)
      expect(await storage.storedIds(chat.id, chat.ann, [doomed.operation.id], chat.epoch)).toEqual({
        stored: [[doomed.operation.id, null]],
        closed: true,
      })
    })

    test('ERASE-4: a person is erased at once and everywhere: words, name, email, sessions; what others wrote stays', async () => {
      const { storage } = bed
      const [ann, bob] = [await person(storage, 'Holunder'), await person(storage, 'Bob')]
      const chats = [await group(storage, [ann, bob]), await group(storage, [ann, bob]), await group(storage, [ann, bob])]
      const [first, second, third] = chats
      if (!first || !second || !third) throw new Error('No chats')
      const email = (await storage.user(ann))?.email ?? ''
      await storage.createSession({
        id: `session-${ann}`,
        userId: ann,
        passwordHash: 'hash',
        tokenHash: `hash-${ann}`,
        expiresAt: bed.clock.now + 1e9,
        device: null,
      })
      const word = message('Holunder one')
      await storeOne(storage, update(first, ann, [word, edit(word.operation.id, 'Holunder two')]))
      await storeOne(storage, update(first, bob, [message('Of Bob'), react(word.operation.id, '🎉'), edit(word.operation.id, 'Not mine')]))
      // Words of an epoch that ended long ago, and no words at all.
      await storeOne(storage, update(second, ann, [message('Holunder three')]))
      await storage.nextEpoch(second.id, second.epoch)
      await storeOne(storage, posted(third, bob, message('Alone')))

      await storage.eraseUser(ann)
      expect(await storage.erasedUsers()).toContain(ann)
      const told: Erased[] = []
      await storage.eraseUserWords(ann, (one) => told.push(one))
      await storage.sweepEpochs()
      expect(told.map(({ chatId }) => chatId).toSorted()).toEqual([first.id, second.id].toSorted())
      const all = await everything()
      expect(all).not.toContain('Holunder')
      expect(all).not.toContain('holunder')
      expect(all).not.toContain(email)
      expect(await storage.accountByEmail(email)).toBeNull()
      expect(await storage.user(ann)).toMatchObject({ name: 'Deleted account', avatarUrl: null })
      expect(await storage.session(`session-${ann}`)).toBeNull()
      expect((await storage.users({ q: 'deleted', limit: 10, cursor: null, except: null })).items).toEqual([])
      expect(keys).toContain(journalKey(first.id, ann, word.operation.id, sha256))
      const history = await storage.history(first.id, { before: null, cursor: null, limit: 10 })
      expect(history.items.map(({ text, authorId }) => [text, authorId])).toEqual([
        ['', ann],
        ['Of Bob', bob],
      ])
      expect((await storage.chat(third.id))?.epoch).toBe(third.epoch)
      for (const chat of chats) await checkChain(storage, chat.id)
      const entries = await checkChain(storage, first.id)
      expect(entries.map(({ operation }) => operation?.type)).toEqual(['create', undefined, undefined, 'message', 'react', 'edit'])

      // What a token that still lives writes is found until no token can live any more.
      await storeOne(storage, posted(third, ann, message('Holunder four')))
      await storage.eraseUserWords(ann, () => undefined)
      await storage.sweepEpochs()
      expect(await everything()).not.toContain('Holunder')
      expect(await storage.erasedUsers()).toContain(ann)
      bed.clock.now += 16 * 60_000
      await storage.eraseUserWords(ann, () => undefined)
      expect(await storage.erasedUsers()).not.toContain(ann)
    })

    test('ERASE-4: erasing a person that was broken off goes on where it was, also over thousands of entries', async () => {
      const { storage } = bed
      const chat = await talk(storage)
      for (let i = 0; i < 13; i++)
        await storeOne(
          storage,
          update(
            chat,
            i % 2 ? chat.bob : chat.ann,
            Array.from({ length: 500 }, (_, n) => message(`Kirsche ${i} ${n}`)),
          ),
        )
      await storage.eraseUser(chat.ann)
      let calls = 0
      const stop = (): never => {
        calls++
        throw new Error('Killed')
      }
      await expect(storage.eraseUserWords(chat.ann, stop)).rejects.toThrow('Killed')
      const told: Erased[] = []
      await storage.eraseUserWords(chat.ann, (one) => told.push(one))
      expect([calls, told.length]).toEqual([1, 1])
      const entries = await checkChain(storage, chat.id)
      expect(entries.filter(({ operation }) => operation === null).length).toBe(3_500)
      expect(entries.filter(({ authorId, operation }) => authorId === chat.ann && operation !== null && operation.type !== 'create')).toEqual([])
    })

    test('promise 6: a closed epoch loses log, snapshot and client ids once its rows are checked, however it ended', async () => {
      const { storage } = bed
      const chat = await talk(storage)
      await storeOne(storage, update(chat, chat.ann, [message(), message()]))
      await storeOne(storage, update(chat, chat.bob, [message()]))
      await storage.putSnapshot(chat.id, chat.epoch, { pos: 2, rev: 4, bytes: new Uint8Array([1]) })
      const { epoch } = await storage.nextEpoch(chat.id, chat.epoch)
      await storeOne(storage, update({ id: chat.id, epoch }, chat.bob, [message()]))
      expect(await storage.sweepEpochs()).toEqual({ more: false, damaged: [] })
      const left = await Promise.all(
        ['updates', 'client_ids', 'snapshots'].map((table) => lab.query(bed.url, `select epoch from ${table} where chat_id = '${chat.id}'`)),
      )
      expect(left.map((rows) => rows.map((row) => row['epoch']))).toEqual([[epoch], [epoch], []])
      expect((await checkChain(storage, chat.id)).length).toBe(5)
    })

    test('promise 6: rows that do not continue the chain keep everything, and are told once', async () => {
      const { storage } = bed
      for (const damage of ['text', 'row'] as const) {
        const chat = await talk(storage)
        await storeOne(storage, update(chat, chat.ann, [message('First'), message('Second')]))
        await storage.nextEpoch(chat.id, chat.epoch)
        if (damage === 'row') await lab.query(bed.url, `delete from operations where chat_id = '${chat.id}' and rev = 3`)
        else
          await lab.query(bed.url, `update operations set operation = replace(operation, 'First', 'Frist') where chat_id = '${chat.id}' and rev = 2`)
        expect(await storage.sweepEpochs()).toEqual({ more: false, damaged: [{ chatId: chat.id, epoch: chat.epoch }] })
        expect(await storage.sweepEpochs()).toEqual({ more: false, damaged: [] })
        expect((await lab.query(bed.url, `select pos from updates where chat_id = '${chat.id}'`)).length).toBe(1)
      }
    })

    test('RT6: a database of the first version learns what was deleted, edited and closed before', async () => {
      const { storage } = bed
      const { chat, key } = await story(storage, 'Johannisbeere')
      const late = await talk(storage)
      const { epoch } = await storage.nextEpoch(late.id, late.epoch)
      for (const table of ['deletions', 'edits', 'erasures', 'sweeps', 'erased_users']) await lab.query(bed.url, `drop table ${table}`)
      await lab.query(bed.url, `delete from kysely_migration where name > '0001-start'`)
      keys.delete(key)
      const again = await bed.reopen()
      bed.clock.now += ERASE_AFTER_MS
      expect((await passed(again)).map(({ chatId }) => chatId)).toEqual([chat.id])
      expect(await everything()).not.toContain('Johannisbeere')
      expect(keys).toContain(key)
      expect((await lab.query(bed.url, `select epoch from sweeps where chat_id = '${late.id}'`)).length).toBe(0)
      expect((await again.chat(late.id))?.epoch).toBe(epoch)
    })
  })
}
