// The bed of the contract suite: databases to try things on, a clock to turn, numbers that repeat, and people with chats.
import { createHash, createHmac } from 'node:crypto'
import {
  canonicalJson,
  checkOperation,
  chatIdOf,
  directChatId,
  uuidOf,
  type Checked,
  type ChatId,
  type EpochName,
  type GroupOperation,
  type OperationId,
  type UserId,
} from '@skein/protocol'
import { afterAll, beforeAll } from 'vitest'
import { openStorage, type Faults, type OpenPorts } from '../index.ts'
import type { ChatRow, CommitItem, CommitOutcome, Storage } from '../types.ts'

declare module 'vitest' {
  interface ProvidedContext {
    /** Address of one of the server's databases. */
    mariadb: string
  }
}

/** What a run of the suite is given: how to make an empty database. */
export interface Lab {
  engine: 'sqlite' | 'mysql'
  /** The address of an empty database, which the lab removes at the end. */
  newDatabase(): Promise<string>
  /** Runs a statement past the storage, as another process would. */
  query(url: string, sql: string): Promise<Record<string, unknown>[]>
  /** Does `work` against another transaction, which has run `first` and runs `second` while `work` waits for it: on MySQL the work loses the deadlock. */
  against<T>(url: string, first: string, second: string, work: () => Promise<T>): Promise<T>
  /** The settings of a connection as the storage opens it. */
  settings(url: string): Promise<Record<string, unknown>>
  /** Makes a database of something that is none. */
  spoil(url: string): Promise<void>
  /** A database that can be killed: its thread on SQLite, its server on MySQL. */
  mortal(): Promise<{ url: string; die(): Promise<void>; revive(): Promise<void> }>
}

export const sha256 = (bytes: Uint8Array): Uint8Array => new Uint8Array(createHash('sha256').update(bytes).digest())
export const tag = (bytes: Uint8Array): string =>
  `1.${createHmac('sha256', 'chain key').update(bytes).digest().subarray(0, 16).toString('base64url')}`
export const verifyTag = (bytes: Uint8Array, other: string): boolean => other === tag(bytes)

/** Random bytes that are the same in every run; all of a process come from one stream, so that no id is made twice. */
let drawn = 0
export function randomBytes(count: number): Uint8Array {
  const blocks: Uint8Array[] = []
  for (let length = 0; length < count; length += 32) blocks.push(createHash('sha256').update(`skein ${drawn++}`).digest())
  return new Uint8Array(Buffer.concat(blocks).subarray(0, count))
}

export const START = Date.parse('2026-03-01T12:00:00.000Z')

/** A database with one storage open on it, for the tests of one `describe`. */
export class Bed {
  readonly lab: Lab
  readonly clock = { now: START }
  readonly ports: OpenPorts = { now: () => this.clock.now, randomBytes, sha256, tag, verifyTag, journal: null }
  url = ''
  #storage: Storage | undefined
  readonly #others: Storage[] = []

  constructor(lab: Lab) {
    this.lab = lab
  }

