// The append of promise 2: one transaction for all that waits, exactly once, also when the answer to COMMIT is lost.
import { base64url, journalKey, type ChatId, type EpochName } from '@skein/protocol'
import type { Context } from '../context.ts'
import { UnknownCommit, unreachable, type Session } from '../database.ts'
import { startNextEpoch } from '../epochs.ts'
import type { CommitsTable } from '../schema.ts'
import { selectByKeys, statement } from '../statements.ts'
import type { CommitItem, CommitOutcome, Storage } from '../types.ts'
import { decide } from './decide.ts'
import type { Known } from './known.ts'
import { Memory, placesOf, stands } from './memory.ts'
import { lockChats, readKnown } from './read.ts'
import { writesOf } from './write.ts'

/** How often a single item is tried against others before its sender is told to try again. */
const MAX_TRIES = 8
/** A commit's row is kept this long: many times as long as anybody waits for an answer. */
const KEPT_MS = 60 * 60 * 1000
/** How often old rows are looked for. */
const PRUNE_MS = 60 * 1000

export function committing(context: Context): Pick<Storage, 'commit'> {
  const { database, ports, faults } = context
  const { engine } = database
  const memory = new Memory()
  let prunedAt = 0

  async function write(session: Session, items: CommitItem[], mark: CommitsTable, mayRecall: boolean) {
    await faults?.at('before lock')
    const recalled = mayRecall ? memory.recall(items) : null
    const locked = (): Promise<void> | void => faults?.at('after lock')
    const known = recalled && (await standing(session, recalled, locked)) ? recalled : await readKnown(session, items, locked)
    const starts = placesOf(known)
    const decision = decide(items, known, ports)
    const writes = writesOf(database, decision, mark)
    if (!faults && decision.ends.size === 0) session.writeLast(writes.flatMap(([, statements]) => statements))
    else {
      for (const [name, statements] of writes) {
        await faults?.at(`write ${name}`)
        await session.write(statements)
      }
    }
    const moved = new Map<ChatId, EpochName>()
    for (const id of decision.ends) {
      const chat = known.chats.get(id)
      await faults?.at('write next epoch')
      if (chat) moved.set(id, (await startNextEpoch(session, context, chat)).epoch)
    }
    const outcomes = decision.outcomes.map((outcome, i): CommitOutcome => {
      const movedTo = moved.get(items[i]?.chatId ?? ('' as ChatId))
      return outcome.ok && movedTo !== undefined ? { ...outcome, movedTo } : outcome
    })
    return { outcomes, recalled: known === recalled, known, starts }
  }

  /** Locks what is remembered. MySQL tells at once whether the chats still stand there; on SQLite, where nobody else writes, the transaction fails if not. */
  async function standing(session: Session, known: Known, locked: () => Promise<void> | void): Promise<boolean> {
    const places = [...placesOf(known).values()]
    if (engine === 'sqlite') {
      const keys = places.map(({ id, rev, pos, epoch, head, blocked }) => [id, rev, pos, epoch, head, blocked] as const)
      session.writeLast(
        selectByKeys(engine, 'chats', ['id'], ['id', 'rev', 'pos', 'epoch', 'head', 'blocked'], keys).map((one) => ({ ...one, expect: keys.length })),
      )
      await locked()
      return true
    }
    const chats = await lockChats(session, known.chats.keys())
    await locked()
    return places.every((place) => {
      const chat = chats.get(place.id)
      return chat !== undefined && stands(chat, place)
    })
  }

  /** Whether a group whose answer was lost is stored. The lock waits for a COMMIT that is still on its way (RT12). */
  const isStored = (items: CommitItem[], { id, at }: CommitsTable): Promise<boolean> =>
    database.transaction(async (session) => {
      await faults?.at('read back')
      await lockChats(
        session,
        items.map((item) => item.chatId),
      )
      return (await session.row(statement('select id from commits where at = ? and id = ?', [at, id]))) !== undefined
    })

  /** One transaction; throws what made it fail, with nothing stored. */
  async function attempt(items: CommitItem[], mayRecall = true): Promise<CommitOutcome[]> {
    const mark = { id: base64url(ports.randomBytes(16)), at: ports.now() }
    const hooks = { beforeCommit: () => faults?.at('before commit'), afterCommit: () => faults?.at('after commit') }
    let recalled = false
    let done: () => CommitOutcome[] = () => []
    try {
      await database.once(async (session) => {
        const written = await write(session, items, mark, mayRecall)
        recalled = written.recalled
        done = () => {
          memory.learn(items, written.known, written.starts)
          return written.outcomes
        }
      }, hooks)
      return done()
    } catch (error) {
      // What was decided in memory is exactly what was written.
      if (error instanceof UnknownCommit && (await isStored(items, mark))) return done()
      memory.forget(items)
      // What was remembered may be what failed.
      if (recalled && !(error instanceof UnknownCommit) && database.kindOf(error) !== 'unreachable') return attempt(items, false)
      throw error
    }
  }

  async function commit(items: CommitItem[], tries: number): Promise<CommitOutcome[]> {
    try {
      return await attempt(items)
    } catch (error) {
      // An unknown COMMIT that comes out here was read back: it is not stored, so the same may run again.
      const kind = error instanceof UnknownCommit ? 'conflict' : database.kindOf(error)
      if (kind === 'unreachable') throw unreachable(error)
      if (kind === 'conflict') await database.backOff(tries)
      if (items.length > 1) {
        const half = Math.ceil(items.length / 2)
        return [...(await commit(items.slice(0, half), 1)), ...(await commit(items.slice(half), 1))]
      }
      if (kind === 'conflict' && tries < MAX_TRIES) return commit(items, tries + 1)
      return items.map(() => ({ ok: false, reason: 'try-again' }))
    }
  }

  async function prune(): Promise<void> {
    const now = ports.now()
    if (now - prunedAt < PRUNE_MS) return
    prunedAt = now
    await database.read((session) =>
      session.write(['commits', 'departures'].map((table) => statement(`delete from ${table} where at < ?`, [now - KEPT_MS]))),
    )
  }

  /** Before anybody hears of a deletion, it stands where no restored database can forget it. One that was stored and not noted is offered again, or found by the eraser. */
  async function note(items: CommitItem[], outcomes: CommitOutcome[]): Promise<void> {
    if (!ports.journal) return
    const keys = outcomes.flatMap((outcome, i) => {
      const chat = items[i]?.chatId
      if (!outcome.ok || !chat) return []
      return [...outcome.entries, ...outcome.repeated].flatMap(({ operation, code, authorId }) =>
        operation?.type === 'delete' && code === null ? [journalKey(chat, authorId, operation.target, ports.sha256)] : [],
      )
    })
    if (keys.length) await ports.journal.add(keys)
  }

  return {
    async commit(items) {
      if (!items.length) return []
      const outcomes = await commit(items, 1)
      await note(items, outcomes)
      // Once a minute. What it could not remove, the next one finds.
      await prune().catch(() => undefined)
      return outcomes
    },
  }
}
