// From a chat's window to the rows of its list: days, the unread line, and messages grouped by person. Pure.
import { msg } from '@lit/localize'
import type { ChatWindow, MessageItem, Person } from '@skein/engine'
import type { OperationId } from '@skein/protocol'
import { eventText } from './chat-events.ts'
import { nameAmong } from './people.ts'
import { lineOf } from './text-parts.ts'
import { dayLabel, startOfDay } from './times.ts'

/** Messages of one person within this time stand together. */
const GROUP_MS = 5 * 60_000
/** A message that took longer than this to arrive also shows when it was written. */
const LATE_MS = 2 * 60_000

export interface Quote {
  id: OperationId
  author: string
  text: string
}

export interface MessageRow {
  kind: 'message'
  key: string
  item: MessageItem
  author: string
  /** The first and the last of its group. */
  opens: boolean
  closes: boolean
  quote: Quote | null
}

export type Row =
  | { kind: 'edge'; key: 'edge'; state: 'more' | 'loading' | 'start' | 'empty' | 'error'; error: string | null }
  | { kind: 'day'; key: string; label: string; start: number }
  | { kind: 'unread'; key: 'unread' }
  | { kind: 'event'; key: string; text: string }
  | MessageRow

export interface RowsInput {
  window: Pick<ChatWindow, 'chat' | 'items' | 'events' | 'hasOlder' | 'hasNewer' | 'loading' | 'error'>
  me: string
  /** The unread line stands after this seq; null for none. */
  unreadAfter: number | null
  now: number
  people: readonly Person[]
  /** Keys of messages that were hidden just now: they stand for as long as that can be taken back. */
  hiding: ReadonlySet<string>
}

/** Where a message stands in time: when the server got it, or when it was written while nobody has. */
export const placeTime = (item: MessageItem): number => Date.parse(item.seq > 0 ? item.receivedAt : item.createdAt)

/** When it was written, if that was clearly before it arrived. */
export function writtenBefore(item: MessageItem): number | null {
  const written = Date.parse(item.createdAt)
  return item.seq > 0 && Date.parse(item.receivedAt) - written > LATE_MS ? written : null
}

/** Whoever left is known by the list of people. */
export const authorName = (item: MessageItem, members: readonly { id: string; name: string }[], people: readonly Person[] = []): string =>
  item.own ? msg('You') : (members.find((member) => member.id === item.authorId)?.name ?? nameAmong(people, item.authorId) ?? msg('Someone who left'))

export function rowsOf({ window, me, unreadAfter, now, people, hiding }: RowsInput): Row[] {
  const { chat, items, hasOlder } = window
  const visible = items.filter(({ hidden, key }) => !hidden || hiding.has(key))
  const rows: Row[] = [edgeOf(window, visible.length > 0)]
  const byId = new Map(items.map((item) => [item.id, item]))
  let unread = unreadAfter !== null && (!hasOlder || (items[0]?.seq ?? 0) <= unreadAfter + 1) ? unreadAfter : null
  let previous: MessageRow | undefined
  let previousTime = 0
  let day = 0
  // Above the first message stands what lies between it and the one before, which is not here.
  const events = window.events.filter(({ afterSeq }) => !hasOlder || afterSeq >= (items[0]?.seq ?? Infinity))
  let next = 0
  let broken = false
  function enter(at: number): number {
    // What waits may have been written days before the last message that arrived; days never go back.
    const time = Math.max(previousTime, at)
    const start = startOfDay(time)
    if (start !== day) {
      rows.push({ kind: 'day', key: `day ${start}`, label: dayLabel(time, now), start })
      day = start
      broken = true
    }
    return time
  }
  function pushEvents(before: number): void {
    for (let event = events[next]; event && event.afterSeq < before; event = events[++next]) {
      previousTime = enter(Date.parse(event.at))
      rows.push({ kind: 'event', key: `event ${event.rev}`, text: eventText(event, { me, members: chat.members, people }) })
      broken = true
    }
  }
  for (const item of visible) {
    broken = false
    pushEvents(item.seq > 0 ? item.seq : Infinity)
    const time = enter(placeTime(item))
    if (unread !== null && !item.own && item.seq > unread) {
      rows.push({ kind: 'unread', key: 'unread' })
      unread = null
      broken = true
    }
    const joins = previous && !broken && previous.item.authorId === item.authorId && time - previousTime < GROUP_MS
    if (joins && previous) previous.closes = false
    previous = {
      kind: 'message',
      key: item.key,
      item,
      author: authorName(item, chat.members, people),
      opens: !joins,
      closes: true,
      quote: item.replyTo === null ? null : quoteOf(item.replyTo, byId.get(item.replyTo), chat.members, people),
    }
    rows.push(previous)
    previousTime = time
  }
  if (!window.hasNewer) pushEvents(Infinity)
  return rows
}

/** Whether a message would look the same; the window's items keep their identity while nothing about them changes. */
export function sameRow(a: MessageRow | undefined, b: MessageRow | undefined): boolean {
  if (!a || !b) return a === b
  const quotes = a.quote?.text === b.quote?.text && a.quote?.author === b.quote?.author
  return quotes && a.item === b.item && a.author === b.author && a.opens === b.opens && a.closes === b.closes
}

function edgeOf({ chat, items, hasOlder, loading, error }: RowsInput['window'], isSome: boolean): Row {
  // A chat that has words and shows none is still being opened; its beginning would flash by.
  const opening = !items.length && chat.lastMessage !== null
  const state = error !== null ? 'error' : loading === 'older' ? 'loading' : hasOlder || opening ? 'more' : isSome ? 'start' : 'empty'
  return { kind: 'edge', key: 'edge', state, error }
}

function quoteOf(id: OperationId, item: MessageItem | undefined, members: RowsInput['window']['chat']['members'], people: readonly Person[]): Quote {
  if (!item) return { id, author: '', text: msg('An earlier message') }
  return { id, author: authorName(item, members, people), text: item.deletedAt === null ? lineOf(item.text) : msg('Deleted message') }
}

const states = (): Record<MessageItem['status'], string> => ({
  queued: msg('Queued'),
  sent: msg('Sent'),
  delivered: msg('Delivered'),
  seen: msg('Seen'),
  'set-aside': msg('Not sent'),
})
export const statusWords = (status: MessageItem['status']): string => states()[status]
