// What happens to devices, tabs, the network and the servers.
import type { Device, OpenTab } from './device.ts'
import { openWindow, say, seats, type Step } from './steps.ts'
import type { World } from './world.ts'

const someDevice = (world: World): Device | undefined => world.random.pick(world.devices)

/** A new page of the device, with the windows that the last one had. */
export function reopen(world: World, device: Device, chats: readonly Parameters<typeof openWindow>[2][]): void {
  device.openTab((open) => {
    for (const chat of chats) openWindow(world, { device, open }, chat)
  })
}

const disks: Step[] = [
  {
    name: 'full disk',
    weight: 2,
    run: (world) => {
      const device = someDevice(world)
      if (!device || !world.troubles.on) return false
      const ms = world.random.between(200, 40_000)
      world.say(`the disk of ${device.name} is full for ${(ms / 1000).toFixed(1)} s`)
      device.fullUntil = world.scheduler.now + ms
      return true
    },
  },
  {
    name: 'a disk that stalls',
    weight: 1,
    run: (world) => {
      const device = someDevice(world)
      if (!device || !world.troubles.on) return false
      const ms = world.random.between(1_000, 30_000)
      world.say(`the disk of ${device.name} does nothing for ${(ms / 1000).toFixed(1)} s`)
      device.stalledUntil = world.scheduler.now + ms
      world.troubles.diskStalls(ms)
      return true
    },
  },
  {
    name: 'databases close',
    weight: 1,
    run: (world) => {
      const seat = world.random.pick(seats(world))
      if (!seat || !world.troubles.on) return false
      world.say(`the browser closes the databases of ${seat.open.tab.actor.name}`)
      seat.device.loseStores(seat.open)
      return true
    },
  },
]

const network: Step[] = [
  {
    name: 'offline',
    weight: 5,
    run: (world) => {
      const device = someDevice(world)
      if (!device?.link.up) return false
      world.say(`${device.name} goes offline`)
      device.link.up = false
      for (const connection of Array.from(world.network.connections)) if (connection.link === device.link) connection.break(300)
      for (const { tab } of device.tabs) if (world.random.chance(0.5)) tab.dispatch('offline')
      return true
    },
  },
  {
    name: 'online',
    weight: 8,
    run: (world) => {
      const device = world.random.pick(world.devices.filter(({ link }) => !link.up))
      if (!device) return false
      world.say(`${device.name} comes back online`)
      device.link.up = true
      for (const { tab } of device.tabs) if (world.random.chance(0.7)) tab.dispatch('online')
      return true
    },
  },
  {
    name: 'cut',
    weight: 5,
    run: (world) => {
      const connection = world.random.pick([...world.network.connections])
      if (!connection) return false
      const silent = world.random.chance(0.3)
      world.say(`the socket of ${connection.tab.name} is cut${silent ? ', unheard' : ''}`)
      if (silent) {
        connection.silent = true
        world.states.enter('cut unheard', world.scheduler.now, 10_000)
      } else connection.break(200)
      return true
    },
  },
  {
    name: 'write and be gone',
    weight: 4,
    run: (world) => {
      const { random, troubles, network: net } = world
      const seat = random.pick(seats(world).filter(({ device }) => device.link.up))
      // Where nobody else has it open, the server lets the document go with the writer.
      const chats = seat?.open.engine.chats.filter(({ removed }) => !removed).map(({ id }) => id) ?? []
      const alone = chats.filter((id) =>
        world.devices.every((device) => device === seat?.device || device.tabs.every(({ windows }) => !windows.has(id))),
      )
      const chat = random.pick(alone.length > 0 ? alone : chats)
      if (!seat || !chat || !troubles.on) return false
      const { device } = seat
      const point = random.pick(['before-check', 'before-commit', 'after-commit', 'before-acknowledge'] as const) ?? 'before-check'
      troubles.ambush = {
        point,
        chat,
        strike: () => {
          world.say(`${device.name} is cut off while the server is ${point}`)
          for (const connection of Array.from(net.connections)) if (connection.link === device.link) connection.break(20)
          return random.between(500, 12_000)
        },
      }
      say(world, seat, chat)
      return true
    },
  },
  {
    name: 'bad line',
    weight: 4,
    run: (world) => {
      const device = someDevice(world)
      if (!device) return false
      const bad = world.random.chance(0.6)
      Object.assign(device.link, bad ? { lost: 0.15, doubled: 0.3, unanswered: 0.2 } : { lost: 0, doubled: 0, unanswered: 0 })
      device.link.slowMs = world.random.pick([4, 20, 80, 400, 2_000]) ?? 20
      return true
    },
  },
]

