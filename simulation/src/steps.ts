// What happens in a run: people write, devices lose the network, tabs and servers die. Each kind of step says when it can happen and how often it should.
import type { ChatWindow, MessageItem, OutboxItem } from '@skein/engine'
import type { ChatId } from '@skein/protocol'
import type { Device, OpenTab } from './device.ts'
import type { Person, World } from './world.ts'
import { meaningOf } from './words.ts'

export interface Step {
  name: string
  weight: number
  /** Does it; false when there was nothing to do it to. */
  run(world: World): boolean
}

export interface Seat {
  person: Person
  device: Device
  open: OpenTab
}

export function seats(world: World): Seat[] {
  return world.people.flatMap((person) =>
    person.devices.flatMap((device) =>
      device.tabs.filter(({ engine, frozen }) => engine.session.status === 'logged-in' && !frozen).map((open) => ({ person, device, open })),
    ),
  )
}

const EMOJI = ['👍', '❤️', '🎉']

/** Somebody in front of a tab, with one of their chats. */
function somebody(world: World): (Seat & { chat: ChatId }) | null {
  const seat = world.random.pick(seats(world))
  if (!seat) return null
  const chat = world.random.pick(seat.open.engine.chats.filter(({ removed }) => !removed))?.id
  return chat ? { ...seat, chat } : null
}

function someWindow(world: World): (Seat & { chat: ChatId; window: ChatWindow }) | null {
  const all = seats(world).flatMap((seat) => Array.from(seat.open.windows, ([chat, window]) => ({ ...seat, chat, window })))
  return world.random.pick(all) ?? null
}

function someMessage(world: World, own: boolean): (Seat & { chat: ChatId; window: ChatWindow; item: MessageItem }) | null {
  const found = someWindow(world)
  if (!found) return null
  const item = world.random.pick(found.window.items.filter((each) => !own || each.own).slice(-8))
  return item ? { ...found, item } : null
}

function someOutbox(world: World, test: (item: OutboxItem) => boolean): (Seat & { item: OutboxItem }) | null {
  const all = seats(world).flatMap((seat) => seat.open.engine.outbox.filter(test).map((item) => ({ ...seat, item })))
  return world.random.pick(all) ?? null
}

export function openWindow(world: World, { device, open }: { device: Device; open: OpenTab }, chat: ChatId): void {
  world.as(open.tab.actor, () => {
    if (open.windows.has(chat) || open.engine.chats.every(({ id }) => id !== chat)) return
    open.windows.set(chat, open.engine.openChat(chat))
    world.trace.add(`window of ${device.name}`, open.windows.size)
  })
}

/** Somebody has seen what the window shows, all of it; false where it shows nothing that is stored. */
export function readAll(world: World, open: OpenTab, window: ChatWindow): boolean {
  const last = window.isOver ? undefined : window.items.findLast(({ seq }) => seq > 0)
  if (last) world.as(open.tab.actor, () => window.markSeen(last.seq))
  return last !== undefined
}

/** Somebody says something new. */
export function say(world: World, { device, open }: Pick<Seat, 'device' | 'open'>, chat: ChatId, reply?: MessageItem): void {
  const text = `w${++world.tokens}`
  world.say(`${open.tab.actor.name} sends "${text}" to ${chat.slice(0, 4)}`)
  const keep = world.words.keeper(device.name)
  const options = reply ? { replyTo: { id: reply.id, author: reply.authorId } } : {}
  world.as(
    open.tab.actor,
    () => open.engine.send(chat, text, options),
    (result, id) => {
      if (result === 'done' && device.user) keep(device.user, chat, text, id as MessageItem['id'])
    },
  )
}

