// Keeps what a device holds of all chats within a budget.
import type { ChatId } from '@skein/protocol'
import { putChat, type Local } from '../local.ts'
import { inBackground, type Ports, type Timer } from '../ports.ts'
import { evict, type Gone } from '../store/evict.ts'
import { usedBytes } from '../store/rows.ts'

/** Down to this share of the budget, so that not every new row makes others go. */
const DOWN_TO = 0.9
const LOOK_MS = 1_000

/** Takes out at least `wanted` bytes of what may go, where there is as much; resolves with how many went. `isShown`: in a window of any tab. */
export function evictFrom(local: Local, isShown: (chat: ChatId) => boolean, ports: Ports, wanted: number): Promise<number> {
  const write = async ({ chat, changes, without }: Gone): Promise<boolean> => {
    const row = local.chats.get(chat)
    return row !== undefined && local.commit([...changes, ...putChat(row, without(row))])
  }
  const hasWords = (chat: ChatId): boolean => local.outboxOf(chat).length > 0
  return evict({ chats: local.chats, store: local.store, now: ports.now(), sha256: ports.sha256, hasWords, isShown, alsoKept: false, write }, wanted)
}

export interface Room {
  start(): void
  stop(): void
  /** Something was written. */
  consider(): void
  /** Makes what is held fit the budget, with this many bytes to spare; false when it cannot. */
  make(bytes: number): Promise<boolean>
}

export function createRoom(local: Local, budget: () => number, isShown: (chat: ChatId) => boolean, ports: Ports): Room {
  let running = false
  let timer: Timer | null = null
  let last: Promise<boolean> = Promise.resolve(true)

  async function fit(spare: number): Promise<boolean> {
    if (!running || usedBytes(local.chats) + spare <= budget()) return running
    const wanted = usedBytes(local.chats) + spare - budget() * DOWN_TO
    await evictFrom(local, isShown, ports, wanted)
    return usedBytes(local.chats) + spare <= budget()
  }
  const room: Room = {
    start: () => {
      running = true
      room.consider()
    },
    stop: () => {
      running = false
      if (timer !== null) ports.clearTimeout(timer)
      timer = null
    },
    consider: () => {
      if (!running || timer !== null) return
      timer = ports.setTimeout(() => {
        timer = null
        inBackground(room.make(0), ports)
      }, LOOK_MS)
    },
    make: (spare) => (last = last.then(() => fit(spare))),
  }
  return room
}
