// A server's HTTP face on a real storage, with a clock that is turned by hand and people who ask it things.
import { createHash, randomBytes } from 'node:crypto'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { OpenAPIHono } from '@hono/zod-openapi'
import { expect } from 'vitest'
import { createAccessTokens, createPasswords, createRefreshTokens, openChainKey, openTokenKey, type ChainKey, type TokenKey } from '@skein/auth'
import { canonicalJson, chatIdOf, directChatId, uuidOf, type ChatId, type EpochName, type HttpErrorCode, type UserId } from '@skein/protocol'
import type { Marks, Mine, Storage, StoragePorts } from '@skein/storage'
import { createApi, HealTally, type ApiDependencies, type Mail } from '../index.ts'
import type { PersonEnv } from '../authenticate.ts'

export const sha256 = (bytes: Uint8Array): Uint8Array => createHash('sha256').update(bytes).digest()
export const origin = 'http://localhost'
export const password = 'correct horse battery'

/** What the server that holds the documents was told. */
export type Notice =
  | { kind: 'marks'; chat: ChatId; user: UserId; marks: Marks; markPos: number }
  | { kind: 'created'; chat: ChatId; members: UserId[] }
  | { kind: 'newcomer'; name: string }
  | { kind: 'changed'; user: UserId; name: string; avatarUrl: string | null }
  | { kind: 'erased'; user: UserId }
  | { kind: 'mine'; user: UserId; chat: ChatId; mine: Mine }
  | { kind: 'block'; user: UserId; other: UserId; blocked: boolean }
  | { kind: 'healed'; chat: ChatId; epoch: EpochName; rev: number }
  | { kind: 'ended'; sessionId: string }

export interface Answer {
  status: number
  body: Record<string, unknown>
  headers: Headers
}
type AskOptions = { body?: unknown; headers?: Record<string, string> }

export interface Person {
  id: UserId
  email: string
  name: string
  get(path: string): Promise<Answer>
  post(path: string, body?: unknown, headers?: Record<string, string>): Promise<Answer>
  ask(method: string, path: string, body?: unknown, headers?: Record<string, string>): Promise<Answer>
}

export interface World {
  api: OpenAPIHono<PersonEnv>
  storage: Storage
  dependencies: ApiDependencies
  clock: { now: number }
  key: TokenKey
  chain: ChainKey
  notices: Notice[]
  /** What was written to people, and what goes on behind the answers. */
  mails: Mail[]
  settled: () => Promise<void>
  log: { level: string; message: string; fields: Record<string, unknown> | undefined }[]
  online: Set<UserId>
  ask: (method: string, path: string, options?: AskOptions) => Promise<Answer>
  /** With an account and a token, without the cost of a password. */
  person: (name?: string) => Promise<Person>
  /** Two people and the chat between them. */
  pair(): Promise<{ alice: Person; bob: Person; chat: ChatId }>
  /** A group of the first, which the second was taken out of. */
  groupWithout(first: Person, second: Person): Promise<ChatId>
  close(): Promise<void>
}

export type OpenStorage = (ports: StoragePorts) => Promise<Storage>

// Vitest's matchers are `any`.
export const anyText: unknown = expect.any(String)
export const matching = (pattern: RegExp): unknown => expect.stringMatching(pattern)
export const havingAll = (items: unknown[]): unknown => expect.arrayContaining(items)

export const cookieOf = (answer: Answer): string => (answer.headers.get('set-cookie') ?? '').split(';')[0] ?? ''

/** A problem, to compare an answer with. */
export const refusal = (status: number, code: HttpErrorCode): object => ({ status, body: { type: `urn:skein:error:${code}`, status, code } })
/** 400, with words that name the field. */
/** It names the field, in words for people. */
export const badRequest = (field: string): object => ({
  status: 400,
  body: {
    code: 'bad-request',
    detail: matching(new RegExp(`^(?!.*(?:Invalid|received|Too small|Too big|Unrecognized)).*${field.replaceAll('.', '\\.')}`)),
  },
})

export async function ask(api: OpenAPIHono<PersonEnv>, method: string, path: string, { body, headers = {} }: AskOptions = {}): Promise<Answer> {
  const raw = body === undefined || typeof body === 'string' || body instanceof Uint8Array
  const response = await api.request(`${origin}${path}`, {
    method,
    headers: { host: 'localhost', ...(body === undefined ? {} : { 'content-type': 'application/json' }), ...headers },
    ...(body === undefined ? {} : { body: raw ? new Uint8Array(Buffer.from(body)) : JSON.stringify(body) }),
  })
  const text = await response.text()
  const isJson = /^application\/(problem\+)?json\b/.test(response.headers.get('content-type') ?? '')
  return { status: response.status, body: isJson ? (JSON.parse(text) as Record<string, unknown>) : {}, headers: response.headers }
}

