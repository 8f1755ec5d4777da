// People who use the HTTP door: a bot that sends, and a reader that follows the chains. Their own few lines, so that nothing of the engine's is shared.
import { setTimeout as sleep } from 'node:timers/promises'
import type { History, Link, Marks } from './history.ts'
import type { Random } from './random.ts'

export interface Person {
  id: string
  email: string
  password: string
}

const ANSWER_MS = 5_000

/** An answer, or null where none came. */
async function call(
  url: string,
  init: { body?: object; token?: string; key?: string } = {},
): Promise<{ status: number; body: Record<string, unknown> } | null> {
  const headers: Record<string, string> = { 'content-type': 'application/json' }
  if (init.token) headers['authorization'] = `Bearer ${init.token}`
  if (init.key) headers['idempotency-key'] = init.key
  try {
    const signal = AbortSignal.timeout(ANSWER_MS)
    const answer = await fetch(url, init.body ? { method: 'POST', headers, signal, body: JSON.stringify(init.body) } : { headers, signal })
    return { status: answer.status, body: (await answer.json()) as Record<string, unknown> }
  } catch {
    return null
  }
}

/** Where the answer to an earlier try was lost, they have an account already. */
export async function register(server: string, name: string): Promise<Person> {
  const account = { email: `${name}@example.org`, password: 'correct horse battery' }
  for (;;) {
    for (const [door, body] of [
      ['register', { ...account, name }],
      ['login', account],
    ] as const) {
      const answer = await call(`${server}/api/auth/${door}`, { body })
      if (answer && answer.status < 300) return { id: (answer.body['user'] as { id: string }).id, ...account }
      if (answer && ![401, 409, 429].includes(answer.status) && answer.status < 500)
        throw new Error(`${door} answered ${answer.status}: ${JSON.stringify(answer.body)}`)
    }
    await sleep(200)
  }
}

/** Somebody who is logged in, again and again as tokens end. */
export class HttpPerson {
  readonly person: Person
  /** Where the next question goes. */
  server: () => string
  #token = ''

  constructor(person: Person, server: () => string) {
    this.person = person
    this.server = server
  }
  async ask(path: string, init: { body?: object; key?: string } = {}): Promise<{ status: number; body: Record<string, unknown> } | null> {
    const answer = await call(this.server() + path, { ...init, token: this.#token })
    if (answer?.status !== 401) return answer
    const { email, password } = this.person
    const login = await call(`${this.server()}/api/auth/login`, { body: { email, password } })
    if (login?.status !== 200) return null
    this.#token = String(login.body['accessToken'])
    return call(this.server() + path, { ...init, token: this.#token })
  }
  async chatWith(other: Person): Promise<string> {
    for (;;) {
      const answer = await this.ask('/api/chats', { body: { userId: other.id } })
      if (answer && answer.status < 300) return (answer.body['chat'] as { id: string }).id
      await sleep(200)
    }
  }
}

/** Sends under idempotency keys. What gets no answer is tried again, or left unknown. */
export async function runBot(
  name: string,
  self: HttpPerson,
  chats: readonly string[],
  history: History,
  random: Random,
  signal: AbortSignal,
): Promise<void> {
  let count = 0
  const offer = async (chat: string, word: string, key: string): Promise<boolean> => {
    const answer = await self.ask(`/api/chats/${chat}/messages`, { body: { text: word }, key })
    if (!answer || answer.status >= 500 || answer.status === 401 || answer.status === 429) return false
    if (answer.status >= 400) history.add({ is: 'refused', device: name, word, reason: String(answer.body['code']) })
    else {
      const { id, seq, authorId } = answer.body['message'] as { id: string; seq: number; authorId: string }
      history.add({ is: 'kept', device: name, word, id })
      history.add({ is: 'ok', device: name, chat, author: authorId, id, seq })
    }
    return true
  }
  while (!signal.aborted) {
    await sleep(random.between(50, 400))
    const chat = random.pick(chats)
    if (!chat) continue
    const word = `${name}.${++count}`
    history.add({ is: 'send', device: name, chat, word })
    let answered = await offer(chat, word, word)
    while (!answered && random.fraction() < 0.7 && !signal.aborted) {
      await sleep(200)
      answered = await offer(chat, word, word)
    }
    if (!answered) continue
    // The same again changes nothing; other words under the same key are refused.
    if (random.fraction() < 0.1) await offer(chat, word, word)
    if (random.fraction() < 0.1) {
      const other = `${word}.other`
      history.add({ is: 'send', device: name, chat, word: other })
      await offer(chat, other, word)
    }
  }
}

/** Follows a chat's chain by `changes`, from where it was, whichever server it asks. */
export class ChainReader {
  readonly name: string
  readonly #self: HttpPerson
  readonly #history: History
  readonly #places = new Map<string, { rev: number; head: string | null }>()

  constructor(name: string, self: HttpPerson, history: History) {
    this.name = name
    this.#self = self
    this.#history = history
  }
  /** One page; false when nothing came. */
  async read(chat: string): Promise<{ more: boolean; rev: number } | null> {
    const place = this.#places.get(chat) ?? { rev: 0, head: null }
    const answer = await this.#self.ask(`/api/chats/${chat}/changes?since=${place.rev}${place.head === null ? '' : `&head=${place.head}`}`)
    if (answer?.status === 409) this.#history.add({ is: 'unknown-head', device: this.name, chat, rev: place.rev })
    if (answer?.status !== 200) return null
    const { entries, marks, head, more } = answer.body as { entries: Entry[]; marks: Record<string, Marks>; head: string; more: boolean }
    for (const { authorId, operation, rev, seq, kind, code, at, id } of entries) {
      const link: Link = { chat, rev, seq, kind, code, at, author: authorId, id, operation: operation && canonical(operation) }
      this.#history.add({ is: 'link', device: this.name, link })
    }
    for (const [user, pair] of Object.entries(marks)) this.#history.add({ is: 'marks', device: this.name, chat, user, marks: pair })
    const rev = entries.at(-1)?.rev ?? place.rev
    this.#places.set(chat, { rev, head })
    return { more, rev }
  }
  async run(chats: readonly string[], random: Random, signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      await sleep(random.between(100, 400))
      const chat = random.pick(chats)
      if (chat) await this.read(chat)
    }
  }
}
interface Entry {
  rev: number
  seq: number
  kind: string
  code: string | null
  at: number
  authorId: string
  id: string
  operation: object | null
}

/** Keys in order, so that what is told and what is stored compare as text. */
export function canonical(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(canonical).join(',')}]`
  if (typeof value !== 'object' || value === null) return JSON.stringify(value)
  const entries = Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1))
  return `{${entries.map(([key, each]) => `${JSON.stringify(key)}:${canonical(each)}`).join(',')}}`
}
