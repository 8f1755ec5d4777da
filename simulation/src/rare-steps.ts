// What happens rarely in a life, and must be met here often: people leave and join, pages freeze, the disk is an older one, a database is restored, somebody attacks.
import { uuidOf, type ChatId, type GroupOperation, type UserId } from '@skein/protocol'
import { forging } from './forged-runs.ts'
import { attack, overhear } from './hostile.ts'
import { restore } from './restore.ts'
import { say, seats, type Seat, type Step } from './steps.ts'
import type { World } from './world.ts'

const upNode = (world: World) => world.random.pick(world.nodes.filter(({ isUp }) => isUp))

/** Lets somebody join or leave the group, by the first member's wish. */
function changeMember(world: World, chat: ChatId, type: 'join' | 'leave', user: UserId): boolean {
  const node = upNode(world)
  const { sync } = node ?? {}
  const by = world.people.find(({ id }) => id !== user && world.record().isMember(chat, id))
  if (!node || !sync || !by) return false
  const operation: GroupOperation = {
    type,
    id: uuidOf(world.random.bytes(16), 4),
    at: new Date(Math.floor(world.scheduler.now)).toISOString(),
    user,
  }
  world.say(`${world.nameOf(user)} ${type === 'join' ? 'joins' : 'is taken out of'} ${chat.slice(0, 4)}`)
  if (type === 'leave') world.states.enter('removed', world.scheduler.now, 20_000)
  world.scheduler.post(node.actor, 0, () => {
    sync.changeMember(chat, by.id, operation).catch((error: unknown) => world.scheduler.failures.push(error))
  })
  return true
}

export const rareSteps: Step[] = [
  {
    name: 'leave',
    weight: 3,
    run: (world) => {
      const { group } = world
      const person = group ? world.random.pick(world.people.slice(1).filter(({ id }) => world.record().isMember(group, id))) : undefined
      const chat = group && world.record().chats.get(group)
      if (!chat || !person || world.nodes.every(({ isUp }) => !isUp)) return false
      if (world.random.chance(0.4)) {
        // Somebody whose program goes on listening, whatever the chat's entries tell it.
        overhear(world, person, chat)
        const others = (): Seat[] =>
          seats(world).filter(({ device, open }) => device.user !== person.id && open.engine.chats.some(({ id }) => id === chat.id))
        const post = (ms: number, run: () => void): void => void world.scheduler.post(world.scheduler.harness, ms, run)
        post(1_500, () => void changeMember(world, chat.id, 'leave', person.id))
        for (const ms of [4_000, 6_000])
          post(ms, () => {
            const seat = world.random.pick(others())
            if (seat) say(world, seat, chat.id)
          })
        return true
      }
      changeMember(world, chat.id, 'leave', person.id)
      // Some go on writing: in the same moment, and where another server has taken them out, until theirs knows.
      const theirs = seats(world).filter(
        ({ device, open }) => device.user === person.id && open.engine.chats.some(({ id, removed }) => id === group && !removed),
      )
      const seat = world.random.chance(0.7) ? world.random.pick(theirs) : undefined
      if (seat)
        for (const ms of [0, 20, 300]) world.scheduler.post(world.scheduler.harness, ms, () => seat.open.tab.actor.alive && say(world, seat, group))
      return true
    },
  },
  {
    name: 'join',
    weight: 4,
    run: (world) => {
      const { group } = world
      const person = group ? world.random.pick(world.people.filter(({ id }) => !world.record().isMember(group, id))) : undefined
      return group && person ? changeMember(world, group, 'join', person.id) : false
    },
  },
  {
    name: 'freeze a tab',
    weight: 3,
    run: (world) => {
      const device = world.random.pick(world.devices.filter(({ tabs }) => tabs.length > 0))
      const open = world.random.pick(device?.tabs.filter(({ frozen }) => !frozen) ?? [])
      if (!open) return false
      // A browser says so before it freezes a page; a stopped process says nothing.
      const said = world.random.chance(0.5)
      world.say(`${open.tab.actor.name} is frozen${said ? '' : ', unheard'}`)
      world.states.enter('frozen', world.scheduler.now, 3_000)
      if (said) open.tab.dispatch('freeze')
      open.frozen = true
      world.scheduler.post(world.scheduler.harness, 20, () => {
        if (open.frozen) world.scheduler.freeze(open.tab.actor)
      })
      return true
    },
  },
  {
    name: 'thaw a tab',
    weight: 5,
    run: (world) => {
      const open = world.random.pick(world.devices.flatMap(({ tabs }) => tabs).filter(({ frozen }) => frozen))
      if (!open) return false
      world.say(`${open.tab.actor.name} goes on`)
      open.frozen = false
      world.scheduler.thaw(open.tab.actor)
      open.tab.dispatch('resume')
      return true
    },
  },
  {
    name: 'the clock of a server is set back',
    weight: 2,
    run: (world) => {
      const node = upNode(world)
      // Places in marks and erasures have nothing but the clock for what a restore lost.
      if (!node || world.wasRestored) return false
      const ms = world.random.between(20, 20_000)
      world.say(`the clock of ${node.actor.name} is set back by ${ms} ms`)
      node.actor.clockOffset -= ms
      return true
    },
  },
  { name: 'attack', weight: 5, run: (world) => attack(world) },
  forging,
  { name: 'restore', weight: 1, run: (world) => restore(world) },
]
