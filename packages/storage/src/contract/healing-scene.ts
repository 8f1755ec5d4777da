// What tests of healing share: runs as devices hold them, and a storage whose deletions stand in a journal.
import { genesisHead, nextHead, operationHash, type ChatId, type Checked, type Entry, type Head, type Run, type UserId } from '@skein/protocol'
import { journalOf } from '../deletion-journal.ts'
import type { HealOutcome, Storage } from '../types.ts'
import { checkChain } from './chain.ts'
import { message, posted, sha256, storeOne, talk, useBed, type Bed, type Lab, type Talk } from './lab.ts'
/** What a device holds that has followed the chat from `since` on. */
export async function runOf(storage: Storage, chat: ChatId, since = 0): Promise<Run> {
  const before = await storage.changes(chat, { since: 0, head: null, limit: since })
  const page = await storage.changes(chat, { since, head: null, limit: 1_000_000 })
  if (page === 'unknown-head' || before === 'unknown-head') throw new Error('The chat is not as long')
  return { start: { rev: since, head: since === 0 ? genesisHead(chat, sha256) : before.head }, entries: page.entries }
}
export const cut = (run: Run, from: number, to: number): Run => {
  let { head }: { head: Head } = run.start
  for (const entry of run.entries) if (entry.rev <= from) head = nextHead(head, entry, sha256)
  return { start: { rev: Math.max(from, run.start.rev), head }, entries: run.entries.filter(({ rev }) => rev > from && rev <= to) }
}
export const without = (run: Run, gone: (entry: Entry) => boolean): Run => ({
  ...run,
  entries: run.entries.map((entry) =>
    gone(entry) && entry.operation && entry.salt !== null
      ? { ...entry, operation: null, salt: null, hash: operationHash(entry.salt, entry.operation, sha256) }
      : entry,
  ),
})

export async function heal(storage: Storage, chat: ChatId, user: UserId, run: Run): Promise<HealOutcome> {
  const outcome = await storage.heal(chat, user, run)
  if (outcome === 'no-such-chat') throw new Error(outcome)
  return outcome
}
export async function texts(storage: Storage, chat: ChatId): Promise<string[]> {
  return (await storage.history(chat, { before: null, cursor: null, limit: 1_000_000 })).items.map(({ text }) => text)
}
/** One commit for each of these words. */
export async function say(storage: Storage, chat: Talk, ...said: (readonly [UserId, Checked])[]): Promise<void> {
  for (const [user, operation] of said) await storeOne(storage, posted(chat, user, operation))
}
export const kinds = async (storage: Storage, chat: ChatId): Promise<string[]> => (await checkChain(storage, chat)).map(({ kind }) => kind)

export interface Scene {
  bed: Bed
  /** Keys of deletions, which no restore forgets. */
  journaled: Set<string>
  /** A chat with a word that the backup has. */
  saved(): Promise<Talk>
  /** The clock goes on, by a minute where nothing is said. */
  later(ms?: number): void
  /** A server of the same database that has the journal. */
  journaling(): Promise<Storage>
}

export function useHealing(lab: Lab): Scene {
  const bed = useBed(lab)
  const journaled = new Set<string>()
  return {
    bed,
    journaled,
    saved: async () => {
      const chat = await talk(bed.storage)
      await say(bed.storage, chat, [chat.ann, message('saved')])
      return chat
    },
    later: (ms = 60_000) => void (bed.clock.now += ms),
    journaling: () => {
      bed.ports.journal = journalOf(journaled)
      return bed.withFaults({ at: () => undefined })
    },
  }
}
