// Reads everybody else on the server into the rows.
import type { z } from 'zod'
import type { UserId } from '@skein/protocol'
import { onePerson, usersPage, type person } from '@skein/http/answers'
import type { Local } from './local.ts'
import { inBackground, leftOf, type Ports } from './ports.ts'
import type { Session } from './session.ts'
import type { PersonRow } from './store/rows.ts'
import { put } from './store/store.ts'

/** The list is for choosing; who stands beyond it is found by email. */
const MAX_PAGES = 20
const PAGE = 100
export const MAX_PEOPLE = MAX_PAGES * PAGE
const EVERY_MS = 600_000
/** The first page is read each time; those behind it once a day, so that coming back to a large server costs one request. */
const WHOLE_EVERY_MS = 86_400_000

type PersonAnswer = z.infer<typeof person>

export interface PeopleReader {
  /** Reads the list, unless that was done lately. */
  read(): Promise<void>
  /** Reads one who is not in the rows yet. */
  meet(user: UserId): void
}

export function createPeopleReader(local: Local, session: Session, ports: Ports): PeopleReader {
  const asked = new Set<UserId>()
  let readAt = -Infinity

  async function keep(users: readonly PersonAnswer[]): Promise<void> {
    const rows: PersonRow[] = users.map(({ id, name, avatarUrl, lastSeenAt }) => ({
      id,
      name,
      avatarUrl,
      lastSeenAt: lastSeenAt === null ? null : Date.parse(lastSeenAt),
    }))
    await local.commit(rows.filter((row) => JSON.stringify(local.people.get(row.id)) !== JSON.stringify(row)).map((row) => put('people', row)))
  }
  async function meet(user: UserId): Promise<void> {
    const answer = await session.ask((api) => api.api.users[':id'].$get({ param: { id: user } }), onePerson)
    await keep([answer.user])
  }

  return {
    read: async () => {
      if (leftOf(EVERY_MS, readAt, ports.now()) > 0) return
      const found = new Set<UserId>()
      // Who registers meanwhile may be in no page.
      const before = [...local.people.keys()]
      const wholeAt = Number((await local.store.get('meta', 'people'))?.value ?? -Infinity)
      const pages = leftOf(WHOLE_EVERY_MS, wholeAt, ports.now()) > 0 ? 1 : MAX_PAGES
      let cursor: string | null = ''
      for (let page = 0; cursor !== null && page < pages; page++) {
        const at: string = cursor
        const answer: z.infer<typeof usersPage> = await session.ask(
          (api) => api.api.users.$get({ query: { limit: String(PAGE), cursor: at } }),
          usersPage,
        )
        await keep(answer.users)
        for (const { id } of answer.users) found.add(id)
        cursor = answer.nextCursor
      }
      // Who is not in the whole list is nobody to be chosen any more.
      const gone = cursor === null ? before.filter((id) => !found.has(id)) : []
      await local.commit(gone.map((id) => ({ remove: 'people', key: id })))
      readAt = ports.now()
      if (pages > 1) await local.commit([put('meta', { key: 'people', value: String(readAt) })])
    },
    meet: (user) => {
      if (asked.has(user) || user === local.self) return
      asked.add(user)
      inBackground(
        meet(user).catch(() => asked.delete(user)),
        ports,
      )
    },
  }
}