const writing: Step[] = [
  {
    name: 'send',
    weight: 30,
    run: (world) => {
      const found = somebody(world)
      if (!found) return false
      const { open, chat } = found
      const reply = world.random.chance(0.2) ? world.random.pick(open.windows.get(chat)?.items ?? []) : undefined
      for (let i = world.random.chance(0.15) ? world.random.between(2, 8) : 1; i > 0; i--) say(world, found, chat, reply)
      return true
    },
  },
  {
    name: 'say much',
    weight: 1,
    run: (world) => {
      const found = somebody(world)
      if (!found) return false
      for (let i = world.random.between(10, 20); i > 0; i--) say(world, found, found.chat)
      return true
    },
  },
  {
    name: 'edit',
    weight: 10,
    run: (world) => {
      const found = someMessage(world, !world.random.chance(0.1))
      if (!found) return false
      const { device, open, chat, item } = found
      const text = `w${++world.tokens}`
      let keep = world.words.keeper(device.name)
      world.say(`${open.tab.actor.name} edits ${item.id.slice(0, 4)} to "${text}"`)
      const inOutbox = waits(found, item.id)
      world.as(
        open.tab.actor,
        () => {
          // In place, the old words are given up for the new ones; what was set aside has got another id by that.
          if (inOutbox) {
            world.words.excuse(device.name, item.id)
            world.words.excuseMeaning(device.name, item.text)
            keep = world.words.keeper(device.name)
          }
          return open.engine.edit(chat, { id: item.id, author: item.authorId }, text)
        },
        (result) => {
          if (result === 'done' && device.user) keep(device.user, chat, text, item.id)
        },
      )
      return true
    },
  },
  {
    name: 'delete',
    weight: 5,
    run: (world) => {
      const found = someMessage(world, !world.random.chance(0.1))
      if (!found) return false
      const { device, open, chat, item } = found
      const undoMs = world.random.chance(0.3) ? world.random.between(500, 5_000) : 0
      const keep = world.words.keeper(device.name)
      let isWaiting = false
      world.say(`${open.tab.actor.name} deletes ${item.id.slice(0, 4)}${undoMs ? `, and may take it back for ${undoMs} ms` : ''}`)
      world.as(
        open.tab.actor,
        () => {
          isWaiting = waits(found, item.id)
          if (isWaiting) giveUp(world, found, item)
          return open.engine.delete(chat, { id: item.id, author: item.authorId }, { undoMs })
        },
        (result) => {
          // What another tab made of it while the disk was slow went with it.
          if (isWaiting) giveUp(world, found, item)
          const queued = open.engine.outbox.some((other) => other.kind === 'delete')
          if (result === 'done' && device.user && queued && !waits(found, item.id) && item.seq > 0)
            keep(device.user, chat, meaningOf({ type: 'delete', id: item.id, at: '', target: item.id }), item.id)
        },
      )
      return true
    },
  },
  {
    name: 'react',
    weight: 8,
    run: (world) => {
      const found = someMessage(world, false)
      const emoji = world.random.pick(EMOJI) ?? ''
      if (!found) return false
      const { open, chat, item, device } = found
      const on = !world.random.chance(0.3)
      const keep = world.words.keeper(device.name)
      world.say(`${open.tab.actor.name} reacts to ${item.id.slice(0, 4)}`)
      world.as(
        open.tab.actor,
        () => open.engine.react(chat, { id: item.id, author: item.authorId }, emoji, on),
        (result) => {
          if (result === 'done' && device.user && item.seq > 0)
            keep(device.user, chat, meaningOf({ type: 'react', id: item.id, at: '', target: item.id, emoji, on }), item.id)
        },
      )
      return true
    },
  },
  {
    name: 'pin',
    weight: 6,
    run: (world) => {
      const found = someMessage(world, false)
      if (!found) return false
      const { open, chat, item, device } = found
      const on = !world.random.chance(0.3)
      const keep = world.words.keeper(device.name)
      world.say(`${open.tab.actor.name} ${on ? 'pins' : 'unpins'} ${item.id.slice(0, 4)}`)
      world.as(
        open.tab.actor,
        () => open.engine.pin(chat, { id: item.id, author: item.authorId }, on),
        (result) => {
          const meaning = meaningOf({ type: 'pin', id: item.id, at: '', target: item.id, targetAuthor: item.authorId, on })
          if (result === 'done' && device.user && item.seq > 0) keep(device.user, chat, meaning, item.id)
        },
      )
      return true
    },
  },
  {
    name: 'retry',
    weight: 4,
    run: (world) => {
      const found = someOutbox(world, ({ state }) => state === 'aside')
      if (!found) return false
      const { device, open, item } = found
      world.say(`${open.tab.actor.name} retries ${item.id.slice(0, 4)}`)
      world.as(open.tab.actor, () => {
        world.words.excuse(device.name, item.id)
        return open.engine.retry(item.id)
      })
      return true
    },
  },
  {
    name: 'discard',
    weight: 4,
    run: (world) => {
      const found = someOutbox(world, () => true)
      if (!found) return false
      const { device, open, item } = found
      const row = device.outbox.get(item.id)
      world.say(`${open.tab.actor.name} discards ${item.id.slice(0, 4)}`)
      let shown: OutboxItem['state'] | undefined
      world.as(
        open.tab.actor,
        () => {
          shown = open.engine.outbox.find(({ id }) => id === item.id)?.state
          giveUp(world, found, item)
          if (row) world.words.excuseMeaning(device.name, meaningOf(row.operation))
          // In memory only, since the disk fails.
          else if (item.target) world.words.excuse(device.name, item.target.id)
          return open.engine.discard(item.id)
        },
        (result, gone) => {
          if (gone === true) giveUp(world, found, item)
          if (shown === 'appended' && gone === true) world.broken('promise 1', `${item.id} was under way and is told to be taken back`)
          // What a full disk has as waiting may be stored by now.
          if (result !== 'done' || gone !== true || shown !== 'waiting' || row?.state.at !== 'waiting') return
          if (world.unsure.has(row.operation.id)) return
          world.takenBack.set(row.operation.id, row.chat)
          if (device.user && row.operation.type === 'message') world.words.discard(device.user, row.chat, row.operation.text, world.record())
        },
      )
      return true
    },
  },
]

