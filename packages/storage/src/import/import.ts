// A chat out of an export, of whatever server: a new one here, made by the functions that make and fill every chat, all of it in one transaction.
import { canonicalJson, chatIdOf, directChatId, journalKey, uuidOf, type ChatId, type GroupOperation, type UserId } from '@skein/protocol'
import { areApart } from '../blocks.ts'
import { decide } from '../commit/decide.ts'
import { keyOf } from '../commit/known.ts'
import { lockChats, readKnown } from '../commit/read.ts'
import { writesOf } from '../commit/write.ts'
import type { Context } from '../context.ts'
import type { Session } from '../database.ts'
import { startNextEpoch } from '../epochs.ts'
import { insertChat } from '../new-chat.ts'
import { nameKey, NO_PASSWORD, withoutEmail } from '../rows.ts'
import type { UsersTable } from '../schema.ts'
import { insertRows, selectByKeys } from '../statements.ts'
import type { CommitItem } from '../types.ts'
import { DELETED_WORDS, itemsOf, Later, type ImportedMessage, type TimedItem } from './items.ts'

export interface ImportedPerson {
  id: UserId
  /** Of the account that is made for who is not here. */
  name: string
  /** Was a member when the chat was exported; whoever else has written in it, or reacted, leaves it at the end. */
  stays: boolean
  mayInvite: boolean
  mayRemove: boolean
}

export interface ImportedChat {
  /** The chat's id where it was exported. */
  id: ChatId
  /** Of the file. */
  digest: string
  kind: 'direct' | 'group'
  title: string | null
  fromJoining: boolean
  createdAt: number
  people: readonly ImportedPerson[]
}

export interface ImportStorage {
  /**
   * All or nothing, and each chat once: `isNew` is false where this export was imported before, 'another-export' says that another one of this chat was.
   * People are known by their ids, and who is not here gets an account without log-in. A direct chat becomes the one of its two people, or a group where
   * they have theirs already. Nothing is unread, no webhook is told, and words that were deleted here (or whose author was erased) come without text.
   * 'blocked': one of the two people of a direct chat has blocked the other. 'nobody': all its members were erased.
   * `isJournaled`: whether a deletion journal has a key (`journalKey` of the protocol): a database that was restored may have forgotten what it has.
   * `messages` is read once for each try of the transaction, in order; what it throws ends the import. It must not ask this storage.
   */
  importChat(
    chat: ImportedChat,
    messages: () => AsyncIterable<ImportedMessage>,
    isJournaled: (key: string) => boolean,
  ): Promise<{ chat: ChatId; isNew: boolean } | 'another-export' | 'blocked' | 'nobody'>
}

/** Entries that are decided and written together. */
const BATCH = 500

const encoder = new TextEncoder()

