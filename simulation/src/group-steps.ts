// People change their group and what they want of a chat, over HTTP; and what every device must show of it in the end (CHAT-6, CHAT-8).
import type { ChatId, UserId } from '@skein/protocol'
import { ask, asProgram, askAs } from './program.ts'
import { seats, type Step } from './steps.ts'
import type { World } from './world.ts'

export const groupSteps: Step[] = [
  {
    name: 'rename the group',
    weight: 3,
    run: (world) =>
      asProgram(world, async (person, _chat, actor) => {
        const { group } = world
        if (!group) return
        const changes = world.random.chance(0.7) ? { title: `t${++world.tokens}` } : { pictureUrl: `https://example.org/p${++world.tokens}.png` }
        world.say(`${person.name} gives the group ${JSON.stringify(changes)}`)
        await ask(world, person, actor, 'PATCH', `/api/chats/${group}`, changes, null)
      }),
  },
  {
    name: 'give or take an ability',
    weight: 3,
    run: (world) =>
      asProgram(world, async (person, _chat, actor) => {
        const { group } = world
        const other = world.random.pick(world.people)
        if (!group || !other) return
        const changes = { [world.random.chance(0.5) ? 'mayInvite' : 'mayRemove']: world.random.chance(0.6) }
        world.say(`${person.name} says of ${other.name} ${JSON.stringify(changes)}`)
        await ask(world, person, actor, 'PATCH', `/api/chats/${group}/members/${other.id}`, changes, null)
      }),
  },
  {
    name: 'arrange a chat',
    weight: 3,
    run: (world) =>
      asProgram(world, async (person, chat, actor) => {
        const changes = { [world.random.chance(0.5) ? 'pinned' : 'archived']: world.random.chance(0.6) }
        world.say(`${person.name} wants ${chat.slice(0, 4)} ${JSON.stringify(changes)}`)
        await ask(world, person, actor, 'PATCH', `/api/chats/${chat}/mine`, changes, null)
      }),
  },
  {
    name: 'want something of a chat on a device',
    weight: 4,
    run: (world) => {
      const seat = world.random.pick(seats(world))
      const chat = world.random.pick(seat?.open.engine.chats.filter(({ removed }) => !removed) ?? [])
      if (!seat || !chat) return false
      const { random } = world
      const last = chat.lastMessage?.seq ?? 0
      const wanted = random.pick([
        { pinned: random.chance(0.5) },
        { archived: random.chance(0.5) },
        { unreadAfter: random.chance(0.6) ? random.between(0, last) : null },
        ...(last > 0 ? [{ [random.chance(0.7) ? 'hide' : 'show']: [random.between(1, last)] }] : []),
        { draft: random.chance(0.8) ? `d${++world.tokens}` : '' },
      ])
      if (!wanted) return false
      world.say(`${seat.open.tab.actor.name} wants ${chat.id.slice(0, 4)} ${JSON.stringify(wanted)}`)
      world.as(seat.open.tab.actor, () => seat.open.engine.arrange(chat.id, wanted))
      return true
    },
  },
  {
    name: 'make a link',
    weight: 2,
    run: (world) =>
      asProgram(world, async (person, _chat, actor) => {
        const { group } = world
        if (!group) return
        world.say(`${person.name} makes a link to join the group`)
        const response = await ask(world, person, actor, 'POST', `/api/chats/${group}/links`, {}, null)
        if (response.status !== 201) return
        const { link, token } = (await response.json()) as { link: { id: string }; token: string }
        world.joinLinks.push({ id: link.id, token, revoked: false })
      }),
  },
  {
    name: 'revoke a link',
    weight: 1,
    run: (world) =>
      asProgram(world, async (person, _chat, actor) => {
        const { group } = world
        const link = world.random.pick(world.joinLinks)
        if (!group || !link) return
        world.say(`${person.name} revokes a link`)
        const response = await ask(world, person, actor, 'DELETE', `/api/chats/${group}/links/${link.id}`, null, null)
        if (response.ok) link.revoked = true
      }),
  },
  {
    name: 'join by a link',
    weight: 3,
    run: (world) => {
      const { group } = world
      const person = group ? world.random.pick(world.people.filter(({ id }) => !world.record().isMember(group, id))) : undefined
      const link = world.random.pick(world.joinLinks)
      if (!person || !link) return false
      const { revoked } = link
      world.say(`${person.name} comes by a link${revoked ? ' that works no more' : ''}`)
      return askAs(world, person, async (actor) => {
        const response = await ask(world, person, actor, 'POST', '/api/join', { token: link.token }, null)
        // A database that was restored has the link again.
        if (revoked && response.ok && !world.wasRestored) world.broken('promise 8', `${person.name} joined by a link that had been revoked`)
      })
    },
  },
]

/** After everybody has settled: each device shows what the rows say. */
export function checkArranged(world: World): void {
  const { database } = world.machine
  const chats = database.prepare('select id, kind, title, picture_url from chats').all() as {
    id: ChatId
    kind: string
    title: string
    picture_url: string
  }[]
  const members = database
    .prepare(
      'select chat_id, user_id, may_invite, may_remove, pinned, archived, draft, unread_after, hidden from chat_members where left_rev is null order by user_id',
    )
    .all() as {
    chat_id: ChatId
    user_id: UserId
    may_invite: number
    may_remove: number
    pinned: number
    archived: number
    draft: string | null
    unread_after: number | null
    hidden: string | null
  }[]
  for (const { device, open } of seats(world)) {
    for (const chat of chats) {
      const inIt = members.filter(({ chat_id }) => chat_id === chat.id)
      const own = inIt.find(({ user_id }) => user_id === device.user)
      const shown = open.engine.chats.find(({ id }) => id === chat.id)
      if (!own || !shown || world.isUnhealed(chat.id)) continue
      const differs = (what: string, is: unknown, should: unknown): void => {
        if (JSON.stringify(is) !== JSON.stringify(should))
          world.broken('CHAT-6', `${open.tab.actor.name} shows ${what} of ${chat.id} as ${JSON.stringify(is)}, and it is ${JSON.stringify(should)}`)
      }
      if (chat.kind === 'group') {
        differs('the title', shown.title, chat.title)
        differs('the picture', shown.pictureUrl, chat.picture_url)
        differs(
          'who may what',
          shown.members.map(({ id, mayInvite, mayRemove }) => [id, mayInvite, mayRemove].join(' ')).sort(),
          inIt.map(({ user_id, may_invite, may_remove }) => [user_id, may_invite === 1, may_remove === 1].join(' ')).sort(),
        )
      }
      // A restored database has forgotten what the device still wants.
      if (world.wasRestored) continue
      const wanted = [own.pinned === 1, own.archived === 1, own.draft ?? '', own.unread_after !== null]
      differs('what is wanted', [shown.pinned, shown.archived, shown.draft, shown.markedUnread], wanted)
      const hidden = JSON.parse(own.hidden ?? '[]') as number[]
      const { items } = open.windows.get(chat.id) ?? { items: [] }
      const stored = items.filter(({ seq }) => seq > 0)
      differs(
        'what is hidden',
        stored.filter((item) => item.hidden).map(({ seq }) => seq),
        stored.filter(({ seq }) => hidden.includes(seq)).map(({ seq }) => seq),
      )
    }
  }
}
