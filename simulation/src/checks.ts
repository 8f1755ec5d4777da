// What must hold after every step, seen from outside: what people are shown, and what devices hold.
import type { ChatWindow, MessageItem } from '@skein/engine'
import type { ChatId } from '@skein/protocol'
import type { Device } from './device.ts'
import type { ChatRecord, MessageAt } from './record.ts'
import type { World } from './world.ts'

export function checkAll(world: World): void {
  const { words } = world
  for (const device of world.devices) {
    for (const [id, row] of device.chats) {
      const user = device.user
      if (user && !row.removed && row.document !== null && !wasMember(world, id, device))
        world.broken('promise 8', `${device.name} holds ${id}, of which its person was never a member`)
    }
    for (const open of device.tabs) for (const [chat, window] of open.windows) checkWindow(world, device, chat, window)
  }
  for (const [id, chat] of world.takenBack)
    if (world.record().stored.has(`${chat}/${id}`)) world.broken('promise 1', `${id} was taken back and is stored in ${chat} all the same`)
  // What is not committed yet cannot be told from what is.
  if (!world.machine.inTransaction) {
    words.check(
      world.record(),
      (chat) => world.isRewound(chat),
      (name) => deviceOf(world, name)?.meanings ?? new Set(),
      (name) => deviceOf(world, name)?.unsaved ?? false,
      (what) => world.broken('promise 1', what),
    )
  }
}

const deviceOf = (world: World, name: string): Device | undefined => world.devices.find((device) => device.name === name)

function wasMember(world: World, chat: ChatId, device: Device): boolean {
  const { user } = device
  return user !== null && world.record().sinceLeft(chat, user) !== Infinity
}

/** Stored messages by seq without a gap, each as it was at some rev, then one's own outbox; each once. */
export function checkWindow(world: World, device: Device, chat: ChatId, window: ChatWindow): void {
  const { items } = window
  const keys = new Set<string>()
  let lastSeq = 0
  let queued = false
  const record = world.record().chats.get(chat)
  const unseen = device.user ? world.record().unseenBy(chat, device.user) : 0
  for (const item of items) {
    const say = (what: string): void => world.broken('CHAT-1', `${device.name} shows ${item.key} of ${chat} ${what}`)
    if (keys.has(item.key)) say('twice')
    keys.add(item.key)
    if (item.seq === 0) {
      queued = true
      if (!item.own) say('without a place, though it is not their own')
      if (item.status !== 'queued' && item.status !== 'set-aside') say(`as ${item.status}, though it has no place`)
      continue
    }
    if (queued) say('below what waits')
    if (lastSeq !== 0 && item.seq !== lastSeq + 1) say(`at seq ${item.seq} behind ${lastSeq}`)
    lastSeq = item.seq
    // Of what stands before one joined one hears no changes (CHAT-9).
    const isUnseen = (record?.places.get(item.key) ?? 0) <= unseen
    if (record && !isUnseen && !holdsLostPast(world, device, chat))
      checkItem(record, item, say, !world.healed || (device.user !== null && world.record().hasLeft(chat, device.user)))
  }
}

/** Devices may still be bringing it back, or this one may not: who was taken out offers nothing (HEAL-2), and keeps what they have. */
function holdsLostPast(world: World, device: Device, chat: ChatId): boolean {
  return world.isUnhealed(chat) || (world.isRewound(chat) && device.user !== null && world.record().hasLeft(chat, device.user))
}

/** `mayLag`: who was taken out is not told of erasures, and others may not have heard of them yet. */
function checkItem(record: ChatRecord, item: MessageItem, say: (what: string) => void, mayLag: boolean): void {
  if (record.order[item.seq - 1] !== item.key) return say(`at seq ${item.seq}, where ${record.order[item.seq - 1]} is stored`)
  if (item.hidden) return item.text === '' ? undefined : say('with its words, though its person hid it')
  const states = record.messages.get(item.key)
  // An erased message is a function of its entry alone (ERASE-5).
  const isErased = item.deletedAt !== null && item.text === '' && item.rev === record.places.get(item.key) && states?.at(-1)?.deleted
  if (isErased && item.reactions.length === 0) return
  // Read again from a restored database, what is erased is known by its end alone.
  if (mayLag && states?.[0]?.deleted && item.deletedAt === null) return
  const state = states?.findLast(({ rev }) => rev <= item.rev)
  if (!state) return say(`at rev ${item.rev}, before it was stored`)
  if (!item.pending) compare(item, state, say)
}

function compare(item: MessageItem, state: MessageAt, say: (what: string) => void): void {
  if ((item.deletedAt !== null) !== state.deleted) return say(state.deleted ? 'not deleted' : 'deleted')
  if (item.text !== state.text) say(`as "${item.text}", and at rev ${item.rev} it was "${state.text}"`)
  const reactions = item.reactions.flatMap(({ emoji, userIds }) => userIds.map((user) => `${emoji} ${user}`)).sort()
  if (reactions.join() !== state.reactions.join())
    say(`with the reactions ${reactions.join()}, and at rev ${item.rev} it had ${state.reactions.join()}`)
}
