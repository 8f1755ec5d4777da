// The way back to a disk that failed: what only memory has is put beside what the disk holds, which other tabs may have changed meanwhile.
import type { ChatId, OperationId } from '@skein/protocol'
import type { ChatRow, MarkRow, OutboxRow } from './rows.ts'
import { expectField, put, type Change, type LocalStore } from './store.ts'

export interface InMemory {
  /** What the disk may have of a word from this tab, undefined for nothing: as it was, and as the write made it that failed. */
  before: ReadonlyMap<OperationId, readonly (OutboxRow | undefined)[]>
  outbox: ReadonlyMap<OperationId, OutboxRow>
  marks: ReadonlyMap<ChatId, MarkRow>
  chats: ReadonlyMap<ChatId, ChatRow>
  /** What stood in for the disk. */
  store: LocalStore
}

const same = (a: OutboxRow | undefined, b: OutboxRow | undefined): boolean => JSON.stringify(a) === JSON.stringify(b)

/** What to write, from what the disk holds now; refused when a row changes before it is written. */
async function changesFor(memory: InMemory, disk: LocalStore): Promise<Change[]> {
  const changes: Change[] = []
  const stored = new Map((await disk.all('outbox')).map((row) => [row.id, row]))
  for (const id of new Set([...memory.before.keys(), ...memory.outbox.keys()])) {
    const [before, now, there] = [memory.before.get(id) ?? [undefined], memory.outbox.get(id), stored.get(id)]
    // Where another tab went on with it, that stands.
    if (same(now, there) || !before.some((row) => same(row, there))) continue
    changes.push(...(there ? [expectField('outbox', id, 'state', there.state), expectField('outbox', id, 'operation', there.operation)] : []))
    changes.push(now ? put('outbox', now) : { remove: 'outbox', key: id })
  }
  const marksThere = new Map((await disk.all('marks')).map((row) => [row.chat, row.marks]))
  for (const { chat, marks } of memory.marks.values()) {
    const [delivered, seen] = marksThere.get(chat) ?? [0, 0]
    changes.push(put('marks', { chat, marks: [Math.max(marks[0], delivered), Math.max(marks[1], seen)] }))
  }
  const chatsThere = new Map((await disk.all('chats')).map((row) => [row.id, row]))
  for (const row of memory.chats.values()) {
    const there = chatsThere.get(row.id)
    // The server tells of all others.
    if (!there && row.document === null) changes.push(put('chats', row))
    // A change made from the row in memory must not pass for one of this row.
    if (there?.version === row.version)
      changes.push(expectField('chats', row.id, 'version', there.version), put('chats', { ...there, version: there.version + 1 }))
  }
  for (const row of await memory.store.all('documents')) changes.push(put('documents', row))
  return changes
}

/** Resolves once the disk has everything. */
export async function moveToDisk(memory: InMemory, disk: LocalStore): Promise<void> {
  while (!(await disk.write(await changesFor(memory, disk), true)));
}
