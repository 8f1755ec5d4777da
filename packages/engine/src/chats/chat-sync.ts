// Brings chats up to date over HTTP: adopts what the server lists, pages through `changes`, creates what was begun offline. Everything that comes in goes through ingest.
import { MAX_CHANGES_PAGE, standing, type ChatId, type CloseReason, type Entry, type OperationId, type UserId } from '@skein/protocol'
import { changesRead, chatsPage, oneChat, type ChatAnswer, type FeedLine } from '@skein/http/answers'
import { HttpError, isNoSuchChat } from '../http.ts'
import { putChat, type Local } from '../local.ts'
import { nextState } from '../outbox/outbox.ts'
import { settle } from '../outbox/settle.ts'
import type { Ports } from '../ports.ts'
import type { Session } from '../session.ts'
import { messageKey, newChatRow, sizeOf, type ChatRow, type MessageRow, type Position } from '../store/rows.ts'
import { startOf } from '../store/start-of.ts'
import { expectQueued, put, type Change } from '../store/store.ts'
import { ingest, mentions, understood } from './ingest.ts'
import { millis, mineOf, stateOf } from './pages.ts'
import { toldPins } from './pins.ts'
import { createScrub } from './scrub.ts'
import { withServerCount } from './served-unread.ts'
import { withMarksCounted } from './unread.ts'
import { withMine } from './wish-answers.ts'

/** So many chats are asked about one by one; for more the whole list is read. */
const FEW_CHATS = 5

export interface ChatSync {
  /** Folds entries into the rows and takes what they name out of the outbox. 'gap' when entries before them are missing. */
  take(chat: ChatId, entries: readonly Entry[], marks?: ChatAnswerMarks): Promise<'ok' | 'gap' | 'fork'>
  /** The server said of ids alone that they are stored: their entries tell with which words. */
  named(chat: ChatId, ids: readonly OperationId[]): Promise<void>
  /** Reads `changes` until nothing is left; `markPos` is what the feed said. */
  catchUp(chat: ChatId, markPos?: number): Promise<void>
  /** Makes rows of chats that the server lists. `lines` give each its place in the chain; without one, a short chat is read from its start and a long one waits for the feed. */
  adopt(answers: readonly ChatAnswer[], lines?: ReadonlyMap<ChatId, FeedLine>): Promise<void>
  /** Adopts what answers a call by which this person came in, which was made when the rows were `before`. */
  joined(answer: ChatAnswer, before: Rows): Promise<void>
  /** The server's list of one's chats, or, for few, one by one. */
  ask(ids: readonly ChatId[] | 'all'): Promise<ChatAnswer[]>
  /** Has the server begin a direct chat, or finds it there; a reason where it takes no words. */
  begin(row: ChatRow): Promise<ChatAnswer | CloseReason>
  /** Makes a chat that was begun offline known to the server. */
  create(chat: ChatId): Promise<void>
  /**
   * The server's word that this person is in the chat, or is not, which was asked for when the row was `before`. Answers overtake each other: where
   * another word of it was heard since, nobody can tell which of the two is the newer, and it is asked for again.
   */
  present(chat: ChatId, before: ChatRow | undefined): Promise<void>
  /** As `present`. The chat is shown as removed, its words are set aside. */
  remove(chat: ChatId, before: ChatRow | undefined): Promise<void>
  /** Words for a chat that takes none. */
  setAside(chat: ChatId, reason: CloseReason): Promise<void>
  /** The server does not know what this device knows: nothing of the chat is synced until it is healed. */
  fork(chat: ChatId): Promise<void>
  /** As `remove`, where the server says no more than that there is no such chat for this person: it is healed where this device holds what could prove it. */
  lost(chat: ChatId, before: ChatRow | undefined): Promise<void>
}

/** As they were when something was asked. */
export type Rows = ReadonlyMap<ChatId, ChatRow>

/** `members`: as they were when the chain ended at `rev`. */
type ChatAnswerMarks = {
  marks: Record<string, [number, number]>
  markPos?: number
  members?: { rev: number; list: ChatRow['members'] }
  begins?: Position | null
}

/** What came meanwhile by another way knows better who is in the chat and may what, but no names. */
const namesFrom = (members: ChatRow['members'], older: ChatRow['members']): ChatRow['members'] =>
  members.map((member) => ({ ...member, name: older.find(({ id }) => id === member.id)?.name ?? member.name }))

