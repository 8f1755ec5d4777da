// A window on one chat: a stretch of its message rows around the reader, and the outbox below them.
import type { ChatId, Pin } from '@skein/protocol'
import type { Local, LocalChange } from '../local.ts'
import { createNotifier } from '../notifier.ts'
import { isPassing, retryAfterMs } from '../http.ts'
import { backoffMs, inBackground, type Ports, type Timer } from '../ports.ts'
import { messageKey, type MessageRow } from '../store/rows.ts'
import type { ChatItem, ChatWindow, MessageItem } from '../types.ts'
import { PAGE, type History } from './history.ts'
import { firstSeq, latestSeq, rangeAround } from './ranges.ts'
import { chatItem, itemsOf, pinnedItems, receipts, type ViewOf } from './views.ts'
import { arrangedOf } from './wishes.ts'

/** A window's greatest length. */
export const WINDOW_ITEMS = 1_000
/** What a window says until healing is done. */
export const FORGOTTEN = 'The server has forgotten a part of this chat. It is being brought back.'
const keyOf = ({ chat, authorId, id }: MessageRow): string => messageKey(chat, authorId, id)

interface Look {
  chat: ChatItem
  items: readonly MessageItem[]
  pinned: readonly MessageItem[]
}

/** With fewer than this many at hand, a page is asked for without waiting for the reader. */
const SHORT = 20

export interface WindowOptions {
  chat: ChatId
  local: Local
  history: History
  ports: Ports
  viewOf(chat: ChatId): ViewOf
  /** Whether the server is in reach; once it is again, `connected` is called. */
  isConnected(): boolean
  typing(): readonly string[]
  setTyping(typing: boolean): void
  markSeen(seq: number): void
  closed(): void
}

/** What the engine does with a window besides handing it out. */
export interface OpenWindow {
  face: ChatWindow
  changed(change: LocalChange): void
  /** Somebody's typing or name changed. */
  refresh(): void
  /** The network is there again. */
  connected(): void
}

