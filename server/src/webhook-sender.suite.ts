// Webhooks, from a commit to a receiver that really listens; the same on both databases.
import { createHash, createHmac, randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { createServer, type IncomingHttpHeaders, type ServerResponse } from 'node:http'
import { createServer as createTcpServer, type AddressInfo, type Socket } from 'node:net'
import { Readable } from 'node:stream'
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { createWebhookSender, type WebhookSender } from '@skein/api'
import { isWebhookSecret, newWebhookSecret } from '@skein/auth'
import {
  CHAT_EVENTS,
  checkOperation,
  chatIdOf,
  directChatId,
  uuidOf,
  MAX_WEBHOOK_REQUESTS,
  MAX_WEBHOOK_RETRY_MS,
  WEBHOOK_GIVE_UP_MS,
  WEBHOOK_MS,
  WEBHOOK_RETRY_MS,
  type ChatId,
  type UserId,
} from '@skein/protocol'
import { openStorage, type Storage } from '@skein/storage'
import { createWebhookPost, isPublicTarget } from './webhook-post.ts'

interface Request {
  headers: IncomingHttpHeaders
  body: { type: string; data: Record<string, unknown> }
  text: string
  path: string
}

/** A receiver that notes what it gets, and answers as it is told. */
async function receiver(answer: (response: ServerResponse, request: Request) => void = (response) => response.end()) {
  const got: Request[] = []
  const waiting = new Set<() => void>()
  const server = createServer((incoming, response) => {
    void incoming.toArray().then((chunks: Uint8Array[]) => {
      const text = Buffer.concat(chunks).toString()
      const request = { headers: incoming.headers, body: JSON.parse(text) as Request['body'], text, path: incoming.url ?? '' }
      got.push(request)
      answer(response, request)
      for (const wake of waiting) wake()
    })
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/hook?x=1`,
    got,
    /** Once it has got so many. */
    async until(count: number): Promise<Request[]> {
      while (got.length < count) await new Promise<void>((resolve) => waiting.add(resolve))
      return got
    },
    async [Symbol.asyncDispose](): Promise<void> {
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}

function* pour(): Generator<Buffer> {
  for (;;) yield Buffer.alloc(65_536)
}

export function describeWebhooks(database: { fresh(): Promise<string>; shared: boolean }): void {
  describe('webhooks', () => {
    const clock = { now: Date.UTC(2027, 0, 15, 12) }
    const sha256 = (bytes: Uint8Array): Uint8Array => createHash('sha256').update(bytes).digest()
    const ports = { now: () => clock.now, randomBytes: (count: number) => new Uint8Array(randomBytes(count)), sha256 }
    const log: { message: string; fields: Record<string, unknown> | undefined }[] = []
    const write = (message: string, fields?: Record<string, unknown>): void => void log.push({ message, fields })
    const logger = { info: write, warn: write, error: write }
    let url: string
    let storage: Storage
    const open = (): Promise<Storage> => openStorage({ url }, { ...ports, tag: () => 'x', verifyTag: () => true, journal: null })
    beforeAll(async () => {
      url = await database.fresh()
      storage = await open()
    })
    afterAll(() => storage[Symbol.asyncDispose]())

    const senders: WebhookSender[] = []
    afterEach(async () => {
      for (const sender of senders.splice(0)) await sender[Symbol.asyncDispose]()
    })
    function send(options: Partial<Parameters<typeof createWebhookPost>[0]> = {}, from = storage): WebhookSender {
      const sender = createWebhookSender({ ...ports, storage: from, logger, post: createWebhookPost({ privateAddresses: true, ...options }) })
      senders.push(sender)
      return sender
    }

    async function person(name: string): Promise<UserId> {
      const user = await storage.createUser({ email: `${randomBytes(6).toString('hex')}@example.org`, name, passwordHash: 'x' })
      if (user === 'email-taken') throw new Error(user)
      return user.id
    }
    async function scene() {
      const [ann, bob] = [await person('Ann'), await person('Bob')]
      const id = directChatId(ann, bob, sha256)
      await storage.createChat({ id, kind: 'direct', title: null, by: ann, members: [ann, bob] })
      return { ann, bob, id }
    }
    async function hook(userId: UserId, to: string) {
      const webhook = await storage.createWebhook({
        id: randomBytes(9).toString('hex'),
        userId,
        url: to,
        secret: newWebhookSecret(ports.randomBytes),
        events: CHAT_EVENTS,
        keyId: null,
      })
      if (webhook === null || webhook === 'too-many') throw new Error('No webhook')
      return webhook
    }
    async function store(chatId: ChatId, userId: UserId, operation: object): Promise<string> {
      const id = uuidOf(randomBytes(16), 4)
      const checked = checkOperation({ id, at: new Date(clock.now).toISOString(), ...operation })
      if (typeof checked === 'string') throw new Error(checked)
      await storage.commit([{ kind: 'operation', chatId, userId, ...checked }])
      return id
    }
    const say = (chatId: ChatId, userId: UserId, text: string): Promise<string> => store(chatId, userId, { type: 'message', text })
    /** Once the storage says so: it is asked until then. */
    async function eventually<T>(ask: () => Promise<T | null | undefined | false>): Promise<T> {
      for (;;) {
        const answer = await ask()
        if (answer) return answer
        await new Promise((resolve) => setImmediate(resolve))
      }
    }
    const failing = (id: string, failures = 1) =>
      eventually(async () => {
        const webhook = await storage.webhook(id)
        return webhook && webhook.failures >= failures && webhook
      })

    test('Standard Webhooks: each event comes signed, in order, as it stands when it is sent', async () => {
      await using desk = await receiver()
      const { ann, bob, id } = await scene()
      const { secret } = await hook(ann, desk.url)
      const word = await say(id, bob, 'Grüße')
      await store(id, bob, { type: 'edit', target: word, text: 'Better' })
      const gone = await say(id, bob, 'Regretted')
      await store(id, bob, { type: 'delete', target: gone })
      await store(id, bob, { type: 'react', target: word, emoji: 'x', on: true })
      send().noticed(id)
      const got = await desk.until(4)
      expect(got.map(({ body, path }) => [body.type, path, body.data['message']])).toEqual([
        ['message.created', '/hook?x=1', expect.objectContaining({ id: word, text: 'Better' })],
        ['message.edited', '/hook?x=1', expect.objectContaining({ id: word, text: 'Better' })],
        ['message.created', '/hook?x=1', expect.objectContaining({ id: gone, text: '' })],
        ['message.deleted', '/hook?x=1', expect.objectContaining({ id: gone, text: '' })],
      ])
      expect(got.map(({ body }) => [body.data['chatId'], body.data['rev']])).toEqual([2, 3, 4, 5].map((rev) => [id, rev]))
      for (const { headers, text } of got) {
        const signed = `${String(headers['webhook-id'])}.${String(headers['webhook-timestamp'])}.${text}`
        const key = Buffer.from(secret.slice(6), 'base64')
        expect(headers['webhook-signature']).toBe(`v1,${createHmac('sha256', key).update(signed).digest('base64')}`)
        expect([headers['webhook-timestamp'], headers['content-type']]).toEqual([String(clock.now / 1000), 'application/json'])
      }
      expect(new Set(got.map(({ headers }) => headers['webhook-id'])).size).toBe(4)
      expect(isWebhookSecret(secret)).toBe(true)
    })

    test('promise 8: members come and go; who is no member any more when it is sent is told nothing of what was said before', async () => {
      await using desk = await receiver()
      const { ann, bob } = await scene()
      const eve = await person('Eve')
      const crew = chatIdOf(randomBytes(17))
      await storage.createChat({ id: crew, kind: 'group', title: null, by: ann, members: [ann, bob] })
      await hook(ann, desk.url)
      await hook(eve, `${desk.url}&eve`)
      const change = async (type: 'join' | 'leave'): Promise<void> => {
        const operation = { type, id: uuidOf(randomBytes(16), 4), at: new Date(clock.now).toISOString(), user: eve }
        await storage.commit([
          { kind: 'member', chatId: crew, userId: ann, operation, text: JSON.stringify({ at: operation.at, id: operation.id, type, user: eve }) },
        ])
      }
      await change('join')
      await say(crew, bob, 'Between us')
      await storage.collectDeliveries(null)
      await change('leave')
      send().noticed(crew)
      const got = await desk.until(3)
      expect(got.map(({ body, path }) => [body.type, body.data['userId'] ?? null, path])).toEqual([
        ['member.joined', eve, '/hook?x=1'],
        ['message.created', null, '/hook?x=1'],
        ['member.left', eve, '/hook?x=1'],
      ])
      await eventually(async () => (await storage.dueWebhooks()).length === 0)
      expect(desk.got).toHaveLength(3)
    })

    test('however many are to be told at once, MAX_WEBHOOK_REQUESTS requests are under way, and all are told', async () => {
      const held: ServerResponse[] = []
      let [most, isHeld] = [0, true]
      await using desk = await receiver((response) => {
        if (!isHeld) return void response.end()
        held.push(response)
        most = Math.max(most, held.length)
      })
      const people = await Promise.all(Array.from({ length: 5 }, (_, n) => person(`P${n}`)))
      const [ann = ''] = people as string[]
      const crew = chatIdOf(randomBytes(17))
      await storage.createChat({ id: crew, kind: 'group', title: null, by: ann as UserId, members: people })
      for (const one of people) for (let n = 0; n < 8; n++) await hook(one, desk.url)
      await say(crew, ann as UserId, 'To all')
      send().noticed(crew)
      await desk.until(MAX_WEBHOOK_REQUESTS)
      // Time enough for one more, were there a place for it.
      for (let n = 0; n < 20; n++) await storage.dueWebhooks()
      expect([desk.got.length, most]).toEqual([MAX_WEBHOOK_REQUESTS, MAX_WEBHOOK_REQUESTS])
      isHeld = false
      for (const response of held) response.end()
      await desk.until(40)
    })

    test('one that answers badly gets it again later, under the same id, until it takes it', async () => {
      const answers = [500, 302, 404, 204]
      await using desk = await receiver((response) => response.writeHead(answers.shift() ?? 200, { location: '/elsewhere' }).end())
      const { ann, bob, id } = await scene()
      const webhook = await hook(ann, desk.url)
      await say(id, bob, 'Again')
      send().noticed(id)
      for (const [failures, lastError] of [
        [1, 'status 500'],
        [2, 'status 302'],
        [3, 'status 404'],
      ] as const) {
        expect(await failing(webhook.id, failures)).toMatchObject({ failures, lastError })
        expect(desk.got).toHaveLength(failures)
        // The longest that it may wait.
        clock.now += WEBHOOK_RETRY_MS * 3 ** (failures - 1) * 1.5 + 1
      }
      await desk.until(4)
      expect(await eventually(async () => (await storage.webhook(webhook.id))?.failures === 0 && storage.webhook(webhook.id))).toMatchObject({
        lastError: null,
      })
      expect(new Set(desk.got.map(({ headers }) => headers['webhook-id'])).size).toBe(1)
      expect(desk.got.map(({ path }) => path)).toEqual(Array(4).fill('/hook?x=1'))
      expect(await storage.claimDelivery(webhook.id, 1)).toBeNull()
    })

    test('after many failures it is tried again within hours, and not at once', async () => {
      const answers = [500]
      await using desk = await receiver((response) => response.writeHead(answers.shift() ?? 200).end())
      const { ann, bob, id } = await scene()
      const webhook = await hook(ann, desk.url)
      await say(id, bob, 'Often')
      await storage.collectDeliveries([id])
      for (let i = 0; i < 12; i++) {
        const delivery = await storage.claimDelivery(webhook.id, 1)
        await storage.failDelivery(delivery?.id ?? '', { nextAt: clock.now, error: 'status 500' })
      }
      send()
      await failing(webhook.id)
      clock.now += MAX_WEBHOOK_RETRY_MS / 2 - 1
      expect(await storage.claimDelivery(webhook.id, 1)).toBeNull()
      clock.now += MAX_WEBHOOK_RETRY_MS + 2
      await desk.until(2)
    })

    test('what nobody took for a day is given up and listed; replayed it comes', async () => {
      let status = 503
      await using desk = await receiver((response) => response.writeHead(status).end())
      const { ann, bob, id } = await scene()
      const webhook = await hook(ann, desk.url)
      await say(id, bob, 'Lost')
      await storage.collectDeliveries([id])
      clock.now += WEBHOOK_GIVE_UP_MS
      send()
      const dead = await eventually(async () => (await storage.deadDeliveries(100)).find(({ webhookId }) => webhookId === webhook.id))
      expect(dead).toMatchObject({ attempts: 1, error: 'status 503' })
      await eventually(async () => log.some(({ message, fields }) => message.includes('given up') && fields?.['webhook'] === webhook.id))
      expect(JSON.stringify(log)).not.toContain('Lost')
      status = 200
      clock.now += 10 * 60_000
      expect(await storage.replayDeliveries(webhook.id)).toBe(1)
      await desk.until(2)
      expect(desk.got.map(({ headers }) => headers['webhook-id'])).toEqual([dead.id, dead.id])
    })

    test(
      'a receiver that never answers, or answers without an end, holds up neither other receivers nor messages',
      async () => {
        await using desk = await receiver()
        await using endless = await receiver((response) => {
          Readable.from(pour()).pipe(response)
        })
        const held: Socket[] = []
        const silent = createTcpServer((socket) => {
          socket.on('error', () => {}).resume()
          held.push(socket)
        })
        await new Promise<void>((resolve) => silent.listen(0, '127.0.0.1', resolve))
        const { ann, bob, id } = await scene()
        const hung = await hook(ann, `http://127.0.0.1:${(silent.address() as AddressInfo).port}/`)
        await hook(ann, endless.url)
        await hook(bob, desk.url)
        const asked = once(silent, 'connection')
        const sender = send()
        await say(id, bob, 'One')
        sender.noticed(id)
        await asked
        for (let i = 2; i <= 5; i++) {
          await say(id, bob, `Word ${i}`)
          sender.noticed(id)
          await desk.until(i)
          await endless.until(i)
        }
        // It is given up in its time, with nothing of it left open.
        expect(await failing(hung.id)).toMatchObject({ failures: 1, lastError: 'timeout' })
        await Promise.all(held.map(async (socket) => void (socket.destroyed || (await once(socket, 'close')))))
        silent.close()
      },
      WEBHOOK_MS * 3,
    )

    test('attack 35: nothing is sent to an address that is not public, by whatever name', async () => {
      await using desk = await receiver()
      const { port } = new URL(desk.url)
      const post = (to: string, resolve: (host: string) => Promise<string[]>) =>
        createWebhookPost({ privateAddresses: false, resolve })({
          url: to,
          headers: {},
          body: '{}',
          isTrusted: false,
          signal: new AbortController().signal,
        })
      const nobody = (): Promise<string[]> => Promise.reject(new Error('asked'))
      for (const host of ['127.0.0.1', '127.1', '0x7f.1', '2130706433', '[::1]', '[::ffff:127.0.0.1]', '0.0.0.0', '169.254.169.254'])
        expect([host, await post(`http://${host}:${port}/`, nobody)]).toEqual([host, 'private address'])
      for (const found of [['127.0.0.1'], ['93.184.216.34', '127.0.0.1'], ['::1'], ['10.0.0.1']])
        expect(await post(`http://innocent.example:${port}/`, async () => found)).toBe('private address')
      expect(await post(`http://innocent.example:${port}/`, async () => [])).toBe('no address')
      expect(desk.got).toEqual([])
    })

    test('attack 35: what leads to an address that is not public is known before anything is sent', async () => {
      const nobody = (): Promise<string[]> => Promise.reject(new Error('asked'))
      const inside = [
        '127.0.0.1',
        '127.1',
        '0x7f.1',
        '2130706433',
        '[::1]',
        '[fd00::1]',
        '[::ffff:10.0.0.1]',
        '192.168.1.1',
        'localhost',
        'a.LOCALHOST.',
      ]
      for (const host of inside) expect([host, await isPublicTarget(new URL(`https://${host}:8443/`), nobody)]).toEqual([host, false])
      const byName = (found: string[]) =>
        isPublicTarget(new URL('https://innocent.example/'), async (host) => (host === 'innocent.example' ? found : []))
      expect([await byName(['93.184.216.34', '10.0.0.1']), await byName(['93.184.216.34']), await byName([])]).toEqual([false, true, true])
      expect(await isPublicTarget(new URL('https://93.184.216.34/'), nobody)).toBe(true)
    })

    test('attack 35: the address that was looked at is the one that is asked, and its name is said', async () => {
      await using desk = await receiver()
      const { port } = new URL(desk.url)
      const names: string[] = []
      const post = createWebhookPost({
        privateAddresses: true,
        // The second answer leads elsewhere, as a host that rebinds would have it.
        resolve: async (host) => (names.push(host) === 1 ? ['127.0.0.1'] : ['192.0.2.1']),
      })
      const request = {
        url: `http://rebinding.example:${port}/`,
        headers: {},
        body: '{"type":"x","data":{}}',
        isTrusted: false,
        signal: new AbortController().signal,
      }
      expect(await post(request)).toBeNull()
      expect([names, desk.got[0]?.headers.host]).toEqual([['rebinding.example'], `rebinding.example:${port}`])
    })

    test('what another server did not get to tell is told by one that starts; two at once tell it once', async () => {
      await using desk = await receiver()
      const { ann, bob, id } = await scene()
      await hook(ann, desk.url)
      for (let i = 0; i < 20; i++) await say(id, bob, `Word ${i}`)
      const other = database.shared ? await open() : storage
      const both = [send(), send({}, other)]
      for (const sender of both) sender.noticed(id)
      await desk.until(20)
      await eventually(async () => (await storage.dueWebhooks()).length === 0)
      for (const sender of senders.splice(0)) await sender[Symbol.asyncDispose]()
      expect(desk.got).toHaveLength(20)
      expect(new Set(desk.got.map(({ headers }) => headers['webhook-id'])).size).toBe(20)
      if (database.shared) await other[Symbol.asyncDispose]()
    })

    test('a server that stops breaks off what hangs, and nothing of it is lost', async () => {
      const silent = createTcpServer((socket) => socket.on('error', () => {}))
      await new Promise<void>((resolve) => silent.listen(0, '127.0.0.1', resolve))
      const { ann, bob, id } = await scene()
      const webhook = await hook(ann, `http://127.0.0.1:${(silent.address() as AddressInfo).port}/`)
      await say(id, bob, 'Kept')
      const asked = once(silent, 'connection')
      const sender = send()
      sender.noticed(id)
      await asked
      await sender[Symbol.asyncDispose]()
      silent.close()
      expect(await storage.webhook(webhook.id)).toMatchObject({ failures: 0 })
      await using desk = await receiver()
      await storage.updateWebhook(ann, webhook.id, { url: desk.url })
      clock.now += 60_000
      send()
      expect((await desk.until(1))[0]?.body.data['message']).toMatchObject({ text: 'Kept' })
    })

    test('a report is told to the server’s own webhook, wherever that is', async () => {
      await using desk = await receiver()
      const { ann, bob, id } = await scene()
      await storage.setServerWebhook({ url: desk.url, secret: newWebhookSecret(ports.randomBytes) })
      const report = await storage.createReport({
        reporterId: ann,
        userId: bob,
        chatId: id,
        messages: [[bob, uuidOf(randomBytes(16), 4)]],
        reason: 'Rude',
      })
      send({ privateAddresses: false })
      const [got] = await desk.until(1)
      expect(got?.body).toEqual({
        type: 'report.created',
        timestamp: new Date(report.createdAt).toISOString(),
        data: {
          id: report.id,
          reporterId: ann,
          userId: bob,
          chatId: id,
          messages: [{ authorId: bob, id: report.messages[0]?.[1] }],
          reason: 'Rude',
          createdAt: new Date(report.createdAt).toISOString(),
        },
      })
      await storage.setServerWebhook(null)
    })
  })
}
