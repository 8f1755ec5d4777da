// A change of a group by one of its members: the operation is decided in the commit, under the chat's lock.
import { uuidOf, type ChatId, type GroupOperation, type UserId } from '@skein/protocol'
import type { ApiDependencies } from './ports.ts'
import { HttpError, refusalOf } from './problem.ts'

type Without<T> = T extends unknown ? Omit<T, 'id' | 'at'> : never
export type GroupChange = Without<GroupOperation>

/** Whether anything changed; what is so already is no error. @throws HttpError `forbidden`, `group-full`, `no-such-member`, `no-such-chat`, `not-ready` */
export function createGroupChanger({ storage, sync, now, randomBytes }: ApiDependencies) {
  return async function change(chat: ChatId, by: UserId, what: GroupChange): Promise<boolean> {
    const operation: GroupOperation = { ...what, id: uuidOf(randomBytes(16), 4), at: new Date(now()).toISOString() }
    const outcome = await sync.changeMember(chat, by, operation)
    if (outcome.ok) return outcome.entries.length > 0
    if (outcome.reason !== 'bad-operation') throw refusalOf(outcome.reason)
    if ((await storage.chat(chat))?.kind === 'direct') throw new HttpError('forbidden', 'A direct chat stays what it is.')
    throw new HttpError('no-such-member')
  }
}
