// Reading a chat: history, changes, the tail of an epoch, snapshots, the ids question.
import { base64url, encodeInfo, epochNumber, genesisHead, tagBytes } from '@skein/protocol'
import { describe, expect, test } from 'vitest'
import { CursorError } from '../cursors.ts'
import { checkChain } from './chain.ts'
import {
  edit,
  message,
  newId,
  person,
  posted,
  react,
  remove,
  sha256,
  START,
  storeOne,
  stored,
  tag,
  talk,
  update,
  useBed,
  type Lab,
  type Talk,
} from './lab.ts'

export function readingContract(lab: Lab): void {
  describe('reading a chat', () => {
    const bed = useBed(lab)

    /** A chat with `count` messages, each a second after the one before. */
    async function filled(count: number): Promise<Talk> {
      const chat = await talk(bed.storage)
      for (let i = 1; i <= count; i++) {
        bed.clock.now += 1_000
        await storeOne(bed.storage, update(chat, i % 2 ? chat.ann : chat.bob, [message(`Word ${i}`)]))
      }
      return chat
    }

    test('history: the newest page first, oldest first within a page, to the end and no further', async () => {
      const chat = await filled(7)
      const pages: string[][] = []
      let cursor: string | null = null
      do {
        const page = await bed.storage.history(chat.id, { before: null, cursor, limit: 3 })
        pages.push(page.items.map((item) => item.text))
        cursor = page.nextCursor
      } while (cursor)
      expect(pages).toEqual([['Word 5', 'Word 6', 'Word 7'], ['Word 2', 'Word 3', 'Word 4'], ['Word 1']])
      expect(await bed.storage.history((await talk(bed.storage)).id, { before: null, cursor: null, limit: 3 })).toEqual({
        items: [],
        nextCursor: null,
        rev: 1,
      })
    })

    test('history stays stable while messages come in and change', async () => {
      const chat = await filled(8)
      const first = await bed.storage.history(chat.id, { before: null, cursor: null, limit: 3 })
      await storeOne(bed.storage, update(chat, chat.ann, [message('New'), message('New'), message('New')]))
      const changed = first.items.find((item) => item.authorId === chat.ann)
      if (!changed) throw new Error('Ann wrote nothing')
      await storeOne(bed.storage, update(chat, chat.ann, [edit(changed.id, 'Changed')]))
      const second = await bed.storage.history(chat.id, { before: null, cursor: first.nextCursor, limit: 3 })
      const third = await bed.storage.history(chat.id, { before: null, cursor: second.nextCursor, limit: 3 })
      expect([...third.items, ...second.items, ...first.items].map((item) => item.seq)).toEqual([1, 2, 3, 4, 5, 6, 7, 8])
      expect(third.nextCursor).toBeNull()
    })

    test('history before a time: strictly older, and a cursor wins over it', async () => {
      const chat = await filled(6)
      const all = (await bed.storage.history(chat.id, { before: null, cursor: null, limit: 50 })).items
      for (const { receivedAt, seq } of all) {
        for (const [before, last] of [
          [receivedAt, seq - 1],
          [receivedAt + 1, seq],
          [receivedAt - 1, seq - 1],
        ] as const) {
          const page = await bed.storage.history(chat.id, { before, cursor: null, limit: 2 })
          expect(page.items.map((item) => item.seq)).toEqual([last - 1, last].filter((n) => n > 0))
        }
      }
      const { nextCursor } = await bed.storage.history(chat.id, { before: null, cursor: null, limit: 2 })
      const page = await bed.storage.history(chat.id, { before: START, cursor: nextCursor, limit: 2 })
      expect(page.items.map((item) => item.seq)).toEqual([3, 4])
    })

    test('RT19: a page by time never splits equal times, so that nothing falls between two pages', async () => {
      const chat = await filled(3)
      bed.clock.now += 1_000
      await storeOne(bed.storage, update(chat, chat.ann, [message(), message(), message(), message(), message()]))
      bed.clock.now += 1_000
      await storeOne(bed.storage, update(chat, chat.bob, [message()]))
      for (let limit = 1; limit <= 10; limit++) {
        const seen: number[] = []
        let before: number | null = null
        for (;;) {
          const { items } = await bed.storage.history(chat.id, { before, cursor: null, limit })
          const [oldest] = items
          if (!oldest) break
          seen.unshift(...items.map((item) => item.seq))
          before = oldest.receivedAt
        }
        expect(seen, `pages of ${limit}`).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9])
      }
    })

    test('a cursor that nobody handed out is refused as such', async () => {
      const chat = await filled(1)
      for (const cursor of [
        '',
        'x',
        '%',
        'null',
        Buffer.from('[-1]').toString('base64url'),
        Buffer.from('["1"]').toString('base64url'),
        Buffer.from('[1,2]').toString('base64url'),
      ]) {
        await expect(bed.storage.history(chat.id, { before: null, cursor, limit: 3 })).rejects.toThrow(CursorError)
        await expect(bed.storage.users({ q: null, cursor, limit: 3, except: null })).rejects.toThrow(CursorError)
        await expect(bed.storage.chatSummaries(chat.ann, { cursor, limit: 3 })).rejects.toThrow(CursorError)
      }
    })

    test('messages after a place, oldest first, with their reactions', async () => {
      const chat = await filled(5)
      const { items } = await bed.storage.history(chat.id, { before: null, cursor: null, limit: 10 })
      const third = items[2]
      if (!third) throw new Error('No third message')
      await storeOne(bed.storage, update(chat, chat.bob, [react(third.id, '👍')]))
      const page = await bed.storage.messagesAfter(chat.id, 2, 2)
      expect(page.map(({ seq, text, reactions }) => [seq, text, reactions.length])).toEqual([
        [3, 'Word 3', 1],
        [4, 'Word 4', 0],
      ])
      expect(await bed.storage.messagesAfter(chat.id, 5, 2)).toEqual([])
    })

    test('one message, by its author and id', async () => {
      const chat = await talk(bed.storage)
      const word = message('Found')
      const reaction = react(word.operation.id, '👍')
      await storeOne(bed.storage, update(chat, chat.ann, [word, reaction]))
      expect(await bed.storage.message(chat.id, chat.ann, word.operation.id)).toMatchObject({ text: 'Found', seq: 1, reactions: [{ emoji: '👍' }] })
      expect(await bed.storage.message(chat.id, chat.bob, word.operation.id)).toBeNull()
      expect(await bed.storage.message(chat.id, chat.ann, reaction.operation.id)).toBeNull()
      const elsewhere = await talk(bed.storage)
      expect(await bed.storage.message(elsewhere.id, chat.ann, word.operation.id)).toBeNull()
    })

    test('OP-4: without an author it is the first of those under the id, whoever wrote it', async () => {
      const chat = await talk(bed.storage)
      const word = message('First')
      await storeOne(bed.storage, update(chat, chat.bob, [word]))
      await storeOne(bed.storage, update(chat, chat.ann, [message('Second', { id: word.operation.id })]))
      expect(await bed.storage.message(chat.id, null, word.operation.id)).toMatchObject({ text: 'First', authorId: chat.bob })
      expect(await bed.storage.message(chat.id, chat.ann, word.operation.id)).toMatchObject({ text: 'Second' })
      const early = edit(newId(), 'Of nothing')
      await storeOne(bed.storage, update(chat, chat.ann, [early]))
      expect(await bed.storage.message(chat.id, null, early.operation.id)).toBeNull()
    })

    test('one operation, by its author and id, accepted or not', async () => {
      const chat = await talk(bed.storage)
      const [word, late] = [message('A word'), edit(newId(), 'Of nothing')]
      const { entries } = await storeOne(bed.storage, posted(chat, chat.ann, word))
      await storeOne(bed.storage, posted(chat, chat.ann, late))
      expect(await bed.storage.operation(chat.id, chat.ann, word.operation.id)).toEqual(entries[0])
      expect(await bed.storage.operation(chat.id, chat.ann, late.operation.id)).toMatchObject({ kind: 'edit', code: 'no-such-message', seq: 0 })
      expect(await bed.storage.operation(chat.id, chat.bob, word.operation.id)).toBeNull()
      expect(await bed.storage.operation((await talk(bed.storage)).id, chat.ann, word.operation.id)).toBeNull()
    })

    test('the greatest seq among some messages; what is no message counts for nothing', async () => {
      const chat = await talk(bed.storage)
      const words = [message(), message(), message()]
      const gone = remove(words[0]?.operation.id ?? newId())
      await storeOne(bed.storage, update(chat, chat.ann, [...words, gone]))
      const ids = words.map((word) => word.operation.id)
      expect(await bed.storage.greatestSeq(chat.id, ids.slice(0, 2))).toBe(2)
      expect(await bed.storage.greatestSeq(chat.id, [gone.operation.id, newId()])).toBe(0)
      expect(await bed.storage.greatestSeq(chat.id, [])).toBe(0)
    })

    test('changes: pages that prove themselves from the head they start at', async () => {
      const chat = await filled(6)
      await storeOne(bed.storage, posted(chat, chat.bob, message('Over HTTP')))
      let [since, head] = [0, genesisHead(chat.id, sha256)]
      const revs: number[] = []
      for (let more = true; more;) {
        const page = await bed.storage.changes(chat.id, { since, head, limit: 3 })
        if (page === 'unknown-head') throw new Error('Not known')
        revs.push(...page.entries.map((entry) => entry.rev))
        since = revs.at(-1) ?? 0
        ;({ head, more } = page)
      }
      expect(revs).toEqual([1, 2, 3, 4, 5, 6, 7, 8])
      const now = await bed.storage.chat(chat.id)
      expect(head).toBe(now?.head)
      expect(await bed.storage.changes(chat.id, { since: 8, head, limit: 3 })).toEqual({
        entries: [],
        begins: null,
        erasedPos: 0,
        members: [
          { id: chat.ann, name: 'Ann', mayInvite: false, mayRemove: false },
          { id: chat.bob, name: 'Bob', mayInvite: false, mayRemove: false },
        ].sort((a, b) => (a.id < b.id ? -1 : 1)),
        marks: { [chat.ann]: [0, 0], [chat.bob]: [0, 0] },
        blocked: false,
        head,
        more: false,
      })
    })

    test('RT4: a head or a rev that this server does not have is said to be unknown', async () => {
      const chat = await filled(2)
      const { head } = (await bed.storage.chat(chat.id)) ?? chat.chat
      const ask = (since: number, at: typeof head | null) => bed.storage.changes(chat.id, { since, head: at, limit: 10 })
      expect(await ask(3, head)).not.toBe('unknown-head')
      expect(await ask(2, null)).not.toBe('unknown-head')
      expect(await ask(2, head)).toBe('unknown-head')
      expect(await ask(0, head)).toBe('unknown-head')
      expect(await ask(4, head)).toBe('unknown-head')
      expect(await ask(4, null)).toBe('unknown-head')
    })

    test('the ids question: which of one’s own are stored, with their codes, and whether that is final', async () => {
      const chat = await talk(bed.storage)
      const [word, refused, later] = [message(), edit(newId(), 'Nothing there'), message()]
      await storeOne(bed.storage, update(chat, chat.ann, [word, refused]))
      const ids = [word.operation.id, refused.operation.id, later.operation.id]
      const ask = (user: typeof chat.ann) => bed.storage.storedIds(chat.id, user, ids, chat.epoch)
      const { stored: known, closed } = await ask(chat.ann)
      expect(known.toSorted((a, b) => ids.indexOf(a[0]) - ids.indexOf(b[0]))).toEqual([
        [word.operation.id, null],
        [refused.operation.id, 'no-such-message'],
      ])
      expect(closed).toBe(false)
      expect(await ask(chat.bob)).toEqual({ stored: [], closed: false })
      await bed.storage.nextEpoch(chat.id, chat.epoch)
      expect(await bed.storage.storedIds(chat.id, chat.ann, [], chat.epoch)).toEqual({ stored: [], closed: true })
      expect((await ask(chat.ann)).closed).toBe(true)
    })

    test('the tail of an epoch: what comes after a position, and nothing of another epoch', async () => {
      const chat = await talk(bed.storage)
      const items = [update(chat, chat.ann, [message()], [61]), update(chat, chat.bob, [message()], [62]), update(chat, chat.ann, [message()], [61])]
      await bed.storage.commit(items)
      const tail = await bed.storage.epochTail(chat.id, chat.epoch, { pos: 1, rev: 2 })
      expect(tail).toMatchObject({ baseRev: 0, current: true, pos: 3, rev: 4 })
      expect(tail?.updates).toEqual(items.slice(1).map((item) => item.kind === 'update' && item.update))
      expect(tail?.entries.map((entry) => entry.rev)).toEqual([3, 4])
      expect(tail?.clients.length).toBe(2)

      const next = await bed.storage.nextEpoch(chat.id, chat.epoch)
      await storeOne(bed.storage, update(next, chat.bob, [message()], [63]))
      const old = await bed.storage.epochTail(chat.id, chat.epoch, { pos: 0, rev: 0 })
      expect(old).toMatchObject({ current: false, pos: 3, rev: 4, head: tail?.head })
      expect([old?.updates.length, old?.entries.length, old?.clients.length]).toEqual([3, 4, 2])
      const fresh = await bed.storage.epochTail(chat.id, next.epoch, { pos: 0, rev: 0 })
      expect(fresh).toMatchObject({ baseRev: 4, current: true, pos: 4, rev: 5 })
      expect([fresh?.updates.length, fresh?.entries.map((entry) => entry.rev), fresh?.clients]).toEqual([1, [5], [[63, chat.bob]]])
      expect(await bed.storage.epochTail(chat.id, 'x' as typeof chat.epoch, { pos: 0, rev: 0 })).toBeNull()
      await checkChain(bed.storage, chat.id)
    })

    test('D1: an epoch’s info says where it starts, with a tag, and its name does not repeat', async () => {
      const chat = await filled(2)
      const before = await bed.storage.chat(chat.id)
      const next = await bed.storage.nextEpoch(chat.id, chat.epoch)
      expect(epochNumber(next.epoch)).toBe(2)
      expect(next).toMatchObject({ baseRev: 3, baseSeq: 2, rev: 3, seq: 2, head: before?.head })
      expect(await bed.storage.nextEpoch(chat.id, chat.epoch), 'only the current one can end').toEqual(next)
      const members = base64url(sha256(new TextEncoder().encode([chat.ann, chat.bob].sort().join('\n'))))
      const genesis = genesisHead(chat.id, sha256)
      const info = async (epoch: typeof chat.epoch) => (await bed.storage.epochTail(chat.id, epoch, { pos: 0, rev: 0 }))?.info
      expect(await info(chat.epoch)).toEqual(
        encodeInfo({
          chat: chat.id,
          epoch: chat.epoch,
          baseRev: 0,
          baseSeq: 0,
          baseHead: genesis,
          baseTag: tag(tagBytes(chat.id, 0, genesis)),
          schema: 1,
          members,
        }),
      )
      expect(await info(next.epoch)).toEqual(
        encodeInfo({
          chat: chat.id,
          epoch: next.epoch,
          baseRev: 3,
          baseSeq: 2,
          baseHead: next.head,
          baseTag: tag(tagBytes(chat.id, 3, next.head)),
          schema: 1,
          members,
        }),
      )
    })

    test('X5: a newer snapshot is never replaced by an older one', async () => {
      const chat = await talk(bed.storage)
      const put = (pos: number, rev: number) => bed.storage.putSnapshot(chat.id, chat.epoch, { pos, rev, bytes: new Uint8Array([pos, rev, 0, 255]) })
      const kept = async () => {
        const snapshot = await bed.storage.snapshot(chat.id, chat.epoch)
        expect(snapshot?.bytes).toEqual(new Uint8Array([snapshot?.pos ?? -1, snapshot?.rev ?? -1, 0, 255]))
        return [snapshot?.pos, snapshot?.rev]
      }
      expect(await bed.storage.snapshot(chat.id, chat.epoch)).toBeNull()
      await put(5, 7)
      expect(await kept()).toEqual([5, 7])
      await put(4, 7)
      await put(5, 6)
      expect(await kept()).toEqual([5, 7])
      await put(5, 8)
      expect(await kept()).toEqual([5, 8])
      await Promise.all([put(9, 9), put(7, 9), put(8, 8), put(6, 9)])
      expect(await kept()).toEqual([9, 9])
    })

    test('a chat is created with its members, sorted and once, and a create entry that the server carries', async () => {
      const { storage } = bed
      const [ann, bob] = [await person(storage), await person(storage)]
      const chat = (await talk(storage)).chat
      expect(chat).toMatchObject({
        kind: 'direct',
        title: null,
        baseRev: 0,
        rev: 1,
        seq: 0,
        pos: 0,
        markPos: 0,
        createdAt: bed.clock.now,
        lastAt: bed.clock.now,
      })
      const { chat: crew } = await storage.createChat({
        id: chat.id.replace(/.$/, (c) => (c === '0' ? '1' : '0')) as typeof chat.id,
        kind: 'group',
        title: 'Crew 🛶',
        by: bob,
        members: [bob, ann, bob],
      })
      const [entry] = await checkChain(storage, crew.id)
      expect(entry).toMatchObject({
        kind: 'create',
        authorId: bob,
        carried: true,
        operation: { kind: 'group', title: 'Crew 🛶', members: [ann, bob].sort() },
      })
      expect((await storage.members(crew.id)).map(({ id }) => id)).toEqual([ann, bob].sort())
      expect(await storage.membership(crew.id, ann)).toMatchObject({ joinedRev: 1 })
      expect(await storage.membership(chat.id, ann)).toBeNull()
      expect(await storage.chat(newId() as unknown as typeof chat.id)).toBeNull()
      expect(stored(await storage.commit([update(crew, ann, [message()])]))[0]?.rev).toBe(2)
    })
  })
}
