// What people do to their group, to each other and to their account on one of their own devices: by the engine's calls, whose answers come late, twice or never.
import { uuidOf } from '@skein/protocol'
import { seats, type Seat, type Step } from './steps.ts'
import type { World } from './world.ts'

const shows = (seat: Seat, world: World): boolean => seat.open.engine.chats.some(({ id, removed }) => id === world.group && !removed)

/** Somebody on a tab that shows the group, asked for `what`; refused or without an answer it is as for anybody. */
function call(world: World, seat: Seat, what: string, work: () => Promise<unknown>, after: (value: unknown) => void = () => {}): true {
  world.say(`${seat.open.tab.actor.name} ${what}`)
  world.as(seat.open.tab.actor, work, (result, value) => result === 'done' && after(value))
  return true
}

export const calledSteps: Step[] = [
  {
    name: 'change the group on a device',
    weight: 4,
    run: (world) => {
      const { group, random } = world
      const seat = random.pick(seats(world).filter((one) => shows(one, world)))
      const other = random.pick(world.people)
      if (!group || !seat || !other) return false
      const { groups } = seat.open.engine
      const [isMember, isSelf] = [world.record().isMember(group, other.id), other === seat.person]
      // The first member stays, for somebody has to let the others in again.
      const mayGo = other !== world.people[0]
      const link = random.pick(world.joinLinks.filter(({ revoked }) => !revoked))
      const title = `t${++world.tokens}`
      const url = `https://example.org/p${++world.tokens}.png`
      const able = random.chance(0.7)
      const choices: (() => true)[] = [
        () => call(world, seat, `calls the group ${title}`, () => groups.rename(group, title)),
        () => call(world, seat, `gives the group a picture`, () => groups.setPicture(group, url)),
        () =>
          call(world, seat, `says of ${other.name} that they may${able ? '' : ' not'} invite`, () =>
            groups.allow(group, other.id, { mayInvite: able }),
          ),
        () =>
          call(
            world,
            seat,
            'makes a link to join the group',
            () => groups.makeLink(group),
            (value) => {
              const made = value as { id: string; url: string }
              world.joinLinks.push({ id: made.id, token: made.url.split('#join=')[1] ?? '', revoked: false })
            },
          ),
        ...(link
          ? [
              () =>
                call(
                  world,
                  seat,
                  'revokes a link',
                  () => groups.revokeLink(group, link.id),
                  () => (link.revoked = true),
                ),
            ]
          : []),
        () => call(world, seat, 'looks at the links', () => groups.links(group)),
        ...(isMember
          ? []
          : [
              () =>
                call(world, seat, `invites ${other.name}`, () =>
                  groups.invite(group, random.chance(0.5) ? { id: other.id } : { email: other.email }),
                ),
            ]),
        ...(isMember && mayGo && !isSelf
          ? [() => call(world, seat, `takes ${other.name} out of the group`, () => groups.remove(group, other.id))]
          : []),
        ...(isMember && mayGo && isSelf ? [() => call(world, seat, 'leaves the group', () => groups.leave(group))] : []),
      ]
      return random.pick(choices)?.() ?? false
    },
  },
  {
    name: 'join by a link on a device',
    weight: 4,
    run: (world) => {
      const { group } = world
      const seat = group ? world.random.pick(seats(world).filter(({ person }) => !world.record().isMember(group, person.id))) : undefined
      const link = world.random.pick(world.joinLinks)
      if (!seat || !link) return false
      const { revoked } = link
      return call(
        world,
        seat,
        `joins by a link${revoked ? ' that works no more' : ''}`,
        () => seat.open.engine.groups.join(link.token),
        () => {
          // A database that was restored has the link again.
          if (revoked && !world.wasRestored) world.broken('promise 8', `${seat.person.name} joined by a link that had been revoked`)
        },
      )
    },
  },
  {
    name: 'go about in a chat',
    weight: 4,
    run: (world) => {
      const seat = world.random.pick(seats(world).filter(({ open }) => open.windows.size > 0))
      const window = world.random.pick([...(seat?.open.windows.values() ?? [])])
      const item = world.random.pick(window?.items ?? [])
      if (!seat || !window || !item) return false
      const { random } = world
      const time = world.scheduler.now - random.between(0, 60_000)
      return (
        random.pick([
          () => call(world, seat, 'reads what was said after', () => window.loadNewer()),
          () => call(world, seat, 'goes to the end of a chat', () => window.jumpToLatest()),
          () => call(world, seat, `goes to ${item.id.slice(0, 4)}`, () => window.jumpTo(item.id)),
          () => call(world, seat, 'goes to a message that is none', () => window.jumpTo(uuidOf(random.bytes(16), 4))),
          () => call(world, seat, 'goes to a time', () => window.jumpToTime(time)),
        ])?.() ?? false
      )
    },
  },
  {
    name: 'look after contacts, the account and groups on a device',
    weight: 2,
    run: (world) => {
      const seat = world.random.pick(seats(world))
      const other = world.random.pick(world.people.filter((one) => one !== seat?.person))
      if (!seat || !other) return false
      const { account, contacts, groups } = seat.open.engine
      const history = world.random.chance(0.5) ? 'all' : 'joined'
      return (
        world.random.pick([
          () => call(world, seat, `blocks ${other.name}`, () => contacts.block(other.id)),
          () => call(world, seat, `no longer blocks ${other.name}`, () => contacts.unblock(other.id)),
          () => call(world, seat, 'looks at whom they block', () => contacts.blocked()),
          () => call(world, seat, 'looks at their devices', () => account.devices()),
          () => call(world, seat, 'ends a device that is none', () => account.endDevice(uuidOf(world.random.bytes(16), 4))),
          () => call(world, seat, `reports ${other.name}`, () => contacts.report({ person: other.id, reason: 'spam' })),
          () => call(world, seat, 'begins a group of two', () => groups.create(`t${++world.tokens}`, [other.id], history)),
          () => call(world, seat, 'changes their profile', () => account.changeProfile({ name: seat.person.name })),
          () => call(world, seat, `writes to ${other.email}`, () => seat.open.engine.chatByEmail(other.email)),
        ])?.() ?? false
      )
    },
  },
]
