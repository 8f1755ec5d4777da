// What happens to a group: who may change it, and what becomes of its rows. Pure; the members that it is given were read under the chat's lock.
import { MAX_GROUP_MEMBERS, type CloseReason, type GroupOperation, type OperationId, type UserId } from '@skein/protocol'
import { memberRow } from '../rows.ts'
import type { ChatMembersTable, ChatsTable } from '../schema.ts'

export type Ability = 'invite' | 'remove'
type Abilities = { [A in Ability]?: boolean | undefined }
export const ABILITIES: readonly Ability[] = ['invite', 'remove']
const column = { invite: 'may_invite', remove: 'may_remove' } as const
const time = { invite: 'invite_at', remove: 'remove_at' } as const
export const may = (member: ChatMembersTable, ability: Ability): boolean => member[column[ability]] === 1

/** Whoever is in the group, the longest member first. */
export const present = (members: Iterable<ChatMembersTable>, { id }: Pick<ChatsTable, 'id'>): ChatMembersTable[] =>
  [...members]
    .filter((member) => member.chat_id === id && member.left_rev === null)
    .sort((a, b) => a.joined_rev - b.joined_rev || (a.user_id < b.user_id ? -1 : 1))

/** There is nothing to write: it is so already. */
export function isIdle(operation: GroupOperation, chat: ChatsTable, members: readonly ChatMembersTable[]): boolean {
  if (operation.type === 'rename') return chat.title === operation.title
  if (operation.type === 'picture') return chat.picture_url === operation.url
  const member = members.find((one) => one.user_id === operation.user)
  if (operation.type !== 'may') return (member !== undefined) === (operation.type === 'join')
  return member !== undefined && ABILITIES.every((ability) => (operation[ability] ?? may(member, ability)) === may(member, ability))
}

/** Why `by`, who is in the group, may not do this; null: they may. */
export function refuse(operation: GroupOperation, by: UserId, members: readonly ChatMembersTable[]): CloseReason | null {
  const self = members.find((one) => one.user_id === by)
  if (!self) return 'no-access'
  if (operation.type === 'rename' || operation.type === 'picture') return null
  const isThere = members.some((one) => one.user_id === operation.user)
  if (operation.type === 'join') {
    if (!may(self, 'invite')) return 'not-allowed'
    return !isThere && members.length >= MAX_GROUP_MEMBERS ? 'group-full' : null
  }
  if (operation.type === 'leave') return operation.user === by || may(self, 'remove') ? null : 'not-allowed'
  if (!isThere) return 'bad-operation'
  const others = members.filter((one) => one.user_id !== operation.user)
  for (const ability of ABILITIES) {
    if (operation[ability] !== undefined && !may(self, ability)) return 'not-allowed'
    // Somebody must be left who may.
    if (operation[ability] === false && !others.some((one) => may(one, ability))) return 'not-allowed'
  }
  return null
}

/** What must be told before somebody leaves with whom an ability would go: the longest member of those who stay inherits it. */
export function inheritance(
  operation: GroupOperation,
  members: readonly ChatMembersTable[],
  newId: () => OperationId,
): Extract<GroupOperation, { type: 'may' }> | null {
  if (operation.type !== 'leave') return null
  const stay = members.filter((one) => one.user_id !== operation.user)
  const lacking = lackedBy(stay)
  const [heir] = stay
  if (!heir || lacking.length === 0) return null
  return { type: 'may', id: newId(), at: operation.at, user: heir.user_id, ...Object.fromEntries(lacking.map((ability) => [ability, true])) }
}

export const lackedBy = (members: readonly ChatMembersTable[]): Ability[] => ABILITIES.filter((ability) => !members.some((one) => may(one, ability)))

/** When it was decided whether they may; in milliseconds. */
export const decidedAt = (member: ChatMembersTable, ability: Ability): number => member[time[ability]]

/** The member with these abilities, as decided at `at`, but for those that were decided later. */
export const withAbilities = (member: ChatMembersTable, abilities: Abilities, at: number): ChatMembersTable => {
  const after = { ...member }
  for (const ability of ABILITIES) {
    if (abilities[ability] === undefined || decidedAt(member, ability) > at) continue
    after[column[ability]] = abilities[ability] ? 1 : 0
    after[time[ability]] = at
  }
  return after
}

/** The row of whom an operation is about, after it; who joins has nothing unread of what came before, and where the group says so does not see it. undefined: there is none. */
export function memberAfter(
  operation: Exclude<GroupOperation, { type: 'rename' | 'picture' }>,
  chat: Pick<ChatsTable, 'id' | 'rev' | 'seq' | 'from_joining'>,
  before: ChatMembersTable | undefined,
  leftAt: number,
): ChatMembersTable | undefined {
  if (operation.type === 'leave') return before && { ...before, left_rev: chat.rev, left_at: leftAt, may_invite: 0, may_remove: 0 }
  if (operation.type === 'may') return before && withAbilities(before, operation, Date.parse(operation.at))
  const marks = { delivered_seq: Math.max(chat.seq, before?.delivered_seq ?? 0), seen_seq: Math.max(chat.seq, before?.seen_seq ?? 0) }
  // What was decided of them before they joined decides nothing any more.
  const at = Date.parse(operation.at)
  const from = chat.from_joining === 1 ? { from_rev: chat.rev - 1, from_seq: chat.seq } : {}
  return { ...memberRow(chat.id, operation.user, chat.rev, marks), invite_at: at, remove_at: at, ...from }
}

/** The chat with the title or picture that an operation gives it. */
export const withLooks = (chat: ChatsTable, operation: Extract<GroupOperation, { type: 'rename' | 'picture' }>): ChatsTable =>
  operation.type === 'rename'
    ? Object.assign(chat, { title: operation.title, title_at: Date.parse(operation.at) })
    : Object.assign(chat, { picture_url: operation.url, picture_at: Date.parse(operation.at) })