export function importing(context: Context): ImportStorage {
  const { database, ports } = context
  const { build, engine } = database

  /** Who of these people is not here, and who was erased. */
  async function lookUp(session: Session, people: readonly ImportedPerson[]): Promise<{ missing: ImportedPerson[]; erased: Set<UserId> }> {
    const keys = people.map(({ id }) => [id] as const)
    const [rows] = await session.lists(selectByKeys(engine, 'users', ['id', 'password_hash'], ['id'], keys))
    const here = new Set(rows.map(({ id }) => id))
    return { missing: people.filter(({ id }) => !here.has(id)), erased: new Set(rows.filter((row) => row.password_hash === '').map(({ id }) => id)) }
  }

  const accountOf = ({ id, name }: ImportedPerson): UsersTable => ({
    ...{ id, email: withoutEmail(id), name, name_key: nameKey(name), avatar_url: null, password_hash: NO_PASSWORD },
    ...{ created_at: ports.now(), last_seen_at: null, disabled_at: null, email_confirmed_at: null },
  })

  /** Where the chat goes: the direct chat of two people who have none yet, else a group of its own. */
  async function placeOf(session: Session, own: ChatId, { kind, people }: ImportedChat, stay: readonly ImportedPerson[]) {
    const [one, other] = stay
    if (kind === 'group' || people.length !== 2 || !one || !other) return { id: own, kind: 'group' as const }
    if (await areApart(session, context, one.id, other.id)) return 'blocked'
    const direct = directChatId(one.id, other.id, ports.sha256)
    return (await lockChats(session, [direct])).has(direct) ? { id: own, kind: 'group' as const } : { id: direct, kind }
  }

  async function store(session: Session, items: readonly CommitItem[]): Promise<void> {
    for (let from = 0; from < items.length; from += BATCH) {
      const batch = items.slice(from, from + BATCH)
      const decision = decide(batch, await readKnown(session, batch, () => {}), ports)
      const refused = decision.outcomes.find((outcome) => !outcome.ok)
      if (refused && !refused.ok) throw new Error(`The chat took none of it: ${refused.reason}`)
      for (const [, statements] of writesOf(database, decision, null)) await session.write(statements)
    }
  }

  /** All that is known to be deleted here of the chat that was exported: an older export does not bring it back. */
  async function deletedHere(session: Session, chat: ChatId): Promise<Set<string>> {
    const query = build.selectFrom('messages').select(['author_id', 'operation_id']).where('chat_id', '=', chat).where('deleted_at', 'is not', null)
    const [rows] = await session.rows(query)
    return new Set(rows.map((row) => keyOf(row.author_id, row.operation_id)))
  }

  function withoutWords(message: ImportedMessage): ImportedMessage {
    const { id, at } = message.checked.operation
    const operation = { type: 'message' as const, id, at, text: DELETED_WORDS }
    const checked = { operation, text: canonicalJson(operation) }
    return { ...message, checked, editedAt: null, deletedAt: message.deletedAt ?? message.receivedAt, reactions: [] }
  }

  async function fill(
    session: Session,
    chat: ChatId,
    messages: AsyncIterable<ImportedMessage>,
    isGone: (message: ImportedMessage) => boolean,
  ): Promise<void> {
    const later = new Later()
    let waiting: TimedItem[] = []
    const now = ports.now()
    const flush = async (items: TimedItem[]): Promise<void> =>
      store(
        session,
        items.map(({ item }) => ({ ...item, at: Math.min(item.at, now) })),
      )
    for await (const message of messages) {
      const [own, after] = itemsOf(chat, isGone(message) ? withoutWords(message) : message, ports)
      waiting.push(...later.take(message.receivedAt), ...own)
      for (const one of after) later.put(one)
      if (waiting.length < BATCH) continue
      await flush(waiting)
      waiting = []
    }
    await flush([...waiting, ...later.take(Infinity)])
  }

  /** Who may what, as far as somebody of those who stay may, and who is in it no more. */
  function changesOf(chat: ChatId, people: readonly ImportedPerson[], stay: readonly ImportedPerson[], founder: ImportedPerson): CommitItem[] {
    const change = (userId: UserId, operation: GroupOperation): CommitItem => ({
      kind: 'member',
      chatId: chat,
      userId,
      operation,
      text: canonicalJson(operation),
    })
    const base = () => ({ id: uuidOf(ports.randomBytes(16), 4), at: new Date(ports.now()).toISOString() })
    const others = stay.filter((person) => person !== founder)
    const given = others
      .filter(({ mayInvite, mayRemove }) => mayInvite || mayRemove)
      .map(({ id, mayInvite, mayRemove }) =>
        change(founder.id, { type: 'may', ...base(), user: id, ...(mayInvite ? { invite: true } : {}), ...(mayRemove ? { remove: true } : {}) }),
      )
    // Whoever gives an ability has it: the founder, who began with both, keeps what was theirs or nobody else's.
    const invite = founder.mayInvite || !others.some(({ mayInvite }) => mayInvite)
    const remove = founder.mayRemove || !others.some(({ mayRemove }) => mayRemove)
    const kept = change(founder.id, { type: 'may', ...base(), user: founder.id, invite, remove })
    const gone = people.filter((person) => !stay.includes(person)).map(({ id }) => change(id, { type: 'leave', ...base(), user: id }))
    return [...given, kept, ...gone]
  }

  async function end(session: Session, source: ImportedChat, id: ChatId): Promise<void> {
    const chat = (await lockChats(session, [id])).get(id)
    if (!chat) throw new Error('The chat is gone')
    const webhooks = build
      .selectFrom('webhooks')
      .innerJoin('chat_members', 'chat_members.user_id', 'webhooks.user_id')
      .select('webhooks.id')
      .where('chat_members.chat_id', '=', id)
    const [told] = await session.rows(webhooks)
    await session.write([
      build.updateTable('chat_members').set({ delivered_seq: chat.seq, seen_seq: chat.seq }).where('chat_id', '=', id),
      ...insertRows(
        engine,
        'webhook_places',
        told.map((webhook) => ({ webhook_id: webhook.id, chat_id: id, rev: chat.rev })),
        {
          key: ['webhook_id', 'chat_id'],
          columns: ['rev'],
        },
      ),
      ...insertRows(engine, 'imports', [{ source_id: source.id, digest: source.digest, chat_id: id, at: ports.now() }]),
    ])
    // Whoever opens it loads none of this, and the feed tells of it from now on.
    await startNextEpoch(session, context, chat)
  }

  return {
    async importChat(source, messages, isJournaled) {
      const attempt = () =>
        database.transaction(async (session) => {
          const before = await session.row(build.selectFrom('imports').select(['digest', 'chat_id']).where('source_id', '=', source.id))
          if (before) return before.digest === source.digest ? { chat: before.chat_id, isNew: false } : ('another-export' as const)
          const own = chatIdOf(ports.sha256(encoder.encode(`skein/1\nimport\n${source.id}`)))
          // Devices brought it back to a database that has forgotten the import.
          if ((await lockChats(session, [own])).has(own)) return { chat: own, isNew: false }
          const { missing, erased } = await lookUp(session, source.people)
          const stay = source.people.filter(({ id, stays }) => stays && !erased.has(id))
          const founder = stay.find(({ mayInvite, mayRemove }) => mayInvite || mayRemove) ?? stay[0]
          if (!founder) return 'nobody' as const
          const place = await placeOf(session, own, source, stay)
          if (place === 'blocked') return place
          await session.write(insertRows(engine, 'users', missing.map(accountOf)))
          const then = { ...context, ports: { ...ports, now: () => Math.min(source.createdAt, ports.now()) } }
          const members = source.people.map(({ id }) => id)
          const chat = await insertChat(session, then, { ...place, title: source.title, fromJoining: source.fromJoining, by: founder.id, members })
          const deleted = await deletedHere(session, source.id)
          const isGone = ({ authorId, checked: { operation } }: ImportedMessage): boolean =>
            erased.has(authorId) ||
            deleted.has(keyOf(authorId, operation.id)) ||
            [source.id, chat.id].some((id) => isJournaled(journalKey(id, authorId, operation.id, ports.sha256)))
          await fill(session, chat.id, messages(), isGone)
          if (place.kind === 'group') await store(session, changesOf(chat.id, source.people, stay, founder))
          await end(session, source, chat.id)
          return { chat: chat.id, isNew: true }
        })
      try {
        return await attempt()
      } catch (error) {
        // Another import made the same chat, or the same person, at the same moment.
        if (database.kindOf(error) !== 'duplicate') throw error
        return attempt()
      }
    },
  }
}
