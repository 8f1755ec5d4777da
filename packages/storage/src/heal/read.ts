// Reads, under the chat's lock, all that decides about an offered run.
import { genesisHead, restoredId, type ChatId, type Entry, type Head, type Proof, type Run, type UserId } from '@skein/protocol'
import { keyOf, Messages } from '../commit/known.ts'
import type { Context } from '../context.ts'
import type { Session } from '../database.ts'
import { toMessages } from '../rows.ts'
import { columns, type ChatMembersTable, type ChatsTable } from '../schema.ts'
import { selectByKeys } from '../statements.ts'

/** A place of a chain: the head after some rev. */
export interface Place {
  rev: number
  head: Head
}

export interface HealKnown {
  /** The last place of the chat's chain that the run has as well; null when it has none. */
  common: Place | null
  /** By author and id: what of the run is stored, under whatever rev. */
  stored: Set<string>
  messages: Messages
  members: Map<UserId, ChatMembersTable>
  /** When it was decided, by the server's time then, who is a member. */
  decidedAt: Map<UserId, number>
  /** After which rev the pasts part, as far as it is known: where the run has nothing in common with the chain, its beginning was told with an earlier piece, or is the chain's end. */
  fork: number
  /** The chat has its entry about this fork. */
  isTold: boolean
}

/** Whom an accepted entry makes a member, or makes none any more. */
export function peopleOf({ operation, code }: Pick<Entry, 'operation' | 'code'>): UserId[] {
  if (code !== null || operation === null) return []
  if (operation.type === 'create') return operation.members
  return operation.type === 'join' || operation.type === 'leave' ? [operation.user] : []
}

/** The last place where the chat's chain is at one of these heads. */
export async function lastCommon(session: Session, { ports }: Context, chat: ChatId, places: readonly Place[]): Promise<Place | null> {
  const heads = new Map(places.map(({ rev, head }) => [rev, head]))
  const keys = [...heads.keys()].map((rev) => [chat, rev] as const)
  const [rows] = await session.lists(selectByKeys(session.engine, 'operations', ['rev', 'head'], ['chat_id', 'rev'], keys))
  let last: Place | null = null
  for (const place of [{ rev: 0, head: genesisHead(chat, ports.sha256) }, ...rows])
    if (heads.get(place.rev) === place.head && place.rev >= (last?.rev ?? 0)) last = place
  return last
}

export async function readKnown(session: Session, context: Context, { id: chat, rev: end }: ChatsTable, run: Run, proof: Proof): Promise<HealKnown> {
  const { engine } = session
  const { start, entries: offered } = run
  const { entries } = proof
  const places = [start, ...proof.heads.map((head, index) => ({ rev: start.rev + index + 1, head }))]
  const common = await lastCommon(session, context, chat, places)
  const fork = common?.rev ?? Math.min(run.fork ?? end, end, start.rev)
  const ids = offered.map(({ id, authorId }) => [chat, id, authorId] as const)
  const targets = entries.flatMap(({ operation }) => (operation && 'target' in operation ? [[chat, operation.target] as const] : []))
  const [found, aims, members, told] = await session.lists(
    selectByKeys(engine, 'operations', ['author_id', 'operation_id'], ['chat_id', 'operation_id', 'author_id'], ids),
    selectByKeys(engine, 'operations', ['chat_id', 'seq'], ['chat_id', 'operation_id'], targets),
    selectByKeys(engine, 'chat_members', columns.chat_members, ['chat_id'], [[chat]]),
    selectByKeys(engine, 'operations', ['kind'], ['chat_id', 'operation_id'], [[chat, restoredId(chat, fork, context.ports.sha256)]]),
  )
  const decisions = members.map((row) => [chat, Math.max(row.joined_rev, row.left_rev ?? 0)] as const)
  const made = aims.filter(({ seq }) => seq > 0).map(({ seq }) => [chat, seq] as const)
  const [messages, reactions, decided] = await session.lists(
    selectByKeys(engine, 'messages', columns.messages, ['chat_id', 'seq'], made),
    selectByKeys(engine, 'reactions', columns.reactions, ['chat_id', 'seq'], made),
    selectByKeys(engine, 'operations', ['rev', 'operation'], ['chat_id', 'rev'], decisions),
  )
  const known: HealKnown = {
    common,
    fork,
    stored: new Set(found.map((row) => keyOf(row.author_id, row.operation_id))),
    messages: new Messages(),
    members: new Map(members.map((row) => [row.user_id, row])),
    decidedAt: new Map(),
    isTold: told.some(({ kind }) => kind === 'restored'),
  }
  // The lowest rev first, see Messages.
  for (const message of toMessages(messages, reactions).sort((a, b) => a.seq - b.seq)) known.messages.put(chat, message)
  const times = new Map(decided.map(({ rev, operation }) => [rev, decisionTime(operation)]))
  for (const row of members) known.decidedAt.set(row.user_id, times.get(Math.max(row.joined_rev, row.left_rev ?? 0)) ?? 0)
  return known
}

/** An entry of membership carries the time of the decision, also where it came back later. */
const decisionTime = (text: string | null): number => (text === null ? 0 : Date.parse((JSON.parse(text) as { at: string }).at))
