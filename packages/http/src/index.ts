// The face of @skein/http: every route of the API, described once. The API checks by these; its document and the typed client come from them.
import * as accounts from './accounts.ts'
import * as bots from './bots.ts'
import * as chats from './chats.ts'
import * as groups from './groups.ts'
import * as health from './health.ts'
import * as identity from './identity.ts'
import * as messages from './messages.ts'
import * as openid from './openid.ts'
import * as people from './people.ts'
import * as pictures from './pictures.ts'
import * as recovery from './recovery.ts'

/** All routes, by name. */
export const routes = {
  ...accounts,
  ...recovery,
  ...identity,
  ...openid,
  ...people,
  ...pictures,
  ...chats,
  ...groups,
  ...messages,
  ...bots,
  ...health,
}
export type Routes = typeof routes
export type { Door } from './describe.ts'
/** What an account is made of, as Zod schemas. */
export * as accountFields from './account-fields.ts'
