// `npm run import`: a chat goes from one server to another and is the same there; the same on both databases.
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { SpawnedProcess } from '@skein/testing'
import { createLogger } from './log.ts'
import { ports } from './ports.ts'
import { runImport } from './run-import.ts'
import { readSettings } from './settings.ts'
import { startServer } from './start.ts'

type Env = Record<string, string>
type Line = Record<string, unknown>
const password = 'correct horse battery'

/** A server while `work` lasts, and who asks it. */
async function served<T>(env: Env, work: (url: string) => Promise<T>): Promise<T> {
  const settings = readSettings({ ...env, PORT: '0', SKEIN_DEMO: '0' })
  await using server = await startServer(settings, { ports, logger: createLogger(() => {}), say: () => {}, onFatal: () => {} })
  return await work(server.url)
}

interface Person {
  id: string
  ask(method: string, path: string, body?: object): Promise<Line>
  file(chat: string): Promise<string>
}

async function person(url: string, name: string, is: 'new' | 'known' = 'new'): Promise<Person> {
  const send = (method: string, path: string, headers: Env, body?: object) =>
    fetch(url + path, {
      method,
      headers: { 'content-type': 'application/json', origin: url, ...headers },
      ...(body ? { body: JSON.stringify(body) } : {}),
    })
  const given = { email: `${name.toLowerCase()}@example.org`, password }
  const entered = await (await send('POST', `/api/auth/${is === 'new' ? 'register' : 'login'}`, {}, is === 'new' ? { ...given, name } : given)).json()
  const { accessToken, user } = entered as { accessToken: string; user: { id: string } }
  const authorization = `Bearer ${accessToken}`
  return {
    id: user.id,
    ask: async (method, path, body) => {
      const answer = await send(method, path, { authorization }, body)
      expect(answer.ok, `${method} ${path}: ${answer.status}`).toBe(true)
      return (await answer.json()) as Line
    },
    file: async (chat) => (await send('GET', `/api/chats/${chat}/export`, { authorization })).text(),
  }
}
const idOf = (answer: Line, what: 'chat' | 'message'): string => (answer[what] as { id: string }).id
const linesOf = (text: string): Line[] =>
  text
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as Line)
/** What an import does not keep: its own id, and places that count what happened to a chat. */
const kept = (lines: Line[]): Line[] =>
  lines.map((line) => {
    const { rev, ...rest } = line['type'] === 'chat' ? { ...line, id: '' } : line
    expect(typeof rev).not.toBe('string')
    return rest
  })

