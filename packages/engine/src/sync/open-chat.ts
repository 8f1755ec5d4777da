// One chat whose document is open: pulls its ledger into the rows, pushes its outbox into the log, and finds the way back from every close reason.
import {
  isCloseReason,
  MAX_FRAME_BYTES,
  MAX_IDS_PER_QUESTION,
  MAX_OPERATIONS_PER_UPDATE,
  parseDocumentName,
  type ChatId,
  type CloseReason,
  type OperationId,
} from '@skein/protocol'
import type { ChatSync } from '../chats/chat-sync.ts'
import { withMarksCounted } from '../chats/unread.ts'
import { stored } from '@skein/http/answers'
import { isNoSuchChat, retryAfterMs } from '../http.ts'
import { putChat, type Local } from '../local.ts'
import { nextState, type OutboxEvent } from '../outbox/outbox.ts'
import { plan, recoveryFrom, type Queued } from '../outbox/plan.ts'
import { inBackground, leftOf, type Ports, type Timer } from '../ports.ts'
import type { Session } from '../session.ts'
import type { ChatRow, OutboxRow } from '../store/rows.ts'
import { expectQueued, put, type Change } from '../store/store.ts'
import { openLiveDocument, type LiveDocument } from './live-document.ts'
import { createRetryPlan } from './retry-plan.ts'
import type { Socket } from './socket.ts'
import { createWatchdog } from './watchdog.ts'

export interface OpenChatOptions {
  chat: ChatId
  name: string
  local: Local
  session: Session
  sync: ChatSync
  socket: Socket
  ports: Ports
  /** Entries are missing that only `changes` has. */
  catchUp(): void
  stuck(is: boolean): void
  /** Who types, or when the next try is. */
  changed(): void
}

export interface OpenChat {
  readonly live: LiveDocument | null
  /** When the next try is made, in milliseconds; null when none is planned. */
  readonly nextTryAt: number | null
  /** The chat's row or outbox changed. */
  consider(): void
  /** Tries again now what a timer was to try later. */
  retry(): void
  close(): Promise<void>
}

const encoder = new TextEncoder()
const measured = new WeakMap<OutboxRow, Queued>()

/** A row with its size, which is measured once. */
function queuedOf(row: OutboxRow): Queued {
  const before = measured.get(row)
  if (before) return before
  const queued = { id: row.id, state: row.state, bytes: encoder.encode(JSON.stringify(row.operation)).length }
  measured.set(row, queued)
  return queued
}

