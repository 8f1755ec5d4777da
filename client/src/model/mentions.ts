// Naming somebody while one writes: what stands behind an @ before the cursor, who fits it, and the words with the name filled in.
import { matches } from './lists.ts'
import { withMentions, type Named } from './text-parts.ts'

export interface Mention {
  /** Where the @ stands. */
  start: number
  typed: string
}

/** People offered at once. */
const OFFERED = 6

/** null: nobody is being named at the cursor. */
export function mentionAt(text: string, cursor: number): Mention | null {
  const found = /(?:^|[\s(\p{Ps}"'])@([^@\n]{0,40})$/u.exec(text.slice(0, cursor))
  if (!found) return null
  const typed = found[1] ?? ''
  return /^\s|\s\s|\s.*\s.*\s/u.test(typed) ? null : { start: cursor - typed.length - 1, typed }
}

/** Who fits; nobody once a whole name stands there. */
export function peopleFor<T extends Named>({ typed }: Mention, people: readonly T[]): T[] {
  if (people.some(({ name }) => typed === `${name} ` || typed.startsWith(`${name} `))) return []
  return people.filter(({ name }) => matches(name, typed)).slice(0, OFFERED)
}

export function withName(text: string, { start, typed }: Mention, name: string): { text: string; cursor: number } {
  const rest = text.slice(start + 1 + typed.length)
  const filled = `${text.slice(0, start)}@${name}${/^\s/u.test(rest) ? '' : ' '}`
  return { text: filled + rest, cursor: filled.length + (/^\s/u.test(rest) ? 1 : 0) }
}

/** Whom the words name, each once. */
export const namedIn = <I extends string>(text: string, people: readonly (Named & { id: I })[]): I[] => [
  ...new Set(withMentions(text, people).flatMap((part) => (part.kind === 'mention' ? (people.find(({ id }) => id === part.id)?.id ?? []) : []))),
]