export function createChatSync(local: Local, session: Session, ports: Ports): ChatSync {
  const { self, store } = local
  const scrub = createScrub(local, session, ports)

  /** Members' names are newer than those of the people's list. */
  const renamed = (members: readonly { id: UserId; name: string }[]): Change[] =>
    members.flatMap(({ id, name }) => {
      const person = local.people.get(id)
      return person && person.name !== name ? [put('people', { ...person, name })] : []
    })

  /** One's marks that the server lacks though they are not on their way: it has lost them. */
  function owed(row: ChatRow, theirs: Readonly<Record<string, [number, number]>>): Change[] {
    const [delivered, seen] = row.marks[self] ?? [0, 0]
    const there = theirs[self]
    if (!there || local.marks.has(row.id) || (there[0] >= delivered && there[1] >= seen)) return []
    return [put('marks', { chat: row.id, marks: [delivered, seen] })]
  }

  async function take(chat: ChatId, entries: readonly Entry[], and?: ChatAnswerMarks): Promise<'ok' | 'gap' | 'fork'> {
    let outcome: 'ok' | 'gap' | 'fork' = 'ok'
    await local.update(chat, async (row) => {
      outcome = 'ok'
      if (row.forked) return null
      const begins = and?.begins ?? null
      // What this person sees begins behind what this device has: they joined again, and nothing of what was said meanwhile is for them.
      const from =
        begins && begins.rev > (row.position?.rev ?? 0)
          ? { ...row, position: begins, runStart: begins, historyFrom: begins.seq, cuts: (row.cuts ?? 0) + 1, turns: (row.turns ?? 0) + 1 }
          : row
      const before = new Map<string, MessageRow | undefined>()
      const held = {
        message: async (author: UserId, id: Entry['id']) => {
          const key = messageKey(chat, author, id)
          const found = before.has(key) ? before.get(key) : await store.get('messages', key)
          before.set(key, found)
          return found
        },
        entry: (rev: number) => store.get('entries', `${chat}/${rev}`),
      }
      const result = await ingest(from, self, entries, held, ports.sha256)
      if (result === 'gap') {
        outcome = 'gap'
        return null
      }
      if (result === 'fork') {
        outcome = 'fork'
        return putChat(row, { ...row, forked: true })
      }
      let next = result.chat
      if (and) {
        next = (await withMarksCounted(next, and.marks, { self, store, fresh: result.messages })) ?? next
        if (and.markPos !== undefined) next = { ...next, markPos: and.markPos }
        if (and.members) {
          const { rev, list } = and.members
          next = { ...next, members: rev >= (row.position?.rev ?? 0) ? list : namesFrom(next.members, list) }
        }
      }
      const changes: Change[] = and ? [...renamed(and.members?.list ?? []), ...owed(next, and.marks)] : []
      // A run is without a gap (HEAL-1): what is held from before it proves nothing together with what comes.
      if (from !== row && begins) {
        const old = await store.list('entries', { group: chat, to: begins.rev })
        changes.push(...old.map(({ rev }): Change => ({ remove: 'entries', key: `${chat}/${rev}` })))
        next = { ...next, bytes: Math.max(0, next.bytes - sizeOf(old)) }
      }
      for (const { id, operation, code } of result.named) {
        const queued = local.outbox.get(id)
        if (queued) changes.push(...settle(queued, self, operation ?? 'erased', code, ports))
      }
      const replaced = result.messages.flatMap(({ authorId, id }) => before.get(messageKey(chat, authorId, id)) ?? [])
      next = { ...next, bytes: next.bytes + sizeOf(result.entries) + sizeOf(result.messages) - sizeOf(replaced) }
      for (const message of result.messages) changes.push(put('messages', message))
      for (const entry of result.entries) changes.push(put('entries', entry))
      const isNew = result.entries.length > 0 || JSON.stringify(next) !== JSON.stringify(row)
      return isNew ? [...changes, ...putChat(row, next)] : changes
    })
    return outcome
  }

  async function named(chat: ChatId, ids: readonly OperationId[]): Promise<void> {
    await catchUp(chat)
    const row = local.chats.get(chat)
    if (!row || row.removed || row.forked) return
    const left = ids.flatMap((id) => local.outbox.get(id) ?? [])
    if (left.length === 0) return
    const entries = await store.list('entries', { group: chat })
    for (const queued of left) {
      const entry = entries.find(({ id, authorId }) => id === queued.id && authorId === self)
      // Stored before this person left and came back: they are shown no more of it, and it is not said again.
      const unseen = !entry && (row.historyFrom ?? 0) > 0 ? 'erased' : null
      await local.commit(settle(queued, self, entry ? (entry.operation ?? 'erased') : unseen, entry?.code ?? null, ports), true)
    }
  }

  const isSameTurn = (row: ChatRow, before: ChatRow | undefined): boolean => (row.turns ?? 0) === (before?.turns ?? 0)
  async function toldOf(chat: ChatId, before: ChatRow | undefined, isOut: boolean): Promise<void> {
    let isDoubtful = false
    await local.update(chat, (row) => {
      isDoubtful = row.removed !== isOut && !isSameTurn(row, before)
      if (isDoubtful) return null
      // A fresh local copy of the document, should one come back: this one may hold what the person takes back now.
      const out = isOut && (!row.removed || row.forked) ? { forked: false, n: row.n + 1 } : {}
      return putChat(row, { ...row, ...out, removed: isOut, turns: (row.turns ?? 0) + 1 })
    })
    if (isDoubtful) await catchUp(chat)
    else if (isOut) await setAside(chat, 'no-access')
  }
  const present = (chat: ChatId, before: ChatRow | undefined): Promise<void> => toldOf(chat, before, false)
  const remove = (chat: ChatId, before: ChatRow | undefined): Promise<void> => toldOf(chat, before, true)
  async function setAside(chat: ChatId, reason: CloseReason): Promise<void> {
    for (const { id } of local.outboxOf(chat)) {
      // Again when another tab was faster.
      for (;;) {
        const queued = local.outbox.get(id)
        const state = queued && nextState(queued.state, { is: 'refused', reason })
        if (!state || state === 'gone' || (await local.commit([...expectQueued(queued), put('outbox', { ...queued, state })], true))) break
      }
    }
  }
  /** Not of a chat that was left meanwhile. */
  const fork = (chat: ChatId): Promise<void> =>
    local.update(chat, (row) => (row.forked || row.removed ? null : putChat(row, { ...row, forked: true })))

  const lost = async (chat: ChatId, before: ChatRow | undefined): Promise<void> => {
    const row = local.chats.get(chat)
    const isProvable = row?.position && !row.removed && isSameTurn(row, before) && (row.runStart?.rev ?? 0) < row.position.rev
    return isProvable ? fork(chat) : remove(chat, before)
  }

  async function catchUp(chat: ChatId, markPos?: number): Promise<void> {
    for (;;) {
      const row = local.chats.get(chat)
      if (!row || row.forked || row.position === null) return
      const { rev, head } = row.position
      let page
      try {
        page = await session.ask(
          (api) => api.api.chats[':id'].changes.$get({ param: { id: chat }, query: { since: String(rev), head } }),
          changesRead,
        )
      } catch (error) {
        if (!(error instanceof HttpError)) throw error
        // It is said to members only.
        if (error.code === 'unknown-head' && row.removed) await present(chat, row)
        if (error.code === 'unknown-head') return fork(chat)
        if (isNoSuchChat(error)) return lost(chat, row)
        throw error
      }
      const { marks, members, begins, more, erasedPos } = page
      // What the entries would have told that this person does not see: title and picture. Before the place moves, so that nothing forgets it.
      if (begins && (begins.rev > rev || begins.seq !== (row.historyFrom ?? 0))) await adopt(await ask([chat]))
      const entries = page.entries.map((entry) => understood(entry, ports.sha256))
      const behind = !more && erasedPos !== (row.erasedPos ?? 0)
      // The place in the marks comes last: by it the feed finds again what was not done.
      const end = entries.at(-1)?.rev ?? Math.max(rev, begins?.rev ?? 0)
      const outcome = await take(chat, entries, {
        marks,
        members: { rev: end, list: members },
        begins,
        ...(markPos === undefined || more || behind ? {} : { markPos }),
      })
      if (outcome !== 'fork' && local.chats.get(chat)?.removed) await present(chat, row)
      if (outcome === 'ok' && behind) {
        await scrub(chat, erasedPos)
        if (markPos !== undefined) await take(chat, [], { marks, markPos })
      }
      if (outcome !== 'ok' || !more || entries.length === 0) return
    }
  }

  async function ask(ids: readonly ChatId[] | 'all'): Promise<ChatAnswer[]> {
    const answers: ChatAnswer[] = []
    if (ids !== 'all' && ids.length <= FEW_CHATS) {
      for (const id of ids) answers.push((await session.ask((api) => api.api.chats[':id'].$get({ param: { id } }), oneChat)).chat)
      return answers
    }
    for (let cursor: string | null = ''; cursor !== null;) {
      const query = { limit: '200', cursor }
      const page: { chats: ChatAnswer[]; nextCursor: string | null } = await session.ask((api) => api.api.chats.$get({ query }), chatsPage)
      answers.push(...page.chats)
      cursor = page.nextCursor
    }
    return answers
  }

  async function adopted(row: ChatRow, answer: ChatAnswer, line: FeedLine | undefined): Promise<Change[]> {
    const { kind, title, titleAt, pictureUrl, pictureAt, mine, members, document } = answer
    let next: ChatRow = {
      ...withMine(row, mineOf(mine)),
      kind,
      // An answer may be older than what was read meanwhile, and a server may have been restored.
      ...(row.position !== null && answer.rev < row.position.rev
        ? {}
        : { title, titleAt: millis(titleAt) ?? row.titleAt ?? 0, pictureUrl, pictureAt: millis(pictureAt) ?? row.pictureAt ?? 0, members }),
      historyFrom: answer.historyFrom,
      history: answer.history,
      document: line?.document ?? document,
    }
    if (next.document !== row.document) next.n = 0
    if (row.position === null) {
      next.erasedPos ??= answer.erasedPos
      if (line) {
        next.position = { rev: line.rev, seq: line.seq, head: line.head }
        next.runStart = next.position
        if (row.cuts) next.cuts = row.cuts + 1
        next.markPos = line.markPos
      } else if (answer.rev <= MAX_CHANGES_PAGE) next.position = startOf(answer.id, ports.sha256)
      next.exact = false
    }
    // Of an older answer nobody can tell what was pinned since.
    if (answer.rev >= Math.max(next.position?.rev ?? 0, next.pins?.rev ?? 0)) next.pins = toldPins(answer)
    const [last, held] = [answer.lastMessage && stateOf(answer.lastMessage), row.lastMessage]
    if (last && (!held || last.seq > held.seq || (last.seq === held.seq && standing(held, last) === last))) {
      next.lastMessage = last
      if (mentions(last, self)) next.mentionSeq = Math.max(row.mentionSeq ?? 0, last.seq)
      if (next.lastMessage.authorId !== self || answer.unread > 0) next.othersSeq = Math.max(row.othersSeq, next.lastMessage.seq)
      next.lastAt = Math.max(next.lastMessage.receivedAt, row.position === null && row.version === 0 ? 0 : row.lastAt)
    }
    next = (await withMarksCounted(next, answer.marks, local)) ?? next
    if (row.position === null || !next.exact) next = await withServerCount(next, answer, local)
    const changes = [...renamed(members), ...owed(next, answer.marks)]
    return JSON.stringify(next) === JSON.stringify(row) ? changes : [...changes, ...putChat(row.version === 0 ? undefined : row, next)]
  }

  async function adopt(answers: readonly ChatAnswer[], lines?: ReadonlyMap<ChatId, FeedLine>): Promise<void> {
    const fresh = answers.filter(({ id }) => !local.chats.has(id))
    const changes: Change[] = []
    for (const answer of fresh) {
      const made = await adopted(newChatRow(answer.id, answer.members, 0), answer, lines?.get(answer.id))
      changes.push(...made)
    }
    // All new ones at once; where another tab knew one first, each by itself.
    await local.commit(changes)
    for (const answer of answers) await local.update(answer.id, (row) => adopted(row, answer, lines?.get(answer.id)))
    // Where this fails, the feed finds it again.
    for (const answer of answers) await scrub(answer.id, answer.erasedPos).catch(() => {})
  }

  async function joined(answer: ChatAnswer, before: Rows): Promise<void> {
    await adopt([answer])
    await present(answer.id, before.get(answer.id))
  }

  async function begin({ members }: ChatRow): Promise<ChatAnswer | CloseReason> {
    const peer = members.find(({ id }) => id !== self)
    if (!peer) return 'no-access'
    try {
      return (await session.ask((api) => api.api.chats.$post({ header: {}, json: { userId: peer.id } }), oneChat)).chat
    } catch (error) {
      // Whoever is gone, or apart from this person, is written to in vain.
      const code = error instanceof HttpError ? error.code : ''
      if (code === 'blocked') return code
      if (code === 'no-such-person') return 'no-access'
      throw error
    }
  }

  return {
    take,
    named,
    catchUp,
    adopt,
    joined,
    present,
    remove,
    setAside,
    fork,
    lost,
    ask,
    begin,
    create: async (chat) => {
      const row = local.chats.get(chat)
      if (!row || row.document !== null) return
      if (local.outboxOf(chat).every(({ state }) => state.at === 'aside')) return
      const answer = await begin(row)
      // The words stay here, and say so.
      if (typeof answer === 'string') return setAside(chat, answer)
      await joined(answer, new Map([[chat, row]]))
    },
  }
}
