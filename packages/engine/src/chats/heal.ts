// Brings back to a server what it has lost: offers the chain that this device holds, then goes on from the last common place (promise 7; SPEC, rules HEAL-…).
// One chat after another, and not all devices at the same moment: after a restore all of them come.
import type { ChatId, Entry, Run, UserId } from '@skein/protocol'
import { common as commonAnswer, healed, type HealedAnswer } from '@skein/http/answers'
import { HttpError, isNoSuchChat, isPassing, retryAfterMs } from '../http.ts'
import { putChat, type Local } from '../local.ts'
import { backoffMs, inBackground, leftOf, randomFraction, type Ports, type Timer } from '../ports.ts'
import type { Session } from '../session.ts'
import { proofKey, type ChatRow, type OutboxRow, type Position, type ProofRow } from '../store/rows.ts'
import { put, type Change } from '../store/store.ts'
import { EngineError } from '../types.ts'
import type { ChatSync } from './chat-sync.ts'
import { cutBack } from './cut.ts'
import { heldRun, piecesOf, someOf, type HeldRun } from './held-run.ts'

const JITTER_MS = 1_000
/** So long whoever holds how a direct chat was begun may come first: what that device offers goes back to its old places. */
const BEGIN_MS = 20_000
/** What the server has not taken is offered again this often, and told after this time. */
const AGAIN_MS = 600_000
const TOLD_MS = 24 * 60 * 60_000

export interface Healer {
  start(): void
  stop(): void
  /** The chat's row changed. */
  consider(chat: ChatId): void
  /** Offers again what the server has not taken, now and then, and tells what stays away. */
  remind(): Promise<void>
  /** Resolves after what is under way. */
  settled(): Promise<void>
}

export interface HealerOptions {
  local: Local
  session: Session
  sync: ChatSync
  ports: Ports
  /** The chat is whole and must be read on. */
  catchUp(chat: ChatId): void
}

interface Offered {
  run: Run
  answer: HealedAnswer
}
interface Offers {
  common: Position | null
  offered: Offered[]
}

/** Words of a piece that the server lacks. */
const lackedOf = (run: Run, missing: readonly number[]): Entry[] =>
  run.entries.filter(({ rev, code, operation }) => code === null && operation !== null && missing.includes(rev))

