// Whom one wants nothing of, and what whoever runs the server should look at. Each call asks the server.
import { blocked, newReport, nothing } from '@skein/http/answers'
import type { Session } from './session.ts'
import type { ContactCalls } from './types.ts'

export function createContactCalls(session: Session): ContactCalls {
  return {
    block: async (id) => void (await session.ask((api) => api.api.users[':id'].block.$put({ param: { id } }), nothing)),
    unblock: async (id) => void (await session.ask((api) => api.api.users[':id'].block.$delete({ param: { id } }), nothing)),
    blocked: async () => (await session.ask((api) => api.api.blocks.$get(), blocked)).users,
    report: async ({ person, chat, messages = [], reason }) => {
      const named = messages.map(({ id, author }) => ({ id, authorId: author }))
      const json = { ...(person ? { userId: person } : {}), ...(chat ? { chatId: chat } : {}), messages: named, reason }
      await session.ask((api) => api.api.reports.$post({ json }), newReport)
    },
  }
}
