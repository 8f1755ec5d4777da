// The commit when the database fails: at every step, with every kind of failure, and with the answer to COMMIT lost.
import { beforeAll, describe, expect, test } from 'vitest'
import { SqliteError } from '../sqlite/client.ts'
import { StorageError, type CommitItem, type CommitOutcome, type Storage } from '../types.ts'
import { checkChain } from './chain.ts'
import { message, posted, react, stored, talk, update, useBed, type Lab, type Talk } from './lab.ts'

type Kind = 'other' | 'conflict' | 'unreachable'

/** An error as the database itself gives it. */
function failure(engine: Lab['engine'], kind: Kind): Error {
  if (kind === 'other') return new Error('Fault')
  if (engine === 'mysql') return Object.assign(new Error('Fault'), kind === 'conflict' ? { errno: 1213 } : { code: 'ECONNRESET', fatal: true })
  return kind === 'conflict' ? new SqliteError({ message: 'Fault', errcode: 5 }) : new StorageError('database-unreachable', 'Fault')
}

export function faultsContract(lab: Lab): void {
  describe('the commit, when the database fails', () => {
    const bed = useBed(lab)
    /** What happens at each step; the tests set it. */
    let at: (point: string) => void | Promise<void> = () => undefined
    beforeAll(async () => {
      await bed.withFaults({ at: (point) => at(point) })
    })

    function failOnce(point: string, kind: Kind = 'other'): void {
      at = (now) => {
        if (now !== point) return
        at = () => undefined
        throw failure(lab.engine, kind)
      }
    }

    /** Commits as a server does: what is not known to be stored is offered again. */
    async function commitUntilStored(storage: Storage, items: CommitItem[]): Promise<CommitOutcome[]> {
      for (let attempt = 0; attempt < 3; attempt++) {
        const outcomes = await storage.commit(items).catch((error: unknown) => {
          if (error instanceof StorageError && error.code === 'database-unreachable') return []
          throw error
        })
        if (outcomes.length && outcomes.every((outcome) => outcome.ok || outcome.reason !== 'try-again')) return outcomes
      }
      throw new Error('Never stored')
    }

    const ofAll = (first: Talk, second: Talk): CommitItem[] => {
      const word = message('Word')
      return [
        update(first, first.ann, [word, message()]),
        update(first, first.bob, [react(word.operation.id, '👍')]),
        posted(second, second.ann, message()),
      ]
    }

    test('promise 4: a database that is closed in the middle of a commit lets it end, and then is closed', async () => {
      const { storage } = bed
      const first = await talk(storage)
      const word = message('The last one')
      let close = (): void => {}
      const closed = new Promise<void>((resolve) => (close = () => resolve(bed.stop())))
      at = (point) => {
        if (point === 'after lock') close()
      }
      stored(await storage.commit([update(first, first.ann, [word])]))
      await closed
      at = () => undefined
      const again = await bed.withFaults({ at: (point) => at(point) })
      expect((await checkChain(again, first.id)).map(({ id }) => id)).toContain(word.operation.id)
    })

    for (const kind of ['other', 'conflict', 'unreachable'] as const) {
      for (const size of [3, 1]) {
        test(`promise 4, D2: a failure (${kind}) at the n-th step, for every n, of a group of ${size}: each operation is stored once`, async () => {
          const { storage } = bed
          let [n, failed] = [0, true]
          while (failed) {
            n += 1
            const [first, second] = [await talk(storage), await talk(storage)]
            const items = ofAll(first, second).slice(0, size)
            let steps = 0
            failed = false
            at = () => {
              if (++steps !== n) return
              failed = true
              throw failure(lab.engine, kind)
            }
            const outcomes = stored(await commitUntilStored(storage, items))
            at = () => undefined
            const entries = [...(await checkChain(storage, first.id)), ...(await checkChain(storage, second.id))]
            const told = outcomes.flatMap((outcome) => [...outcome.entries, ...outcome.repeated])
            expect(told.map((entry) => entry.id)).toEqual(
              items.flatMap((item) => (item.kind === 'update' ? item.operations.map(({ operation }) => operation.id) : [item.operation.id])),
            )
            for (const entry of told) expect(entries).toContainEqual(entry)
            expect(entries.length).toBe(told.length + 2)
          }
          // As many as there are: lock (2), writes, COMMIT (2).
          expect(n).toBeGreaterThan(8)
        })
      }
    }

    test('D2: the answer to COMMIT is lost and the group is stored: it is read back, and not stored again', async () => {
      const { storage } = bed
      const [first, second] = [await talk(storage), await talk(storage)]
      let tries = 0
      at = (point) => {
        if (point === 'before lock') tries += 1
        if (point === 'after commit') throw failure(lab.engine, 'unreachable')
      }
      const outcomes = stored(await storage.commit(ofAll(first, second)))
      at = () => undefined
      expect(tries).toBe(1)
      expect(outcomes.map(({ entries, repeated, pos }) => [entries.length, repeated.length, pos])).toEqual([
        [2, 0, 1],
        [1, 0, 2],
        [1, 0, 0],
      ])
      expect((await checkChain(storage, first.id)).length).toBe(4)
    })

    test('D2: the answer to COMMIT is lost and nothing is stored: it runs again', async () => {
      const { storage } = bed
      const [first, second] = [await talk(storage), await talk(storage)]
      failOnce('before commit', 'unreachable')
      const outcomes = stored(await storage.commit(ofAll(first, second)))
      expect(outcomes.map(({ entries, repeated, pos }) => [entries.length, repeated.length, pos])).toEqual([
        [2, 0, 1],
        [1, 0, 2],
        [1, 0, 0],
      ])
      expect((await storage.chat(first.id))?.pos).toBe(2)
    })

    test('D2: nothing is known when reading back fails as well: the commit rejects, and the same items may be offered again', async () => {
      const { storage } = bed
      const chat = await talk(storage)
      const items = [update(chat, chat.ann, [message()])]
      at = (point) => {
        if (point === 'after commit' || point === 'read back') throw failure(lab.engine, 'unreachable')
      }
      await expect(storage.commit(items)).rejects.toMatchObject({ code: 'database-unreachable' })
      at = () => undefined
      const [again] = stored(await storage.commit(items))
      expect([again?.entries.length, again?.repeated.length]).toEqual([0, 1])
      await checkChain(storage, chat.id)
    })

    test('words that a group holds twice, or whose client id it holds twice, need no second try', async () => {
      const { storage } = bed
      const chat = await talk(storage)
      let tries = 0
      at = (point) => {
        if (point === 'before lock') tries += 1
      }
      const word = message()
      const item = update(chat, chat.ann, [word, word, message()])
      stored(await storage.commit([item, posted(chat, chat.bob, word), item, update(chat, chat.ann, [react(word.operation.id, '👍'), word])]))
      at = () => undefined
      expect(tries).toBe(1)
      expect((await checkChain(storage, chat.id)).length).toBe(5)
    })

    test('the rows that a lost answer is looked up by are kept for an hour', async () => {
      const { storage, clock } = bed
      const chat = await talk(storage)
      const commit = () => storage.commit([update(chat, chat.ann, [message()])])
      const kept = async () => (await lab.query(bed.url, `select at from commits where at >= ${noon}`)).length
      clock.now += 24 * 60 * 60 * 1_000
      const noon = clock.now
      await commit()
      clock.now = noon + 59 * 60 * 1_000
      await commit()
      expect(await kept()).toBe(2)
      clock.now = noon + 61 * 60 * 1_000
      await commit()
      expect(await kept()).toBe(2)
      expect(await lab.query(bed.url, `select at from commits where at < ${noon + 1}`)).toEqual([])
    })

    test('a group that loses against another goes on in halves, in the order of its items', async () => {
      const { storage } = bed
      const chat = await talk(storage)
      const words = Array.from({ length: 9 }, (_, i) => message(`Word ${i}`))
      let lost = 0
      at = (point) => {
        if (point === 'after lock' && ++lost <= 2) throw failure(lab.engine, 'conflict')
      }
      const outcomes = stored(await storage.commit(words.map((word) => update(chat, chat.ann, [word]))))
      at = () => undefined
      expect(outcomes.map((outcome) => outcome.entries[0]?.seq)).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9])
      await checkChain(storage, chat.id)
    })

    test('D9: one item that the database cannot store is told so; the others of its group are stored', async () => {
      const { storage } = bed
      const [first, second] = [await talk(storage), await talk(storage)]
      const items = ofAll(first, second)
      const bad = update(first, first.bob, [message('Bad')])
      // No update at all, which nothing but a bug hands in, and both databases refuse.
      Object.assign(bad, { update: null })
      items.splice(1, 0, bad)
      const outcomes = await storage.commit(items)
      expect(outcomes.map((outcome) => outcome.ok || outcome.reason)).toEqual([true, 'try-again', true, true])
      expect((await checkChain(storage, first.id)).length).toBe(4)
      expect((await checkChain(storage, second.id)).length).toBe(2)
    })

    test('D5: asking the database inside one of its transactions fails at once instead of waiting for ever', { timeout: 1_000 }, async () => {
      const { storage } = bed
      const chat = await talk(storage)
      const answers: unknown[] = []
      at = async (point) => {
        if (point !== 'after lock') return
        const asked = [
          storage.ping(),
          storage.chat(chat.id),
          storage.commit([update(chat, chat.bob, [message()])]),
          storage.touchLastSeen(chat.ann, 1),
        ]
        answers.push(...(await Promise.allSettled(asked)).map(({ status }) => status))
      }
      const [outcome] = await storage.commit([update(chat, chat.ann, [message()])])
      at = () => undefined
      expect(answers.slice(0, 2)).toEqual(['rejected', 'rejected'])
      expect(answers.at(3)).toBe('rejected')
      expect(outcome?.ok).toBe(true)
      await storage.ping()
      await checkChain(storage, chat.id)
    })
  })
}
