// Healing: a database is put back to an earlier state, and devices come back with what they kept.
import {
  genesisHead,
  journalKey,
  nextHead,
  operationHash,
  parseEpochName,
  restoredId,
  type ChatId,
  type Checked,
  type Entry,
  type Head,
  type Run,
  type UserId,
} from '@skein/protocol'
import { backUp } from '@skein/testing'
import { describe, expect, test } from 'vitest'
import type { CommitItem, HealOutcome, Storage } from '../types.ts'
import { checkChain } from './chain.ts'
import {
  commitOne,
  edit,
  group,
  member,
  message,
  person,
  posted,
  react,
  remove,
  sha256,
  storeOne,
  stored,
  talk,
  update,
  useBed,
  type Bed,
  type Lab,
  type Talk,
} from './lab.ts'

/** What a device holds that has followed the chat from `since` on. */
async function runOf(storage: Storage, chat: ChatId, since = 0): Promise<Run> {
  const before = await storage.changes(chat, { since: 0, head: null, limit: since })
  const page = await storage.changes(chat, { since, head: null, limit: 1_000_000 })
  if (page === 'unknown-head' || before === 'unknown-head') throw new Error('The chat is not as long')
  return { start: { rev: since, head: since === 0 ? genesisHead(chat, sha256) : before.head }, entries: page.entries }
}
const cut = (run: Run, from: number, to: number): Run => {
  let { head }: { head: Head } = run.start
  for (const entry of run.entries) if (entry.rev <= from) head = nextHead(head, entry, sha256)
  return { start: { rev: Math.max(from, run.start.rev), head }, entries: run.entries.filter(({ rev }) => rev > from && rev <= to) }
}
const without = (run: Run, gone: (entry: Entry) => boolean): Run => ({
  ...run,
  entries: run.entries.map((entry) =>
    gone(entry) && entry.operation && entry.salt !== null
      ? { ...entry, operation: null, salt: null, hash: operationHash(entry.salt, entry.operation, sha256) }
      : entry,
  ),
})

async function heal(storage: Storage, chat: ChatId, user: UserId, run: Run): Promise<HealOutcome> {
  const outcome = await storage.heal(chat, user, run)
  if (outcome === 'no-such-chat') throw new Error(outcome)
  return outcome
}
async function texts(storage: Storage, chat: ChatId): Promise<string[]> {
  return (await storage.history(chat, { before: null, cursor: null, limit: 1_000_000 })).items.map(({ text }) => text)
}
/** One commit for each of these words. */
async function say(storage: Storage, chat: Talk, ...said: (readonly [UserId, Checked])[]): Promise<void> {
  for (const [user, operation] of said) await storeOne(storage, posted(chat, user, operation))
}
const kinds = async (storage: Storage, chat: ChatId): Promise<string[]> => (await checkChain(storage, chat)).map(({ kind }) => kind)

export function healingContract(lab: Lab): void {
  describe('healing', () => {
    const bed = useBed(lab)
    const journaled = new Set<string>()
    const journal = { has: (key: string) => journaled.has(key), add: async (keys: readonly string[]) => keys.forEach((key) => journaled.add(key)) }

    /** A chat with a word that the backup has. */
    async function saved(): Promise<Talk> {
      const chat = await talk(bed.storage)
      await say(bed.storage, chat, [chat.ann, message('saved')])
      return chat
    }
    const later = (ms = 60_000): void => void (bed.clock.now += ms)

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
        return { ...item, operation, text: JSON.stringify(operation) }
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
      const withJournal = await journaling(bed)
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
      const withJournal = await journaling(bed)
      await restore()
      await heal(withJournal, chat.id, chat.bob, end)
      expect(journaled.has(journalKey(chat.id, chat.ann, word.operation.id, sha256))).toBe(true)
      await heal(withJournal, chat.id, chat.bob, stale)
      expect(await texts(withJournal, chat.id)).not.toContain('regretted')
    })

    test('HEAL-5: nobody silences a word that was not deleted by taking it off its entry', async () => {
      const withJournal = await journaling(bed)
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

    async function journaling(on: Bed): Promise<Storage> {
      on.ports.journal = journal
      return on.withFaults({ at: () => undefined })
    }
  })
}
