// H5, RT9: what it costs to keep two thousand chats current, counted on the wire of one device.
import { until } from '@skein/testing'
import { parseUserId, type ChatId, type UserId } from '@skein/protocol'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { memoryStores, type DocumentCache, type StoreFactory } from './index.ts'
import { nodePorts } from './node/index.ts'
import { openScene, password, type Device, type Scene } from './scene.suite.ts'
import { put } from './store/store.ts'

const CHATS = 2_000
const DAY = 86_400_000

/** `asked`: `METHOD /path` of each request. */
type Counted = Device & { asked: string[] }

export function manyChatsSuite(databaseUrl: (folder: string) => Promise<string>): void {
  describe('two thousand chats', () => {
    let scene: Scene
    let now = Date.now()
    let alice: Counted & { id: UserId }
    let bobToken: string
    const chats: ChatId[] = []
    /** Of each chat, what the server last answered to a mark of hers. */
    const answered = new Map<string, unknown>()
    const listeners = new Set<() => void>()
    const wire = { subscribe: (listener: () => void) => (listeners.add(listener), () => void listeners.delete(listener)) }
    let opened = 0

    const ports = (stores: StoreFactory, asked: string[]) => {
      const { fetch } = nodePorts(stores)
      const documentCache: DocumentCache = {
        open: () => (opened++, { loaded: Promise.resolve(), close: async () => {} }),
        remove: async () => {},
      }
      const counted: typeof fetch = async (url, init) => {
        const { pathname, search } = new URL(url)
        asked.push(`${init.method ?? 'GET'} ${pathname}${search}`)
        const response = await fetch(url, init)
        if (pathname === '/api/marks') {
          const { marks } = (await response.clone().json()) as { marks: object }
          for (const [chat, mark] of Object.entries(marks)) answered.set(chat, mark)
        }
        for (const listener of listeners) listener()
        return response
      }
      return { documentCache, fetch: counted, now: () => now }
    }
    async function device(): Promise<Counted> {
      const stores = memoryStores()
      const asked: string[] = []
      return Object.assign(await scene.device({ stores, ports: ports(stores, asked) }), { asked })
    }
    async function post(path: string, body: object): Promise<{ accessToken?: string; user?: { id: string } }> {
      const headers = { 'content-type': 'application/json', ...(bobToken ? { authorization: `Bearer ${bobToken}` } : {}) }
      const response = await fetch(scene.skein.url + path, { method: 'POST', headers, body: JSON.stringify(body) })
      expect(response.status).toBeLessThan(300)
      return (await response.json()) as { accessToken?: string; user?: { id: string } }
    }
    const lastTexts = (of: Device, among: readonly ChatId[]): (string | undefined)[] =>
      among.map((id) => of.engine.chats.find((chat) => chat.id === id)?.lastMessage?.text)
    /** Everything that the device said or heard while `work` went on. */
    async function cost(of: Counted, work: () => Promise<void>): Promise<{ requests: string[]; bytes: number; documents: number }> {
      of.asked.length = 0
      const [bytes, documents] = [of.network.bytes, opened]
      await work()
      return { requests: [...of.asked], bytes: of.network.bytes - bytes, documents: opened - documents }
    }
    async function settled(of: Device, among: readonly ChatId[], text: string, marks: [number, number]): Promise<void> {
      await until(of.engine, () => of.engine.network.connected && lastTexts(of, among).every((last) => last === text))
      await until(wire, () => among.every((chat) => JSON.stringify(answered.get(chat)) === JSON.stringify(marks)))
    }

    beforeAll(async () => {
      scene = await openScene(databaseUrl, undefined, () => now)
      const first = await device()
      await first.engine.register('alice@example.org', 'Alice', password)
      if (first.engine.session.status !== 'logged-in') throw new Error('not logged in')
      alice = Object.assign(first, { id: first.engine.session.user.id })
      bobToken = ''
      const bob = await post('/api/auth/register', { email: 'bob@example.org', name: 'Bob', password })
      bobToken = bob.accessToken ?? ''
      const members = [alice.id, parseUserId(bob.user?.id)]
      // A list that is read while they are being made would leave some to be read one by one later.
      alice.network.cut()
      for (let i = 0; i < CHATS; i += 50) {
        const made = Array.from({ length: 50 }, async (_, k) => {
          const id = `${String(i + k).padStart(4, '0')}${'c'.repeat(22)}` as ChatId
          await scene.skein.storage.createChat({ id, kind: 'group', title: `Group ${i + k}`, by: members[1] ?? alice.id, members })
          return id
        })
        chats.push(...(await Promise.all(made)))
      }
      alice.network.mend()
      alice.engine.connect()
      await until(alice.engine, () => alice.engine.chats.length === CHATS)
      now += DAY
      await back()
    }, 120_000)
    afterAll(() => scene[Symbol.asyncDispose]())

    /** A start that finds nothing new. */
    async function back(): Promise<void> {
      alice.asked.length = 0
      await alice.reload()
      await until(wire, () => alice.asked.some((name) => name.startsWith('GET /api/users')) && alice.engine.network.connected)
    }
    /** The device is away while Bob writes in three chats. */
    async function away(text: string): Promise<ChatId[]> {
      await alice.engine.close()
      now += DAY
      const login = await fetch(`${scene.skein.url}/api/auth/login`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({ email: 'bob@example.org', password }),
      })
      bobToken = ((await login.json()) as { accessToken: string }).accessToken
      const changed = [chats[3], chats[700], chats[1_999]].filter((id) => id !== undefined)
      for (const chat of changed) await post(`/api/chats/${chat}/messages`, { text })
      now += DAY
      return changed
    }

    test('H5: a device back with 3 changed asks at most 10 times for at most 50 KB, opens no document, and sends what it owes', async () => {
      const changed = await away('one')
      const { requests, bytes, documents } = await cost(alice, async () => {
        await alice.reload()
        await settled(alice, changed, 'one', [1, 0])
      })
      expect(requests.length).toBeLessThanOrEqual(10)
      expect(bytes).toBeLessThanOrEqual(50_000)
      expect(documents).toBe(0)
      expect(requests.filter((name) => name.includes('/changes')).map((name) => name.split('/')[3])).toEqual(changed.toSorted())
      expect(alice.engine.chats.slice(0, 3).map(({ id, unread }) => [id, unread])).toEqual(expect.arrayContaining(changed.map((id) => [id, 1])))
    })

    test('RT9: what the cursor missed is found by the digest: one request more, and none again', async () => {
      const changed = await away('two')
      // As if the cursor had been taken after Bob's words.
      const store = await alice.stores.open(`skein ${alice.network.url} ${alice.id}`, () => {})
      await store.write([put('meta', { key: 'feed', value: `t${now.toString(36)}` })], true)
      const { requests } = await cost(alice, async () => {
        await alice.reload()
        await settled(alice, changed, 'two', [2, 0])
      })
      const whole = (name: string): boolean => name === 'GET /api/feed'
      expect(requests.filter(whole)).toHaveLength(1)
      expect((await cost(alice, back)).requests.filter(whole)).toEqual([])
    })

    test('a fresh device asks by pages, not by chats, and shows exact counts', async () => {
      const fresh = await device()
      const { requests } = await cost(fresh, async () => {
        await fresh.engine.login('alice@example.org', password)
        await until(fresh.engine, () => fresh.engine.network.connected && fresh.engine.chats.length === CHATS)
      })
      // Of login, feed, chats and people.
      expect(requests.length).toBeLessThanOrEqual(CHATS / 200 + 6)
      expect(requests.filter((name) => name.includes('/changes'))).toEqual([])
      const unread = fresh.engine.chats.filter(({ unread: count }) => count > 0)
      expect(unread.map(({ unread: count }) => count)).toEqual([2, 2, 2])
    })
  })
}
