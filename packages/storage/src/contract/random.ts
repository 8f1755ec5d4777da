// Random lives of two chats against a model: what is stored, what repeats, who is refused. The seed in a test's name replays it.
import type { Checked, OperationId } from '@skein/protocol'
import { describe, expect, test } from 'vitest'
import type { ChatRow, CommitItem, CommitOutcome } from '../types.ts'
import { checkChain } from './chain.ts'
import { edit, group, message, newId, person, posted, react, remove, update, useBed, type Lab } from './lab.ts'

/** A small generator of numbers (mulberry32): the same for the same seed. */
function numbers(seed: number): (below: number) => number {
  let state = seed
  return (below) => {
    state = (state + 0x6d2b79f5) | 0
    let t = Math.imul(state ^ (state >>> 15), 1 | state)
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t
    return (((t ^ (t >>> 14)) >>> 0) / 4_294_967_296) * below || 0
  }
}

interface Model {
  chat: ChatRow
  /** Every epoch so far; the last is the current one. */
  epochs: ChatRow['epoch'][]
  /** Texts by author and id. */
  stored: Map<string, string>
  /** Owners by epoch and client id. */
  owners: Map<string, string>
  words: OperationId[]
  pos: number
}

/** The outcome that an item must have, and what it does to the model. */
function expected(model: Model, item: CommitItem, isMember: boolean): { reason: string } | { entries: string[]; repeated: string[] } {
  if (!isMember) return { reason: 'no-access' }
  const operations: readonly { operation: { id: OperationId }; text: string }[] = item.kind === 'update' ? item.operations : [item]
  if (item.kind === 'update') {
    if (item.epoch !== model.epochs.at(-1)) return { reason: 'closed-epoch' }
    const owners = item.clients.map((client) => model.owners.get(`${item.epoch} ${client}`))
    if (owners.some((owner) => owner !== undefined && owner !== item.userId)) return { reason: 'client-id-taken' }
  }
  const known = new Map(model.stored)
  const [entries, repeated]: [string[], string[]] = [[], []]
  for (const { operation, text } of operations) {
    const key = `${item.userId} ${operation.id}`
    const before = known.get(key)
    if (before !== undefined && before !== text) return { reason: 'id-taken' }
    ;(before === undefined ? entries : repeated).push(operation.id)
    known.set(key, text)
  }
  model.stored = known
  if (item.kind === 'update') {
    model.pos += 1
    for (const client of item.clients) model.owners.set(`${item.epoch} ${client}`, item.userId)
  }
  return { entries, repeated }
}

const told = (outcome: CommitOutcome | undefined): object | undefined =>
  outcome?.ok
    ? { entries: outcome.entries.map(({ id }) => id), repeated: outcome.repeated.map(({ id }) => id) }
    : outcome && { reason: outcome.reason }

export function randomContract(lab: Lab): void {
  describe('random lives', () => {
    const bed = useBed(lab)

    for (const seed of [1, 2, 3, 4, 5, 6]) {
      test(`promises 2, 3, 4: seed ${seed}`, async () => {
        const { storage, clock } = bed
        const below = numbers(seed)
        const pick = <T>(list: readonly T[]): T => {
          const one = list[Math.floor(below(list.length))]
          if (one === undefined) throw new Error('Nothing to pick from')
          return one
        }
        const [ann, bob, stranger] = [await person(storage), await person(storage), await person(storage)]
        const models = await Promise.all(
          [0, 1].map(async (): Promise<Model> => {
            const chat = await group(storage, [ann, bob])
            return { chat, epochs: [chat.epoch], stored: new Map(), owners: new Map(), words: [newId()], pos: 0 }
          }),
        )
        const old: Checked[] = [message('The first')]

        function operation(model: Model): Checked {
          const target = pick(model.words)
          const author = pick([{}, { targetAuthor: ann }, { targetAuthor: bob }])
          const kind = below(10)
          if (kind < 4) {
            const word = message(`Word ${below(1)}`)
            model.words.push(word.operation.id)
            return word
          }
          if (kind < 5) return edit(target, `Edited ${below(1)}`, author)
          if (kind < 5.5) return remove(target, author)
          if (kind < 8) return react(target, pick(['👍', '🎉', '👀']), below(3) > 1, author)
          if (kind < 9.8) return pick(old)
          return { ...pick(old), ...message('Another word under an old id', { id: pick(old).operation.id }) }
        }

        for (let step = 0; step < 40; step++) {
          clock.now += Math.floor(below(3_000)) - 1_000
          const plan = Array.from({ length: 1 + Math.floor(below(6)) }, () => {
            const model = pick(models)
            const user = pick([ann, ann, ann, bob, bob, bob, stranger])
            const operations = Array.from({ length: Math.floor(below(4)) }, () => operation(model))
            old.push(...operations)
            const epoch = below(8) < 1 ? pick(model.epochs) : (model.epochs.at(-1) ?? model.chat.epoch)
            const clients = Array.from({ length: 1 + Math.floor(below(2)) }, () => (user === ann ? 100 : 200) + Math.floor(below(101)))
            const [first] = operations
            const item = first && below(6) < 1 ? posted(model.chat, user, first) : update({ id: model.chat.id, epoch }, user, operations, clients)
            return { model, item, isMember: user !== stranger }
          })
          const wanted = plan.map(({ model, item, isMember }) => expected(model, item, isMember))
          const outcomes = await storage.commit(plan.map(({ item }) => item))
          expect(outcomes.map(told), `step ${step}`).toEqual(wanted)
          if (below(10) < 1) {
            const model = pick(models)
            model.epochs.push((await storage.nextEpoch(model.chat.id, model.epochs.at(-1) ?? model.chat.epoch)).epoch)
          }
        }
        for (const model of models) {
          const entries = await checkChain(storage, model.chat.id)
          expect(
            entries
              .slice(1)
              .map((entry) => [`${entry.authorId} ${entry.id}`, JSON.stringify(entry.operation)])
              .sort(),
          ).toEqual([...model.stored].sort())
          const chat = await storage.chat(model.chat.id)
          expect(chat?.pos).toBe(model.pos)
          const tails = await Promise.all(model.epochs.map((epoch) => storage.epochTail(model.chat.id, epoch, { pos: 0, rev: 0 })))
          expect(tails.flatMap((tail) => tail?.updates ?? []).length).toBe(model.pos)
          expect(tails.flatMap((tail) => tail?.entries ?? []).map(({ rev }) => rev)).toEqual(entries.map(({ rev }) => rev))
          expect(tails.flatMap((tail) => tail?.clients ?? []).length).toBe(model.owners.size)
        }
      })
    }
  })
}
