// Skein as `npm start` starts it, FULL sync on, with people and chats that were put in beforehand.
import { hash, randomBytes } from 'node:crypto'
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createAccessTokens, createPasswords, openChainKey, openTokenKey, type AccessTokens } from '@skein/auth'
import { chatDocument, chatIdOf, type ChatId, type UserId } from '@skein/protocol'
import { openStorage, type Storage } from '@skein/storage'
import { startProcess, type ServerProcess } from './process.ts'
import { joinDocument, type Seat } from './wires/document.ts'
import type { Member } from './wires/wire.ts'

export const ports = {
  now: (): number => Date.now(),
  randomBytes: (count: number): Uint8Array => new Uint8Array(randomBytes(count)),
  sha256: (bytes: Uint8Array): Uint8Array => new Uint8Array(hash('sha256', bytes, 'buffer')),
}

/** Of everybody here. */
export const password = 'a long enough password'
export const emailOf = (n: number): string => `bench${n}@example.org`

export interface Skein extends AsyncDisposable {
  readonly folder: string
  /** Runs with the database open, while no server has it. */
  prepare<T>(work: (storage: Storage) => Promise<T>): Promise<T>
  person(storage: Storage, n: number): Promise<UserId>
  /** A chat of these people, and a seat for each of them. */
  chat(storage: Storage, people: UserId[]): Promise<{ id: ChatId; seats: Seat[] }>
  tokenOf(user: UserId): Promise<string>
  start(): Promise<ServerProcess>
}

/** An empty Skein in a folder of its own; `databaseUrl` '' is SQLite. */
export async function createSkein(databaseUrl = ''): Promise<Skein> {
  const folder = mkdtempSync(join(tmpdir(), 'skein-bench-'))
  const keys = join(folder, 'keys')
  mkdirSync(keys, { recursive: true, mode: 0o700 })
  const tokenKey = await openTokenKey(keys, ports.randomBytes)
  const chainKey = await openChainKey(keys, ports.randomBytes)
  const tokens: AccessTokens = createAccessTokens({ ...ports, key: tokenKey, issuer: 'skein', audience: 'skein' })
  const passwordHash = await createPasswords(ports.randomBytes).hash(password)
  const tokenOf = (user: UserId): Promise<string> => tokens.issue({ sub: user, name: 'Bench', sid: user })
  return {
    folder,
    tokenOf,
    async prepare(work) {
      const url = databaseUrl || `sqlite:${join(folder, 'skein.db')}`
      // What is there was there for an hour.
      const now = (): number => ports.now() - 3_600_000
      await using storage = await openStorage({ url }, { ...ports, now, ...chainKey, journal: null })
      return await work(storage)
    },
    async person(storage, n) {
      const user = await storage.createUser({ email: emailOf(n), name: `Bench ${n}`, passwordHash })
      if (user === 'email-taken') throw new Error(`${emailOf(n)} is taken`)
      return user.id
    },
    async chat(storage, people) {
      const [by] = people
      if (!by) throw new Error('A chat of nobody')
      const made = await storage.createChat({ id: chatIdOf(ports.randomBytes(17)), kind: 'group', title: 'Bench', by, members: people })
      const document = chatDocument(made.chat.id, made.chat.epoch)
      return { id: made.chat.id, seats: await Promise.all(people.map(async (user) => ({ document, user, token: await tokenOf(user) }))) }
    },
    start: () =>
      startProcess('server/src/main.ts', {
        PORT: '0',
        DATA_DIR: folder,
        SKEIN_DEMO: '0',
        RATE_LIMITS: 'off',
        DATABASE_URL: databaseUrl,
        NODE_ENV: 'production',
      }),
    async [Symbol.asyncDispose]() {
      rmSync(folder, { recursive: true, force: true })
    },
  }
}

export const syncUrl = (server: ServerProcess): string => `${server.origin.replace('http', 'ws')}/sync`

/** Asks the API as the person with this token. */
export async function ask<T>(server: ServerProcess, token: string, path: string, body?: object): Promise<T> {
  const init = body ? { method: 'POST', body: JSON.stringify(body) } : {}
  const response = await fetch(server.origin + path, { ...init, headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' } })
  if (!response.ok) throw new Error(`${path}: ${response.status} ${await response.text()}`)
  return (await response.json()) as T
}

/** A member of a chat who follows it through its epochs, and reports marks as an engine does. */
export async function joinChat(server: ServerProcess, seat: Seat): Promise<Member> {
  const chat = seat.document.split('/')[1] ?? ''
  const member = await joinDocument(syncUrl(server), seat, async () => {
    const { messages } = await ask<{ messages: { id: string }[] }>(server, seat.token, `/api/chats/${chat}/messages?limit=200`)
    const found = await ask<{ chat: { document: string } }>(server, seat.token, `/api/chats/${chat}`)
    return { document: found.chat.document, ids: messages.map(({ id }) => id) }
  })
  let marked = 0
  member.mark = () => {
    if (member.seq === marked) return
    marked = member.seq
    ask(server, seat.token, '/api/marks', { marks: { [chat]: [marked, marked] } }).catch(() => undefined)
  }
  return member
}
