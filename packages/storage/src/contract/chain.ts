// What must hold of every chat, whatever happened to it: read through the face alone, and compared with the protocol's own rules.
import {
  fold,
  genesisHead,
  MAX_RUN_ENTRIES,
  messageOf,
  messageOfErased,
  nextHead,
  tagBytes,
  targetAuthor,
  type ChatId,
  type MessageState,
} from '@skein/protocol'
import { expect } from 'vitest'
import type { Storage, StoredEntry } from '../types.ts'
import { sha256, tag } from './lab.ts'

const keyOf = (author: string, id: string): string => `${author} ${id}`

/** Every entry of a chat, checked: a chain from genesis, numbered without a gap, each id once, times that never go back, true tags, and messages that follow from it. */
export async function checkChain(storage: Storage, id: ChatId): Promise<StoredEntry[]> {
  const chat = await storage.chat(id)
  if (!chat) throw new Error('No such chat')
  const tail = await storage.epochTail(id, chat.epoch, { pos: 0, rev: 0 })
  if (!tail) throw new Error('No such epoch')
  const carried = new Map(tail.entries.map((entry) => [entry.rev, entry.carried]))
  const page = await storage.changes(id, { since: 0, head: genesisHead(id, sha256), limit: 1_000_000 })
  if (page === 'unknown-head') throw new Error('The genesis is not known')

  let head = genesisHead(id, sha256)
  let [rev, seq, at] = [0, 0, 0]
  const ids = new Set<string>()
  const messages = new Map<string, MessageState>()
  let untagged = 0
  for (const entry of page.entries) {
    expect(entry.rev).toBe(++rev)
    untagged = entry.tag === null ? untagged + 1 : 0
    expect(untagged, 'CHAIN-3: a piece of a run holds a tag').toBeLessThan(MAX_RUN_ENTRIES)
    if (entry.kind === 'message' && entry.code === null) expect(entry.seq).toBe(++seq)
    else expect(entry.seq).toBe(0)
    expect(entry.at).toBeGreaterThanOrEqual(at)
    at = entry.at
    expect(ids).not.toContain(keyOf(entry.authorId, entry.id))
    ids.add(keyOf(entry.authorId, entry.id))
    if (entry.hash === null) expect(entry.salt).toMatch(/^[\w-]{22}$/)
    else expect([entry.salt, entry.operation]).toEqual([null, null])
    head = nextHead(head, entry, sha256)
    if (entry.tag !== null) expect(entry.tag).toBe(tag(tagBytes(id, rev, head)))

    const operation = entry.operation
    if (!operation) {
      if (entry.seq > 0) messages.set(keyOf(entry.authorId, entry.id), messageOfErased(entry))
    } else if (operation.type === 'message' && entry.code === null) messages.set(keyOf(entry.authorId, entry.id), messageOf(entry, operation))
    else if ('target' in operation && entry.code === null) {
      const author = targetAuthor(operation, entry.authorId)
      const target = [...messages.values()].find((message) => message.id === operation.target && (author === null || message.authorId === author))
      if (target) messages.set(keyOf(target.authorId, target.id), fold(target, entry, operation))
    }
  }
  expect({ rev: chat.rev, seq: chat.seq, head: chat.head }).toEqual({ rev, seq, head })
  expect(page.entries.at(-1)?.tag, 'the newest entry carries a tag').not.toBeNull()
  expect(page.head).toBe(head)

  const history = await storage.history(id, { before: null, cursor: null, limit: 1_000_000 })
  expect(history.items).toEqual([...messages.values()].sort((a, b) => a.seq - b.seq))
  expect(tail.pos).toBe(chat.pos)
  return page.entries.map((entry) => ({ ...entry, carried: carried.get(entry.rev) ?? false }))
}
