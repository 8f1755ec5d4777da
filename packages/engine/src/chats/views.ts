// From rows and outbox to what is shown. Pure.
import { foldPins, groupReactions, targetAuthor, viewOf, type MessageState, type Pin, type UserId } from '@skein/protocol'
import { countOf, firstSeq, latestSeq, rangesAbove } from './ranges.ts'
import { arrangedOf } from './wishes.ts'
import { pictureAt } from '../pictures.ts'
import type { Problem } from '../outbox/outbox.ts'
import type { ChatRow, Marks, MessageRow, OutboxRow, PersonRow, PinRow } from '../store/rows.ts'
import type { ChatItem, MessageItem, MessageStatus, OfflineState, OutboxItem } from '../types.ts'

export interface ViewOf {
  self: UserId
  chat: ChatRow
  /** Of this chat, in order. */
  outbox: readonly OutboxRow[]
  isUnsaved(id: OutboxRow['id']): boolean
  people: ReadonlyMap<UserId, PersonRow>
  /** Its origin. */
  server: string
}

const none: Marks = [0, 0]

function statusOf(row: MessageState, { self, chat }: ViewOf): MessageStatus {
  if (row.authorId !== self) return 'sent'
  const others = chat.members.filter((member) => member.id !== self).map((member) => chat.marks[member.id] ?? none)
  if (others.length === 0) return 'sent'
  if (others.every(([, seen]) => seen >= row.seq)) return 'seen'
  return others.every(([delivered]) => delivered >= row.seq) ? 'delivered' : 'sent'
}

/** Whose devices have a message, and who has seen it; in large chats only of those whose marks are told. */
export function receipts({ self, chat }: ViewOf, seq: number): { delivered: UserId[]; seen: UserId[] } {
  const others = chat.members.flatMap(({ id }) => (id === self ? [] : [id]))
  const upTo = (which: 0 | 1): UserId[] => others.filter((id) => (chat.marks[id] ?? none)[which] >= seq)
  const seen = upTo(1)
  return { delivered: upTo(0).filter((id) => !seen.includes(id)), seen }
}

/** What the person did to a message and the server has not taken yet, on top of it. */
function withPending(state: MessageState, of: ViewOf): { state: MessageState; pending: boolean; unsaved: boolean; problem: Problem | null } {
  let shown = state
  let pending = false
  let unsaved = false
  let problem: Problem | null = null
  for (const { id, operation, state: queued } of of.outbox) {
    if (operation.type === 'message' || operation.target !== state.id || (targetAuthor(operation, of.self) ?? state.authorId) !== state.authorId)
      continue
    if (queued.at === 'aside') {
      problem = queued.reason
      continue
    }
    pending = true
    unsaved ||= of.isUnsaved(id)
    const at = Date.parse(operation.at)
    // A deletion that waits keeps the words, so that they can be shown struck through.
    if (operation.type === 'edit') shown = { ...shown, text: operation.text, editedAt: at }
    else if (operation.type === 'delete') shown = { ...shown, deletedAt: at }
    else if (operation.type === 'react') {
      const others = shown.reactions.filter((r) => r.userId !== of.self || r.emoji !== operation.emoji)
      shown = { ...shown, reactions: operation.on ? [...others, { emoji: operation.emoji, userId: of.self, rev: 0 }] : others }
    }
  }
  return { state: shown, pending, unsaved, problem }
}

const forwarded = ({ forwardedFrom }: MessageState): Pick<MessageItem, 'forwardedFrom'> =>
  forwardedFrom ? { forwardedFrom: forwardedFrom.author } : {}

/** What the person has hidden from themselves is like a deleted message: nothing that shows it has its words. */
const wordless = (item: MessageItem): MessageItem => ({
  ...item,
  text: '',
  mentions: [],
  reactions: [],
  deletedAt: item.deletedAt ?? item.receivedAt,
  hidden: true,
})

function storedItem(row: MessageState, of: ViewOf, hidden: boolean): MessageItem {
  const { state, pending, unsaved, problem } = withPending(row, of)
  const item = {
    ...viewOf(of.chat.id, state),
    ...forwarded(state),
    key: `${row.authorId}/${row.id}`,
    own: row.authorId === of.self,
    status: statusOf(row, of),
    unsaved,
    pending,
    problem,
    hidden,
  }
  return hidden ? wordless(item) : item
}

/** A message that is still in the outbox. */
export function queuedItem(row: OutboxRow, of: ViewOf): MessageItem | null {
  const { operation, createdAt } = row
  if (operation.type !== 'message') return null
  const message: MessageState = {
    id: row.id,
    authorId: of.self,
    seq: 0,
    rev: 0,
    text: operation.text,
    createdAt,
    receivedAt: createdAt,
    editedAt: null,
    deletedAt: null,
    replyTo: operation.replyTo ?? null,
    replyToAuthor: operation.replyToAuthor ?? null,
    mentions: operation.mentions ?? [],
    forwardedFrom: operation.forwardedFrom ?? null,
    reactions: [],
  }
  const { state, pending, problem } = withPending(message, of)
  const aside = row.state.at === 'aside' ? row.state.reason : null
  return {
    ...viewOf(of.chat.id, state),
    ...forwarded(state),
    reactions: groupReactions(state.reactions),
    key: `${of.self}/${row.id}`,
    own: true,
    status: aside ? 'set-aside' : 'queued',
    unsaved: of.isUnsaved(row.id),
    pending,
    problem: aside ?? problem,
    hidden: false,
  }
}