const reading: Step[] = [
  {
    name: 'open a window',
    weight: 8,
    run: (world) => {
      const found = somebody(world)
      if (!found || found.open.windows.has(found.chat)) return false
      world.say(`${found.open.tab.actor.name} opens ${found.chat.slice(0, 4)}`)
      openWindow(world, found, found.chat)
      return true
    },
  },
  {
    name: 'close a window',
    weight: 3,
    run: (world) => {
      const found = someWindow(world)
      if (!found) return false
      const { open, chat, window } = found
      world.say(`${open.tab.actor.name} closes ${chat.slice(0, 4)}`)
      open.windows.delete(chat)
      world.as(open.tab.actor, () => window.close())
      return true
    },
  },
  {
    name: 'read',
    weight: 8,
    run: (world) => {
      const found = someWindow(world)
      return found !== null && readAll(world, found.open, found.window)
    },
  },
  {
    name: 'scroll',
    weight: 2,
    run: (world) => {
      const found = someWindow(world)
      if (!found) return false
      const { window, open } = found
      const way = world.random.below(3)
      world.as(open.tab.actor, () => (way === 0 ? window.loadOlder() : way === 1 ? window.loadNewer() : window.jumpToLatest()))
      return true
    },
  },
  {
    name: 'type',
    weight: 3,
    run: (world) => {
      const found = someWindow(world)
      if (!found) return false
      const typing = world.random.chance(0.7)
      world.as(found.open.tab.actor, () => found.window.setTyping(typing))
      return true
    },
  },
]

/** What waits is to go, and with it what was to be changed in it. */
function giveUp(world: World, { device, open }: Seat, { id, text }: { id: string; text: string }): void {
  for (const item of [{ id, text }, ...open.engine.outbox.filter(({ target }) => target?.id === id)]) {
    world.words.excuse(device.name, item.id as OutboxItem['id'])
    world.words.excuseMeaning(device.name, item.text)
  }
}

/** It is in the outbox, be it on the disk or, where that fails, in memory. */
const waits = ({ device, open }: Seat, id: string): boolean => device.outbox.has(id) || open.engine.outbox.some((item) => item.id === id)

export const peopleSteps: Step[] = [...writing, ...reading]
