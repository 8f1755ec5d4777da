// `npm run webhooks` and `npm run reports`, on a database that something has happened in; the same on both.
import { createHash, randomBytes } from 'node:crypto'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { checkOperation, directChatId, uuidOf } from '@skein/protocol'
import type { Storage } from '@skein/storage'
import { SpawnedProcess } from '@skein/testing'
import { openDatabase } from './database.ts'
import { ports } from './ports.ts'
import { reportsProgram } from './report-commands.ts'
import { runOperator, type Program } from './run-operator.ts'
import { readSettings } from './settings.ts'
import { webhooksProgram } from './webhook-commands.ts'

type Env = Record<string, string>

export function describeOperatorCommands(database: { fresh(): Promise<Env> }): void {
  describe('programs beside the server', () => {
    let env: Env
    beforeAll(async () => {
      env = { DATA_DIR: await mkdtemp(join(tmpdir(), 'skein-operator-')), ...(await database.fresh()) }
    })
    afterAll(() => rm(env['DATA_DIR'] ?? '', { recursive: true, force: true }))

    async function inDatabase<T>(work: (storage: Storage) => Promise<T>): Promise<T> {
      const onFatal = (error: Error): never => {
        throw error
      }
      await using opened = await openDatabase(readSettings(env), { ports, say: () => {}, onFatal, journal: false })
      return await work(opened.storage)
    }
    async function run(program: Program, ...args: string[]): Promise<{ code: number; answer: string; said: string }> {
      const [answer, said]: [string[], string[]] = [[], []]
      const code = await runOperator(program, args, env, { answer: (text) => answer.push(text), say: (text) => said.push(text) })
      return { code, answer: answer.join('\n'), said: said.join('\n') }
    }
    const done = async (program: Program, ...args: string[]): Promise<string> => {
      const { code, answer } = await run(program, ...args)
      expect(code).toBe(0)
      return answer
    }
    /** Ann, Bob and a message of Bob's in their chat. */
    const scene = (text: string) =>
      inDatabase(async (storage) => {
        const people = await Promise.all(
          ['Ann', 'Bob'].map(async (name) => {
            const user = await storage.createUser({ email: `${randomBytes(6).toString('hex')}@example.org`, name, passwordHash: 'x' })
            if (user === 'email-taken') throw new Error(user)
            return user
          }),
        )
        const [ann, bob] = people
        if (!ann || !bob) throw new Error('Nobody')
        const chatId = directChatId(ann.id, bob.id, (bytes) => createHash('sha256').update(bytes).digest())
        await storage.createChat({ id: chatId, kind: 'direct', title: null, by: ann.id, members: [ann.id, bob.id] })
        const webhook = { id: randomBytes(6).toString('hex'), userId: ann.id, url: 'https://bot.example.org/', secret: 'whsec_x' }
        await storage.createWebhook({ ...webhook, events: ['message.created'], keyId: null })
        const word = checkOperation({ type: 'message', id: uuidOf(randomBytes(16), 4), at: new Date().toISOString(), text })
        if (typeof word === 'string') throw new Error(word)
        await storage.commit([{ kind: 'operation', chatId, userId: bob.id, ...word }])
        await storage.collectDeliveries(null)
        return { ann, bob, chatId, webhook: webhook.id, message: word.operation.id }
      })

    test('webhooks: what was given up is listed, and due again when it is replayed', async () => {
      expect(await run(webhooksProgram, 'list')).toMatchObject({ code: 1, said: expect.stringContaining('There is no database') as string })
      await inDatabase(async () => {})
      expect(await done(webhooksProgram, 'list')).toBe('Nothing was given up.')
      const { ann, webhook } = await scene('Secret words')
      const giveUp = () =>
        inDatabase(async (storage) => {
          const delivery = await storage.claimDelivery(webhook, 60_000)
          if (!delivery) throw new Error('Nothing is due')
          await storage.failDelivery(delivery.id, { nextAt: null, error: 'status 500' })
          return delivery.id
        })
      const id = await giveUp()
      const text = await done(webhooksProgram, 'list')
      for (const part of [id, webhook, ann.email, 'https://bot.example.org/', 'message.created', '1 attempts, the last: status 500'])
        expect(text).toContain(part)
      const json = await done(webhooksProgram, 'list', '--json')
      expect(JSON.parse(json)).toEqual([
        {
          ...{
            id,
            webhookId: webhook,
            email: ann.email,
            url: 'https://bot.example.org/',
            event: 'message.created',
            attempts: 1,
            error: 'status 500',
          },
          createdAt: expect.stringMatching(/^\d{4}-.*Z$/) as string,
        },
      ])
      expect(text + json).not.toContain('Secret words')
      expect(await run(webhooksProgram, 'replay', 'nothing')).toMatchObject({
        code: 1,
        answer: '',
        said: expect.stringContaining('Nothing of that') as string,
      })
      for (const what of [id, webhook, 'all']) {
        expect(await done(webhooksProgram, 'replay', what)).toContain('1 will be sent again')
        expect(await done(webhooksProgram, 'list')).toBe('Nothing was given up.')
        expect(await giveUp()).toBe(id)
      }
    })

    test('reports: open ones with what their messages say now, until they are closed', async () => {
      expect(await done(reportsProgram, 'list')).toBe('There is nothing to look at.')
      const { ann, bob, chatId, message } = await scene('Rude\u001b[2J words')
      const gone = uuidOf(randomBytes(16), 4)
      const report = await inDatabase((storage) =>
        storage.createReport({
          reporterId: ann.id,
          userId: bob.id,
          chatId,
          messages: [
            [bob.id, message],
            [bob.id, gone],
          ],
          reason: 'He is\nrude',
        }),
      )
      const text = await done(reportsProgram, 'list')
      for (const part of [
        report.id,
        `Ann <${ann.email}> reports Bob <${bob.email}> in chat ${chatId}`,
        'He is rude',
        'Rude [2J words',
        '(not there)',
      ])
        expect(text).toContain(part)
      expect(text).not.toContain('\u001b')
      expect(JSON.parse(await done(reportsProgram, 'list', '--json'))).toMatchObject([
        {
          id: report.id,
          reporter: { id: ann.id },
          user: { id: bob.id },
          chatId,
          messages: [{ id: message }, { id: gone, text: null }],
          closedAt: null,
        },
      ])
      expect(await done(reportsProgram, 'close', report.id)).toContain('is closed')
      expect(await run(reportsProgram, 'close', report.id)).toMatchObject({ code: 1, answer: '' })
      expect(await done(reportsProgram, 'list')).toBe('There is nothing to look at.')
      expect(await done(reportsProgram, 'list', '--all')).toContain(', closed ')
    })

    test('what is not understood ends with 2 and the usage; --help is an answer', async () => {
      for (const [program, args] of [
        [webhooksProgram, []],
        [webhooksProgram, ['fly']],
        [webhooksProgram, ['__proto__']],
        [webhooksProgram, ['replay']],
        [webhooksProgram, ['replay', 'x', '--json']],
        [reportsProgram, ['list', 'x']],
        [reportsProgram, ['close', 'x', '--all']],
        [reportsProgram, ['list', '--no']],
      ] as const) {
        const { code, answer, said } = await run(program, ...args)
        expect({ args, code, answer }).toEqual({ args, code: 2, answer: '' })
        expect(said).toContain('Usage: npm run ')
      }
      for (const file of ['webhooks', 'reports']) {
        await using program = new SpawnedProcess(`server/src/${file}.ts`, { env, args: ['--help'] })
        expect(await program.exit).toEqual({ code: 0, signal: null })
        expect(program.output).toContain(`Usage: npm run ${file}`)
      }
    })
  })
}