export function openWindow(options: WindowOptions): OpenWindow {
  const { chat, local, history } = options
  const notifier = createNotifier(options.ports)
  const before = local.chats.get(chat)
  const unreadAfter = before ? arrangedOf(before).unreadAfter : null
  let rows: MessageRow[] = []
  /** The window shows the chat's end and follows it. */
  let atEnd = true
  let loading: 'older' | 'newer' | null = null
  let error: string | null = null
  let closed = false
  let cuts = local.chats.get(chat)?.cuts
  /** Messages that are pinned from this device and not stored so yet, as far as they were looked up. */
  const aimed = new Map<string, MessageRow | undefined>()
  const make = (): Look => {
    const view = options.viewOf(chat)
    const held = ({ authorId, id }: Pin): MessageRow | undefined => aimed.get(messageKey(chat, authorId, id))
    return { chat: chatItem(view), items: itemsOf(rows, atEnd, view), pinned: pinnedItems(view, held) }
  }
  let shown = make()
  let isStale = false

  function show(): void {
    if (closed) return
    isStale = true
    notifier.changed()
  }
  /** Made when looked at, and kept until something changes; also while the device does not know the chat, since another tab had it forget everything. */
  function look(): Look {
    if (isStale && local.chats.has(chat)) {
      shown = make()
      isStale = false
    }
    return shown
  }
  /** What waits to be pinned is shown at once, also where it stands above the window. */
  async function findAimed(): Promise<void> {
    for (const { operation } of local.outboxOf(chat)) {
      if (operation.type !== 'pin' || !operation.on) continue
      const key = messageKey(chat, operation.targetAuthor, operation.target)
      if (aimed.has(key)) continue
      aimed.set(key, undefined)
      aimed.set(key, await local.store.get('messages', key))
      show()
    }
  }
  const latest = (): number => {
    const row = local.chats.get(chat)
    return row ? latestSeq(row) : 0
  }
  const start = (): number => firstSeq(local.chats.get(chat))
  /** Joins rows with those of the window, by seq; those who are in both come from `more`. */
  function join(more: readonly MessageRow[], keep: 'oldest' | 'newest'): void {
    // A restore may have given a message another place, while the lost past is still shown.
    const anew = new Set(more.map(keyOf))
    const bySeq = new Map(rows.filter((row) => !anew.has(keyOf(row))).map((row) => [row.seq, row]))
    for (const row of more) bySeq.set(row.seq, row)
    rows = [...bySeq.values()].sort((a, b) => a.seq - b.seq)
    // What lies between is not held yet: it comes as an older page, and never as a gap (CHAT-1).
    const gap = rows.findLastIndex(({ seq }, i) => i > 0 && seq !== (rows[i - 1]?.seq ?? 0) + 1)
    if (gap > 0) rows = rows.slice(gap)
    if (rows.length > WINDOW_ITEMS) rows = keep === 'oldest' ? rows.slice(0, WINDOW_ITEMS) : rows.slice(-WINDOW_ITEMS)
    atEnd = (rows.at(-1)?.seq ?? latest()) >= latest()
  }

  let underWay = Promise.resolve()
  /** One page at a time: who asks meanwhile waits for that one. */
  function load(direction: 'older' | 'newer', work: () => Promise<void>, isJump = false): Promise<void> {
    if (loading === null && !closed) underWay = run(direction, work, isJump)
    return underWay
  }
  async function run(direction: 'older' | 'newer', work: () => Promise<void>, isJump: boolean): Promise<void> {
    stopWaiting()
    loading = direction
    error = again = null
    show()
    try {
      await work()
      attempt = 0
    } catch (failure) {
      error = (failure as Error).message
      // Nobody is taken elsewhere by surprise, later.
      if (!isJump) again = () => load(direction, work)
      if (again && isPassing(failure) && !closed)
        retry = options.ports.setTimeout(
          () => {
            if (options.isConnected()) askAgain()
          },
          retryAfterMs(failure) + backoffMs(attempt++, options.ports),
        )
    }
    loading = null
    show()
  }
  let retry: Timer | null = null
  let attempt = 0
  function stopWaiting(): void {
    if (retry !== null) options.ports.clearTimeout(retry)
    retry = null
  }
  /** The page that could not be had, and was not asked for again meanwhile. */
  let again: (() => Promise<void>) | null = null
  function askAgain(): void {
    if (again) inBackground(again(), options.ports)
    else if (error) {
      error = null
      show()
    }
  }
  async function older(): Promise<void> {
    const first = rows[0]
    if (!first || first.seq <= start()) return
    const held = await history.heldBefore(chat, first.seq - 1)
    join(held.length > 0 ? held : await history.fetch(chat, first.seq), 'oldest')
  }
  /** What has come while rows were read stands above them: the window follows only from the end itself. */
  async function newest(): Promise<void> {
    for (let end: number | null = null; end !== latest();) {
      end = latest()
      await newestBefore(end)
    }
  }
  async function newestBefore(end: number): Promise<void> {
    if (end === 0) {
      rows = []
      return
    }
    let page = await history.heldBefore(chat, end)
    if (page.length > 0) {
      rows = []
      join(page, 'newest')
      show()
    }
    const first = page[0]
    if (first && (page.length >= SHORT || first.seq <= start())) return
    try {
      page = first ? await history.fetch(chat, first.seq) : await history.fetch(chat, null)
      if (!first) rows = []
      join(page, 'newest')
    } catch (failure) {
      // Offline with less than a page at hand: the newest that is held is shown.
      const range = local.chats.get(chat)?.ranges.at(-1)
      if (!first && range) join(await history.heldBefore(chat, range[1]), 'newest')
      throw failure
    }
  }

  /** The stretch around a message: as it is held, else as the server tells it. */
  async function around(seq: number): Promise<void> {
    const range = rangeAround(local.chats.get(chat)?.ranges ?? [], seq)
    const last = Math.min(seq + PAGE / 2, range?.[1] ?? latest())
    let page = await history.heldBefore(chat, last)
    if (!page.some((row) => row.seq === seq)) page = await history.fetch(chat, last + 1)
    rows = []
    join(page, 'newest')
  }

  const face: ChatWindow = {
    get isOver() {
      return closed
    },
    get chat() {
      return look().chat
    },
    get items() {
      return look().items
    },
    get pinned() {
      return look().pinned
    },
    get hasOlder() {
      return (rows[0]?.seq ?? 0) > start()
    },
    get hasNewer() {
      return !atEnd
    },
    get loading() {
      return loading
    },
    get error() {
      if (local.chats.get(chat)?.forked) return FORGOTTEN
      return error
    },
    firstUnreadAfter: Math.min(before?.marks[local.self]?.[1] ?? 0, unreadAfter ?? Infinity),
    wasMarkedUnread: unreadAfter !== null,
    get events() {
      const events = (local.chats.get(chat)?.events ?? []).filter(({ afterSeq }) => afterSeq >= start() - 1)
      return events.map((event) => ({ ...event, at: new Date(event.at).toISOString() }))
    },
    get typing() {
      return options.typing()
    },
    loadOlder: () => load('older', older),
    loadNewer: () =>
      load('newer', async () => {
        const last = rows.at(-1)
        if (!last || atEnd) return
        const held = await history.heldAfter(chat, last.seq + 1)
        join(held.length > 0 ? held : await history.fetch(chat, Math.min(last.seq + PAGE + 1, latest() + 1)), 'newest')
      }),
    jumpToLatest: async () => {
      // A page on its way must not swallow it.
      while (loading !== null) await underWay
      if (!atEnd || rows.length === 0) await load('newer', newest, rows.length > 0)
    },
    jumpTo: async (id) => {
      if (look().items.some((item) => item.id === id)) return true
      const seq = await history.seqOf(chat, id)
      if (seq === null) return false
      while (loading !== null) await underWay
      await load('older', () => around(seq), true)
      return rows.some((row) => row.id === id)
    },
    jumpToTime: async (time) => {
      const seq = await history.seqSince(chat, time)
      while (loading !== null) await underWay
      if (seq > latest()) {
        await face.jumpToLatest()
        return rows.at(-1)?.id ?? null
      }
      const find = (): MessageRow | undefined => rows.find((row) => row.seq === seq)
      if (!find()) await load('older', () => around(seq), true)
      return find()?.id ?? null
    },
    receiptsOf: (seq) => receipts(options.viewOf(chat), seq),
    setTyping: options.setTyping,
    markSeen: options.markSeen,
    subscribe: notifier.subscribe,
    close: () => {
      if (closed) return
      closed = true
      stopWaiting()
      notifier.close()
      options.closed()
    },
  }
  show()
  inBackground(load('older', newest), options.ports)
  inBackground(findAimed(), options.ports)

  /** Rows that made room for others hear of no change any more: they leave the window, too. */
  function dropUnheld(): void {
    const last = rows.at(-1)
    if (!last || loading !== null || local.store.failed) return
    const range = rangeAround(local.chats.get(chat)?.ranges ?? [], last.seq)
    if (range) rows = rows.filter(({ seq }) => seq >= range[0])
    else inBackground(load('newer', newest), options.ports)
  }
  async function reread(toEnd: boolean): Promise<void> {
    const first = rows[0]?.seq ?? 1
    const last = toEnd ? latest() : (rows.at(-1)?.seq ?? 0)
    const held = await local.store.list('messages', { group: chat, from: first, to: last })
    if (held.length > 0) join(held, 'newest')
    // The disk failed, and took the rows with it.
    else if (toEnd && rows.length > 0) return load('older', newest)
    show()
  }
  return {
    face,
    changed: (change) => {
      if (!change.chats.has(chat)) return
      const now = local.chats.get(chat)?.cuts
      if (now !== cuts) {
        cuts = now
        const anew = (): Promise<void> => load('older', newest)
        return inBackground(underWay.then(anew), options.ports)
      }
      if (change.anything) {
        inBackground(reread(atEnd), options.ports)
        return
      }
      for (const row of change.messages) if (aimed.has(keyOf(row))) aimed.set(keyOf(row), row)
      inBackground(findAimed(), options.ports)
      const first = rows[0]?.seq ?? 1
      const last = rows.at(-1)?.seq ?? 0
      const followed = atEnd && !(loading && rows.length === 0)
      const news = change.messages.filter((row) => row.chat === chat && row.seq >= first && (row.seq <= last || (followed && row.seq <= latest())))
      if (news.length > 0) join(news, 'newest')
      else atEnd = last >= latest() || rows.length === 0
      dropUnheld()
      // The chat's row was read after another tab had written more than it has told of yet.
      if (change.reread && followed && rows.length > 0 && (rows.at(-1)?.seq ?? 0) < latest()) inBackground(reread(true), options.ports)
      else show()
      // The window was opened before the chat was known here, or is short for another reason.
      const missing = (rows[0]?.seq ?? latest() + 1) > start()
      if (atEnd && missing && rows.length < SHORT && loading === null) inBackground(load('older', rows.length > 0 ? older : newest), options.ports)
    },
    refresh: show,
    connected: askAgain,
  }
}
