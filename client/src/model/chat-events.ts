// What happened to a chat beside its messages, in words.
import { msg, str } from '@lit/localize'
import type { ChatEvent, Person } from '@skein/engine'
import type { UserId } from '@skein/protocol'
import { nameAmong } from './people.ts'

interface Names {
  me: string
  members: readonly { id: UserId; name: string }[]
  people: readonly Person[]
}

/** Each sentence whole: languages bend verbs by who did it, and to whom. */
export function eventText({ kind, by, user, title }: ChatEvent, { me, members, people }: Names): string {
  const nameOf = (id: UserId): string => members.find((member) => member.id === id)?.name || nameAmong(people, id) || msg('Someone who left')
  const own = by === me
  const who = nameOf(by)
  const whom = user === null ? '' : nameOf(user)
  switch (kind) {
    case 'create':
      return own ? msg('You made the group') : msg(str`${who} made the group`)
    case 'join':
      if (user === by) return own ? msg('You joined') : msg(str`${who} joined`)
      if (own) return msg(str`You added ${whom}`)
      return user === me ? msg(str`${who} added you`) : msg(str`${who} added ${whom}`)
    case 'leave':
      if (user === by) return own ? msg('You left') : msg(str`${who} left`)
      if (own) return msg(str`You removed ${whom}`)
      return user === me ? msg(str`${who} removed you`) : msg(str`${who} removed ${whom}`)
    case 'rename':
      if (title === null) return own ? msg('You removed the group’s name') : msg(str`${who} removed the group’s name`)
      return own ? msg(str`You named the group “${title}”`) : msg(str`${who} named the group “${title}”`)
    case 'picture':
      return own ? msg('You changed the group’s picture') : msg(str`${who} changed the group’s picture`)
    case 'pin':
      return own ? msg('You pinned a message') : msg(str`${who} pinned a message`)
    default:
      return msg('The server was restored from a backup. What stands below came back from people’s devices.')
  }
}
