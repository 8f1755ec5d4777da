// `npm run user`, and what a server makes of it; the same on both databases.
import { existsSync } from 'node:fs'
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { PassThrough } from 'node:stream'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { spawnUser } from '@skein/testing'
import { createLogger } from './log.ts'
import { ports } from './ports.ts'
import { runKeys } from './run-keys.ts'
import { runUser } from './run-user.ts'
import { readSettings } from './settings.ts'
import { startServer, type RunningServer } from './start.ts'
import { createTerminal } from './terminal.ts'

type Env = Record<string, string>
const password = 'correct horse battery'

export function describeUserCommand(database: { fresh(): Promise<Env>; shared: boolean }): void {
  describe('P1: npm run user', () => {
    let env: Env
    beforeAll(async () => {
      env = { DATA_DIR: await mkdtemp(join(tmpdir(), 'skein-user-')), REGISTRATION: 'closed', SKEIN_DEMO: '0', ...(await database.fresh()) }
    })
    afterAll(() => rm(env['DATA_DIR'] ?? '', { recursive: true, force: true }))

    /** How it ended, what it answered and what it said beside. */
    async function user(args: string[], input = '', settings: Env = env): Promise<{ code: number; answer: string; said: string }> {
      const [answer, said]: [string[], string[]] = [[], []]
      const stdin = new PassThrough()
      stdin.end(input)
      const code = await runUser(args, settings, {
        terminal: createTerminal(stdin, process.stderr),
        answer: (text) => answer.push(text),
        say: (text) => said.push(text),
      })
      expect(answer.join() + said.join()).not.toContain(password)
      return { code, answer: answer.join('\n'), said: said.join('\n') }
    }
    const done = async (args: string[], input?: string): Promise<string> => {
      const { code, answer, said } = await user(args, input)
      expect({ code, said }).toEqual({ code: 0, said: expect.stringMatching(/^Opening the database [^\n]+…$/) as string })
      return answer
    }
    const post = async (url: string, path: string, { body = {}, cookie = '' }: { body?: object; cookie?: string }) => {
      const headers = { 'content-type': 'application/json', origin: url, cookie }
      const answer = await fetch(url + path, { method: 'POST', headers, body: JSON.stringify(body) })
      const { code = null, user: me = null } = (await answer.json()) as { code?: string; user?: { name: string } }
      return { status: answer.status, code, name: me?.name ?? null, cookie: answer.headers.get('set-cookie')?.split(';')[0] ?? '' }
    }
    const logIn = (url: string, email: string, given = password) => post(url, '/api/auth/login', { body: { email, password: given } })
    const start = () => startServer(readSettings({ ...env, PORT: '0' }), { ports, logger: createLogger(() => {}), say: () => {}, onFatal: () => {} })
    /** On SQLite nobody else may have the file. */
    async function whileAway(server: RunningServer, work: () => Promise<unknown>): Promise<RunningServer> {
      if (!database.shared) await server[Symbol.asyncDispose]()
      await work()
      return database.shared ? server : start()
    }

    test('another database than the server’s is named and not made, but by what may come first', async () => {
      const folder = join(env['DATA_DIR'] ?? '', 'elsewhere')
      const elsewhere = { ...env, DATA_DIR: folder, ...(await database.fresh()) }
      const place = database.shared ? /skein_\w+ at [\w.:]+/.source : `${folder}/skein.db`
      for (const args of [['list'], ['disable', 'ann@example.org'], ['invite']]) {
        const { code, said } = await user(args, '', elsewhere)
        expect([code, said]).toEqual([1, expect.stringMatching(new RegExp(`There is no database of Skein yet: ${place}\\. Give DATA_DIR`)) as string])
      }
      expect(existsSync(join(folder, 'skein.db'))).toBe(false)
      const first = await user(['add', 'first@example.org', 'First'], password, elsewhere)
      expect([first.code, first.said]).toEqual([
        0,
        expect.stringMatching(new RegExp(`^Opening the database ${place}…\nThere was none yet: it is made\\.$`)) as string,
      ])
      expect((await user(['list'], '', elsewhere)).answer).toContain('first@example.org')
      const said: string[] = []
      const output = { ports, answer: (text: string) => void said.push(text), say: (text: string) => void said.push(text) }
      for (const command of ['list', 'rotate']) expect(await runKeys([command], { DATA_DIR: join(folder, 'nowhere') }, output)).toBe(1)
      expect(said.join()).toContain(`There are no keys in ${join(folder, 'nowhere', 'keys')}.`)
      expect(existsSync(join(folder, 'nowhere'))).toBe(false)
    })

    test('where registration is closed it makes the first account; the password comes from standard input', async () => {
      await using command = spawnUser(env, ['add', 'Ann@Example.org', 'Ann Lee'], `${password}\nanother line\n`)
      expect(await command.exit).toEqual({ code: 0, signal: null })
      expect(command.output).toMatch(/^Added Ann Lee <ann@example\.org>, \w{26}\.$/m)
      expect(command.output).not.toContain(password)
      // The journal has one writer, which is the server.
      expect(existsSync(join(env['DATA_DIR'] ?? '', 'deletions.journal'))).toBe(false)
      expect(await done(['add', 'bob@example.org', 'Bob'], password)).toContain('Bob')
      await using server = await start()
      const url = server.url
      expect(await post(url, '/api/auth/register', { body: { email: 'c@example.org', name: 'C', password } })).toMatchObject({ status: 403 })
      expect(await logIn(url, 'ann@example.org')).toMatchObject({ status: 200, name: 'Ann Lee' })
    })

    test('lists accounts as a table and as JSON', async () => {
      const accounts = JSON.parse(await done(['list', '--json'])) as Record<string, unknown>[]
      expect(accounts).toMatchObject([
        { email: 'ann@example.org', name: 'Ann Lee', avatarUrl: null, lastSeenAt: null, disabledAt: null },
        { email: 'bob@example.org' },
      ])
      expect(Object.keys(accounts[0] ?? {}).sort()).toEqual(['avatarUrl', 'createdAt', 'disabledAt', 'email', 'id', 'lastSeenAt', 'name'])
      const [head, ann, bob, ...rest] = (await done(['list'])).trimEnd().split('\n')
      expect(head).toMatch(/^NAME +EMAIL +ID +CREATED +LAST SEEN +DISABLED$/)
      expect(ann?.indexOf('ann@')).toBe(head?.indexOf('EMAIL'))
      expect(bob).toMatch(/^Bob +bob@example\.org +\w{26} +\d{4}-\d\d-\d\d +– +–$/)
      expect(rest).toEqual([])
      expect(await done(['list', 'ann l'])).not.toContain('bob@')
    })

    test('who is disabled cannot log in or refresh; enabled they can; a reset ends sessions; a rename shows; a deleted account is gone', async () => {
      await using first = await start()
      let url = first.url
      const session = await logIn(url, 'ann@example.org')
      await using second = await whileAway(first, () => done(['disable', 'ann@example.org']))
      url = second.url
      expect(await logIn(url, 'ann@example.org')).toMatchObject({ status: 403, code: 'account-disabled' })
      expect(await logIn(url, 'ann@example.org', 'not the password')).toMatchObject({ status: 401, code: 'wrong-login' })
      expect(await post(url, '/api/auth/refresh', session)).toMatchObject({ status: 401, code: 'session-ended' })

      await using third = await whileAway(second, async () => {
        expect(await done(['list'])).toMatch(/ann@example\.org .* \d{4}-\d\d-\d\d$/m)
        await done(['enable', 'ann@example.org'])
        await done(['rename', 'ann@example.org', 'Ann Smith'])
      })
      url = third.url
      const again = await logIn(url, 'ann@example.org')
      expect(again).toMatchObject({ status: 200, name: 'Ann Smith' })

      await using fourth = await whileAway(third, async () => {
        const [ann] = JSON.parse(await done(['list', 'ann@example.org', '--json'])) as { id: string }[]
        expect(await done(['reset', ann?.id ?? ''], 'another good phrase\n')).toContain('1 sessions')
        await done(['delete', 'bob@example.org', '--yes'])
      })
      url = fourth.url
      expect(await post(url, '/api/auth/refresh', again)).toMatchObject({ status: 401, code: 'session-ended' })
      expect((await logIn(url, 'ann@example.org')).status).toBe(401)
      expect((await logIn(url, 'ann@example.org', 'another good phrase')).status).toBe(200)
      expect((await logIn(url, 'bob@example.org')).status).toBe(401)
    })

    test('P4: by its link a guest creates an account where registration is by invitation, once', async () => {
      env['REGISTRATION'] = 'invite'
      const made = await done(['invite', '--email', 'Guest@Example.org', '--expires', '2d'])
      const [, base, token = ''] = /^(http:\/\/127\.0\.0\.1:8787)\/join#invite=([\w-]{22})$/m.exec(made) ?? []
      expect([base, made]).toEqual(['http://127.0.0.1:8787', expect.stringContaining('Good once, for guest@example.org, until ')])
      const anybody = /invite=([\w-]{22})$/m.exec(await done(['invite']))?.[1]
      env['PUBLIC_URL'] = 'https://chat.example.org'
      expect(await done(['invite'])).toMatch(/^https:\/\/chat\.example\.org\/join#invite=/)
      delete env['PUBLIC_URL']
      await using server = await start()
      const enter = (email: string, invitation?: string) =>
        post(server.url, '/api/auth/register', { body: { email, name: 'Guest', password, ...(invitation ? { invite: invitation } : {}) } })
      expect(await enter('other@example.org')).toMatchObject({ status: 403, code: 'invitation-needed' })
      expect(await enter('other@example.org', token)).toMatchObject({ status: 410, code: 'link-expired' })
      expect(await enter('guest@example.org', token)).toMatchObject({ status: 201, name: 'Guest' })
      expect(await enter('other@example.org', token)).toMatchObject({ status: 410, code: 'link-expired' })
      expect(await enter('other@example.org', anybody)).toMatchObject({ status: 201 })
      env['REGISTRATION'] = 'closed'
    })

    test('P4: a forgotten password: without SMTP the mail is a file in the data directory, and the log names it without what is in it', async () => {
      const log: string[] = []
      let wake = (): void => {}
      const logger = createLogger((line) => {
        log.push(line)
        wake()
      })
      await using server = await startServer(readSettings({ ...env, PORT: '0' }), { ports, logger, say: () => {}, onFatal: () => {} })
      expect(await post(server.url, '/api/auth/forgot', { body: { email: 'ann@example.org' } })).toMatchObject({ status: 200 })
      let file = ''
      while (!(file = log.map((line) => (JSON.parse(line) as { file?: string }).file ?? '').find(Boolean) ?? ''))
        await new Promise<void>((resolve) => (wake = resolve))
      expect(file.startsWith(join(env['DATA_DIR'] ?? '', 'mail'))).toBe(true)
      const [, link = '', token = ''] = new RegExp(`^(${server.url}/reset#token=([\\w-]{22}))\\r$`, 'm').exec(await readFile(file, 'utf8')) ?? []
      expect(link).not.toBe('')
      expect(await post(server.url, '/api/auth/reset', { body: { token, password: 'a third good phrase' } })).toMatchObject({ status: 200 })
      expect(await logIn(server.url, 'ann@example.org', 'a third good phrase')).toMatchObject({ status: 200 })
      expect(await post(server.url, '/api/auth/reset', { body: { token, password } })).toMatchObject({ status: 410, code: 'link-expired' })
      expect(log.join()).not.toMatch(new RegExp(`${token}|ann@example`))
    })

    test('P4: a server key is shown once, opens nothing but what it is for, and ends at once', async () => {
      const made = await done(['key', 'Back office', '--expires', '90d'])
      const [, secret = '', id = ''] =
        /^(skein_[0-9a-z]{34})\nShown this once\. Good until 20\d\d-[^;]+; npm run user -- delete-key (\w+) ends it/.exec(made) ?? []
      expect(secret).not.toBe('')
      const listed = await done(['keys'])
      expect(listed).toMatch(new RegExp(`^${id}  Back office  20`, 'm'))
      expect(listed).not.toContain(secret)
      const asked = async (): Promise<unknown> => {
        await using server = await start()
        const codes: unknown[] = []
        for (const path of ['/api/me', '/api/chats'])
          codes.push(((await (await fetch(server.url + path, { headers: { authorization: `Bearer ${secret}` } })).json()) as { code: string }).code)
        return codes
      }
      expect(await asked()).toEqual(['missing-scope', 'missing-scope'])
      expect(await done(['delete-key', id])).toContain('good for nothing')
      expect(await asked()).toEqual(['not-logged-in', 'not-logged-in'])
      expect(await user(['delete-key', id])).toMatchObject({ code: 1, said: expect.stringContaining('no server key') as string })
    })

    test('what is refused says why, ends with 1 and changes nothing', async () => {
      const before = await done(['list', '--json'])
      for (const [args, input, why] of [
        [['add', 'ann@example.org', 'A'], password, 'already'],
        [['add', 'nobody', 'A'], password, 'email'],
        [['add', 'c@example.org', '\u202e'], password, 'name'],
        [['add', 'c@example.org', 'C'], 'short', 'password'],
        [['add', 'c@example.org', 'C'], 'password1', 'tried first'],
        [['invite', '--expires', '91d'], '', '--expires'],
        [['invite', '--expires', 'soon'], '', '--expires'],
        [['key', 'K', '--expires', '3651d'], '', '--expires'],
        [['key', '\u202e'], '', 'name'],
        [['invite', '--email', 'nobody'], '', 'email'],
        [['invite', '--email', 'ann@example.org'], '', 'already'],
        [['reset', 'ann@example.org'], 'password1', 'tried first'],
        [['add', 'c@example.org', 'C'], '', 'Nothing was entered'],
        [['rename', 'nobody@example.org', 'N'], undefined, 'no account'],
        [['reset', '0'.repeat(26)], password, 'no account'],
        [['delete', 'ann@example.org'], 'ann@example.org\n', '--yes'],
      ] as const) {
        const { code, answer, said } = await user([...args], input)
        expect({ args, code, answer }).toEqual({ args, code: 1, answer: '' })
        expect(said).toContain(why)
      }
      expect(await done(['list', '--json'])).toBe(before)
    })

    test('what is not understood ends with 2 and the usage; --help is an answer', async () => {
      for (const args of [
        [],
        ['fly'],
        ['__proto__'],
        ['add', 'a@example.org'],
        ['list', '--password=x'],
        ['list', '--expires', '7d'],
        ['key', 'K', '--email', 'a@example.org'],
        ['invite', 'ann@example.org'],
        ['rename', 'a', 'b', 'c'],
        ['add', 'a', 'b', '--yes'],
      ]) {
        const { code, answer, said } = await user(args)
        expect({ args, code, answer }).toEqual({ args, code: 2, answer: '' })
        expect(said).toContain('Usage: npm run user')
      }
      expect(await user(['--help'])).toMatchObject({ code: 0, said: '', answer: expect.stringContaining('Usage: npm run user') as string })
    })

    test('while a server has the SQLite file it says so and what to do; on MariaDB it works beside it', async () => {
      await using server = await start()
      const { code, said } = await user(['list'])
      expect((await fetch(`${server.url}/health/ready`)).status).toBe(200)
      if (database.shared) return expect(code).toBe(0)
      expect(code).toBe(1)
      expect(said).toContain(`in use by another process (pid ${process.pid}). Stop that one first`)
    })
  })
}
