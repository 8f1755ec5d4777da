// A group that came back in pieces is not without somebody who may, either (CHAT-7): until the piece comes that says whom an ability was given to, the longest member has it.
import { ABILITIES, decidedAt, may, type Ability } from '../commit/group.ts'
import type { ChatMembersTable } from '../schema.ts'

/** The time of what nobody decided: before all decisions, and told apart from those of groups from before there were abilities. */
const FOR_WANT_OF_OTHERS = -1

const columns = { invite: ['may_invite', 'invite_at'], remove: ['may_remove', 'remove_at'] } as const

/** Of those who are in the group, the longest member first, whoever has other abilities than before. */
export function withHeirs(members: readonly ChatMembersTable[]): ChatMembersTable[] {
  const changed = new Map<ChatMembersTable, ChatMembersTable>()
  const set = (member: ChatMembersTable, ability: Ability, value: 0 | 1): void => {
    const [column, time] = columns[ability]
    changed.set(member, { ...(changed.get(member) ?? member), [column]: value, [time]: FOR_WANT_OF_OTHERS })
  }
  const [longest] = members
  for (const ability of ABILITIES) {
    const holders = members.filter((member) => may(member, ability))
    const stopgaps = holders.filter((member) => decidedAt(member, ability) === FOR_WANT_OF_OTHERS)
    if (holders.length > stopgaps.length) for (const member of stopgaps) set(member, ability, 0)
    else if (holders.length === 0 && longest) set(longest, ability, 1)
  }
  return [...changed.values()]
}
