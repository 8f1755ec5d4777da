// Everybody else on the server: rows for the names, memory for who is online.
import type { UserId } from '@skein/protocol'
import { usersPage } from './http/answers.ts'
import type { Local } from './local.ts'
import type { Session } from './session.ts'
import { put } from './store/store.ts'
import type { Person } from './types.ts'

/** The list is for choosing; who stands beyond it is found by email. */
const MAX_PAGES = 50

/** Reads the people list into rows; answers who is online. */
export async function fetchPeople(local: Local, session: Session): Promise<UserId[]> {
  const online: UserId[] = []
  let cursor: string | null = ''
  for (let page = 0; cursor !== null && page < MAX_PAGES; page++) {
    const answer: {
      users: { id: UserId; name: string; avatarUrl: string | null; online: boolean; lastSeenAt: number | null }[]
      nextCursor: string | null
    } = await session.ask(`/api/users?limit=100${cursor ? `&cursor=${encodeURIComponent(cursor)}` : ''}`, { answer: usersPage })
    const changed = answer.users.filter((user) => {
      const row = local.people.get(user.id)
      return !row || row.name !== user.name || row.avatarUrl !== user.avatarUrl || row.lastSeenAt !== user.lastSeenAt
    })
    await local.commit(changed.map(({ id, name, avatarUrl, lastSeenAt }) => put('people', { id, name, avatarUrl, lastSeenAt })))
    online.push(...answer.users.filter((user) => user.online).map(({ id }) => id))
    cursor = answer.nextCursor
  }
  return online
}

export function peopleOf(local: Local, online: ReadonlySet<UserId>): Person[] {
  return [...local.people.values()]
    .filter((row) => row.id !== local.self)
    .map((row) => ({ id: row.id, name: row.name, avatarUrl: row.avatarUrl, online: online.has(row.id), lastSeenAt: row.lastSeenAt }))
    .sort((a, b) => a.name.localeCompare(b.name) || (a.id < b.id ? -1 : 1))
}
