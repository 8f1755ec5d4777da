// Row 32 of the attack list: whatever comes in, the answer is a 4xx that names the field, never a 5xx.
import { describe, expect, test } from 'vitest'
import { badRequest, refusal, type Answer, type Person, type World } from './world.suite.ts'

const limits = ['-1', '0', '1e9', '1000000000', '201', '"5"', 'NaN', 'Infinity', '5.5', '0x5', ' 5', '5%00', '%D9%A5', 'true', '9'.repeat(400)]
const cursors = [
  'x',
  '0',
  '-1',
  'NaN',
  'null',
  '%7B%7D',
  "'%20or%201=1--",
  '9'.repeat(30),
  't',
  't9999999999',
  'eyJ9',
  '%F0%9F%A6%8A',
  '%ff%fe',
  '../..',
  'A'.repeat(1001),
  '%00',
]
const deep = (depth: number): string => '['.repeat(depth) + ']'.repeat(depth)

export function inputTests(world: () => World): void {
  describe('attack 32: queries', () => {
    test.each(limits)('limit=%s', async (limit) => {
      const { alice, chat } = await world().pair()
      for (const path of ['/api/users', '/api/chats', `/api/chats/${chat}/messages`])
        expect(await alice.get(`${path}?limit=${limit}`)).toMatchObject(badRequest('limit'))
    })

    test.each(cursors)('cursor=%s', async (cursor) => {
      const { alice, chat } = await world().pair()
      for (const path of ['/api/users?cursor=', '/api/chats?cursor=', `/api/chats/${chat}/messages?cursor=`])
        expect(await alice.get(path + cursor)).toMatchObject(badRequest('cursor'))
    })

    test('a cursor of another list, or one with a character changed, is no 5xx', async () => {
      const alice = await world().person()
      for (let i = 0; i < 3; i++) await alice.post('/api/chats', { userId: (await world().person()).id })
      const given = [await alice.get('/api/users?limit=1'), await alice.get('/api/chats?limit=1')].map((answer) => String(answer.body['nextCursor']))
      const statuses = new Set<number>()
      for (const cursor of given) {
        for (let i = 0; i < cursor.length; i++) {
          const edited = encodeURIComponent(`${cursor.slice(0, i)}${cursor[i] === '~' ? '!' : '~'}${cursor.slice(i + 1)}`)
          for (const path of ['/api/users', '/api/chats']) statuses.add((await alice.get(`${path}?limit=1&cursor=${edited}`)).status)
        }
        for (const path of ['/api/users', '/api/chats'])
          statuses.add((await alice.get(`${path}?limit=1&cursor=${encodeURIComponent(cursor)}`)).status)
      }
      expect([...statuses].filter((status) => status !== 200 && status !== 400)).toEqual([])
    })

    test.each([
      'yesterday',
      '0',
      '9223372036854775808',
      'NaN',
      '2027-01-15',
      '2027-13-01T00:00:00Z',
      '2027-01-15T00:00:00',
      '[]',
      '%7B%7D',
      '%00',
      '275761-01-01T00:00:00Z',
      '9999-12-31T23:59:59-23:59',
      '0000-01-01T00:00:00%2B23:59',
    ])('before=%s', async (before) => {
      const { alice, chat } = await world().pair()
      expect(await alice.get(`/api/chats/${chat}/messages?before=${before}`)).toMatchObject(badRequest('before'))
    })

    test('times at the edge of the calendar are fine', async () => {
      const { alice, chat } = await world().pair()
      for (const before of ['0000-01-01T00:00:00Z', '9999-12-31T23:59:59.999Z']) {
        expect(await alice.get(`/api/chats/${chat}/messages?before=${before}`)).toMatchObject({ status: 200, body: { messages: [] } })
      }
    })

    test.each(cursors)('feed since=%s', async (since) => {
      expect(await (await world().person()).get(`/api/feed?since=${since}`)).toMatchObject(badRequest('since'))
    })

    test.each([
      ['since', 'since=-1'],
      ['since', 'since=1e3'],
      ['since', `since=${'9'.repeat(20)}`],
      ['since', 'since=[]'],
      ['head', 'head=short'],
      ['head', `head=${'A'.repeat(44)}`],
      ['head', `head=${'%00'.repeat(43)}`],
    ])('changes: bad %s (%s)', async (field, query) => {
      const { alice, chat } = await world().pair()
      expect(await alice.get(`/api/chats/${chat}/changes?${query}`)).toMatchObject(badRequest(field))
    })

    test('a parameter that stands there twice', async () => {
      const { alice, chat } = await world().pair()
      for (const path of ['/api/users?limit=1&limit=2', '/api/chats?limit=1&limit=1', `/api/chats/${chat}/messages?limit=5&before=x&limit=`])
        expect(await alice.get(path)).toMatchObject(badRequest('limit'))
      expect(await alice.get('/api/feed?digest=1&digest=1')).toMatchObject(badRequest('digest'))
    })

    test('NUL, and keys that are no parameters', async () => {
      const alice = await world().person()
      expect(await alice.get('/api/users?q=a%00b')).toMatchObject(badRequest('q'))
      for (const query of [
        '__proto__=1',
        'constructor[prototype]=1',
        '%00=1',
        'limit[]=1',
        '&&&',
        '=',
        '%',
        `q=${'%25'.repeat(40)}`,
        'q=_%25\\',
        'q=%ff',
      ]) {
        expect((await alice.get(`/api/users?${query}`)).status === 200 || query.startsWith('%00')).toBe(true)
      }
      expect(await alice.get(`/api/users?q=${'x'.repeat(81)}`)).toMatchObject(badRequest('q'))
      expect(await alice.get('/api/feed?digest=yes')).toMatchObject(badRequest('digest'))
    })

    test('a search for wildcards finds them as letters', async () => {
      const me = await world().person()
      const odd = await world().person(`100%_odd\\ ${world().clock.now}`)
      await world().person(`100xyodd ${world().clock.now}`)
      const found = await me.get(`/api/users?q=${encodeURIComponent('100%_odd\\')}`)
      expect((found.body['users'] as { id: string }[]).map((user) => user.id)).toContain(odd.id)
      expect(found.body['users']).toHaveLength(1)
    })
  })

  describe('attack 32: bodies', () => {
    type Case = [what: string, path: string, body: unknown, field: string]
    const id = '0'.repeat(26)
    const cases: Case[] = [
      ['an array', '/api/chats', [], ''],
      ['null', '/api/chats', 'null', ''],
      ['a number', '/api/chats', '7', ''],
      ['nothing', '/api/chats', '', 'JSON'],
      ['half', '/api/chats', '{"userId":', 'JSON'],
      ['two values', '/api/chats', '{}{}', 'JSON'],
      ['no field', '/api/chats', {}, 'either'],
      ['both fields', '/api/chats', { userId: id, email: 'a@example.org' }, 'either'],
      ['a bad id', '/api/chats', { userId: 'x' }, 'userId'],
      ['an id as an array', '/api/chats', { userId: [id] }, 'userId'],
      ['an email that is an object', '/api/chats', { email: { $ne: '' } }, 'email'],
      ['__proto__', '/api/chats', '{"__proto__":{"userId":"x"}}', ''],
      ['__proto__ beside', '/api/auth/login', '{"email":"a","password":"b","__proto__":{"admin":true}}', '__proto__'],
      ['constructor', '/api/auth/login', '{"email":"a","password":"b","constructor":{}}', 'constructor'],
      ['depth 10,000', '/api/chats', `{"userId":${deep(10_000)}}`, 'userId'],
      ['depth 10,000 at the top', '/api/chats', deep(10_000), ''],
      ['many keys', '/api/chats', `{${Array.from({ length: 20_000 }, (_, i) => `"k${i}":1`).join(',')}}`, ''],
      ['not UTF-8', '/api/auth/login', new Uint8Array(Buffer.from('{"email":"\u00ff","password":"x"}', 'latin1')), 'JSON'],
      ['UTF-16', '/api/auth/login', new Uint8Array(Buffer.from('{}', 'utf16le')), 'JSON'],
      ['marks of an array', '/api/marks', { marks: [] }, 'marks'],
      ['marks of no chat', '/api/marks', { marks: { x: [1, 1] } }, 'marks'],
      ['marks below nought', '/api/marks', { marks: { [id]: [-1, 0] } }, 'marks'],
      ['marks above 2^53', '/api/marks', `{"marks":{"${id}":[9007199254740993,1]}}`, 'marks'],
      ['marks beyond numbers', '/api/marks', `{"marks":{"${id}":[1e999,1]}}`, 'marks'],
      ['marks as text', '/api/marks', { marks: { [id]: ['1', '1'] } }, 'marks'],
      ['marks of three', '/api/marks', { marks: { [id]: [1, 1, 1] } }, 'marks'],
      ['text that is none', 'CHAT/messages', { text: 7 }, 'text'],
      ['no text', 'CHAT/messages', {}, 'text'],
      ['a field too many', 'CHAT/messages', { text: 'x', authorId: id }, 'authorId'],
      ['ids that are none', 'CHAT/messages/seen', { messageIds: ['x'] }, 'messageIds.0'],
      ['ids as text', 'CHAT/messages/seen', { messageIds: 'x' }, 'messageIds'],
      ['too many ids', 'CHAT/messages/seen', { messageIds: Array(1001).fill('00000000-0000-4000-8000-000000000000') }, 'messageIds'],
      ['no epoch', 'CHAT/stored', { ids: [] }, 'epoch'],
      ['a bad epoch', 'CHAT/stored', { ids: [], epoch: '0-x' }, 'epoch'],
      ['an upper-case id', 'CHAT/stored', { ids: ['00000000-0000-4000-8000-00000000000A'], epoch: '1-0123456789abcdef' }, 'ids.0'],
    ]
    test.each(cases)('%s', async (_what, path, body, field) => {
      const { alice, chat } = await world().pair()
      expect(await alice.post(path.replace('CHAT', `/api/chats/${chat}`), body)).toMatchObject(badRequest(field))
      expect(({} as Record<string, unknown>)['admin']).toBeUndefined()
    })

    const types = [
      '',
      'text/plain',
      'application/x-www-form-urlencoded',
      'application/json; charset=utf-16',
      'application/json; charset=latin1',
      'application/jsonp',
      'multipart/form-data; boundary=x',
    ]
    test.each(types)('Content-Type %s', async (type) => {
      const alice = await world().person()
      expect(await alice.post('/api/chats', { userId: alice.id }, { 'content-type': type })).toMatchObject(badRequest('Content-Type'))
    })

    test('a compressed body is refused, not unpacked', async () => {
      const alice = await world().person()
      expect(await alice.post('/api/chats', { userId: alice.id }, { 'content-encoding': 'gzip' })).toMatchObject(badRequest('Content-Encoding'))
    })

    test('UTF-8 may be named', async () => {
      const [alice, bob] = [await world().person(), await world().person()]
      expect((await alice.post('/api/chats', { userId: bob.id }, { 'content-type': 'application/json;charset="UTF-8"' })).status).toBe(201)
    })

    test('attack 33: bodies are bounded, tighter on auth, before anybody is asked who they are', async () => {
      const alice: Person = await world().person()
      const login = (size: number): Promise<Answer> => world().ask('POST', '/api/auth/login', { body: { email: 'a', password: 'x'.repeat(size) } })
      expect(await login(16 * 1024)).toMatchObject(refusal(413, 'too-large'))
      expect(await login(15 * 1024)).toMatchObject(badRequest('password'))
      expect(await alice.post('/api/chats', { userId: 'x'.repeat(256 * 1024) })).toMatchObject(refusal(413, 'too-large'))
      expect(await alice.post('/api/chats', { userId: 'x'.repeat(255 * 1024) })).toMatchObject(badRequest('userId'))
      expect(await world().ask('POST', '/api/marks', { body: 'x'.repeat(300 * 1024) })).toMatchObject(refusal(413, 'too-large'))
    })
  })
}
