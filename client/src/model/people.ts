// How people are shown: initials, a colour that stays theirs, and whether they are there.
import { msg, str } from '@lit/localize'
import type { ChatItem, Person } from '@skein/engine'
import type { UserId } from '@skein/protocol'
import { listText, plural } from '../languages/language.ts'
import { lastSeen } from './times.ts'

const HUES = 8

const letters = new Intl.Segmenter()
const firstLetter = (word: string): string => letters.segment(word)[Symbol.iterator]().next().value?.segment.toLocaleUpperCase() ?? ''

/** The first letters of the first and the last word. */
export function initialsOf(name: string): string {
  const words = name.trim().split(/\s+/u).filter(Boolean)
  const first = words.at(0)
  const last = words.length > 1 ? words.at(-1) : undefined
  return [first, last].map((word) => firstLetter(word ?? '')).join('') || '?'
}

const namesOfList = new WeakMap<readonly Person[], Map<string, string>>()
/** Of somebody who is in no chat that is at hand. */
export function nameAmong(people: readonly Person[], id: string): string | undefined {
  const known = namesOfList.get(people) ?? new Map(people.map((person) => [person.id, person.name]))
  namesOfList.set(people, known)
  return known.get(id)
}

/** 0 to 7, from the id: a renamed person keeps the colour. */
export function hueOf(id: string): number {
  let sum = 0
  for (const unit of id) sum = (sum * 31 + (unit.codePointAt(0) ?? 0)) % 65_521
  return sum % HUES
}

/** "online", "last seen 5 minutes ago", or nothing where nothing is known. */
export function presenceOf(person: Person | undefined, now: number): string {
  if (!person) return ''
  if (person.online) return msg('online')
  return person.lastSeenAt === null ? '' : msg(str`last seen ${lastSeen(person.lastSeenAt, now)}`)
}

/** "Ada", "Ada and Bob", "Ada, Bob and 2 others". */
export function namesOf(names: readonly string[]): string {
  const [first = '', second = '', ...more] = names
  if (names.length < 3) return listText(names)
  return listText([first, second, plural(more.length, '# other', '# others')])
}

/** One line at most, whoever types. */
export function typingOf(names: readonly string[], direct: boolean): string {
  if (!names.length) return ''
  if (direct) return msg('typing…')
  if (names.length > 2) return msg('several people are typing…')
  return names.length === 1 ? msg(str`${names[0]} is typing…`) : msg(str`${namesOf(names)} are typing…`)
}

export const countOfMembers = (count: number): string => plural(count, '# member', '# members')

/** The line under a group's name: how many they are, and who the others are where its name does not say so. */
export function membersLine({ title, members }: Pick<ChatItem, 'title' | 'members'>, me: UserId): string {
  const others = members.filter(({ id }) => id !== me).map(({ name }) => name)
  const names = others.join(', ')
  const count = countOfMembers(members.length)
  return others.length > 0 && names !== title ? msg(str`${count}: ${listText(others, 'plain')}`) : count
}
