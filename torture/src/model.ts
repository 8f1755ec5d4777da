// What the chain makes of a chat, told once more and independently: the order of the links decides, and nothing else.
import type { Link, Seen } from './history.ts'

/** A text that was erased is not known any more. */
export type Known = Omit<Seen, 'text'> & { text: string | null }
export interface Model {
  /** By seq. */
  messages: Known[]
  /** By `<author>/<id>`: what is left of those whose words were erased, at the rev of their own entry (ERASE-5). */
  erased: Map<string, Known>
  /** Revs of edits whose words were erased: of which message, nobody knows any more. */
  erasedEdits: Set<number>
  /** By `<author>/<id>`: what the message was after each rev that touched it. */
  past: Map<string, Map<number, Known>>
}

interface Operation {
  text?: string
  target?: string
  targetAuthor?: string
  emoji?: string
  on?: boolean
}

/** The same message: two devices of a person deleted it, and the second one changes nothing. */
function touch(message: Known, link: Link, operation: Operation): Known {
  const next = { ...message, rev: link.rev }
  if (link.kind === 'edit') return { ...next, text: operation.text ?? null }
  if (link.kind === 'delete') return message.deleted ? message : { ...next, text: '', deleted: true, reactions: [] }
  const what = `${operation.emoji} ${link.author}`
  const others = message.reactions.filter((reaction) => reaction !== what)
  return { ...next, reactions: operation.on ? [...others, what].sort() : others }
}

/** `links`: of one chat, ascending by rev. */
export function modelOf(links: readonly Link[]): Model {
  const now = new Map<string, Known>()
  const past = new Map<string, Map<number, Known>>()
  const erased = new Map<string, Known>()
  const erasedEdits = new Set<number>()
  for (const link of links) {
    if (link.code !== null) continue
    const operation = link.operation === null ? null : (JSON.parse(link.operation) as Operation)
    if (operation === null && link.kind === 'edit') erasedEdits.add(link.rev)
    else if (link.kind === 'message') {
      const { chat, id, author, seq, rev } = link
      const message = { chat, id, author, seq, rev, text: operation?.text ?? null, deleted: false, reactions: [] }
      now.set(`${author}/${id}`, message)
      past.set(`${author}/${id}`, new Map([[rev, message]]))
      if (operation === null) erased.set(`${author}/${id}`, { ...message, text: '', deleted: true })
    } else if (operation && ['edit', 'delete', 'react'].includes(link.kind)) {
      const named = operation.targetAuthor ?? (link.kind === 'react' ? null : link.author)
      const author = named ?? [...now.values()].find(({ id }) => id === operation.target)?.author
      const key = `${author}/${operation.target}`
      const message = now.get(key)
      if (!message) continue
      const next = touch(message, link, operation)
      if (next === message) continue
      now.set(key, next)
      past.get(key)?.set(link.rev, next)
    }
  }
  const messages = [...now].map(([key, message]) => erased.get(key) ?? message)
  return { messages: messages.sort((a, b) => a.seq - b.seq), erased, erasedEdits, past }
}

/** Where a message as it was shown differs from what it was; null where it does not. */
export function differs(seen: Omit<Seen, 'reactions'> & { reactions?: string[] }, known: Known | undefined): string | null {
  if (!known) return 'no such state'
  for (const field of ['chat', 'id', 'author', 'seq', 'rev', 'deleted'] as const)
    if (seen[field] !== known[field]) return `${field} ${seen[field]} instead of ${known[field]}`
  if (known.text !== null && seen.text !== known.text) return `text "${seen.text.slice(0, 40)}" instead of "${known.text.slice(0, 40)}"`
  if (seen.reactions && seen.reactions.join() !== known.reactions.join())
    return `reactions [${seen.reactions.join()}] instead of [${known.reactions.join()}]`
  return null
}