export function openChat(options: OpenChatOptions): OpenChat {
  const { chat, local, session, sync, socket, ports } = options
  let live: LiveDocument | null = null
  let openName = ''
  let openN = 0
  let closed = false
  let working = false
  let again = false
  const retries = createRetryPlan(ports, options.changed)
  const watchdog = createWatchdog({ ports, socket, wordsAreOut: () => underWay.length > 0, looked: silence, stuck: options.stuck })
  let held: Timer | null = null
  let gaps = 0
  let rebases = 0
  let limit = MAX_OPERATIONS_PER_UPDATE
  /** Found to be a newer program's. */
  let newer: LiveDocument | null = null
  /** The connection in which the document was found to have the past that this device has. */
  let known = ''
  /** What went into the document with the last append, until it is acknowledged. */
  let underWay: OperationId[] = []

  /** The watchdog has looked, and nothing has come of what waits. */
  let silent = false
  function silence(): void {
    silent = true
    if (retries.at === null) consider()
  }

  const cacheNameOf = (document: string, n: number): string => `${options.name} ${document}/${n}`

  async function attach(row: ChatRow, document: string): Promise<void> {
    if (live && openName === document && openN === row.n) return
    const before = live
    live = null
    underWay = []
    // The same name again: a goodbye would meet the next opening. Where the server has not closed it, it would not answer that opening either (H3).
    const isSame = before?.name === document
    if (isSame && before.isOffered) socket.drop()
    await before?.close(isSame)
    if (before) await ports.documentCache?.remove(cacheNameOf(openName, openN)).catch(() => {})
    openName = document
    openN = row.n
    const cacheName = cacheNameOf(document, row.n)
    if (ports.documentCache) await local.commit([put('documents', { name: cacheName, chat })])
    if (closed) return
    live = openLiveDocument({
      name: document,
      self: local.self,
      socket,
      ports,
      cacheName,
      token: session.token,
      mayOpen,
      changed: consider,
      refused: (reason) => inBackground(recover(reason), ports),
      marks: (marks) => inBackground(showMarks(marks), ports),
      typingChanged: options.changed,
    })
  }

  async function showMarks(marks: Record<string, [number, number]>): Promise<void> {
    await local.update(chat, async (row) => {
      const next = await withMarksCounted(row, marks, local)
      return next && putChat(row, next)
    })
  }

  /** Changes outbox rows by an event, where they are as they were. */
  async function change(rows: readonly OutboxRow[], eventOf: (row: OutboxRow) => OutboxEvent | null, durable = false): Promise<boolean> {
    const changes: Change[] = []
    for (const row of rows) {
      const event = eventOf(row)
      const state = event && nextState(row.state, event)
      if (!state) continue
      changes.push(...expectQueued(row))
      changes.push(state === 'gone' ? { remove: 'outbox', key: row.id } : put('outbox', { ...row, state }))
    }
    return changes.length === 0 || local.commit(changes, durable)
  }

  /** Whether the server of a new connection goes on from where this device is: asked before it is given anything, since two pasts would merge without an error (RT4). */
  async function mayOpen(): Promise<boolean> {
    await sync.catchUp(chat)
    const row = local.chats.get(chat)
    return row !== undefined && !row.forked && !row.removed
  }

  /** Whether the document that is open has the past of the rows: a local copy may have been stored when these were not. */
  async function isKnown(document: LiveDocument): Promise<boolean> {
    const connection = `${openName}/${openN}/${document.connection}`
    const position = local.chats.get(chat)?.position
    if (known === connection || !document.ready || !position) return known === connection || !position
    if (!document.follows(position)) {
      await sync.fork(chat)
      return false
    }
    known = connection
    return true
  }

  /** Takes what the ledger has into the rows; true when it is up to date. */
  async function pull(document: LiveDocument): Promise<boolean> {
    const { base } = document
    if (document.newer) {
      if (newer !== document) options.catchUp()
      newer = document
      return false
    }
    const position = local.chats.get(chat)?.position
    if (!base) return false
    if (!position || base.rev > position.rev) {
      if (document.ready) options.catchUp()
      return false
    }
    if (position.rev === base.rev && position.head !== base.head) {
      await sync.fork(chat)
      return false
    }
    const entries = document.entriesFrom(position.rev)
    // An entry that cannot be read here, such as one of a later version.
    if (document.end > (entries.at(-1)?.rev ?? position.rev)) options.catchUp()
    if (entries.some((entry) => entry.rev > position.rev)) {
      const outcome = await sync.take(chat, entries)
      if (outcome === 'gap') options.catchUp()
      return outcome === 'ok'
    }
    return true
  }

  async function ask(document: string, ids: readonly OperationId[]): Promise<void> {
    const epoch = parseDocumentName(document)
    if (epoch?.kind !== 'chat') return
    const question = ids.slice(0, MAX_IDS_PER_QUESTION)
    const json = { ids: question, epoch: epoch.epoch }
    const answer = await session.ask((api) => api.api.chats[':id'].stored.$post({ param: { id: chat }, json }), stored)
    const codes = new Map(answer.stored)
    const rows = question.flatMap((id) => local.outbox.get(id) ?? [])
    await change(
      rows,
      ({ id }) => {
        const code = codes.get(id)
        if (code) return { is: 'stored', code }
        return code === undefined && answer.closed ? { is: 'not-stored', document } : null
      },
      true,
    )
    const taken = question.filter((id) => codes.get(id) === null)
    if (taken.length > 0) await sync.named(chat, taken)
    // What is in the log of a document that is over goes into the next one, whatever state its row is in.
    if (question.some((id) => !codes.has(id)) && (!answer.closed || document === local.chats.get(chat)?.document)) await relocate()
  }

  /** Learns the chat's current document from the server. */
  async function relocate(): Promise<void> {
    const before = local.chats.get(chat)
    try {
      await sync.adopt(await sync.ask([chat]))
    } catch (error) {
      if (isNoSuchChat(error)) return sync.lost(chat, before)
      throw error
    }
    if (local.chats.get(chat)?.document === before?.document) throw new Error('The server names the same document.')
    retries.reset()
  }

  /** The outbox without what can still be taken back; looks again when that is over. */
  function dueOf(rows: readonly OutboxRow[]): OutboxRow[] {
    const left = (row: OutboxRow): number => leftOf(row.heldMs ?? 0, row.createdAt, ports.now())
    const holds = rows.map(left).filter((ms) => ms > 0)
    if (held !== null) ports.clearTimeout(held)
    held = holds.length > 0 ? ports.setTimeout(consider, Math.min(...holds)) : null
    return holds.length > 0 ? rows.filter((row) => left(row) === 0) : [...rows]
  }

  async function step(): Promise<void> {
    const row = local.chats.get(chat)
    if (closed || !row || row.forked || row.removed) return
    if (row.document === null) return sync.create(chat)
    await attach(row, row.document)
    const document = live
    if (!document) return
    if (document.ready) {
      if (underWay.length > 0) {
        limit = Math.min(MAX_OPERATIONS_PER_UPDATE, limit * 2)
        underWay = []
        retries.reset()
        rebases = 0
      }
      gaps = 0
    }
    const current = (await isKnown(document)) && (await pull(document))
    // Nobody would end a watch that begins now, and it would break the socket again and again.
    if (closed) return
    const queue = dueOf(local.outboxOf(chat))
    const waits = queue.some(({ state }) => state.at !== 'aside')
    watchdog.watch(document.newer ? null : (queue.find(({ state }) => state.at !== 'aside')?.id ?? null))
    if (document.newer) options.stuck(waits)
    const next = plan(queue.map(queuedOf), {
      document: row.document,
      n: row.n,
      ready: document.ready && current && live === document && !local.chats.get(chat)?.forked,
      inLog: (id) => document.inLog(id),
      isSilent: silent && underWay.length === 0,
      maxOperations: limit,
      maxBytes: MAX_FRAME_BYTES / 2,
    })
    silent = false
    if (next.do === 'ask') {
      await ask(next.document, next.ids)
      again = true
    } else if (next.do === 'append') {
      const chosen = next.ids.flatMap((id) => local.outbox.get(id) ?? [])
      const written = chosen.filter(({ state }) => state.at !== 'appended' || state.n !== openN)
      // The rows name the document before it gets the words; what another tab took back or changed meanwhile is planned anew.
      if (!(await change(written, () => ({ is: 'append', document: openName, n: openN }), true))) again = true
      else if (live === document && document.ready) {
        underWay = next.ids
        document.append(chosen.map(({ operation }) => operation))
      }
    } else if (document.ready && queue.every(({ state }) => state.at === 'aside')) retries.reset()
  }

  function consider(): void {
    again = true
    if (working || closed) return
    working = true
    inBackground(
      (async () => {
        while (again && !closed) {
          again = false
          try {
            await step()
          } catch (error) {
            // HTTP that failed: the same again, later.
            if (retries.at === null) retries.later(consider, retryAfterMs(error))
            break
          }
        }
        working = false
        if (again && retries.at === null && !closed) consider()
      })(),
      ports,
    )
  }

  /** A fresh Y.Doc and local copy; the operations stay appended to this epoch and are appended again, but for those that are set aside. */
  function rebase(aside: readonly OperationId[], reason: CloseReason | null): Promise<void> {
    return local.update(chat, (row) => {
      if (row.document !== openName || row.n !== openN) return null
      const changes = putChat(row, { ...row, n: row.n + 1 })
      for (const id of aside) {
        const refused = local.outbox.get(id)
        const state = refused && reason && nextState(refused.state, { is: 'refused', reason })
        if (refused && state && state !== 'gone') changes.push(...expectQueued(refused), put('outbox', { ...refused, state }))
      }
      return changes
    })
  }

  /** Which operations stand for a refusal: the only one that was offered; where one of the two blocks the other, all but deletions (BLOCK-1). */
  function offenders(reason: CloseReason | null): OperationId[] {
    if (reason !== 'blocked') return underWay.length === 1 ? underWay : []
    return local
      .outboxOf(chat)
      .filter(
        ({ operation, state }) => operation.type !== 'delete' && (state.at === 'waiting' || (state.at === 'appended' && state.document === openName)),
      )
      .map(({ id }) => id)
  }

  async function recover(text: string): Promise<void> {
    if (closed) return
    const reason = isCloseReason(text) ? text : null
    if (reason === 'gap') gaps++
    const recovery = recoveryFrom(reason, gaps)
    const reopenLater = (): void => retries.later(() => live?.reopen())
    try {
      switch (recovery.do) {
        case 'reopen':
          if (recovery.backoff) reopenLater()
          else live?.reopen()
          return
        case 'rebase': {
          gaps = 0
          const refused = recovery.halve ? offenders(reason) : []
          if (refused.length > 0) {
            await rebase(refused, reason)
            limit = MAX_OPERATIONS_PER_UPDATE
          } else {
            const halved = recovery.halve && underWay.length > 1
            if (recovery.halve) {
              const unproven = local.outboxOf(chat).filter(({ state }) => state.at === 'appended').length
              limit = Math.max(1, Math.floor((underWay.length || Math.min(limit, unproven)) / 2))
            }
            // The document itself is refused time and again: not at full speed.
            if (!halved && ++rebases > 3) return retries.later(() => inBackground(rebase([], null), ports))
            await rebase([], null)
          }
          return
        }
        case 'refresh':
          if (reason === 'token-expired') session.expire(await session.token().catch(() => ''))
          return reopenLater()
        case 'give-up':
        case 'relocate':
          await relocate()
          return
      }
    } catch {
      reopenLater()
    }
  }

  return {
    get live() {
      return live
    },
    get nextTryAt() {
      return retries.at
    },
    consider,
    retry: () => {
      retries.reset()
      if (!retries.now()) consider()
    },
    close: async () => {
      closed = true
      if (held !== null) ports.clearTimeout(held)
      retries.giveUp()
      watchdog.close()
      const document = live
      live = null
      await document?.close(false)
    },
  }
}
