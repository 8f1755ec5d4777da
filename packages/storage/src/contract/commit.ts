// The commit: who may write, what each operation gets, and what it makes of the messages.
import { MAX_CLIENT_IDS_PER_USER, MAX_RUN_BYTES, parseChatId, type OperationId } from '@skein/protocol'
import { describe, expect, test } from 'vitest'
import { checkChain } from './chain.ts'
import {
  clientOf,
  commitOne,
  edit,
  group,
  member,
  message,
  newId,
  person,
  posted,
  react,
  remove,
  storeOne,
  stored,
  talk,
  update,
  useBed,
  type Lab,
} from './lab.ts'

const refused = (reason: string) => ({ ok: false, reason })

export function commitContract(lab: Lab): void {
  describe('the commit', () => {
    const bed = useBed(lab)

    test('RT12: what the last commits have left of a chat is a claim: who left, words offered again, and an epoch that ended are found all the same', async () => {
      const { storage } = bed
      const [ann, bob] = [await person(storage, 'Ann'), await person(storage, 'Bob')]
      const chat = await group(storage, [ann, bob])
      for (const user of [ann, bob, ann, bob]) await storeOne(storage, update(chat, user, [message()]))
      const word = message('once')
      await storeOne(storage, update(chat, ann, [word]))
      const again = await storeOne(storage, update(chat, ann, [word]))
      expect([again.entries.length, again.repeated.map(({ id }) => id)]).toEqual([0, [word.operation.id]])
      expect(await commitOne(storage, update(chat, ann, [{ ...word, text: word.text.replace('once', 'twice') }]))).toEqual(refused('id-taken'))
      await storage.raiseMarks(ann, new Map([[chat.id, [5, 5]]]))
      for (const user of [bob, ann]) await storeOne(storage, update(chat, user, [message()]))
      await storeOne(storage, member(chat, ann, 'leave', bob))
      expect(await commitOne(storage, update(chat, bob, [message()]))).toEqual(refused('no-access'))
      await storeOne(storage, update(chat, ann, [message()]))
      expect((await storage.chat(chat.id))?.markPos).toBe(bed.clock.now)
      await storage.nextEpoch(chat.id, chat.epoch)
      expect(await commitOne(storage, update(chat, ann, [message()]))).toEqual(refused('closed-epoch'))
      await checkChain(storage, chat.id)
    })

    test('CHAT-5, promise 8: members join and leave by entries of the chain, in the order of the group', async () => {
      const { storage } = bed
      const [ann, bob, cleo] = [await person(storage, 'Ann'), await person(storage, 'Bob'), await person(storage, 'Cleo')]
      const chat = await group(storage, [ann, bob])
      await storeOne(storage, update(chat, ann, [message('before Cleo')]))
      const joined = member(chat, ann, 'join', cleo)
      const outcomes = await storage.commit([
        update(chat, cleo, [message('too early')]),
        joined,
        update(chat, cleo, [message('here I am')]),
        member(chat, ann, 'leave', bob),
        update(chat, bob, [message('too late')]),
        joined,
        member(chat, ann, 'join', cleo),
      ])
      expect(
        outcomes.map((outcome) => (outcome.ok ? outcome.entries.map(({ rev, seq, kind, carried }) => [rev, seq, kind, carried]) : outcome.reason)),
      ).toEqual(['no-access', [[3, 0, 'join', true]], [[4, 2, 'message', false]], [[5, 0, 'leave', true]], 'no-access', [], []])
      expect((await storage.members(chat.id)).map(({ name }) => name).sort()).toEqual(['Ann', 'Cleo'])
      expect(await storage.membership(chat.id, bob)).toBeNull()
      expect(await storage.membership(chat.id, cleo)).toMatchObject({ joinedRev: 3 })
      // What was said before one joined is not unread.
      expect((await storage.chatSummary(chat.id, cleo))?.unread).toBe(0)
      expect(await storage.feed(bob, bed.clock.now)).toMatchObject([{ id: chat.id, removed: true }])
      // Back again, with the marks of before.
      await storeOne(storage, member(chat, ann, 'join', bob))
      expect(await storage.membership(chat.id, bob)).toMatchObject({ joinedRev: 6 })
      await checkChain(storage, chat.id)
      const direct = await talk(storage)
      expect(await commitOne(storage, member(direct, direct.ann, 'join', cleo))).toEqual(refused('bad-operation'))
    })

    test('nothing to store is nothing to do', async () => {
      expect(await bed.storage.commit([])).toEqual([])
    })

    test('an operation gets the next rev, a message the next seq, the last of each chat a tag', async () => {
      const { storage } = bed
      const [first, second] = [await talk(storage), await talk(storage)]
      const hello = message('Hello')
      const outcomes = stored(
        await storage.commit([
          update(first, first.ann, [hello, message('again')]),
          update(second, second.bob, [message('elsewhere')]),
          update(first, first.bob, [react(hello.operation.id, '👍')]),
        ]),
      )
      expect(outcomes.map((outcome) => outcome.entries.map(({ rev, seq, kind, code }) => [rev, seq, kind, code]))).toEqual([
        [
          [2, 1, 'message', null],
          [3, 2, 'message', null],
        ],
        [[2, 1, 'message', null]],
        [[4, 0, 'react', null]],
      ])
      expect(outcomes.map((outcome) => outcome.entries.map((entry) => entry.tag !== null))).toEqual([[false, false], [true], [true]])
      expect(outcomes.map(({ rev, pos, baseRev, repeated }) => ({ rev, pos, baseRev, repeated }))).toEqual([
        { rev: 3, pos: 1, baseRev: 0, repeated: [] },
        { rev: 2, pos: 1, baseRev: 0, repeated: [] },
        { rev: 4, pos: 2, baseRev: 0, repeated: [] },
      ])
      expect(outcomes[2]?.head).toBe((await storage.chat(first.id))?.head)
      await checkChain(storage, first.id)
      await checkChain(storage, second.id)
    })

    test('what the commit answers is what is stored', async () => {
      const { storage } = bed
      const { id, ann, bob, ...rest } = await talk(storage)
      const outcomes = stored(await storage.commit([update({ id, ...rest }, ann, [message(), message()]), posted({ id }, bob, message())]))
      const tail = await storage.epochTail(id, rest.epoch, { pos: 0, rev: 1 })
      expect(tail?.entries).toEqual(outcomes.flatMap((outcome) => outcome.entries))
      expect(tail?.entries.map((entry) => entry.carried)).toEqual([false, false, true])
    })

    test('a stranger, and anybody in a chat that does not exist, get the same answer', async () => {
      const { storage } = bed
      const chat = await talk(storage)
      const stranger = await person(storage)
      const nowhere = { id: parseChatId('0'.repeat(26)), epoch: chat.epoch }
      expect(
        await storage.commit([update(chat, stranger, [message()]), update(nowhere, chat.ann, [message()]), posted(chat, stranger, message())]),
      ).toEqual([refused('no-access'), refused('no-access'), refused('no-access')])
      expect((await storage.chat(chat.id))?.rev).toBe(1)
    })

    test('an update for another epoch than the current one is refused, a message over HTTP goes into the current one', async () => {
      const { storage } = bed
      const chat = await talk(storage)
      const next = await storage.nextEpoch(chat.id, chat.epoch)
      const [late, over] = await storage.commit([update(chat, chat.ann, [message()]), posted(chat, chat.ann, message())])
      expect(late).toEqual(refused('closed-epoch'))
      expect(over).toMatchObject({ ok: true, epoch: next.epoch, baseRev: 1, rev: 2 })
    })

    test('CHECK-4, A1: a Yjs client id belongs to whoever brought it first, also within one group', async () => {
      const { storage } = bed
      const chat = await talk(storage)
      const outcomes = await storage.commit([
        update(chat, chat.ann, [message()], [77]),
        update(chat, chat.bob, [message()], [77]),
        update(chat, chat.bob, [message()], [78, 77]),
        update(chat, chat.bob, [message()], [78]),
      ])
      expect(outcomes.map((outcome) => outcome.ok || outcome.reason)).toEqual([true, 'client-id-taken', 'client-id-taken', true])
      expect(await commitOne(storage, update(chat, chat.ann, [message()], [78]))).toEqual(refused('client-id-taken'))
      const tail = await storage.epochTail(chat.id, chat.epoch, { pos: 0, rev: 0 })
      expect(tail?.clients.toSorted((a, b) => a[0] - b[0])).toEqual([
        [77, chat.ann],
        [78, chat.bob],
      ])
      const next = await storage.nextEpoch(chat.id, chat.epoch)
      expect((await commitOne(storage, update(next, chat.bob, [message()], [77]))).ok, 'a new epoch knows no client ids').toBe(true)
    })

    test('A15: Yjs client ids keep all of their 53 bits', async () => {
      const { storage } = bed
      const chat = await talk(storage)
      const large = [2 ** 53 - 1, 2 ** 53 - 2, 2 ** 32 + 7, 7]
      await storeOne(storage, update(chat, chat.ann, [message()], large))
      const tail = await storage.epochTail(chat.id, chat.epoch, { pos: 0, rev: 0 })
      expect(tail?.clients.map(([client]) => client).sort((a, b) => b - a)).toEqual(large)
      expect(await commitOne(storage, update(chat, chat.bob, [message()], [2 ** 53 - 1]))).toEqual(refused('client-id-taken'))
    })

    test('A12: somebody with too many client ids in an epoch has to rebase; nothing of that update is stored', async () => {
      const { storage } = bed
      const chat = await talk(storage)
      const ids = (from: number, count: number) => Array.from({ length: count }, (_, i) => from + i)
      await storeOne(storage, update(chat, chat.ann, [message()], ids(10_000, MAX_CLIENT_IDS_PER_USER - 1)))
      const outcomes = await storage.commit([
        update(chat, chat.ann, [message()], [20_001, 20_002]),
        update(chat, chat.ann, [message()], [20_001]),
        update(chat, chat.ann, [message()], [20_002]),
        update(chat, chat.ann, [message()], [20_001]),
        update(chat, chat.bob, [message()], [20_002]),
      ])
      expect(outcomes.map((outcome) => outcome.ok || outcome.reason)).toEqual(['rebase', true, 'rebase', true, true])
      expect((await storage.chat(chat.id))?.pos).toBe(4)
    })

    test('OP-3, promise 4: an id of one’s own that stands for other words already: nothing of that item is stored', async () => {
      const { storage } = bed
      const chat = await talk(storage)
      const word = message('First')
      const other = message('Second', { id: word.operation.id })
      const outcomes = await storage.commit([
        update(chat, chat.ann, [message(), word, other]),
        update(chat, chat.ann, [word]),
        update(chat, chat.ann, [message(), other]),
        posted(chat, chat.ann, other),
        posted(chat, chat.ann, word),
        update(chat, chat.bob, [other]),
      ])
      expect(outcomes.map((outcome) => outcome.ok || outcome.reason)).toEqual(['id-taken', true, 'id-taken', 'id-taken', true, true])
      expect(await commitOne(storage, update(chat, chat.ann, [other]))).toEqual(refused('id-taken'))
      expect(await storage.chat(chat.id)).toMatchObject({ rev: 3, seq: 2, pos: 2 })
      const twice = await storeOne(storage, update(chat, chat.bob, [message('New'), other, other]))
      expect([twice.entries.length, twice.repeated.length]).toEqual([1, 2])
      await checkChain(storage, chat.id)
    })

    test('pos counts stored updates, also those without a new operation, and no message over HTTP', async () => {
      const { storage } = bed
      const chat = await talk(storage)
      const word = message()
      const item = update(chat, chat.ann, [word])
      const outcomes = stored(await storage.commit([item, update(chat, chat.ann, []), posted(chat, chat.bob, message()), item]))
      expect(outcomes.map((outcome) => outcome.pos)).toEqual([1, 2, 2, 3])
      const tail = await storage.epochTail(chat.id, chat.epoch, { pos: 0, rev: 0 })
      expect(tail?.updates.length).toBe(3)
      expect(tail?.updates[0]).toEqual(item.kind === 'update' ? item.update : null)
      expect(tail?.updates[2]).toEqual(tail?.updates[0])
    })

    test('LED-3: an operation that is not allowed is stored as refused, with a rev and no seq, and changes nothing', async () => {
      const { storage } = bed
      const chat = await talk(storage)
      const word = message('Mine')
      await storeOne(storage, update(chat, chat.ann, [word]))
      const target = word.operation.id
      const outcome = await storeOne(
        storage,
        update(chat, chat.bob, [
          edit(target, 'Yours', { targetAuthor: chat.ann }),
          edit(target, 'Nobody’s'),
          remove(newId()),
          remove(target, { targetAuthor: chat.ann }),
          react(newId(), '👍'),
        ]),
      )
      expect(outcome.entries.map(({ code, seq }) => [code, seq])).toEqual([
        ['not-yours', 0],
        ['no-such-message', 0],
        ['no-such-message', 0],
        ['not-yours', 0],
        ['no-such-message', 0],
      ])
      expect(await storage.message(chat.id, chat.ann, target)).toMatchObject({ text: 'Mine', rev: 2, editedAt: null, deletedAt: null })
      const after = await storeOne(storage, update(chat, chat.ann, [remove(target), edit(target, 'Back'), message('Next')]))
      expect(after.entries.map(({ code, seq }) => [code, seq])).toEqual([
        [null, 0],
        ['deleted', 0],
        [null, 2],
      ])
      await checkChain(storage, chat.id)
    })

    test('edits, reactions and deletions change the message’s row as the protocol’s fold says', async () => {
      const { storage, clock } = bed
      const chat = await talk(storage)
      const word = message('Frist')
      const id = word.operation.id
      await storeOne(storage, update(chat, chat.ann, [word, edit(id, 'First')]))
      clock.now += 1_000
      await storage.commit([update(chat, chat.bob, [react(id, '👍'), react(id, '🎉'), react(id, '👍')]), update(chat, chat.ann, [react(id, '👍')])])
      expect(await storage.message(chat.id, chat.ann, id)).toMatchObject({
        text: 'First',
        rev: 7,
        reactions: [
          { emoji: '👍', userId: chat.bob, rev: 4 },
          { emoji: '🎉', userId: chat.bob, rev: 5 },
          { emoji: '👍', userId: chat.ann, rev: 7 },
        ],
      })
      // Taken back and set again in one group: it stands at its new place.
      await storage.commit([update(chat, chat.bob, [react(id, '👍', false), react(id, '🎉', false)]), update(chat, chat.bob, [react(id, '👍')])])
      expect((await storage.message(chat.id, chat.ann, id))?.reactions).toEqual([
        { emoji: '👍', userId: chat.ann, rev: 7 },
        { emoji: '👍', userId: chat.bob, rev: 10 },
      ])
      await checkChain(storage, chat.id)
      await storeOne(storage, update(chat, chat.ann, [remove(id)]))
      expect(await storage.message(chat.id, chat.ann, id)).toMatchObject({ text: '', deletedAt: clock.now, reactions: [], rev: 11 })
      await checkChain(storage, chat.id)
    })

    test('OP-4: a reaction that names no author means the message with the lowest rev', async () => {
      const { storage } = bed
      const chat = await talk(storage)
      const word = message('One id')
      await storage.commit([update(chat, chat.bob, [word]), update(chat, chat.ann, [word])])
      const later = message('Two in one group')
      await storage.commit([
        update(chat, chat.ann, [react(word.operation.id, '👍')]),
        update(chat, chat.ann, [later]),
        update(chat, chat.bob, [later, react(later.operation.id, '🎉'), react(later.operation.id, '👀', true, { targetAuthor: chat.bob })]),
      ])
      const reactions = async (author: typeof chat.ann, id: OperationId) =>
        (await storage.message(chat.id, author, id))?.reactions.map(({ emoji }) => emoji)
      expect(await reactions(chat.bob, word.operation.id)).toEqual(['👍'])
      expect(await reactions(chat.ann, word.operation.id)).toEqual([])
      expect(await reactions(chat.ann, later.operation.id)).toEqual(['🎉'])
      expect(await reactions(chat.bob, later.operation.id)).toEqual(['👀'])
      await checkChain(storage, chat.id)
    })

    test('LED-4: times never go back within a chat, whatever the clock does', async () => {
      const { storage, clock } = bed
      const chat = await talk(storage)
      const at = async () => (await storeOne(storage, update(chat, chat.ann, [message()]))).entries[0]?.at
      const noon = clock.now
      clock.now = noon + 60_000
      expect(await at()).toBe(noon + 60_000)
      clock.now = noon
      expect(await at()).toBe(noon + 60_000)
      clock.now = noon + 60_001
      expect(await at()).toBe(noon + 60_001)
      await checkChain(storage, chat.id)
    })

    test('RT5: operations come back with the same bytes: key order, escapes, every plane of Unicode', async () => {
      const { storage } = bed
      const chat = await talk(storage)
      const texts = [
        '"quoted" \\ back',
        'line\nfeed\ttab',
        '\u2028 \u2029 \u0001',
        '👩‍👩‍👧‍👦 𝔘𝔫𝔦',
        'é e\u0301 ß İ',
        "'; drop table chats; -- %s ? :1",
        ' blanks  ',
      ]
      const words = texts.map((text) =>
        message(text, {
          replyToAuthor: chat.bob,
          replyTo: newId(),
          mentions: [chat.bob, chat.ann],
          forwardedFrom: { id: newId(), author: chat.bob },
        }),
      )
      await storeOne(storage, update(chat, chat.ann, words))
      const entries = (await checkChain(storage, chat.id)).slice(1)
      expect(entries.map((entry) => JSON.stringify(entry.operation))).toEqual(words.map((word) => word.text))
      const { items } = await storage.history(chat.id, { before: null, cursor: null, limit: 50 })
      expect(items.map((item) => item.text)).toEqual(texts)
    })

    test('D8: emoji that differ are two things', async () => {
      const { storage } = bed
      const chat = await talk(storage)
      const word = message()
      // Collations take all of these for one.
      const emojis = ['👍', '👍🏽', '👎', '🎉', '❤', '❤️', '🧡']
      await storeOne(storage, update(chat, chat.ann, [word, ...emojis.map((emoji) => react(word.operation.id, emoji))]))
      expect((await storage.message(chat.id, chat.ann, word.operation.id))?.reactions.map(({ emoji }) => emoji)).toEqual(emojis)
    })

    test('OP-5: a reaction that is no emoji is stored as refused; one from before, whatever its case, accent or blank at the end, is there and taken back', async () => {
      const { storage } = bed
      const chat = await talk(storage)
      const word = message()
      await storeOne(storage, update(chat, chat.ann, [word]))
      const [entry] = (await storeOne(storage, update(chat, chat.bob, [react(word.operation.id, 'lol')]))).entries
      expect(entry?.code).toBe('no-emoji')
      const old = ['e', 'é', 'E', 'e ', 'e\u0301', 'ß', 'ss']
      for (const text of old) {
        const bytes = Buffer.from(text).toString('hex')
        await lab.query(bed.url, `insert into reactions (chat_id, seq, user_id, emoji, rev) values ('${chat.id}', 1, '${chat.bob}', x'${bytes}', 4)`)
      }
      const shown = async () => (await storage.message(chat.id, chat.ann, word.operation.id))?.reactions.map(({ emoji }) => emoji).sort()
      expect(await shown()).toEqual([...old].sort())
      const [back] = (await storeOne(storage, update(chat, chat.bob, [react(word.operation.id, 'e ', false)]))).entries
      expect(back?.code).toBeNull()
      expect(await shown()).toEqual(old.filter((text) => text !== 'e ').sort())
    })

    test('the largest update and operation fit, and a thousand operations in one item', async () => {
      const { storage } = bed
      const chat = await talk(storage)
      const large = message('ü'.repeat(16_000))
      const item = update(chat, chat.ann, [large])
      if (item.kind === 'update') item.update = new Uint8Array(256 * 1024).fill(7)
      await storeOne(storage, item)
      const many = Array.from({ length: 1_000 }, (_, i) => message(`Word ${i}`))
      expect((await storeOne(storage, update(chat, chat.ann, many))).entries.length).toBe(1_000)
      const repeated = await storeOne(storage, update(chat, chat.ann, many))
      expect([repeated.entries.length, repeated.repeated.length]).toEqual([0, 1_000])
      const entries = await checkChain(storage, chat.id)
      expect(entries.length).toBe(1_002)
    })

    test('CHAIN-3, promise 7: what is stored at once and is more than a device could offer at once has tags in between', async () => {
      const { storage } = bed
      const chat = await talk(storage)
      const items = (count: number, words: () => ReturnType<typeof message>[]) => Array.from({ length: count }, () => update(chat, chat.ann, words()))
      const few = items(3, () => Array.from({ length: 450 }, (_, i) => message(`Word ${i}`)))
      // 32 KB each, of two bytes a letter.
      const long = items(40, () => [message('ü'.repeat(16_000))])
      for (const batch of [few, long]) for (const outcome of await storage.commit(batch)) expect(outcome).toMatchObject({ ok: true })
      const entries = await checkChain(storage, chat.id)
      expect(entries.filter(({ tag }) => tag !== null).length).toBeLessThan(8)
      let bytes = 0
      for (const { tag, rev, seq, kind, code, at, authorId, id, salt, operation } of entries) {
        bytes += Buffer.byteLength(JSON.stringify({ rev, seq, kind, code, at, authorId, id, salt, tag, operation })) + 1
        expect(bytes).toBeLessThan(MAX_RUN_BYTES - 64 * 1024)
        if (tag !== null) bytes = 0
      }
    })

    test('a group of many chats and people is one answer, in the order of the items', async () => {
      const { storage } = bed
      const members = await Promise.all(Array.from({ length: 8 }, () => person(storage)))
      const chats = await Promise.all(Array.from({ length: 40 }, () => group(storage, members)))
      const items = Array.from({ length: 600 }, (_, i) => {
        const chat = chats[(i * 7) % chats.length]
        const user = members[(i * 3) % members.length]
        if (!chat || !user) throw new Error('No chat')
        return update(chat, user, [message(`Item ${i}`)], [clientOf(user)])
      })
      const outcomes = stored(await storage.commit(items))
      expect(outcomes.map((outcome) => outcome.entries.map(({ operation }) => operation && 'text' in operation && operation.text))).toEqual(
        items.map((_, i) => [`Item ${i}`]),
      )
      for (const chat of chats) expect((await checkChain(storage, chat.id)).length).toBe(16)
    })
  })
}
