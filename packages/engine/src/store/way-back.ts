// The way back to a disk that failed: what only memory has is put beside what the disk holds, which other tabs may have changed meanwhile.
import { parseDocumentName } from '@skein/protocol'
import { noteWrite, type InMemory } from './in-memory.ts'
import { bareChatRow, type ChatRow, type OutboxRow, type Wish, type Wishes } from './rows.ts'
import { expectField, put, type Change, type LocalStore } from './store.ts'

const same = (a: OutboxRow | undefined, b: OutboxRow | undefined): boolean => JSON.stringify(a) === JSON.stringify(b)

const epochOf = (document: string | null): number => {
  const parsed = document === null ? null : parseDocumentName(document)
  return parsed?.kind === 'chat' ? Number.parseInt(parsed.epoch, 10) : 0
}
/** Of each thing the later wish. One that another tab has told the server of meanwhile is only compared with it again. */
function laterWishes(there: Wishes | undefined, here: Wishes | undefined): Wishes | undefined {
  if (!there || !here) return there ?? here
  const { hidden, ...wishes } = here
  const later = Object.entries(wishes).filter(([field, wish]: [string, Wish]) => wish.at > (there[field as keyof typeof wishes]?.at ?? -Infinity))
  const both = there.hidden || hidden ? { hidden: { ...there.hidden, ...hidden } } : {}
  return { ...there, ...Object.fromEntries(later), ...both }
}
/** The disk's row, with a local copy of the document that neither has used: one of them may hold what the other took back. */
function merged(there: ChatRow, row: ChatRow, keptBefore: ChatRow['kept'] | undefined): ChatRow {
  const kept = keptBefore === undefined || row.kept === keptBefore ? there.kept : row.kept
  const wishes = laterWishes(there.wishes, row.wishes)
  const newer = epochOf(row.document) > epochOf(there.document) ? row : there
  // No change that was made from the row in memory may pass for one of this row.
  return {
    ...there,
    ...(wishes ? { wishes } : {}),
    kept,
    document: newer.document,
    n: Math.max(there.n, row.n) + 1,
    version: Math.max(there.version, row.version) + 1,
  }
}

/** What to write, from what the disk holds now; refused when a row changes before it is written. */
async function changesFor(memory: InMemory, disk: LocalStore): Promise<Change[]> {
  const changes: Change[] = []
  const stored = new Map((await disk.all('outbox')).map((row) => [row.id, row]))
  for (const id of new Set([...memory.before.keys(), ...memory.outbox.keys()])) {
    const [before, now, there] = [memory.before.get(id) ?? [undefined], memory.outbox.get(id), stored.get(id)]
    // Where another tab went on with it, that stands.
    if (same(now, there) || !before.some((row) => same(row, there))) continue
    changes.push(expectField('outbox', id, 'state', there ? there.state : null))
    if (there) changes.push(expectField('outbox', id, 'operation', there.operation))
    changes.push(now ? put('outbox', now) : { remove: 'outbox', key: id })
  }
  const marksThere = new Map((await disk.all('marks')).map((row) => [row.chat, row.marks]))
  for (const { chat, marks } of memory.marks.values()) {
    const [delivered, seen] = marksThere.get(chat) ?? [0, 0]
    changes.push(put('marks', { chat, marks: [Math.max(marks[0], delivered), Math.max(marks[1], seen)] }))
  }
  const chatsThere = new Map((await disk.all('chats')).map((row) => [row.id, row]))
  const withWords = new Set(Array.from(memory.outbox.values(), ({ chat }) => chat))
  for (const row of memory.chats.values()) {
    const there = chatsThere.get(row.id)
    // The server tells of all others that this person is in.
    if (!there && (row.document === null || withWords.has(row.id)))
      changes.push(expectField('chats', row.id, 'version', null), put('chats', { ...bareChatRow(row), version: row.version + 1 }))
    if (there) changes.push(expectField('chats', row.id, 'version', there.version), put('chats', merged(there, row, memory.keptBefore.get(row.id))))
  }
  for (const row of memory.documents) changes.push(put('documents', row))
  return changes
}

/** Resolves once the disk has everything, or it is over: nobody waits for it any more. */
export async function moveToDisk(memory: InMemory, disk: LocalStore, isOver: () => boolean): Promise<void> {
  for (;;) {
    const changes = await changesFor(memory, disk)
    if (isOver()) return
    noteWrite(memory.before, changes)
    if (await disk.write(changes, true)) return
  }
}