  get storage(): Storage {
    if (!this.#storage) throw new Error('The bed is not open')
    return this.#storage
  }

  async open(): Promise<void> {
    this.url = await this.lab.newDatabase()
    this.#storage = await openStorage({ url: this.url }, this.ports)
  }

  /** Another server on the same database; on SQLite, where there is but one, the same. */
  async another(): Promise<Storage> {
    if (this.lab.engine === 'sqlite') return this.storage
    const other = await openStorage({ url: this.url }, this.ports)
    this.#others.push(other)
    return other
  }

  /** Opens the database anew, with faults. */
  withFaults(faults: Faults): Promise<Storage> {
    return this.reopen({ ...this.ports, faults })
  }

  /** Leaves the database alone, until it is opened anew. */
  async stop(): Promise<void> {
    await this.#storage?.[Symbol.asyncDispose]()
    this.#storage = undefined
  }

  async reopen(ports = this.ports, onForgotten: (messages: number) => void = () => {}): Promise<Storage> {
    await this.stop()
    this.#storage = await openStorage({ url: this.url, onForgotten }, ports)
    return this.#storage
  }

  async close(): Promise<void> {
    for (const storage of [...this.#others, this.storage]) await storage[Symbol.asyncDispose]()
  }
}

/** A bed that is open while the surrounding `describe` runs. */
export function useBed(lab: Lab): Bed {
  const bed = new Bed(lab)
  beforeAll(() => bed.open())
  afterAll(() => bed.close())
  return bed
}

let people = 0
export async function person(storage: Storage, name = `Person ${++people}`): Promise<UserId> {
  const user = await storage.createUser({ email: `p${Buffer.from(randomBytes(6)).toString('hex')}@example.org`, name, passwordHash: 'hash' })
  if (user === 'email-taken') throw new Error('An email was drawn twice')
  return user.id
}

export interface Talk {
  id: ChatId
  epoch: EpochName
  ann: UserId
  bob: UserId
  chat: ChatRow
}

/** A direct chat of two new people. */
export async function talk(storage: Storage): Promise<Talk> {
  const [ann, bob] = [await person(storage, 'Ann'), await person(storage, 'Bob')]
  const { chat } = await storage.createChat({ id: directChatId(ann, bob, sha256), kind: 'direct', title: null, by: ann, members: [ann, bob] })
  return { id: chat.id, epoch: chat.epoch, ann, bob, chat }
}

export async function group(storage: Storage, members: UserId[], title = 'Crew'): Promise<ChatRow> {
  const [by] = members
  if (!by) throw new Error('A group has members')
  return (await storage.createChat({ id: chatIdOf(randomBytes(17)), kind: 'group', title, by, members })).chat
}

const AT = '2026-02-28T09:30:00.000Z'
export const newId = (): OperationId => uuidOf(randomBytes(16), 4)

function checked(value: object): Checked {
  const result = checkOperation(value)
  if (typeof result === 'string') throw new Error(`${result}: ${JSON.stringify(value)}`)
  return result
}

export const message = (text = 'A word', more: object = {}): Checked => checked({ type: 'message', id: newId(), at: AT, text, ...more })
export const edit = (target: OperationId, text: string, more: object = {}): Checked =>
  checked({ type: 'edit', id: newId(), at: AT, target, text, ...more })
export const remove = (target: OperationId, more: object = {}): Checked => checked({ type: 'delete', id: newId(), at: AT, target, ...more })
export const react = (target: OperationId, emoji: string, on = true, more: object = {}): Checked =>
  checked({ type: 'react', id: newId(), at: AT, target, emoji, on, ...more })

export const pin = (target: OperationId, targetAuthor: UserId, on = true): Checked =>
  checked({ type: 'pin', id: newId(), at: AT, target, targetAuthor, on })

/** A Yjs client id for each person, as their device would have. */
const clients = new Map<UserId, number>()
export function clientOf(user: UserId): number {
  const known = clients.get(user) ?? 1_000 + clients.size
  clients.set(user, known)
  return known
}

export function update(
  chat: { id: ChatId; epoch: EpochName },
  userId: UserId,
  operations: Checked[],
  own: number[] = [clientOf(userId)],
): CommitItem {
  return { kind: 'update', chatId: chat.id, epoch: chat.epoch, userId, update: randomBytes(24), clients: own, operations }
}

export const posted = (chat: { id: ChatId }, userId: UserId, { operation, text }: Checked): CommitItem => ({
  kind: 'operation',
  chatId: chat.id,
  userId,
  operation,
  text,
})

export const grouped = (chat: { id: ChatId }, by: UserId, operation: GroupOperation): CommitItem => ({
  kind: 'member',
  chatId: chat.id,
  userId: by,
  operation,
  text: canonicalJson(operation),
})

export const member = (chat: { id: ChatId }, by: UserId, type: 'join' | 'leave', user: UserId): CommitItem =>
  grouped(chat, by, { type, id: newId(), at: AT, user })

export type Stored = Extract<CommitOutcome, { ok: true }>

/** Outcomes that all have to be stored ones. */
export function stored(outcomes: CommitOutcome[]): Stored[] {
  return outcomes.map((outcome) => {
    if (!outcome.ok) throw new Error(`Not stored: ${outcome.reason}`)
    return outcome
  })
}

export async function commitOne(storage: Storage, item: CommitItem): Promise<CommitOutcome> {
  const [outcome] = await storage.commit([item])
  if (!outcome) throw new Error('No outcome')
  return outcome
}

export async function storeOne(storage: Storage, item: CommitItem): Promise<Stored> {
  const [outcome] = stored([await commitOne(storage, item)])
  if (!outcome) throw new Error('No outcome')
  return outcome
}
