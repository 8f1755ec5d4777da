// P4: people of a page that embeds the chat, with its issuer, the server and the back office as processes of their own; the same on both databases.
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { openCutNetwork, spawnIssuer, spawnServer, spawnUser, until } from '@skein/testing'
import { parseChatId } from '@skein/protocol'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { createEngine, memoryStores, type Engine, type StoreFactory } from './index.ts'
import { nodePorts } from './node/index.ts'
import { texts } from './scene.suite.ts'

interface Answer {
  status: number
  json: Record<string, unknown>
}

export function embeddingSuite(databaseUrl: (folder: string) => Promise<string>): void {
  describe('P4: a page with an issuer of its own', () => {
    let folder = ''
    let open: AsyncDisposableStack
    let env: Record<string, string>
    let home = ''
    let url = ''
    let serverKey = ''
    beforeEach(async () => {
      folder = mkdtempSync(join(tmpdir(), 'skein-embedding-'))
      open = new AsyncDisposableStack()
      const database = await databaseUrl(folder)
      home = await open.use(spawnIssuer()).ready()
      env = {
        DATA_DIR: folder,
        SKEIN_DEMO: '0',
        ...(database.startsWith('mysql:') ? { DATABASE_URL: database } : {}),
        ISSUER: 'https://embedder.example',
        ISSUER_AUDIENCE: 'chat',
        ISSUER_JWKS_URL: `${home}/jwks.json`,
      }
      serverKey = await makeKey()
      url = await open.use(spawnServer(env)).ready()
    })
    afterEach(async () => {
      await open.disposeAsync()
      rmSync(folder, { recursive: true, force: true })
    })

    async function makeKey(): Promise<string> {
      await using making = spawnUser(env, ['key', 'Back office'])
      const [, key = ''] = await making.line(/^(skein_\S+)$/m)
      expect((await making.exit).code).toBe(0)
      return key
    }
    async function ask(method: string, path: string, token: string, body?: object, more: Record<string, string> = {}): Promise<Answer> {
      const headers = { 'content-type': 'application/json', authorization: `Bearer ${token}`, ...more }
      const answer = await fetch((path.startsWith('http') ? '' : url) + path, { method, headers, ...(body ? { body: JSON.stringify(body) } : {}) })
      return { status: answer.status, json: (await answer.json()) as Record<string, unknown> }
    }
    const office = (method: string, path: string, body?: object, more?: Record<string, string>): Promise<Answer> =>
      ask(method, path, serverKey, body, more)
    /** A token that says nothing but who it is. */
    async function signed(sub: string): Promise<string> {
      const now = Math.floor(Date.now() / 1000)
      const claims = { iss: 'https://embedder.example', aud: 'chat', iat: now, exp: now + 600, sub }
      return String((await ask('POST', `${home}/sign`, '', claims)).json['token'])
    }
    async function vouched(subject: string, name: string): Promise<string> {
      const { status, json } = await office('POST', '/api/users', { subject, name, avatarUrl: `https://embedder.example/${subject}.png` })
      expect(status).toBe(201)
      return (json['user'] as { id: string }).id
    }
    const chatOf = ({ json }: Answer) => json['chat'] as { id: string; lastMessage: unknown; members: { name: string; mayInvite: boolean }[] }
    function embedded(server: string, page: { sub: string | null }, stores: StoreFactory = memoryStores()): Engine {
      const identity = { getToken: async () => (page.sub === null ? null : signed(page.sub)), subject: () => page.sub }
      const engine = createEngine({ server, store: stores, ports: nodePorts(stores), identity })
      open.defer(() => engine.close())
      return engine
    }
    const nameOf = ({ session }: Engine): string => (session.status === 'logged-in' ? session.user.name : session.status)

    test('promises 1 and 8, W7: people whom the back office named before they came talk in its chat, offline and back; whom the page names next sees nothing of it', async () => {
      const [ida, otto, eve] = [await vouched('ida', 'Ida Noddack'), await vouched('otto', 'Otto Berg'), await vouched('eve', 'Eve')]
      const opened = await office('POST', '/api/chats', { memberIds: [ida, otto] })
      expect(opened).toMatchObject({ status: 201, json: { chat: { kind: 'direct', lastMessage: null } } })
      const chat = parseChatId(chatOf(opened).id)

      const network = open.use(await openCutNetwork(url))
      const stores = memoryStores()
      const page: { sub: string | null } = { sub: 'ida' }
      const a = embedded(network.url, page, stores)
      const b = embedded(url, { sub: 'otto' })
      await until(a, () => a.chats.some(({ id }) => id === chat))
      // The token says nothing of them: their name is the back office's.
      expect([nameOf(a), a.chats[0]?.title]).toEqual(['Ida Noddack', 'Otto Berg'])
      await a.send(chat, 'hello')
      await until(b, () => b.chats[0]?.lastMessage?.text === 'hello')

      // The page is opened anew where there is no network: neither its own server nor the chat's.
      await a.close()
      network.cut()
      const identity = { getToken: () => Promise.reject(new Error('no network')), subject: () => page.sub }
      const alone = createEngine({ server: network.url, store: stores, ports: nodePorts(stores), identity })
      await alone.ready
      expect([nameOf(alone), alone.chats.map(({ title }) => title)]).toEqual(['Ida Noddack', ['Otto Berg']])
      await alone.send(chat, 'from the train')
      await b.send(chat, 'meanwhile')
      await alone.close()
      network.mend()
      const back = embedded(network.url, page, stores)
      const window = await opening(back)
      await until(window, () => texts(window).length === 3)
      await until(b, () => b.chats[0]?.lastMessage?.text === 'from the train')
      expect(texts(window)).toEqual(['hello', 'meanwhile', 'from the train'])

      // Somebody else logs in to the page.
      page.sub = 'eve'
      const changing = back.tokenChanged()
      expect([back.session.status, back.chats, back.outbox, back.people]).toEqual(['starting', [], [], []])
      await changing
      expect([nameOf(back), back.session.status === 'logged-in' && back.session.user.id, back.chats]).toEqual(['Eve', eve, []])
      page.sub = null
      await back.tokenChanged()
      expect(back.session).toEqual({ status: 'logged-out' })

      async function opening(engine: Engine) {
        await engine.ready
        return engine.openChat(chat)
      }
    })

    test('a server key makes groups, adds and takes out, once for a key; of what is said there it learns nothing, and nobody else is it', async () => {
      const [ida, otto, eve] = [await vouched('ida', 'Ida'), await vouched('otto', 'Otto'), await vouched('eve', 'Eve')]
      const make = { kind: 'group', title: 'Order 7', memberIds: [ida, otto] }
      const once = { 'idempotency-key': 'order-7' }
      const made = await office('POST', '/api/chats', make, once)
      expect([
        made.status,
        chatOf(made)
          .members.map(({ name, mayInvite }) => [name, mayInvite])
          .sort(),
      ]).toEqual([
        201,
        [
          ['Ida', true],
          ['Otto', false],
        ],
      ])
      expect([(await office('POST', '/api/chats', make, once)).status, chatOf(await office('POST', '/api/chats', make, once)).id]).toEqual([
        200,
        chatOf(made).id,
      ])
      const group = `/api/chats/${chatOf(made).id}`
      const exchanged = await ask('POST', '/api/auth/exchange', '', { token: await signed('ida') })
      const token = String(exchanged.json['accessToken'])
      expect((await ask('POST', `${group}/messages`, token, { text: 'a secret' })).status).toBe(201)

      const joined = await office('POST', `${group}/members`, { userId: eve })
      expect([joined.status, chatOf(joined).lastMessage, JSON.stringify(joined.json).includes('secret')]).toEqual([201, null, false])
      expect((await office('POST', `${group}/members`, { userId: eve })).status).toBe(200)
      expect((await office('DELETE', `${group}/members/${ida}`)).status).toBe(200)
      expect((await office('DELETE', `${group}/members/${ida}`)).status).toBe(200)
      expect((await ask('GET', group, token)).json).toMatchObject({ code: 'no-such-chat' })
      const other = await ask('POST', '/api/auth/exchange', '', { token: await signed('otto') })
      const seen = await ask('GET', group, String(other.json['accessToken']))
      expect(
        chatOf(seen)
          .members.map(({ name }) => name)
          .sort(),
      ).toEqual(['Eve', 'Otto'])

      // Neither reading nor writing, neither as somebody nor as itself.
      for (const [method, path, body] of [
        ['GET', `${group}/messages`],
        ['POST', `${group}/messages`, { text: 'x' }],
        ['GET', `${group}/changes`],
        ['GET', `${group}/export`],
        ['GET', group],
        ['GET', '/api/chats'],
        ['POST', '/api/ticket'],
        ['POST', '/api/keys', { name: 'x', scopes: ['messages:read'] }],
      ] as const)
        expect([path, await office(method, path, body)]).toMatchObject([path, { status: 403, json: { code: 'missing-scope' } }])

      // What it asks for must be there.
      for (const [body, code] of [
        [{ memberIds: [ida, '0'.repeat(26)] }, 'no-such-person'],
        [{ memberIds: [ida] }, 'bad-request'],
        [{ memberIds: [ida, otto, eve] }, 'bad-request'],
        [{ userId: ida }, 'bad-request'],
        [{ kind: 'group', title: 'Nobody' }, 'bad-request'],
      ] as const)
        expect([body, (await office('POST', '/api/chats', body)).json['code']]).toEqual([body, code])
      // A person's own chats are theirs.
      const own = await ask('POST', '/api/chats', token, { kind: 'group', title: 'Mine', memberIds: [otto] })
      expect((await office('POST', `/api/chats/${chatOf(own).id}/members`, { userId: eve })).json).toMatchObject({ code: 'no-such-chat' })
      expect((await ask('POST', '/api/chats', token, { memberIds: [otto, eve] })).json).toMatchObject({ code: 'bad-request' })
      expect((await ask('POST', '/api/users', token, { subject: 'x', name: 'X' })).json).toMatchObject({ code: 'forbidden' })

      // Nobody is made to invite whom they block (BLOCK-3), and of what two people say to each other not even how much is told.
      const blocked = await ask('POST', '/api/auth/exchange', '', { token: await signed('eve') })
      const alone = chatOf(
        await office('POST', '/api/chats', { kind: 'group', title: 'Order 8', memberIds: [otto] }, { 'idempotency-key': 'order-8' }),
      )
      expect((await ask('PUT', `/api/users/${otto}/block`, String(blocked.json['accessToken']))).status).toBe(200)
      expect(await office('POST', `/api/chats/${alone.id}/members`, { userId: eve })).toMatchObject({ status: 403, json: { code: 'blocked' } })
      expect((await office('POST', `/api/chats/${alone.id}/members`, { userId: ida })).status).toBe(201)
      const two = { kind: 'direct', memberIds: [ida, otto] }
      const between = chatOf(await office('POST', '/api/chats', two))
      expect((await ask('POST', `/api/chats/${between.id}/messages`, token, { text: 'between us' })).status).toBe(201)
      expect(chatOf(await office('POST', '/api/chats', two))).toMatchObject({ rev: 0, seq: 0, lastMessage: null })

      // What is known of a person changes, and stays where a token says nothing of it.
      expect((await office('POST', '/api/users', { subject: 'otto', name: 'Otto Berg', email: 'otto@example.org' })).json['user']).toMatchObject({
        id: otto,
        name: 'Otto Berg',
        avatarUrl: null,
      })
      expect((await ask('POST', '/api/auth/exchange', '', { token: await signed('otto') })).json['user']).toMatchObject({
        name: 'Otto Berg',
        email: 'otto@example.org',
      })
    })
  })
}
