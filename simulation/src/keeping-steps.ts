// What people do less often: they look after their outbox, keep chats, log out; and what comes to a server beside `<chat-app>`: bots over HTTP, a y-websocket client.
import type { OutboxItem } from '@skein/engine'
import { visit } from './plain-client.ts'
import { asProgram, ask } from './program.ts'
import { seats, type Seat, type Step } from './steps.ts'
import type { World } from './world.ts'

/** Until then every tab has heard that the device forgets. */
const TOLD_MS = 20

function someOutbox(world: World, test: (item: OutboxItem) => boolean): (Seat & { item: OutboxItem }) | null {
  const all = seats(world).flatMap((seat) => seat.open.engine.outbox.filter(test).map((item) => ({ ...seat, item })))
  return world.random.pick(all) ?? null
}

/** The words of what waits or was set aside become others. */
function rewrite(world: World, found: (Seat & { item: OutboxItem }) | null, how: 'retry' | 'editQueued'): boolean {
  if (!found) return false
  const { device, open, item } = found
  const text = `w${++world.tokens}`
  let keep = world.words.keeper(device.name)
  world.say(`${open.tab.actor.name} changes ${item.id.slice(0, 4)} in the outbox to "${text}"`)
  world.as(
    open.tab.actor,
    () => {
      world.words.excuse(device.name, item.id)
      world.words.excuseMeaning(device.name, item.text)
      keep = world.words.keeper(device.name)
      return open.engine[how](item.id, text)
    },
    (result) => {
      // Too late, it says so or does nothing.
      const changed = result === 'done' && open.engine.outbox.find((other) => other.text === text)
      if (changed && device.user) keep(device.user, item.chatId, text, changed.id)
    },
  )
  return true
}

const hasWords = ({ kind }: OutboxItem): boolean => kind === 'message' || kind === 'edit'

export const keepingSteps: Step[] = [
  {
    name: 'retry with other words',
    weight: 3,
    run: (world) =>
      rewrite(
        world,
        someOutbox(world, (item) => item.state === 'aside' && hasWords(item)),
        'retry',
      ),
  },
  { name: 'change what waits', weight: 4, run: (world) => rewrite(world, someOutbox(world, hasWords), 'editQueued') },
  {
    name: 'export the outbox',
    weight: 2,
    run: (world) => {
      const found = someOutbox(world, () => true)
      if (!found) return false
      const { open } = found
      let texts: string[] = []
      world.as(
        open.tab.actor,
        () => {
          texts = open.engine.outbox.map(({ text }) => text)
          return open.engine.exportOutbox(world.random.chance(0.5) ? 'json' : 'text')
        },
        (result, exported) => {
          const left = result === 'done' ? texts.find((text) => !String(exported).includes(text)) : undefined
          if (left !== undefined) world.broken('promise 1', `"${left}" waits at ${open.tab.actor.name} and is not exported`)
        },
      )
      return true
    },
  },
  {
    name: 'keep a chat offline',
    weight: 3,
    run: (world) => {
      const seat = world.random.pick(seats(world))
      const chat = world.random.pick(seat?.open.engine.chats ?? [])
      if (!seat || !chat) return false
      const keep = world.random.chance(0.7)
      world.say(`${seat.open.tab.actor.name} ${keep ? 'keeps' : 'no longer keeps'} ${chat.id.slice(0, 4)}`)
      world.as(seat.open.tab.actor, () => seat.open.engine.keepOffline(chat.id, keep))
      return true
    },
  },
  {
    name: 'log out and in',
    weight: 1,
    run: (world) => {
      const seat = world.random.pick(seats(world).filter(({ device }) => device.tabs.length === 1 && !device.unsaved))
      if (!seat) return false
      const { person, open } = seat
      world.say(`${open.tab.actor.name} logs out, and in again`)
      open.windows.clear()
      world.as(
        open.tab.actor,
        () => open.engine.logout('keep'),
        () => world.logIn(person, open),
      )
      return true
    },
  },
  {
    name: 'log out and forget',
    weight: 1,
    run: (world) => {
      const seat = world.random.pick(seats(world))
      if (!seat) return false
      const { person, device, open } = seat
      world.say(`${open.tab.actor.name} logs out, lets the device forget everything, and logs in again`)
      for (const { windows } of device.tabs) windows.clear()
      // A database that is restored meanwhile finds nothing here either.
      const provesNothing = (): void => {
        for (const promised of world.lost.splice(0)) if (promised.device !== device) world.lost.push(promised)
      }
      world.words.forgetting(device.name)
      provesNothing()
      world.as(
        open.tab.actor,
        () => open.engine.logout('discard'),
        () => {
          world.words.forgotten(device.name)
          provesNothing()
          world.logIn(person, open, () => {
            // Another tab may be told only now.
            world.words.forgetting(device.name)
            world.scheduler.post(world.scheduler.harness, TOLD_MS, () => world.words.forgotten(device.name))
          })
        },
      )
      return true
    },
  },
  {
    name: 'a bot sends',
    weight: 4,
    run: (world) =>
      asProgram(world, async (person, chat, actor) => {
        const text = `w${++world.tokens}`
        world.say(`a bot of ${person.name} sends "${text}" to ${chat.slice(0, 4)}`)
        await ask(world, person, actor, 'POST', `/api/chats/${chat}/messages`, { text }, `key ${text}`.replace(' ', '-'))
      }),
  },
  {
    name: 'seen over HTTP',
    weight: 3,
    run: (world) =>
      asProgram(world, async (person, chat, actor) => {
        const keys = world.record().chats.get(chat)?.order.slice(-3) ?? []
        const messageIds = keys.slice(0, world.random.between(1, 3)).map((key) => key.split('/')[1])
        await ask(world, person, actor, 'POST', `/api/chats/${chat}/messages/seen`, { messageIds }, null)
      }),
  },
  { name: 'a y-websocket client', weight: 3, run: (world) => visit(world) },
  {
    name: 'a pass of the eraser',
    weight: 4,
    run: (world) => {
      const node = world.random.pick(world.nodes.filter(({ isUp }) => isUp))
      if (!node?.sync) return false
      world.scheduler.post(node.actor, 0, () => void node.sync?.clean())
      return true
    },
  },
]