/** As long as a store waits for its disk. */
const LONGEST_WAIT_MS = 10_000

/** What a page that dies knew of its words, and its disk does not, is gone with it. */
function forget(world: World, device: Device, { engine }: OpenTab): void {
  if (engine.storage.failed) for (const id of device.outbox.keys()) world.unsure.add(id)
}

const tabs: Step[] = [
  {
    name: 'reload',
    weight: 4,
    run: (world) => {
      const seat = world.random.pick(seats(world))
      if (!seat) return false
      const { device, open } = seat
      world.say(`${open.tab.actor.name} reloads`)
      world.states.enter('reload', world.scheduler.now, 3_000)
      const chats = [...open.windows.keys()]
      forget(world, device, open)
      const stalls = device.stalledUntil - world.scheduler.now >= LONGEST_WAIT_MS
      device.close(open, () => {
        // The disk failed to the last, or did nothing for longer than anybody waits.
        if (stalls || world.troubles.recently(world.scheduler.now, 'disk', 20_000)) world.words.lost(device.name, device.meanings)
        reopen(world, device, chats)
      })
      return true
    },
  },
  {
    name: 'kill a tab',
    weight: 4,
    run: (world) => {
      const seat = world.random.pick(seats(world))
      if (!seat) return false
      const { device, open } = seat
      world.say(`${open.tab.actor.name} is killed`)
      world.states.enter('tab killed', world.scheduler.now, 3_000)
      if (device.unsaved) world.words.lost(device.name, device.meanings)
      forget(world, device, open)
      const chats = [...open.windows.keys()]
      device.kill(open)
      reopen(world, device, chats)
      return true
    },
  },
  {
    name: 'another tab',
    weight: 2,
    run: (world) => {
      const device = someDevice(world)
      if (!device || device.tabs.length !== 1) return false
      world.say(`${device.name} opens another tab`)
      reopen(world, device, [...(device.tabs[0]?.windows.keys() ?? [])])
      return true
    },
  },
]

const servers: Step[] = [
  {
    name: 'kill a server',
    weight: 3,
    run: (world) => {
      const node = world.random.pick(world.nodes.filter(({ isUp }) => isUp))
      if (!node) return false
      world.say(`${node.actor.name} is killed`)
      world.states.enter('server killed', world.scheduler.now, 3_000)
      world.killNode(node, true)
      return true
    },
  },
  {
    name: 'drain a server',
    weight: 2,
    run: (world) => {
      const node = world.random.pick(world.nodes.filter(({ isUp }) => isUp))
      if (!node) return false
      world.say(`${node.actor.name} is stopped`)
      world.states.enter('server draining', world.scheduler.now, 3_000)
      node.drain(() => world.killNode(node, true))
      return true
    },
  },
  {
    name: 'the next epoch',
    weight: 2,
    run: (world) => {
      const node = world.random.pick(world.nodes.filter(({ isUp }) => isUp))
      const chat = world.random.pick([...world.record().chats.values()])
      const { storage } = node ?? {}
      if (!node || !storage || !chat) return false
      world.say(`${chat.id.slice(0, 4)} gets another epoch`)
      world.states.enter('epoch moving', world.scheduler.now, 3_000)
      world.scheduler.post(node.actor, 0, () => {
        // What fails here is tried by nobody again: the epoch stays.
        storage.nextEpoch(chat.id, chat.epoch as Parameters<typeof storage.nextEpoch>[1]).catch(() => {})
      })
      return true
    },
  },
  {
    name: 'a slow database',
    weight: 2,
    run: (world) => {
      world.machine.slowMs = world.machine.slowMs > 3 ? 3 : (world.random.pick([50, 800]) ?? 3)
      return true
    },
  },
]

export const troubleSteps: Step[] = [...network, ...disks, ...tabs, ...servers]
