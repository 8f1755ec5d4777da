// Runs: pieces of a chat's chain as devices keep them, and what such a piece proves (SPEC, rules HEAL-…). Pure.
import { z } from 'zod'
import { nextHead, tagBytes } from './chain.ts'
import type { Entry } from './entries.ts'
import type { ChatId, Head, Sha256, UserId } from './ids.ts'
import { MAX_RUN_ENTRIES } from './limits.ts'
import { anyOperation, chainHead, operationId, operationKind, userId } from './operations.ts'
import { REFUSAL_CODES } from './reasons.ts'

const count = z.int().min(0)
const digest = z.string().max(64)
const entry = z.strictObject({
  rev: count,
  seq: count,
  kind: operationKind,
  code: z.enum(REFUSAL_CODES).nullable(),
  at: count,
  authorId: userId,
  id: operationId,
  salt: digest.nullable(),
  tag: digest.nullable(),
  operation: anyOperation.nullable(),
  hash: digest.nullable(),
})

/** Consecutive entries, and the place of the chain that they continue: the rev and head before the first of them. `fork`: what the answer to an earlier piece named so. `with`: the other person of a direct chat that may have to begin anew. */
export const run = z.strictObject({
  start: z.strictObject({ rev: count, head: chainHead }),
  entries: z.array(entry).max(MAX_RUN_ENTRIES),
  fork: count.optional(),
  with: userId.optional(),
})
export type Run = z.infer<typeof run>

export interface Proof {
  /** The head after each entry, as far as they follow each other. */
  heads: Head[]
  /** The proven entries from the first on, each with its tag only where that is true. */
  entries: Entry[]
}

/** With both, the hash would prove one thing and the words say another; with neither, nothing is proved. */
const isWhole = ({ operation, salt, hash }: Entry): boolean => (operation === null ? salt === null && hash !== null : salt !== null && hash === null)

/**
 * The last entry with a true tag proves everything before it in the run, its start included: the server has only ever tagged heads of its own chains.
 * What follows that entry is not proven.
 */
export function proveRun(chat: ChatId, { start, entries }: Run, sha256: Sha256, verifyTag: (bytes: Uint8Array, tag: string) => boolean): Proof {
  const heads: Head[] = []
  const checked: Entry[] = []
  let proven = 0
  let head = start.head
  for (const one of entries) {
    if (one.rev !== start.rev + checked.length + 1 || !isWhole(one)) break
    head = nextHead(head, one, sha256)
    heads.push(head)
    const isTagged = one.tag !== null && verifyTag(tagBytes(chat, one.rev, head), one.tag)
    checked.push(isTagged ? one : { ...one, tag: null })
    if (isTagged) proven = checked.length
  }
  return { heads, entries: checked.slice(0, proven) }
}

/** Whether proven entries show this person to be a member where they end: only members write, and who leaves or joins has an entry. */
export function provesMember(entries: readonly Entry[], user: UserId): boolean {
  let isMember = false
  for (const { authorId, operation } of entries) {
    if (authorId === user || (operation?.type === 'create' && operation.members.includes(user))) isMember = true
    if ((operation?.type === 'join' || operation?.type === 'leave') && operation.user === user) isMember = operation.type === 'join'
  }
  return isMember
}