export function createHealer({ local, session, sync, ports, catchUp }: HealerOptions): Healer {
  const { self, store } = local
  const waiting = new Set<ChatId>()
  let running = false
  let working: Promise<void> | null = null
  let timer: Timer | null = null
  let attempt = 0
  let remindedAt = -Infinity

  async function offer(chat: ChatId, run: Run): Promise<HealedAnswer> {
    try {
      return await session.ask((api) => api.api.chats[':id'].heal.$post({ param: { id: chat }, json: run }), healed)
    } catch (error) {
      // A server that cannot read the piece has not taken it; the chat must go on all the same.
      if (!(error instanceof HttpError) || (error.status !== 400 && error.status !== 413)) throw error
      // A server of an earlier version knows no other person.
      const { with: other, ...plain } = run
      if (other !== undefined) return offer(chat, plain)
      return { common: null, proven: 0, fork: null, placed: 0, entered: 0, missing: run.entries.map(({ rev }) => rev), document: null, rev: 0 }
    }
  }

  /** The last place of the run that the server knows as well; null where it knows none. */
  async function askCommon(chat: ChatId, held: HeldRun): Promise<Position | null | 'no-such-chat'> {
    const places = someOf(held).map(({ rev, head }) => ({ rev, head }))
    try {
      return (await session.ask((api) => api.api.chats[':id'].common.$post({ param: { id: chat }, json: { places } }), commonAnswer)).common
    } catch (error) {
      if (isNoSuchChat(error)) return 'no-such-chat'
      throw error
    }
  }

  /** Direct chats that the server does not know, of which this device does not hold the beginning; true: they were waited for. */
  const absent = new Map<ChatId, boolean>()
  function waitFor(chat: ChatId): void {
    if (absent.has(chat)) return
    absent.set(chat, false)
    ports.setTimeout(() => {
      absent.set(chat, true)
      consider(chat)
    }, BEGIN_MS)
  }

  async function offerPieces(chat: ChatId, held: HeldRun, known: Position | null, peer: UserId | undefined): Promise<Offers> {
    let common = known
    const from = common ? held.places.findIndex(({ rev }) => rev === common?.rev) : 0
    const offered: Offered[] = []
    let fork: number | null = null
    for (const run of piecesOf(held, from)) {
      const answer: HealedAnswer = await offer(chat, {
        ...run,
        ...(fork === null ? {} : { fork }),
        ...(peer && offered.length === 0 ? { with: peer } : {}),
      })
      fork = answer.fork ?? fork
      common = answer.common ?? common
      offered.push({ run, answer })
    }
    return { common, offered }
  }

  /** Offers what follows the last common place. null: the chat is out of reach; 'later': it may come without this device. */
  async function offerAll(row: ChatRow, held: HeldRun): Promise<Offers | null | 'later'> {
    const chat = row.id
    const common = await askCommon(chat, held)
    const isKnown = common !== 'no-such-chat'
    // With nothing in common and nothing to prove the device reads the chat anew, as a new one does.
    if (!isKnown && held.entries.length === 0) return null
    const peer = !isKnown && row.kind === 'direct' ? row.members.find(({ id }) => id !== self)?.id : undefined
    // What is held does not tell how the chat was begun, and nobody else has come who does.
    if (peer && held.places[0].rev > 0 && !absent.get(chat)) {
      waitFor(chat)
      return 'later'
    }
    absent.delete(chat)
    const pieces = async (other?: UserId): Promise<Offers | null> => {
      try {
        return await offerPieces(chat, held, isKnown ? common : null, other)
      } catch (error) {
        if (isNoSuchChat(error)) return null
        throw error
      }
    }
    const taken = await pieces(peer)
    if (!peer || taken?.offered.some(({ answer }) => answer.document !== null)) return taken
    // Nothing proves what is held, or the server cannot read it: in a chat that is begun anew each author's own words are sent again.
    return typeof (await sync.begin(row)) === 'string' ? null : pieces()
  }

  /** Without a proof a server takes back only each author's own words, as if they were sent now (RT18). */
  function sentAgain(held: HeldRun, common: Position | null, offered: readonly Offered[]): Change[] {
    const proven = new Set(offered.flatMap(({ run, answer }) => run.entries.slice(0, answer.proven).map(({ rev }) => rev)))
    let order = Math.max(0, ...Array.from(local.outbox.values(), (row) => row.order), ports.now())
    return held.entries
      .flatMap(({ rev, authorId, code, operation }) => {
        if (rev <= (common?.rev ?? 0) || proven.has(rev) || authorId !== self || code !== null || !operation || local.outbox.has(operation.id))
          return []
        if (operation.type !== 'message' && !('target' in operation)) return []
        const row: Omit<OutboxRow, 'chat'> = {
          id: operation.id,
          order: ++order,
          operation,
          state: { at: 'waiting' },
          createdAt: Date.parse(operation.at),
        }
        return [row]
      })
      .map((row) => put('outbox', { ...row, chat: held.chat }))
  }

  async function heal(chat: ChatId): Promise<void> {
    const before = local.chats.get(chat)
    if (!before?.forked || !before.position) return
    const held = await heldRun(store, before, before.position, ports.sha256)
    const result = await offerAll(before, held)
    if (result === 'later') return
    if (!result) return sync.remove(chat, before)
    const { common, offered } = result
    const document = offered.at(-1)?.answer.document
    const since = ports.now()
    await local.update(chat, async (row) => {
      if (!row.forked) return null
      const known = { ...row, ...(document ? { document } : {}) }
      if (common && common.rev === row.position?.rev) return putChat(row, { ...known, n: row.n + 1, markPos: 0, forked: false })
      const { next, changes } = await cutBack(local, known, common, local.marks.get(chat))
      for (const { run, answer } of offered) {
        if (lackedOf(run, answer.missing).length > 0) changes.push(put('proofs', { chat, run, since, missing: answer.missing }))
      }
      return [...changes, ...sentAgain(held, common, offered), ...putChat(row, next)]
    })
    catchUp(chat)
  }

  async function drain(): Promise<void> {
    for (let [chat] = waiting; running && chat !== undefined; [chat] = waiting) {
      // Before: who is told meanwhile that it changed waits anew.
      waiting.delete(chat)
      try {
        await heal(chat)
      } catch (error) {
        // Refused for a reason of its own: other chats must not wait for it, and it is tried again with the next start.
        if (isLater(error)) waiting.add(chat)
        throw error
      }
      attempt = 0
    }
  }
  const isLater = (error: unknown): boolean => isPassing(error) || !(error instanceof HttpError)

  function schedule(ms: number): void {
    if (!running || timer !== null || working || waiting.size === 0) return
    timer = ports.setTimeout(() => {
      timer = null
      let wait = 0
      working = drain()
        .catch((error: unknown) => {
          if (!(error instanceof EngineError)) throw error
          wait = retryAfterMs(error) + backoffMs(attempt++, ports)
        })
        .finally(() => {
          working = null
          schedule(wait)
        })
      inBackground(working, ports)
    }, ms)
  }

  function consider(chat: ChatId): void {
    if (!local.chats.get(chat)?.forked) return
    // Also what was found before the start.
    waiting.add(chat)
    schedule(Math.floor(randomFraction(ports) * JITTER_MS))
  }

  /** What is missing of one chat for longer than a day, in words. */
  async function tell(chat: ChatId): Promise<void> {
    const now = ports.now()
    const rows = (await store.list('proofs', { group: chat })).filter(({ since }) => leftOf(TOLD_MS, since, now) === 0)
    const missing = rows.reduce((sum, row) => sum + lackedOf(row.run, row.missing).length, 0)
    await local.update(chat, (row) => ((row.missing ?? 0) === missing ? null : putChat(row, { ...row, missing })))
  }

  async function remindOf(row: ProofRow): Promise<void> {
    const { chat, run } = row
    const { missing, placed, entered } = await offer(chat, run)
    if (lackedOf(run, missing).length === 0) await local.commit([{ remove: 'proofs', key: proofKey(row) }])
    else if (missing.length !== row.missing.length) await local.commit([put('proofs', { ...row, missing })])
    if (placed + entered > 0) catchUp(chat)
  }

  return {
    start: () => {
      running = true
      for (const row of local.chats.values()) consider(row.id)
    },
    stop: () => {
      running = false
      if (timer !== null) ports.clearTimeout(timer)
      timer = null
    },
    consider,
    remind: async () => {
      if (leftOf(AGAIN_MS, remindedAt, ports.now()) > 0) return
      remindedAt = ports.now()
      const rows = await store.all('proofs')
      for (const row of rows) {
        if (!running) return
        if (local.chats.get(row.chat)?.removed) continue
        try {
          await remindOf(row)
        } catch (error) {
          if (isPassing(error)) throw error
        }
      }
      for (const chat of new Set(rows.map((row) => row.chat))) await tell(chat)
    },
    settled: async () => {
      await working?.catch(() => {})
    },
  }
}