export function describeImport(database: { fresh(): Promise<Env> }): void {
  describe('C7: npm run import', () => {
    let root: string
    let count = 0
    beforeAll(async () => {
      root = await mkdtemp(join(tmpdir(), 'skein-import-'))
    })
    afterAll(() => rm(root, { recursive: true, force: true }))
    const fresh = async (): Promise<Env> => ({ DATA_DIR: join(root, String(++count)), ...(await database.fresh()) })
    const fileOf = async (text: string | Uint8Array): Promise<string> => {
      const path = join(root, `${++count}.jsonl`)
      await writeFile(path, text)
      return path
    }
    async function run(env: Env, ...args: string[]): Promise<{ code: number; answer: string; said: string }> {
      const [answer, said]: [string[], string[]] = [[], []]
      const code = await runImport(args, env, { answer: (text) => answer.push(text), say: (text) => said.push(text) })
      return { code, answer: answer.join('\n'), said: said.filter((line) => !/^(?:Opening the database |There was none yet)/.test(line)).join('\n') }
    }

    /** A group as Ann, Bob and Cleo left it, with everything that an export knows; Cleo is out of it. */
    const conversation = (env: Env) =>
      served(env, async (url) => {
        const [ann, bob, cleo] = [await person(url, 'Ann'), await person(url, 'Bob'), await person(url, 'Cleo')]
        const chat = idOf(await ann.ask('POST', '/api/chats', { kind: 'group', title: 'Crew 🛶', memberIds: [bob.id, cleo.id] }), 'chat')
        const path = `/api/chats/${chat}`
        const say = async (who: Person, text: string, more = {}) => idOf(await who.ask('POST', `${path}/messages`, { text, ...more }), 'message')
        const first = await say(ann, 'first\nline\u2028"\\')
        await say(bob, 'reply', { replyTo: first, replyToAuthor: ann.id, mentions: [ann.id, cleo.id] })
        const changed = await say(cleo, 'chnaged')
        const gone = await say(bob, 'gone')
        for (let i = 0; i < 450; i++) await say(i % 2 ? ann : bob, `word ${i}`)
        await cleo.ask('PATCH', `${path}/messages/${changed}`, { text: 'changed' })
        await bob.ask('DELETE', `${path}/messages/${gone}`)
        for (const [who, emoji] of [
          [bob, '👍'],
          [cleo, '🎉'],
          [cleo, '👍'],
          [ann, '👍'],
        ] as const)
          await who.ask('PUT', `${path}/messages/${first}/reactions/${encodeURIComponent(emoji)}`)
        await ann.ask('PATCH', `${path}/members/${bob.id}`, { mayInvite: true })
        await cleo.ask('DELETE', `${path}/members/${cleo.id}`)
        await say(ann, 'last')
        return { chat, people: { ann: ann.id, bob: bob.id, cleo: cleo.id }, text: await ann.file(chat) }
      })

    test('promise 4: exported, imported into another server and exported there, it is the same: words, authors, order, times, reactions; once', async () => {
      const there = await conversation(await fresh())
      const [env, path] = [await fresh(), await fileOf(there.text)]
      const before = linesOf(there.text)
      expect(before).toHaveLength(457)
      const bob = await served(env, async (url) => (await person(url, 'Robert')).id)
      const as = ['--as', `${there.people.bob}=robert@example.org`]

      const checked = await run(env, path, ...as, '--check')
      expect(checked).toMatchObject({ code: 0, said: '' })
      expect(checked.answer).toContain('A group chat "Crew 🛶" with 455 messages of 3 people:')
      expect(checked.answer).toContain(`  ${bob}  is Robert <robert@example.org>\n`)
      expect(checked.answer).toContain(`  ${there.people.cleo}  Cleo, who is not here\n`)
      const done = await run(env, path, ...as)
      expect(done).toMatchObject({ code: 0, said: '' })
      expect(done.answer).toMatch(/^Imported 455 messages of 3 people as chat \w{26}\.$/)
      const chat = /chat (\w{26})/.exec(done.answer)?.[1] ?? ''
      expect(await run(env, path)).toEqual({ code: 0, answer: `This export was imported before, as chat ${chat}. Nothing was added.`, said: '' })

      const after = await served(env, async (url) => {
        const me = await person(url, 'Robert', 'known')
        const { chats } = (await me.ask('GET', '/api/chats')) as { chats: { id: string; unread: number; lastMessage: { text: string } }[] }
        expect(chats.map(({ id, unread, lastMessage }) => [id, unread, lastMessage.text])).toEqual([[chat, 0, 'last']])
        const file = await me.file(chat)
        await me.ask('POST', `/api/chats/${chat}/messages`, { text: 'and on' })
        return file
      })
      const renamed = (text: string): string => text.replaceAll(there.people.bob, bob).replaceAll('"Bob"', '"Robert"')
      const sorted = (lines: Line[]): Line[] => {
        const [head, ...rest] = lines
        return [{ ...head, members: ((head ?? {})['members'] as { id: string }[]).toSorted((a, b) => (a.id < b.id ? -1 : 1)) }, ...rest]
      }
      expect(sorted(kept(linesOf(after)))).toEqual(sorted(kept(linesOf(renamed(there.text)))))
      // A later export of the same chat is another one.
      const longer = there.text.replace('"last"', '"least"')
      expect(await run(env, await fileOf(longer))).toMatchObject({ code: 1, answer: '', said: expect.stringContaining('Another export') as string })
    })

    test('into the server it came from it becomes a chat of its own, as often as one likes only once', async () => {
      const env = await fresh()
      const { chat, text } = await conversation(env)
      const path = await fileOf(text)
      const ids = new Set<string>()
      for (let i = 0; i < 3; i++) ids.add(/chat (\w{26})/.exec((await run(env, path)).answer)?.[1] ?? '')
      expect([ids.size, ids.has(chat)]).toEqual([1, false])
    })

    test('what is wrong is named by its line, with a code and a sentence, and nothing of the file is there afterwards', async () => {
      const env = await fresh()
      const { text } = await conversation(await fresh())
      const lines = text.trimEnd().split('\n')
      const bad = [...lines.slice(0, 400), lines[400]?.replace('"seq":400', '"seq":401'), ...lines.slice(401)].join('\n')
      const { code, answer, said } = await run(env, await fileOf(bad))
      expect([code, answer, said]).toEqual([1, '', 'Line 401: bad-order: It does not follow the line before it. Nothing was imported.'])
      await served(env, async (url) => {
        const { users } = (await (await person(url, 'Dan')).ask('GET', '/api/users')) as { users: unknown[] }
        expect(users).toEqual([])
      })
      expect(await run(env, join(root, 'nowhere.jsonl'))).toMatchObject({ code: 1, said: 'The file cannot be read (ENOENT).' })
      expect(await run(env, root)).toMatchObject({ code: 1, said: expect.stringMatching(/^The file cannot be read/) as string })
      const nobody = `${'0'.repeat(26)}=nobody@example.org`
      expect(await run(env, await fileOf(text), '--as', nobody)).toMatchObject({
        code: 1,
        said: expect.stringContaining('There is no account') as string,
      })
    })

    test('what is not understood ends with 2 and the usage; --help is an answer', async () => {
      const env = await fresh()
      for (const args of [[], ['a', 'b'], ['a', '--fly'], ['a', '--as'], ['a', '--as', 'x=y'], ['a', '--as', '0'.repeat(26)]]) {
        const { code, answer, said } = await run(env, ...args)
        expect({ args, code, answer }).toEqual({ args, code: 2, answer: '' })
        expect(said).toContain('Usage: npm run import')
      }
      await using program = new SpawnedProcess('server/src/import.ts', { env, args: ['--help'] })
      expect(await program.exit).toEqual({ code: 0, signal: null })
      expect(program.output).toContain('Usage: npm run import')
    })
  })
}
