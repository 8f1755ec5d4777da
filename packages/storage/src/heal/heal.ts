// Healing (promise 7): a run of the chain that a member's device kept is checked by its tags and put back, and the chat goes on in a new epoch.
import {
  directChatId,
  epochNameOf,
  genesisHead,
  proveRun,
  provesMember,
  type ChatId,
  type Entry,
  type Proof,
  type Run,
  type UserId,
} from '@skein/protocol'
import { areApart, lockPeople } from '../blocks.ts'
import { keyOf } from '../commit/known.ts'
import { lockChats } from '../commit/read.ts'
import { writesOf } from '../commit/write.ts'
import type { Context } from '../context.ts'
import type { Session } from '../database.ts'
import { epochRow, startNextEpoch } from '../epochs.ts'
import { lastErasure } from '../erasures.ts'
import { insertChat } from '../new-chat.ts'
import { placeAfter } from '../places.ts'
import type { ChatsTable, ErasuresTable } from '../schema.ts'
import { insertRows } from '../statements.ts'
import type { HealOutcome, Storage } from '../types.ts'
import { decideHealing } from './decide.ts'
import { lastCommon, readKnown, type Place } from './read.ts'

export function healing(context: Context): Pick<Storage, 'heal' | 'lastCommon'> {
  const { database, ports } = context
  const { build, engine } = database

  async function mayOffer(session: Session, chat: ChatId, user: UserId, proof: Proof): Promise<boolean> {
    const query = build.selectFrom('chat_members').select('left_rev').where('chat_id', '=', chat).where('user_id', '=', user)
    const row = await session.row(query)
    return row ? row.left_rev === null : provesMember(proof.entries, user)
  }

  /** The row of a chat that was begun after the backup, before its first entry; null when the run does not begin with its creation. */
  function begun(chat: ChatId, { start }: Run, first: Entry | undefined): ChatsTable | null {
    const operation = first?.operation
    if (start.rev !== 0 || start.head !== genesisHead(chat, ports.sha256) || operation?.type !== 'create' || !first) return null
    return {
      id: chat,
      kind: operation.kind,
      title: operation.title,
      epoch: epochNameOf(1, ports.randomBytes(8)),
      base_rev: 0,
      base_seq: 0,
      rev: 0,
      seq: 0,
      pos: 0,
      mark_pos: placeAfter(0, ports.now()),
      head: start.head,
      created_at: first.at,
      last_at: first.at,
      entry_at: 0,
      changed_at: 0,
      picture_url: null,
      title_at: Date.parse(operation.at),
      picture_at: 0,
      blocked: 0,
      from_joining: operation.history === 'joined' ? 1 : 0,
      pins: null,
    }
  }

  /** The two whose direct chat the run may begin: its id tells, or its first entry says so. */
  function pairOf(id: ChatId, user: UserId, run: Run, { entries: [first] }: Proof): UserId[] {
    if (run.with !== undefined && first && directChatId(user, run.with, ports.sha256) === id) return [user, run.with]
    return first?.operation?.type === 'create' && first.operation.kind === 'direct' ? first.operation.members : []
  }

  /** A direct chat that was begun after the backup, of which the run is a later piece: the piece comes behind a new beginning. */
  async function begunAnew(session: Session, id: ChatId, user: UserId, members: readonly UserId[]): Promise<ChatsTable> {
    const other = members.find((member) => member !== user) ?? user
    const blocked = await areApart(session, context, user, other)
    return insertChat(session, context, { id, kind: 'direct', title: null, by: user, members: [user, other], blocked })
  }

  async function seqAt(session: Session, chat: ChatId, { rev, head }: Place): Promise<Place & { seq: number }> {
    const last = build.selectFrom('operations').select('seq').where('chat_id', '=', chat).where('rev', '<=', rev).where('seq', '>', 0)
    return { rev, head, seq: (await session.row(last.orderBy('rev', 'desc').limit(1)))?.seq ?? 0 }
  }

  async function heal(session: Session, id: ChatId, user: UserId, run: Run, proof: Proof): Promise<HealOutcome | 'no-such-chat'> {
    const pair = pairOf(id, user, run, proof)
    // Before the chat, as whoever opens a direct chat or blocks somebody does.
    const there = pair.length > 0 ? await lockPeople(session, context, pair) : new Set<UserId>()
    let stored = (await lockChats(session, [id])).get(id)
    const whole = stored ? null : begun(id, run, proof.entries[0])
    const isBegun = !stored && !whole && run.with !== undefined && pair.length > 0 && pair.every((person) => there.has(person))
    if (isBegun) stored = await begunAnew(session, id, user, pair)
    const chat = stored ?? whole
    if (!chat || !(await mayOffer(session, id, user, proof))) return 'no-such-chat'
    const known = await readKnown(session, context, chat, run, proof)
    const decided = decideHealing(chat, user, proof, known, ports)
    const { placed, entered, operations, messages, owed, erased, members } = decided
    if (decided.gone.length > 0) await ports.journal?.add(decided.gone)
    let now = chat
    if (operations.length > 0) {
      const decision = {
        outcomes: [],
        chats: [chat],
        members,
        looks: [chat],
        departures: [],
        clients: [],
        operations,
        messages,
        updates: [],
        owed,
        ends: new Set<ChatId>(),
      }
      const writes = writesOf(database, decision, null)
      if (stored) {
        // Marks went back with the database, and words may be erased now: every device asks about the chat again.
        const asked = build
          .updateTable('chats')
          .set({ mark_pos: placeAfter(chat.mark_pos, ports.now()) })
          .where('id', '=', id)
        await session.write([...writes.flatMap(([, statements]) => statements), asked])
        now = await startNextEpoch(session, context, chat)
      } else {
        now = { ...chat, base_rev: chat.rev, base_seq: chat.seq, changed_at: ports.now() }
        const people = members.filter((member) => member.left_rev === null).map((member) => member.user_id)
        const [one, other] = people
        if (now.kind === 'direct' && one && other && (await areApart(session, context, one, other))) now.blocked = 1
        const place = { name: now.epoch, baseRev: now.rev, baseSeq: now.seq, baseHead: now.head }
        await session.write([
          ...insertRows(engine, 'chats', [now]),
          ...insertRows(engine, 'epochs', [epochRow(ports, { chatId: id, ...place, members: people, now: now.changed_at })]),
          ...writes.flatMap(([name, statements]) => (name === 'chats' || name === 'looks' ? [] : statements)),
        ])
      }
      // Devices that still hold the words of these learn here that they are gone.
      let { pos } = await lastErasure(session, context, id)
      const at = ports.now()
      const rows = erased.map(({ rev, seq }): ErasuresTable => ({ chat_id: id, pos: (pos = placeAfter(pos, at)), rev, seq, at }))
      await session.write(insertRows(engine, 'erasures', rows))
    }
    return {
      common: decided.common && (await seqAt(session, id, decided.common)),
      proven: proof.entries.length,
      fork: entered.length > 0 ? known.fork : null,
      placed: placed.length,
      entered: entered.length,
      messages: [...placed, ...entered].filter(({ kind, code }) => kind === 'message' && code === null).length,
      missing: run.entries.filter((entry) => !known.stored.has(keyOf(entry.authorId, entry.id))).map(({ rev }) => rev),
      epoch: now.epoch,
      rev: now.rev,
      changed: isBegun || operations.length > 0,
    }
  }

  return {
    async heal(chat, user, run) {
      const proof = proveRun(chat, run, ports.sha256, ports.verifyTag)
      const attempt = () => database.transaction((session) => heal(session, chat, user, run, proof))
      try {
        return await attempt()
      } catch (error) {
        // Two devices at once brought a chat that was not there: the other's is there now.
        if (database.kindOf(error) !== 'duplicate') throw error
        return attempt()
      }
    },

    lastCommon: (chat, places) =>
      database.read(async (session) => {
        const place = await lastCommon(session, context, chat, places)
        return place && seqAt(session, chat, place)
      }),
  }
}
