// How a group is shown: who is in it, what they may do, and the links that lead into it.
import { msg, str } from '@lit/localize'
import type { ChatItem, InviteLink, Me, Person } from '@skein/engine'
import type { UserId } from '@skein/protocol'
import { locale, numberText, plural } from '../languages/language.ts'
import { presenceOf } from './people.ts'
import { clockTime, dayText } from './times.ts'

/** What whoever invites wants to know. */
export const newcomersText = ({ history }: Pick<ChatItem, 'history'>): string =>
  history === 'joined' ? msg('Whoever joins sees what is said from then on.') : msg('Whoever joins sees everything that was said.')

export interface MemberRow {
  id: UserId
  name: string
  picture: string | null
  own: boolean
  online: boolean
  presence: string
  mayInvite: boolean
  mayRemove: boolean
  /** What they may beyond others, in words. */
  may: string
}

const mayText = (invite: boolean, remove: boolean): string =>
  invite && remove ? msg('Can invite and remove') : invite ? msg('Can invite') : remove ? msg('Can remove') : ''

/** Oneself first, then by name. `people` null: without a network nobody knows who is there. */
export function memberRows(
  chat: Pick<ChatItem, 'members'>,
  me: Pick<Me, 'id' | 'picture'>,
  people: readonly Person[] | null,
  now: number,
): MemberRow[] {
  const known = new Map(people?.map((person) => [person.id, person]))
  return chat.members
    .map(({ id, name, picture, mayInvite, mayRemove }) => {
      const person = known.get(id)
      const may = mayText(mayInvite, mayRemove)
      const own = id === me.id
      return {
        id,
        name,
        picture: own ? me.picture : picture,
        own,
        online: person?.online ?? false,
        presence: presenceOf(person, now),
        mayInvite,
        mayRemove,
        may,
      }
    })
    .sort((a, b) => Number(b.own) - Number(a.own) || a.name.localeCompare(b.name, locale()))
}

/** What stands under a link: when it ends, and how many came by it. */
export function linkText({ expiresAt, uses, maxUses }: Pick<InviteLink, 'expiresAt' | 'uses' | 'maxUses'>): string {
  const joined = maxUses === null ? plural(uses, '# joined', '# joined') : msg(str`${numberText(uses)} of ${numberText(maxUses)} joined`)
  return msg(str`Ends on ${dayText(expiresAt)} at ${clockTime(expiresAt)} · ${joined}`)
}

const DAY_MS = 86_400_000
export const linkTimes = (): readonly { label: string; ms: number }[] => [
  { label: msg('1 day'), ms: DAY_MS },
  { label: msg('1 week'), ms: 7 * DAY_MS },
  { label: msg('1 month'), ms: 30 * DAY_MS },
]
