// The tabs of one person in one browser: one leads (it owns the socket, the feed and all appending), all hear of each other's writes.
import type { ChatId, UserId } from '@skein/protocol'
import type { Ports } from './ports.ts'
import type { NetworkState } from './types.ts'

/** What only the leader knows, for the others to show. */
export interface LiveState {
  network: NetworkState
  online: UserId[]
  typing: [ChatId, UserId[]][]
  nextTries: [ChatId, number][]
}

export type TabMessage =
  | { is: 'changed'; chats: ChatId[]; people: boolean }
  /** The chats that a tab shows; empty when it goes. */
  | { is: 'windows'; tab: string; chats: ChatId[] }
  /** A new leader asks everybody for their windows. */
  | { is: 'who' }
  | { is: 'live'; live: LiveState }
  | { is: 'typing'; chat: ChatId; typing: boolean }
  | { is: 'catch-up'; chat: ChatId }
  | { is: 'connect' }
  | { is: 'retry'; chat: ChatId }

export interface Tabs {
  readonly id: string
  readonly leading: boolean
  post(message: TabMessage): void
  /** Chats that any other tab shows. */
  othersWindows(): Set<ChatId>
  close(): void
}

export interface TabsOptions {
  /** Names the lock and the channel; holds the person's id (W7). */
  name: string
  ports: Ports
  lead(): void
  receive(message: TabMessage): void
}

export function openTabs({ name, ports, lead, receive }: TabsOptions): Tabs {
  const id = Array.from(ports.randomBytes(8), (byte) => byte.toString(16).padStart(2, '0')).join('')
  const windows = new Map<string, ChatId[]>()
  const abort = new AbortController()
  let leading = false
  let letGo = (): void => {}

  const channel = ports.channel?.(name, (data) => {
    // Only tabs of this same program post here.
    const message = data as TabMessage
    if (message.is === 'windows') {
      if (message.chats.length > 0) windows.set(message.tab, message.chats)
      else windows.delete(message.tab)
    }
    receive(message)
  })
  function take(): void {
    leading = true
    channel?.post({ is: 'who' })
    lead()
  }
  // Whoever leads tells this tab how things stand.
  channel?.post({ is: 'windows', tab: id, chats: [] })
  if (ports.locks) {
    const held = (): Promise<void> =>
      new Promise<void>((resolve) => {
        letGo = resolve
        take()
      })
    ports.locks.hold(`${name} leader`, abort.signal, held).catch(() => {})
  } else ports.setTimeout(() => !abort.signal.aborted && take(), 0)

  return {
    id,
    get leading() {
      return leading
    },
    // A closed channel throws; what is still going on has nobody to tell.
    post: (message) => {
      if (!abort.signal.aborted) channel?.post(message)
    },
    othersWindows: () => new Set([...windows.values()].flat()),
    close: () => {
      channel?.post({ is: 'windows', tab: id, chats: [] })
      abort.abort()
      channel?.close()
      leading = false
      letGo()
    },
  }
}
