// Several at once: on MySQL several servers with connections of their own, on SQLite several callers of the one.
import { directChatId, genesisHead, type ChatId, type Head, type UserId } from '@skein/protocol'
import { describe, expect, test } from 'vitest'
import type { ChatRow, Storage } from '../types.ts'
import { checkChain } from './chain.ts'
import { clientOf, group, message, person, randomBytes, sha256, stored, talk, update, useBed, type Lab } from './lab.ts'

const TWO_MINUTES = 2 * 60 * 1_000

export function concurrencyContract(lab: Lab): void {
  describe('several at once', () => {
    const bed = useBed(lab)

    /** Commits to a chat until it has done so `times` times. */
    async function write(storage: Storage, chat: ChatRow, user: UserId | undefined, times: number): Promise<void> {
      if (!user) throw new Error('No writer')
      for (let i = 0; i < times; i++) {
        bed.clock.now += 1
        stored(await storage.commit([update(chat, user, [message(), message()])]))
      }
    }

    test('promise 4: the same item, twice in one group, twice in a row, and in commits at once', async () => {
      const servers = [bed.storage, await bed.another(), await bed.another()]
      const chat = await talk(bed.storage)
      const item = update(chat, chat.ann, [message(), message()])
      const twice = stored(await bed.storage.commit([item, item]))
      const again = stored(await bed.storage.commit([item]))
      expect([...twice, ...again].map(({ entries, repeated }) => [entries.length, repeated.length])).toEqual([
        [2, 0],
        [0, 2],
        [0, 2],
      ])
      expect(again[0]?.repeated).toEqual(twice[0]?.entries)

      const fresh = update(chat, chat.bob, [message(), message()])
      const answers = await Promise.all(servers.flatMap((server) => [server.commit([fresh]), server.commit([fresh, item])]))
      const counts = answers.flatMap((outcomes) => stored(outcomes.slice(0, 1))).map(({ entries, repeated }) => [entries.length, repeated.length])
      expect(counts.filter(([entries]) => entries === 2).length).toBe(1)
      expect(counts.filter(([, repeated]) => repeated === 2).length).toBe(servers.length * 2 - 1)
      expect((await checkChain(bed.storage, chat.id)).length).toBe(5)
    })

    test('RT12: what decides is read after the lock: a group that waited for another sees all that the other stored', async () => {
      const other = await bed.another()
      const chat = await talk(other)
      const word = message('Offered to two servers')
      const paused = Promise.withResolvers<void>()
      let reached: () => void = () => undefined
      const begun = new Promise<void>((resolve) => (reached = resolve))
      const slow = await bed.withFaults({
        async at(point) {
          if (point !== 'before lock') return
          reached()
          await paused.promise
        },
      })
      const first = slow.commit([update(chat, chat.ann, [word], [501]), update(chat, chat.bob, [message()], [502])])
      await begun
      // The first has begun its transaction and waits. On MySQL another server now goes ahead of it; on SQLite it comes after.
      const otherServer = lab.engine === 'mysql' ? other : slow
      const second = otherServer.commit([update(chat, chat.ann, [word], [501]), update(chat, chat.ann, [message()], [502])])
      if (lab.engine === 'mysql') await second
      paused.resolve()
      const [outcomes, others] = lab.engine === 'mysql' ? [await first, await second] : [await second, await first]
      expect(outcomes[0]).toMatchObject({ ok: true, entries: [] })
      expect(outcomes[1]).toEqual({ ok: false, reason: 'client-id-taken' })
      expect(outcomes[0]).toMatchObject({ repeated: [{ id: word.operation.id, rev: 2 }] })
      expect(stored(others).map(({ rev }) => rev)).toEqual([2, 3])
      await checkChain(slow, chat.id)
    })

    test('RT9: a reader with a cursor misses nothing while three connections commit to the same chat', async () => {
      const servers = [await bed.another(), await bed.another(), await bed.another()]
      const members = await Promise.all(servers.map(() => person(bed.storage)))
      const chat = await group(bed.storage, members)
      const writers = Promise.all(servers.map((server, i) => write(server, chat, members[i], 15)))
      let done = false
      void writers.finally(() => (done = true))
      const seen: number[] = []
      let [since, head]: [number, Head] = [0, genesisHead(chat.id, sha256)]
      for (let last = false; !last;) {
        last = done
        const page = await bed.storage.changes(chat.id, { since, head, limit: 7 })
        if (page === 'unknown-head') throw new Error('The chain broke under the reader')
        seen.push(...page.entries.map((entry) => entry.rev))
        since = seen.at(-1) ?? 0
        head = page.head
        if (page.more) last = false
      }
      await writers
      expect(seen).toEqual(Array.from({ length: 1 + 3 * 15 * 2 }, (_, i) => i + 1))
      await checkChain(bed.storage, chat.id)
    })

    test('X5: a server that reads the tail of an epoch while others commit gets every update and entry, in order', async () => {
      const servers = [await bed.another(), await bed.another()]
      const members = await Promise.all(servers.map(() => person(bed.storage)))
      const chat = await group(bed.storage, members)
      const writers = Promise.all(servers.map((server, i) => write(server, chat, members[i], 15)))
      let done = false
      void writers.finally(() => (done = true))
      const revs: number[] = []
      let [pos, rev, updates] = [0, 0, 0]
      for (let last = false; !last;) {
        last = done
        const tail = await bed.storage.epochTail(chat.id, chat.epoch, { pos, rev })
        if (!tail) throw new Error('The epoch is gone')
        expect(tail.updates.length).toBe(tail.pos - pos)
        updates += tail.updates.length
        revs.push(...tail.entries.map((entry) => entry.rev))
        ;({ pos, rev } = tail)
        expect(revs.at(-1)).toBe(rev)
      }
      await writers
      expect([pos, updates]).toEqual([30, 30])
      expect(revs).toEqual(Array.from({ length: 61 }, (_, i) => i + 1))
    })

    test('RT9: the feed never misses a changed chat', async () => {
      const servers = [await bed.another(), await bed.another(), await bed.another()]
      const reader = await person(bed.storage)
      const writersOfChat = await Promise.all(servers.map(() => person(bed.storage)))
      const chats = await Promise.all(writersOfChat.flatMap((user) => [group(bed.storage, [reader, user]), group(bed.storage, [reader, user])]))
      const known = new Map<ChatId, string>()
      const read = async (since: number | null): Promise<number> => {
        const next = bed.clock.now
        for (const line of await bed.storage.feed(reader, since)) known.set(line.id, JSON.stringify([line.rev, line.head, line.markPos]))
        return next
      }
      let since = await read(null)
      const writing = Promise.all(
        servers.map(async (server, i) => {
          const user = writersOfChat[i]
          if (!user) throw new Error('No writer')
          for (let n = 0; n < 12; n++) {
            for (const chat of chats.slice(i * 2, i * 2 + 2)) {
              await write(server, chat, user, 1)
              if (n % 4 === 0) await server.raiseMarks(user, new Map([[chat.id, [n + 1, n]]]))
            }
            bed.clock.now += 10_000
          }
        }),
      )
      let done = false
      void writing.finally(() => (done = true))
      while (!done) since = await read(since - TWO_MINUTES)
      await writing
      await read(since - TWO_MINUTES)
      for (const chat of chats) {
        const now = await bed.storage.chat(chat.id)
        expect(known.get(chat.id)).toBe(JSON.stringify([now?.rev, now?.head, now?.markPos]))
        expect(now?.rev).toBe(25)
      }
    })

    test('two people open the same chat at once: one creates it, the other finds it', async () => {
      const servers = [bed.storage, await bed.another(), await bed.another(), await bed.another()]
      for (let i = 0; i < 5; i++) {
        const [ann, bob] = [await person(bed.storage), await person(bed.storage)]
        const id = directChatId(ann, bob, sha256)
        const answers = await Promise.all(
          servers.map((server, n) =>
            server.createChat({ id, kind: 'direct', title: null, by: n % 2 ? ann : bob, members: n % 2 ? [ann, bob] : [bob, ann] }),
          ),
        )
        expect(answers.filter((answer) => answer.created).length).toBe(1)
        for (const answer of answers) expect(answer.chat).toEqual(answers[0]?.chat)
        expect((await checkChain(bed.storage, id)).length).toBe(1)
      }
    })

    test('an epoch that two servers end at once ends once', async () => {
      const other = await bed.another()
      const chat = await talk(bed.storage)
      const [one, two] = await Promise.all([bed.storage.nextEpoch(chat.id, chat.epoch), other.nextEpoch(chat.id, chat.epoch)])
      expect(one).toEqual(two)
      expect(one.epoch).toMatch(/^2-/)
    })

    test('groups over the same chats in opposite orders, and marks between them, do not stand in each other’s way', async () => {
      const servers = [await bed.another(), await bed.another(), await bed.another()]
      const members = await Promise.all(Array.from({ length: 3 }, () => person(bed.storage)))
      const chats = await Promise.all(Array.from({ length: 6 }, () => group(bed.storage, members)))
      await Promise.all(
        servers.map(async (server, i) => {
          const user = members[i]
          if (!user) throw new Error('No writer')
          const mine = i % 2 ? chats : chats.toReversed()
          for (let n = 0; n < 8; n++) {
            stored(await server.commit(mine.map((chat) => update(chat, user, [message()], [clientOf(user)]))))
            const raised = await server.raiseMarks(user, new Map(mine.map((chat) => [chat.id, [n + 1, n + 1]])))
            expect(raised.size).toBe(chats.length)
          }
        }),
      )
      for (const chat of chats) {
        expect((await checkChain(bed.storage, chat.id)).length).toBe(25)
        expect((await bed.storage.marks(chat.id)).marks).toEqual(Object.fromEntries(members.map((user) => [user, [8, 8]])))
      }
    })

    test('of two who register one email at once, one gets it', async () => {
      const servers = [bed.storage, await bed.another(), await bed.another()]
      const email = `race-${Buffer.from(randomBytes(4)).toString('hex')}@example.org`
      const answers = await Promise.all(servers.map((server) => server.createUser({ email, name: 'Racer', passwordHash: 'hash' })))
      expect(answers.filter((answer) => answer === 'email-taken').length).toBe(2)
    })
  })
}
