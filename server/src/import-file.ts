// Reads an exported chat (JSON Lines), line by line and in bounded memory for each, and believes nothing of its form: the first line that is wrong ends it.
import { createHash } from 'node:crypto'
import { createReadStream } from 'node:fs'
import { accountFields } from '@skein/http'
import {
  chatId,
  checkOperation,
  emoji,
  groupTitle,
  IMPORT_ERRORS,
  MAX_GROUP_MEMBERS,
  MAX_IMPORT_LINE_BYTES,
  MAX_IMPORT_MESSAGES,
  MAX_IMPORT_PEOPLE,
  MAX_PINS,
  MAX_REACTIONS_PER_PERSON,
  operationId,
  userId,
  type ImportErrorCode,
  type UserId,
} from '@skein/protocol'
import { DELETED_WORDS, type ImportedChat, type ImportedMessage, type ImportedPerson } from '@skein/storage'
import { z } from 'zod'

export class BadLine extends Error {
  readonly code: ImportErrorCode
  /** From 1. */
  readonly line: number
  constructor(line: number, code: ImportErrorCode, detail = '') {
    super(`Line ${line}: ${code}: ${IMPORT_ERRORS[code]}${detail === '' ? '' : ` ${detail}`}`)
    this.code = code
    this.line = line
  }
}

const time = z.iso.datetime({ precision: 3 }).transform((text) => Date.parse(text))
const chatLine = z.strictObject({
  type: z.literal('chat'),
  version: z.literal(1),
  id: chatId,
  kind: z.enum(['direct', 'group']),
  title: groupTitle.nullable(),
  /** Absent in files of earlier versions. */
  history: z.enum(['all', 'joined']).default('all'),
  historyFrom: z.int().min(0).default(0),
  members: z
    .array(z.strictObject({ id: userId, name: z.string(), mayInvite: z.boolean(), mayRemove: z.boolean() }))
    .min(1)
    .max(MAX_GROUP_MEMBERS),
  /** Left out: an entry of the chain would say who pinned, and the file does not. */
  pins: z
    .array(z.strictObject({ authorId: userId, id: operationId }))
    .max(MAX_PINS)
    .default([]),
  createdAt: time,
})
const messageLine = z.strictObject({
  type: z.literal('message'),
  id: operationId,
  seq: z.int(),
  rev: z.int(),
  authorId: userId,
  authorName: z.string(),
  text: z.string(),
  createdAt: z.iso.datetime({ precision: 3 }),
  receivedAt: time,
  editedAt: time.nullable(),
  deletedAt: time.nullable(),
  replyTo: operationId.nullable(),
  replyToAuthor: userId.nullable(),
  mentions: z.array(userId),
  forwardedFrom: z.strictObject({ chat: chatId.optional(), author: userId, id: operationId.optional() }).nullable(),
  reactions: z.array(z.strictObject({ emoji, userIds: z.array(userId).min(1) })),
})
const endLine = z.strictObject({ type: z.literal('end'), messages: z.int() })
const anyLine = z.discriminatedUnion('type', [chatLine, messageLine, endLine])
type MessageLine = z.output<typeof messageLine>

/** Stands in place of a name that is none. */
const NAMELESS = 'Somebody'
const nameOf = (text: string): string => accountFields.name.safeParse(text).data ?? NAMELESS

/** The file's lines, without their ends. `hash` gets all of its bytes. */
async function* linesOf(path: string, hash: { update(bytes: Uint8Array): unknown }): AsyncGenerator<{ number: number; text: string }> {
  const decoder = new TextDecoder('utf-8', { fatal: true })
  let number = 1
  let pieces: Uint8Array[] = []
  let length = 0
  const add = (bytes: Uint8Array): void => {
    length += bytes.length
    if (length > MAX_IMPORT_LINE_BYTES) throw new BadLine(number, 'too-large')
    pieces.push(bytes)
  }
  const take = (): { number: number; text: string } => {
    const bytes = Buffer.concat(pieces)
    ;[pieces, length] = [[], 0]
    let text
    try {
      text = decoder.decode(bytes)
    } catch {
      throw new BadLine(number, 'no-text')
    }
    return { number: number++, text }
  }
  for await (const chunk of createReadStream(path) as AsyncIterable<Uint8Array>) {
    hash.update(chunk)
    let from = 0
    for (let end = chunk.indexOf(10); end >= 0; end = chunk.indexOf(10, from)) {
      add(chunk.subarray(from, end))
      from = end + 1
      yield take()
    }
    add(chunk.subarray(from))
  }
  if (length > 0) yield take()
}

function parsed({ number, text }: { number: number; text: string }): z.output<typeof anyLine> {
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch {
    throw new BadLine(number, 'no-json')
  }
  const result = anyLine.safeParse(value)
  if (result.success) return result.data
  const [issue] = result.error.issues
  const path = issue?.path.join('.') ?? ''
  throw new BadLine(number, 'bad-line', path === '' ? '' : `(${path.slice(0, 100)})`)
}

/** What the file says, person for person as they are called here. */
export interface ImportFile extends Omit<ImportedChat, 'people'> {
  people: Map<UserId, ImportedPerson>
  messages: number
}