export async function openWorld(open: OpenStorage): Promise<World> {
  const clock = { now: Date.UTC(2027, 0, 15, 12) }
  const now = (): number => clock.now
  const dir = await mkdtemp(join(tmpdir(), 'skein-api-'))
  const key = await openTokenKey(dir, randomBytes)
  const chain = await openChainKey(dir, randomBytes)
  const storage = await open({ now, randomBytes, sha256, ...chain, journal: null })
  const notices: Notice[] = []
  const log: World['log'] = []
  const online = new Set<UserId>()
  const mails: Mail[] = []
  const background = new Set<Promise<void>>()
  let requests = 0
  const write = (level: string) => (message: string, fields?: Record<string, unknown>) => void log.push({ level, message, fields })
  const accessTokens = createAccessTokens({ key, issuer: 'skein', audience: 'skein', now, randomBytes })
  const passwords = createPasswords(randomBytes)

  const dependencies: ApiDependencies = {
    storage,
    passwords,
    accessTokens,
    refreshTokens: createRefreshTokens(key.refreshSecret, randomBytes),
    jwks: () => key.jwks(clock.now),
    registration: 'open',
    contacts: 'everyone',
    findByEmail: true,
    corsOrigins: [],
    isPublicTarget: ({ hostname }) => Promise.resolve(!['10.0.0.1', 'inside.example.org'].includes(hostname)),
    rateLimits: null,
    sync: {
      async commitOperation(chatId, userId, operation, text) {
        const [outcome] = await storage.commit([{ kind: 'operation', chatId, userId, operation, text }])
        if (!outcome) throw new Error('no outcome')
        return outcome
      },
      async changeMember(chatId, userId, operation) {
        const [outcome] = await storage.commit([{ kind: 'member', chatId, userId, operation, text: canonicalJson(operation) }])
        if (!outcome) throw new Error('no outcome')
        return outcome
      },
      mineChanged: (user, chat, mine) => void notices.push({ kind: 'mine', user, chat, mine }),
      blockChanged: (user, other, _chat, blocked) => void notices.push({ kind: 'block', user, other, blocked }),
      marksRaised: (chat, user, marks, markPos) => void notices.push({ kind: 'marks', chat, user, marks, markPos }),
      chatCreated: (chat, members) => void notices.push({ kind: 'created', chat, members }),
      userCreated: ({ name }) => void notices.push({ kind: 'newcomer', name }),
      userChanged: ({ id, name, avatarUrl }) => void notices.push({ kind: 'changed', user: id, name, avatarUrl }),
      async eraseUser(user) {
        await storage.eraseUser(user)
        notices.push({ kind: 'erased', user })
      },
      chatHealed: (chat, epoch, rev) => void notices.push({ kind: 'healed', chat, epoch, rev }),
      isOnline: (user) => online.has(user),
      sessionEnded: (sessionId) => void notices.push({ kind: 'ended', sessionId }),
    },
    mail: { send: (mail) => void mails.push(mail), linkBase: () => 'https://chat.example.org' },
    issuer: null,
    provider: null,
    unconfirmedMayLogIn: true,
    inBackground: (work) => void background.add(work()),
    healed: new HealTally(),
    checks: { database: () => storage.ping() },
    now,
    randomBytes,
    requestId: () => `request${++requests}`,
    sha256,
    logger: { info: write('info'), warn: write('warn'), error: write('error') },
  }
  const api = createApi(dependencies)
  const passwordHash = await passwords.hash(password)
  let people = 0

  async function person(name = `Person ${++people}`): Promise<Person> {
    const email = `${randomBytes(6).toString('hex')}@example.org`
    const user = await storage.createUser({ email, name, passwordHash })
    if (user === 'email-taken') throw new Error(user)
    // A new token for each question, since the clock is turned by more than a token lives.
    const authorized = async (headers = {}): Promise<Record<string, string>> => ({
      authorization: `Bearer ${await accessTokens.issue({ sub: user.id, name, sid: 'session' })}`,
      ...headers,
    })
    return {
      id: user.id,
      email,
      name,
      get: async (path) => ask(api, 'GET', path, { headers: await authorized() }),
      ask: async (method, path, body, headers) => ask(api, method, path, { body, headers: await authorized(headers) }),
      post: async (path, body = {}, headers) => ask(api, 'POST', path, { body, headers: await authorized(headers) }),
    }
  }

  return {
    api,
    storage,
    dependencies,
    clock,
    key,
    chain,
    notices,
    mails,
    settled: async () => void (await Promise.all(background)),
    log,
    online,
    ask: (method, path, options) => ask(api, method, path, options),
    person,
    async pair() {
      const [alice, bob] = [await person(), await person()]
      const chat = directChatId(alice.id, bob.id, sha256)
      await storage.createChat({ id: chat, kind: 'direct', title: null, by: alice.id, members: [alice.id, bob.id] })
      return { alice, bob, chat }
    },
    async groupWithout(first, second) {
      const id = chatIdOf(randomBytes(17))
      await storage.createChat({ id, kind: 'group', title: 'Crew', by: first.id, members: [first.id, second.id] })
      const operation = { type: 'leave' as const, id: uuidOf(randomBytes(16), 4), at: new Date(now()).toISOString(), user: second.id }
      const [outcome] = await storage.commit([{ kind: 'member', chatId: id, userId: first.id, operation, text: canonicalJson(operation) }])
      expect(outcome).toMatchObject({ ok: true })
      return id
    },
    async close() {
      await storage[Symbol.asyncDispose]()
      await rm(dir, { recursive: true })
    },
  }
}
