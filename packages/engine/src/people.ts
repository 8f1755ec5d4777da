// Everybody else on the server: rows for the names, memory for who is online.
import type { UserId } from '@skein/protocol'
import type { Local } from './local.ts'
import type { Person } from './types.ts'

export function peopleOf(local: Local, online: ReadonlySet<UserId>): Person[] {
  return [...local.people.values()]
    .filter((row) => row.id !== local.self)
    .map((row) => ({ id: row.id, name: row.name, avatarUrl: row.avatarUrl, online: online.has(row.id), lastSeenAt: row.lastSeenAt }))
    .sort((a, b) => a.name.localeCompare(b.name) || (a.id < b.id ? -1 : 1))
}
