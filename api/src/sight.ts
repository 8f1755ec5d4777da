// Who finds whom: everybody everybody, or only those who share a chat, as the server's settings say. Every route that takes somebody's id or email asks here.
import type { Context } from 'hono'
import type { UserId } from '@skein/protocol'
import type { PersonEnv } from './authenticate.ts'
import type { ApiDependencies } from './ports.ts'
import { HttpError } from './problem.ts'

type Named = { userId?: UserId | undefined; email?: string | undefined }

export interface Sight {
  /** Of these people those with whom `me` begins no chat and whom they invite into none, as if they were not there. */
  beyondReach(me: UserId, people: readonly UserId[]): Promise<UserId[]>
  /** Whether `me` may see who somebody is: also of those whose words they read, who have left the chat since. */
  sees(me: UserId, other: UserId): Promise<boolean>
  /**
   * Somebody within reach who is named by id, or by email, which may be a stranger's.
   * @throws HttpError `no-such-person`; `slow-down` for who asks for many emails, since the answer tells whether somebody has an account
   */
  find(c: Pick<Context<PersonEnv>, 'header' | 'var'>, named: Named): Promise<UserId>
}

export function createSight({ storage, rateLimits, contacts, findByEmail }: ApiDependencies): Sight {
  async function beyondReach(me: UserId, people: readonly UserId[]): Promise<UserId[]> {
    if (contacts === 'everyone') return []
    const known = await storage.acquaintances(me, people)
    return people.filter((id) => id !== me && known.get(id) !== 'now')
  }
  return {
    beyondReach,
    sees: async (me, other) => contacts === 'everyone' || other === me || (await storage.acquaintances(me, [other])).has(other),
    async find(c, { userId, email }) {
      const me = c.var.person.sub
      if (userId === undefined) {
        if (!findByEmail) throw new HttpError('no-such-person')
        await rateLimits?.take(c, 'lookup', me)
        const person = await storage.accountByEmail(email ?? '')
        if (!person) throw new HttpError('no-such-person')
        return person.id
      }
      if ((await beyondReach(me, [userId])).length > 0 || !(await storage.user(userId))) throw new HttpError('no-such-person')
      return userId
    },
  }
}
