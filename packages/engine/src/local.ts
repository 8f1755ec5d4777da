// One person's local data: the store, and in memory what the interface reads without waiting. Every write goes to the store first and is told to this tab's listeners and to the other tabs.
import type { ChatId, OperationId, UserId } from '@skein/protocol'
import type { Ports } from './ports.ts'
import { neededParts } from './late-calls.ts'
import { lateParts, loadLateParts } from './late.ts'
import type { Gone } from './store/evict.ts'
import { openGuardedStore, type GuardedStore } from './store/guarded-store.ts'
import { noteWrite } from './store/in-memory.ts'
import { messageKey, NEW_IN_CHATS, usedBytes, type ChatRow, type MarkRow, type MessageRow, type OutboxRow, type PersonRow } from './store/rows.ts'
import { expectField, put, StoreFull, type Change, type LocalStore, type StoreFactory } from './store/store.ts'
import type { Written } from './tab-channel.ts'

/** Of what is held, this much goes when the disk is full. */
const ROOM_SHARE = 0.25

export interface LocalChange {
  chats: ReadonlySet<ChatId>
  /** Rows that were written. */
  messages: readonly MessageRow[]
  /** Another tab wrote. */
  reread: boolean
  /** What was written is not known: rows must be read again. */
  anything: boolean
}

export interface Local {
  readonly self: UserId
  readonly store: GuardedStore
  readonly chats: ReadonlyMap<ChatId, ChatRow>
  readonly people: ReadonlyMap<UserId, PersonRow>
  /** Raised whenever somebody's row changes. */
  readonly peopleVersion: number
  readonly outbox: ReadonlyMap<OperationId, OutboxRow>
  readonly marks: ReadonlyMap<ChatId, MarkRow>
  /** Of the chat, in the order in which the person wrote. */
  outboxOf(chat: ChatId): readonly OutboxRow[]
  /** Not on this device's disk. */
  isUnsaved(id: OperationId): boolean
  /** The disk failed and may hold it: what happens to it in memory keeps no other tab from sending it as it was. */
  isElsewhere(id: OperationId): boolean
  /** One transaction; false when an expectation did not hold: then memory holds what the store has. A function is asked when its turn comes. */
  commit(changes: readonly Change[] | (() => readonly Change[]), durable?: boolean): Promise<boolean>
  /** Changes a chat's row, and others with it, from what it is now; one after another for each chat, also across tabs. `make` returns null for nothing to do. */
  update(chat: ChatId, make: (row: ChatRow) => Promise<readonly Change[] | null> | readonly Change[] | null): Promise<void>
  /** Reads again what another tab wrote. */
  reread(written: Written): Promise<void>
  /** Reads everything again: also what a tab wrote and died before it could say so. */
  rereadAll(): Promise<void>
  /** Tries a disk that failed again: what only memory has goes there. true: it is used again, and everything was read from it. */
  comeBack(): Promise<boolean>
  /** Finds words that a tab put into the outbox and died before it could say so: nobody would send them. */
  findUntold(): Promise<void>
  subscribe(listener: (change: LocalChange) => void): () => void
  /** Waits for what is being written. false: the disk does not take it, and words would be gone with the page. */
  isKept(): Promise<boolean>
  close(): Promise<void>
}

export interface LocalOptions {
  self: UserId
  factory: StoreFactory
  name: string
  ports: Ports
  /** Tells the other tabs. */
  told(written: Written): void
  /** A newer program has taken over the store: nothing is written any more. */
  outdated(): void
  /** The disk failed after it was opened: memory goes on. */
  failed?(): void
}

/** The chat's next row: a change that is refused when another tab was faster. */
export const putChat = (before: ChatRow | undefined, row: ChatRow): Change[] => [
  expectField('chats', row.id, 'version', before ? before.version : null),
  put('chats', { ...row, version: (before?.version ?? 0) + 1 }),
]

const NO_ROWS: readonly OutboxRow[] = []

/** Rows by chat, each in the order in which the person wrote. */
function byChat(rows: Iterable<OutboxRow>): Map<ChatId, OutboxRow[]> {
  const found = new Map<ChatId, OutboxRow[]>()
  for (const row of rows) {
    const others = found.get(row.chat)
    if (others) others.push(row)
    else found.set(row.chat, [row])
  }
  for (const list of found.values()) list.sort((a, b) => a.order - b.order)
  return found
}

