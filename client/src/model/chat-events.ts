// What happened to a chat beside its messages, in words.
import type { ChatEvent, Person } from '@skein/engine'
import type { UserId } from '@skein/protocol'
import { nameAmong } from './people.ts'

interface Names {
  me: string
  members: readonly { id: UserId; name: string }[]
  people: readonly Person[]
}

export function eventText({ kind, by, user, title }: ChatEvent, { me, members, people }: Names): string {
  const nameOf = (id: UserId): string => members.find((member) => member.id === id)?.name || nameAmong(people, id) || 'someone who left'
  const who = by === me ? 'You' : nameOf(by)
  const whom = user === null ? '' : user === me ? 'you' : nameOf(user)
  switch (kind) {
    case 'create':
      return `${who} made the group`
    case 'join':
      return user === by ? `${who} joined` : `${who} added ${whom}`
    case 'leave':
      return user === by ? `${who} left` : `${who} removed ${whom}`
    case 'rename':
      return title === null ? `${who} removed the group’s name` : `${who} named the group “${title}”`
    case 'picture':
      return `${who} changed the group’s picture`
    default:
      return 'The server was restored from a backup. What stands below came back from people’s devices.'
  }
}