/** Items of rows to which nothing is pending: the same object as long as it would look the same. */
const untouched = new WeakMap<MessageRow, MessageItem>()

/** Stored messages, then the outbox's; one that both name is stored. */
export function itemsOf(rows: readonly MessageRow[], withQueue: boolean, of: ViewOf): MessageItem[] {
  const targets = new Set(of.outbox.map(({ operation }) => (operation.type === 'message' ? null : operation.target)))
  const hidden = new Set(arrangedOf(of.chat).hidden)
  const items = rows.map((row) => {
    const isHidden = hidden.has(row.seq)
    if (targets.has(row.id)) return storedItem(row, of, isHidden)
    const before = untouched.get(row)
    if (before && before.status === statusOf(row, of) && before.hidden === isHidden) return before
    const item = storedItem(row, of, isHidden)
    untouched.set(row, item)
    return item
  })
  if (!withQueue) return items
  const stored = new Set(items.map(({ key }) => key))
  for (const row of of.outbox) {
    const item = queuedItem(row, of)
    if (item && !stored.has(item.key)) items.push(item)
  }
  return items
}

/** What is pinned, the last pinned first, with what waits in the outbox; without what was erased or hidden, and what this person does not see. `held`: a message of which the chat's row does not know the words. */
export function pinnedItems(of: ViewOf, held: (pin: Pin) => MessageState | undefined): MessageItem[] {
  let pins: readonly PinRow[] = of.chat.pins?.list ?? []
  for (const { operation, state } of of.outbox) {
    const authorId = targetAuthor(operation, of.self)
    if (operation.type !== 'message' && authorId && state.at !== 'aside') pins = foldPins(pins, operation, { authorId, id: operation.target })
  }
  const hidden = new Set(arrangedOf(of.chat).hidden)
  const items = pins.flatMap((pin) => {
    const queued = of.outbox.find(({ id }) => id === pin.id && pin.authorId === of.self)
    const state = pin.state ?? held(pin)
    const item = queued ? queuedItem(queued, of) : state ? storedItem(state, of, hidden.has(state.seq)) : null
    // What was said before one came in anew may still be held here.
    const isSeen = queued || (state && state.seq >= firstSeq(of.chat))
    return item && isSeen && item.deletedAt === null ? [item] : []
  })
  return items.reverse()
}

function offlineOf(chat: ChatRow): OfflineState {
  const above = firstSeq(chat) - 1
  const total = latestSeq(chat) - above
  const held = countOf(rangesAbove(chat.ranges, above))
  const state = chat.kept === 'no' ? 'off' : chat.kept === 'over-budget' ? chat.kept : held < total ? 'loading' : 'complete'
  return { state, held, total, bytes: chat.bytes }
}

export function chatItem(of: ViewOf): ChatItem {
  const { self, chat, people, server } = of
  const pictureOf = (id: UserId): string | null => pictureAt(server, people.get(id)?.avatarUrl)
  const members = chat.members.map(({ id, name, mayInvite = false, mayRemove = false }) => ({
    id,
    name: people.get(id)?.name ?? name,
    picture: pictureOf(id),
    mayInvite,
    mayRemove,
  }))
  const others = members.filter((member) => member.id !== self)
  const peer = chat.kind === 'direct' ? (others[0] ?? null) : null
  const queued = of.outbox.findLast((row) => row.operation.type === 'message')
  const stored = chat.lastMessage
  const last = queued && queued.id !== stored?.id ? queuedItem(queued, of) : null
  const { mutedUntil, pinned, archived, draft, unreadAfter, hidden } = arrangedOf(chat)
  return {
    id: chat.id,
    kind: chat.kind,
    title: chat.title ?? peer?.name ?? (others.map(({ name }) => name).join(', ') || members.map(({ name }) => name).join(', ')),
    peer: peer?.id ?? null,
    members,
    pictureUrl: chat.pictureUrl ?? null,
    picture: peer ? pictureOf(peer.id) : pictureAt(server, chat.pictureUrl),
    mutedUntil,
    pinned,
    archived,
    draft,
    lastMessage: last ?? (stored ? storedItem(stored, of, hidden.includes(stored.seq)) : null),
    lastAt: Math.max(chat.lastAt, queued?.createdAt ?? 0),
    unread: chat.unread,
    markedUnread: unreadAfter !== null,
    mentioned: chat.unread > 0 && (chat.mentionSeq ?? 0) > (chat.marks[self]?.[1] ?? 0),
    offline: offlineOf(chat),
    removed: chat.removed,
    missing: chat.missing ?? 0,
    historyFrom: chat.historyFrom ?? 0,
    history: chat.history ?? 'all',
  }
}

/** `nextTryAt` is of the row's chat, where it is the next one to go. */
export function outboxItem(row: OutboxRow, self: UserId, unsaved: boolean, nextTryAt: number | null): OutboxItem {
  const { id, chat, operation, state, createdAt } = row
  return {
    id,
    chatId: chat,
    kind: operation.type === 'pin' && !operation.on ? 'unpin' : operation.type,
    text: 'text' in operation ? operation.text : operation.type === 'react' ? operation.emoji : '',
    target: operation.type === 'message' ? null : { id: operation.target, author: targetAuthor(operation, self) },
    state: state.at,
    reason: state.at === 'aside' ? state.reason : null,
    createdAt,
    nextTryAt,
    unsaved,
  }
}