export async function openLocal({ self, factory, name, ports, told, outdated, failed }: LocalOptions): Promise<Local> {
  const chats = new Map<ChatId, ChatRow>()
  const people = new Map<UserId, PersonRow>()
  const outbox = new Map<OperationId, OutboxRow>()
  /** Made when asked for, dropped when the chat's outbox changes. */
  const outboxByChat = new Map<ChatId, readonly OutboxRow[]>()
  const marks = new Map<ChatId, MarkRow>()
  const unsaved = new Set<OperationId>()
  const keptBefore = new Map<ChatId, ChatRow['kept']>()
  /** What the disk that failed may have of each word; undefined: nothing. */
  const outboxOnDisk = new Map<OperationId, readonly (OutboxRow | undefined)[]>()
  const listeners = new Set<(change: LocalChange) => void>()
  let peopleVersion = 0
  const turns = new Map<ChatId, Promise<unknown>>()
  let opened = false

  async function rescue(memory: LocalStore): Promise<void> {
    outboxOnDisk.clear()
    keptBefore.clear()
    for (const row of chats.values()) keptBefore.set(row.id, row.kept)
    for (const [id, row] of outbox) outboxOnDisk.set(id, [row])
    const rows = [...outbox.values()]
    for (const { id } of rows) unsaved.add(id)
    // Message rows are gone with the store; without ranges they are asked for again.
    for (const row of chats.values()) chats.set(row.id, { ...row, ranges: [], bytes: 0 })
    const kept = [...rows.map((row) => put('outbox', row)), ...Array.from(chats.values(), (row) => put('chats', row))]
    await memory.write(
      [...kept, ...Array.from(marks.values(), (row) => put('marks', row)), ...Array.from(people.values(), (row) => put('people', row))],
      false,
    )
    emit({ chats: new Set(chats.keys()), messages: [], reread: true, anything: true })
    if (opened) failed?.()
  }
  /** Of a full store: what the server has too makes room for what only this device has. */
  async function makeRoom(full: LocalStore): Promise<boolean> {
    const late = lateParts() ?? (await loadLateParts().catch(() => null))
    if (!late) return false
    const wanted = usedBytes(chats) * ROOM_SHARE
    const write = async (gone: Gone): Promise<boolean> => {
      const { chat, changes, without } = gone
      const before = chats.get(chat)
      if (!before) return false
      const row = without(before)
      chats.set(chat, row)
      let isGone = false
      let isWritten: boolean
      try {
        isWritten = await full.write([...changes, ...putChat(before, row)], false)
      } catch (error) {
        if (!(error instanceof StoreFull)) throw error
        // Each by itself: even a small row beside it may be one too many.
        isGone = await full.write(changes, false)
        isWritten = await full.write(putChat(before, row), false)
      }
      // What changed meanwhile stays changed.
      if (chats.get(chat) === row) chats.set(chat, isWritten ? { ...row, version: before.version + 1 } : isGone ? row : before)
      if (isWritten || isGone) return true
      // Another tab changed it, which this one is still to be told.
      const there = await full.get('chats', chat)
      if (!there || there.version === before.version) return false
      chats.set(chat, { ...NEW_IN_CHATS, ...there })
      return write(gone)
    }
    return (
      (await late.evict(
        {
          chats,
          store: full,
          now: ports.now(),
          sha256: ports.sha256,
          hasWords: (chat) => local.outboxOf(chat).length > 0,
          isShown: () => false,
          alsoKept: true,
          write,
        },
        wanted,
      )) > 0
    )
  }
  const store = await openGuardedStore({ factory, name, ports, makeRoom, rescue, outdated })
  async function readAll(): Promise<void> {
    const wasFailed = store.failed
    const [allChats, allPeople, allQueued, allMarks] = await Promise.all([
      store.all('chats'),
      store.all('people'),
      store.all('outbox'),
      store.all('marks'),
    ])
    // The disk failed amid it: memory has been told what it had.
    if (store.failed !== wasFailed) return readAll()
    // Without a pause: somebody may look at any moment.
    for (const rows of [chats, people, outbox, outboxByChat, marks]) rows.clear()
    for (const row of allChats) chats.set(row.id, { ...NEW_IN_CHATS, ...row })
    for (const row of allPeople) people.set(row.id, row)
    for (const row of allQueued) outbox.set(row.id, row)
    for (const row of allMarks) marks.set(row.chat, row)
    peopleVersion++
  }
  await readAll()
  opened = true

  function emit(change: LocalChange): void {
    for (const listener of Array.from(listeners)) listener(change)
  }
  /** Writes and rereads one after another: what a reread has fetched must not undo in memory what was written meanwhile. */
  let last: Promise<unknown> = Promise.resolve()
  function inTurn<T>(work: () => Promise<T>): Promise<T> {
    const next = last.then(work, work)
    last = next.catch(() => {})
    return next
  }
  /** Nothing is being written: also not what was asked for while this waits. */
  async function atRest(): Promise<void> {
    for (let seen: typeof last | null = null; seen !== last;) {
      seen = last
      await seen
    }
  }
  async function reread(written: Written): Promise<void> {
    const { chats: ids, messages: keys, people: users, gone = [] } = written
    const wasFailed = store.failed
    // Memory has it as it was when the disk failed, and would send what was taken back.
    if (wasFailed && gone.length > 0)
      await store.write(
        gone.map((key) => ({ remove: 'outbox', key })),
        false,
      )
    const [ofChats, ofPeople, messages] = await Promise.all([
      Promise.all(ids.map((id) => Promise.all([store.get('chats', id), store.list('outbox', { group: id }), store.get('marks', id)]))),
      Promise.all(users.map((user) => store.get('people', user))),
      Promise.all(keys.map((key) => store.get('messages', key))),
    ])
    // The disk failed amid it: memory has been told what it had.
    if (store.failed !== wasFailed) return reread(written)
    // Without a pause: somebody may look at any moment.
    for (const { id, chat } of outbox.values()) if (ids.includes(chat)) outbox.delete(id)
    for (const [index, [row, queued, mark]] of ofChats.entries()) {
      const id = ids[index] as ChatId
      if (row) chats.set(id, { ...NEW_IN_CHATS, ...row })
      if (mark) marks.set(id, mark)
      else marks.delete(id)
      for (const item of queued) outbox.set(item.id, item)
    }
    outboxByChat.clear()
    for (const [index, row] of ofPeople.entries()) {
      if (row) people.set(row.id, row)
      else people.delete(users[index] as UserId)
    }
    if (users.length > 0) peopleVersion++
    emit({ chats: new Set(ids), messages: messages.filter((row) => row !== undefined), reread: true, anything: false })
  }
  async function commit(changes: readonly Change[], durable: boolean): Promise<boolean> {
    const touched = new Set<ChatId>()
    const messages: MessageRow[] = []
    const users: UserId[] = []
    const gone: OperationId[] = []
    for (const change of changes) {
      if ('expect' in change && (change.expect === 'chats' || change.expect === 'marks')) touched.add(change.key as ChatId)
      if (('expect' in change && change.expect === 'outbox') || ('remove' in change && change.remove === 'outbox')) {
        const row = outbox.get(change.key as OperationId)
        if (row) touched.add(row.chat)
      }
      if ('put' in change && (change.put === 'messages' || change.put === 'outbox' || change.put === 'entries')) touched.add(change.group as ChatId)
      if ('put' in change && (change.put === 'chats' || change.put === 'marks')) touched.add(change.key as ChatId)
      if ('put' in change && change.put === 'people') users.push(change.key as UserId)
    }
    const wasFailed = store.failed
    const done = await store.write(changes, durable)
    // A write that failed may have been stored.
    if (store.failed && !wasFailed) noteWrite(outboxOnDisk, changes)
    if (!done) {
      const written: Written = { chats: [...touched], messages: [], people: [] }
      await reread(written)
      // It may be this very change that stands there: stored by a first try whose answer did not come in time.
      told(written)
      return false
    }
    for (const change of changes) {
      if ('put' in change) {
        if (change.put === 'chats') chats.set(change.key as ChatId, change.row as ChatRow)
        else if (change.put === 'people') people.set(change.key as UserId, change.row as PersonRow)
        else if (change.put === 'marks') marks.set(change.key as ChatId, change.row as MarkRow)
        else if (change.put === 'messages') messages.push(change.row as MessageRow)
        else if (change.put === 'outbox') {
          const row = change.row as OutboxRow
          outbox.set(row.id, row)
          outboxByChat.clear()
          if (store.failed) unsaved.add(change.key as OperationId)
        }
      } else if ('remove' in change) {
        if (change.remove === 'outbox') {
          gone.push(change.key as OperationId)
          outbox.delete(change.key as OperationId)
          outboxByChat.clear()
        } else if (change.remove === 'marks') marks.delete(change.key as ChatId)
        else if (change.remove === 'people') {
          people.delete(change.key as UserId)
          users.push(change.key as UserId)
        }
      }
    }
    if (users.length > 0) peopleVersion++
    emit({ chats: touched, messages, reread: false, anything: false })
    told({
      chats: [...touched],
      messages: messages.map(({ chat, authorId, id }) => messageKey(chat, authorId, id)),
      people: users,
      gone: store.failed ? [] : gone,
    })
    return true
  }

  const local: Local = {
    self,
    store,
    chats,
    people,
    get peopleVersion() {
      return peopleVersion
    },
    outbox,
    marks,
    outboxOf: (chat) => {
      if (outboxByChat.size === 0) for (const [id, rows] of byChat(outbox.values())) outboxByChat.set(id, rows)
      return outboxByChat.get(chat) ?? NO_ROWS
    },
    isUnsaved: (id) => unsaved.has(id),
    isElsewhere: (id) => store.failed && (outboxOnDisk.get(id)?.some((row) => row !== undefined) ?? false),
    commit: (changes, durable = false) => inTurn(() => commit(typeof changes === 'function' ? changes() : changes, durable)),
    update: (id, make) => {
      const change = async (): Promise<void> => {
        for (;;) {
          const row = chats.get(id)
          if (!row) return
          const changes = await make(row)
          if (!changes || changes.length === 0 || (await local.commit(changes))) return
        }
      }
      const turn = (turns.get(id) ?? Promise.resolve()).then(change)
      const settled = turn.catch(() => {})
      turns.set(id, settled)
      return turn
    },
    reread: (written) => inTurn(() => reread(written)),
    comeBack: async () => {
      const late = lateParts() ?? (await neededParts(ports).catch(() => null))
      const disk = late && (await store.reopen())
      if (!disk) return false
      return inTurn(async () => {
        const memory = { before: outboxOnDisk, outbox, marks, chats, keptBefore, documents: await store.all('documents') }
        if (!(await store.comeBack(disk, (isOver) => late.moveToDisk(memory, disk, isOver)))) return false
        const words = new Set(Array.from(outbox.values(), ({ chat }) => chat))
        unsaved.clear()
        await readAll()
        emit({ chats: new Set(chats.keys()), messages: [], reread: true, anything: true })
        told({ chats: [...words], messages: [], people: [] })
        return !store.failed
      })
    },
    findUntold: () =>
      inTurn(async () => {
        const [queued, owed] = await Promise.all([store.all('outbox'), store.all('marks')])
        const untold = [...queued.filter(({ id }) => !outbox.has(id)), ...owed.filter(({ chat }) => !marks.has(chat))]
        const found = new Set(untold.map(({ chat }) => chat))
        if (found.size > 0) await reread({ chats: [...found], messages: [], people: [] })
      }),
    rereadAll: () =>
      inTurn(async () => {
        await readAll()
        emit({ chats: new Set(chats.keys()), messages: [], reread: true, anything: true })
      }),
    subscribe: (listener) => {
      listeners.add(listener)
      return () => void listeners.delete(listener)
    },
    isKept: async () => {
      await atRest()
      if (store.failed) await local.comeBack()
      await atRest()
      return !store.failed || outbox.size === 0
    },
    close: async () => {
      await Promise.all(turns.values())
      await last
      await store.close()
    },
  }
  return local
}