type Mapping = ReadonlyMap<UserId, UserId>

/** The message of a line, whose own rules are checked here. */
function messageOf(line: number, from: MessageLine, as: (id: UserId) => UserId): ImportedMessage {
  const { id, text, createdAt, receivedAt, editedAt, deletedAt, replyTo, replyToAuthor, mentions, forwardedFrom, reactions } = from
  const isDeleted = deletedAt !== null
  const wrong = (detail: string): BadLine => new BadLine(line, 'bad-line', `(${detail})`)
  if (isDeleted && (text !== '' || reactions.length > 0)) throw wrong('a deleted message has words or reactions')
  if (editedAt !== null && (editedAt < receivedAt || (isDeleted && editedAt > deletedAt))) throw wrong('editedAt')
  if (isDeleted && deletedAt < receivedAt) throw wrong('deletedAt')
  const checked = checkOperation({
    type: 'message',
    ...{ id, at: createdAt, text: isDeleted ? DELETED_WORDS : text },
    ...(replyTo === null ? {} : { replyTo }),
    ...(replyToAuthor === null ? {} : { replyToAuthor: as(replyToAuthor) }),
    ...(mentions.length === 0 ? {} : { mentions: mentions.map(as) }),
    ...(forwardedFrom === null ? {} : { forwardedFrom: { ...forwardedFrom, author: as(forwardedFrom.author) } }),
  })
  if (typeof checked === 'string') throw wrong(checked)
  const counts = new Map<UserId, number>()
  const emojis = new Set<string>()
  const kept = reactions.map(({ emoji: shown, userIds }) => {
    const users = new Set(userIds.map(as))
    if (emojis.has(shown) || new Set(userIds).size !== userIds.length) throw wrong('reactions')
    emojis.add(shown)
    for (const user of users) counts.set(user, (counts.get(user) ?? 0) + 1)
    return { emoji: shown, userIds: [...users] }
  })
  if (Math.max(0, ...counts.values()) > MAX_REACTIONS_PER_PERSON) throw wrong('reactions')
  return { authorId: as(from.authorId), checked, receivedAt, editedAt, deletedAt, reactions: kept }
}

/**
 * Reads the whole file; what it says is complete once the last message was taken. `as`: who of its people is who here.
 * @throws BadLine at the first line that is wrong; an error of the file system
 */
export async function* readImport(path: string, as: Mapping): AsyncGenerator<ImportedMessage, ImportFile> {
  const here = (id: UserId): UserId => as.get(id) ?? id
  const hash = createHash('sha256')
  const people = new Map<UserId, ImportedPerson>()
  const ids = new Set<string>()
  let chat: z.output<typeof chatLine> | null = null
  let [receivedAt, messages, line] = [-Infinity, 0, 0]
  let ended = false

  function meet(id: UserId, person: Omit<ImportedPerson, 'id'>): void {
    const known = people.get(here(id))
    // Whose name stood nowhere before: of who reacted an export knows nothing else.
    if (known && (known.name !== NAMELESS || person.name === NAMELESS)) return
    people.set(here(id), { ...person, ...known, id: here(id), name: person.name })
    if (people.size > MAX_IMPORT_PEOPLE) throw new BadLine(line, 'too-many')
  }
  const former = (name: string) => ({ name, stays: false, mayInvite: false, mayRemove: false })

  for await (const each of linesOf(path, hash)) {
    line = each.number
    const value = parsed(each)
    if (ended || (chat === null) !== (value.type === 'chat')) throw new BadLine(line, 'bad-order')
    if (value.type === 'chat') {
      chat = value
      if (new Set(value.members.map(({ id }) => id)).size !== value.members.length) throw new BadLine(line, 'bad-line', '(members)')
      for (const { id, name, mayInvite, mayRemove } of value.members) {
        meet(id, { name: nameOf(name), stays: true, mayInvite, mayRemove })
      }
    } else if (value.type === 'end') {
      if (value.messages !== messages) throw new BadLine(line, 'bad-order')
      ended = true
    } else {
      if (value.seq !== (chat?.historyFrom ?? 0) + ++messages || value.receivedAt < receivedAt) throw new BadLine(line, 'bad-order')
      receivedAt = value.receivedAt
      const message = messageOf(line, value, here)
      const key = `${message.authorId} ${value.id}`
      if (ids.has(key)) throw new BadLine(line, 'id-taken')
      ids.add(key)
      if (messages > MAX_IMPORT_MESSAGES) throw new BadLine(line, 'too-many')
      const reacted = value.reactions.flatMap(({ userIds }) => userIds)
      if (chat?.kind === 'direct' && [value.authorId, ...reacted].some((id) => !people.has(here(id)))) throw new BadLine(line, 'no-member')
      meet(value.authorId, former(nameOf(value.authorName)))
      for (const id of reacted) meet(id, former(NAMELESS))
      yield message
    }
  }
  if (!chat || !ended) throw new BadLine(line + 1, 'cut-off')
  const { id, kind, title, createdAt, history } = chat
  const shown = kind === 'direct' ? { title: null, fromJoining: false } : { title, fromJoining: history === 'joined' }
  return { id, digest: hash.digest('base64url'), kind, ...shown, createdAt, people, messages }
}
