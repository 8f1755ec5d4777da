// Everybody else on the server: rows for the names, memory for who is online.
import type { UserId } from '@skein/protocol'
import type { Local } from './local.ts'
import { pictureAt } from './pictures.ts'
import type { Person } from './types.ts'

export function peopleOf(local: Local, online: ReadonlySet<UserId>, server: string): Person[] {
  return [...local.people.values()]
    .filter((row) => row.id !== local.self)
    .map(({ id, name, avatarUrl, lastSeenAt }) => ({
      id,
      name,
      avatarUrl,
      picture: pictureAt(server, avatarUrl),
      online: online.has(id),
      lastSeenAt,
    }))
    .sort((a, b) => a.name.localeCompare(b.name) || (a.id < b.id ? -1 : 1))
}
