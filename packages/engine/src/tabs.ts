// The tabs of one person in one browser: one leads (it owns the socket, the feed and all appending), all hear of each other's writes.
//
//   follower ──lock granted, number claimed──▶ leader ──closes, sleeps: gives the lock up──▶ the next in the queue
//      │ three pings unanswered, or the leader is hidden and this tab is looked at         │
//      └──steals the lock──▶ leader              follower ◀──told that the lock was stolen──┘
//
// A hidden leader that runs goes on leading as long as nobody looks at another tab: it answers pings, since messages are not throttled as its timers are.
import type { ChatId } from '@skein/protocol'
import { randomFraction, type PageState, type Ports, type Timer } from './ports.ts'
import { openTabChannel, type TabMessage } from './tab-channel.ts'

/** A follower asks this often whether the leader lives; one question serves all followers. */
const PING_MS = 240
const MISSED = 3

export interface Tabs {
  readonly id: string
  readonly leading: boolean
  post(message: TabMessage): void
  /** Chats that any other tab shows. */
  othersWindows(): Set<ChatId>
  /** Another tab leads, by the store's word. */
  stepDown(): void
  close(): void
}

export interface TabsOptions {
  /** Names the lock and the channel; holds the person's id (W7). */
  name: string
  ports: Ports
  /** Takes the next fence number, when `known` is the last that was heard of; only asked where there are locks. */
  claim(known: number): Promise<number>
  /** This tab leads from now on; `fence` null where tabs do not know of each other. */
  lead(fence: number | null): void
  /** It does not lead any more: nothing may wait in here, since a page that is put to sleep runs nothing later. */
  resign(): void
  /** After a sleep, in which messages were missed, or when another leads, whose messages may be missed for ever. */
  awake(): void
  receive(message: TabMessage): void
  /** A newer program runs in another tab. */
  outdated(): void
}

export function openTabs({ name, ports, claim, lead, resign, awake, receive, outdated }: TabsOptions): Tabs {
  const id = Array.from(ports.randomBytes(8), (byte) => byte.toString(16).padStart(2, '0')).join('')
  const lock = `${name} leader`
  const windows = new Map<string, ChatId[]>()
  let closed = false
  let page: PageState = 'visible'
  /** The way to give up the lock, or the waiting for it; null while this tab wants neither. */
  let giveUp: (() => void) | null = null
  let holding = false
  let leading = false
  /** Of the newest leader that this tab knows of. */
  let fence = 0
  let leaderHidden = false
  let heard = false
  let asked = false
  let missed = 0
  let timer: Timer | null = null

  const channel = openTabChannel(ports, name, hear, outdated)

  function hear(message: TabMessage): void {
    if (closed || page === 'asleep') return
    switch (message.is) {
      case 'ping':
        asked = true
        if (holding) beat()
        return
      case 'beat':
        if (message.fence < fence) return
        if (leading) {
          // Stolen from, and told by the thief before the browser says so.
          if (message.fence > fence) rest()
          return
        }
        // The leader before may have died before it told what it wrote last.
        if (fence > 0 && message.fence > fence) awake()
        fence = message.fence
        heard = true
        leaderHidden = message.hidden
        return look()
      case 'live':
        if (message.fence < fence || leading) return
        break
      case 'windows':
        if (message.chats.length > 0) windows.set(message.tab, message.chats)
        else windows.delete(message.tab)
        break
      default:
    }
    receive(message)
  }
  const beat = (): void => channel.post({ is: 'beat', fence, hidden: page !== 'visible' })

  function stepDown(): void {
    holding = false
    if (!leading) return
    leading = false
    resign()
  }
  /** Waits for the lock, or takes it. */
  function stand(steal: boolean): void {
    leave()
    if (closed) return
    missed = 0
    leaderHidden = false
    const abort = new AbortController()
    const released = Promise.withResolvers<void>()
    const mine = (): void => {
      released.resolve()
      abort.abort()
    }
    giveUp = mine
    async function held(): Promise<void> {
      if (giveUp !== mine) return
      holding = true
      beat()
      const claimed = ports.locks ? await claim(fence) : null
      if (giveUp !== mine) return
      fence = claimed ?? 0
      leading = true
      beat()
      windows.clear()
      channel.post({ is: 'who' })
      lead(claimed)
      await released.promise
    }
    const request = !ports.locks ? Promise.resolve().then(held) : steal ? ports.locks.steal(lock, held) : ports.locks.hold(lock, abort.signal, held)
    // Stolen, or the store failed while claiming: it stands again at the next look.
    request
      .catch(() => {})
      .finally(() => {
        if (giveUp === mine) rest()
      })
  }
  function leave(): void {
    stepDown()
    const before = giveUp
    giveUp = null
    before?.()
  }
  function later(): void {
    timer = ports.setTimeout(watch, PING_MS * (0.75 + randomFraction(ports) / 4))
  }
  /** Leads no more; stands again at the next look. */
  function rest(): void {
    leave()
    if (closed) return
    heard = true
    // Who leads now tells this tab how things stand.
    receive({ is: 'who' })
    if (ports.locks && timer === null) later()
  }
  /** Somebody looks at this tab while the leader is hidden: its timers are throttled, this tab's are not. */
  function look(): void {
    if (page === 'visible' && leaderHidden && !holding) stand(true)
  }
  function watch(): void {
    timer = null
    if (giveUp === null) stand(false)
    if (holding) return
    later()
    missed = heard ? 0 : missed + 1
    heard = false
    if (missed >= MISSED) return stand(true)
    if (!asked) channel.post({ is: 'ping' })
    asked = false
  }
  function turn(state: PageState): void {
    const before = page
    page = state
    if (closed) return
    if (state === 'asleep') {
      if (timer !== null) ports.clearTimeout(timer)
      timer = null
      channel.post({ is: 'windows', tab: id, chats: [] })
      return leave()
    }
    if (before === 'asleep') awake()
    if (timer === null && giveUp === null) start()
    else if (holding) beat()
    else look()
  }
  function start(): void {
    heard = true
    if (ports.locks) watch()
    else stand(false)
  }

  // Whoever leads tells this tab how things stand.
  channel.post({ is: 'windows', tab: id, chats: [] })
  const stopListening = ports.pageStates?.(turn)
  if (!stopListening) start()

  return {
    id,
    get leading() {
      return leading
    },
    post: (message) => {
      if (!closed) channel.post(message)
    },
    stepDown: rest,
    othersWindows: () => new Set([...windows.values()].flat()),
    close: () => {
      if (closed) return
      channel.post({ is: 'windows', tab: id, chats: [] })
      closed = true
      stopListening?.()
      if (timer !== null) ports.clearTimeout(timer)
      leave()
      channel.close()
    },
  }
}
