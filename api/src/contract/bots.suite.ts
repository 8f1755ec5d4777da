// The contract of what others build on: API keys, webhooks, reports, and a chat as a file.
import { createHash } from 'node:crypto'
import { describe, expect, test } from 'vitest'
import {
  CHAT_EVENTS,
  HTTP_RATES,
  MAX_API_KEYS_PER_PERSON,
  MAX_REPORT_REASON_LENGTH,
  MAX_REPORTED_MESSAGES,
  MAX_WEBHOOK_URL_LENGTH,
  MAX_WEBHOOKS_PER_PERSON,
  SCOPES,
  uuidOf,
  type Scope,
} from '@skein/protocol'
import { createApi } from '../index.ts'
import { createRateLimits } from '../rate-limits.ts'
import { anyText, ask, badRequest, matching, password, refusal, type Answer, type Person, type World } from './world.suite.ts'

export function botTests(world: () => World): void {
  describe('API keys', () => {
    async function make(person: Person, scopes: readonly Scope[], more: object = {}) {
      const answer = await person.post('/api/keys', { name: 'A bot', scopes, password, ...more })
      expect(answer.status).toBe(201)
      return answer.body as { secret: string; key: { id: string } }
    }
    const asks = (secret: string, method: string, path: string, body?: object): Promise<Answer> =>
      world().ask(method, path, { ...(body ? { body } : {}), headers: { authorization: `Bearer ${secret}` } })

    test('a key is shown once, acts as its person within its scopes, and says when it was last used', async () => {
      const { alice, bob, chat } = await world().pair()
      const { secret, key } = await make(alice, ['messages:write', 'profile:read'])
      const createdAt = new Date(world().clock.now).toISOString()
      const shown = { id: key.id, name: 'A bot', scopes: ['messages:write', 'profile:read'], createdAt, expiresAt: null, lastUsedAt: null }
      expect({ secret, key }).toEqual({ secret: matching(/^skein_[0-9a-hjkmnp-tv-z]{26}[0-9a-f]{8}$/), key: shown })
      expect((await alice.get('/api/keys')).body).toEqual({ keys: [shown] })
      expect((await asks(secret, 'GET', '/api/me')).body).toMatchObject({ user: { id: alice.id } })
      expect(await asks(secret, 'POST', `/api/chats/${chat}/messages`, { text: 'beep' })).toMatchObject({
        status: 201,
        body: { message: { authorId: alice.id, text: 'beep' } },
      })
      expect(await asks(secret, 'GET', `/api/chats/${chat}/messages`)).toMatchObject(refusal(403, 'missing-scope'))
      const listed = await alice.get('/api/keys')
      expect(listed.body).toEqual({ keys: [{ ...shown, lastUsedAt: createdAt }] })
      expect(JSON.stringify(listed.body)).not.toContain(secret)
      expect((await bob.get('/api/keys')).body).toEqual({ keys: [] })
    })

    test('promise 8: a key opens no chat that its person is not in', async () => {
      const { chat } = await world().pair()
      const { secret } = await make(await world().person(), SCOPES)
      expect(await asks(secret, 'GET', `/api/chats/${chat}/messages`)).toMatchObject(refusal(404, 'no-such-chat'))
    })

    test('deleted it is good for nothing at once; another’s is not there', async () => {
      const [alice, bob] = [await world().person(), await world().person()]
      const { secret, key } = await make(alice, ['profile:read'])
      expect(await bob.ask('DELETE', `/api/keys/${key.id}`)).toMatchObject(refusal(404, 'no-such-key'))
      expect((await asks(secret, 'GET', '/api/me')).status).toBe(200)
      expect(await alice.ask('DELETE', `/api/keys/${key.id}`)).toMatchObject({ status: 200, body: {} })
      expect(await asks(secret, 'GET', '/api/me')).toMatchObject(refusal(401, 'not-logged-in'))
      expect(await alice.ask('DELETE', `/api/keys/${key.id}`)).toMatchObject(refusal(404, 'no-such-key'))
      for (const odd of ['%F0%9F%94%91', '%00', '__proto__', 'x'.repeat(100)]) {
        expect(await alice.ask('DELETE', `/api/keys/${odd}`)).toMatchObject(refusal(404, 'no-such-key'))
        expect(await alice.ask('DELETE', `/api/webhooks/${odd}`)).toMatchObject(refusal(404, 'no-such-webhook'))
        expect(await alice.ask('PATCH', `/api/webhooks/${odd}`, { active: true })).toMatchObject(refusal(404, 'no-such-webhook'))
      }
    })

    test('nobody makes a key at an open laptop: the password is asked for', async () => {
      const alice = await world().person()
      expect(await alice.post('/api/keys', { name: 'x', scopes: ['chats:read'], password: 'not the password' })).toMatchObject(
        refusal(403, 'wrong-password'),
      )
      expect((await alice.get('/api/keys')).body).toEqual({ keys: [] })
    })

    test('the webhooks that it made end with it', async () => {
      const alice = await world().person()
      const { secret, key } = await make(alice, ['webhooks:write', 'messages:read'])
      const hook = { url: 'https://example.org/hook', events: ['message.created'] }
      expect((await asks(secret, 'POST', '/api/webhooks', hook)).status).toBe(201)
      expect((await alice.post('/api/webhooks', hook)).status).toBe(201)
      expect((await alice.get('/api/webhooks')).body['webhooks']).toHaveLength(2)
      await alice.ask('DELETE', `/api/keys/${key.id}`)
      expect((await alice.get('/api/webhooks')).body['webhooks']).toHaveLength(1)
    })

    test('it ends with its time', async () => {
      const alice = await world().person()
      const expiresAt = new Date(world().clock.now + 10_000).toISOString()
      const { secret, key } = await make(alice, ['profile:read'], { expiresAt })
      expect(key).toMatchObject({ expiresAt })
      expect((await asks(secret, 'GET', '/api/me')).status).toBe(200)
      world().clock.now += 10_000
      expect(await asks(secret, 'GET', '/api/me')).toMatchObject(refusal(401, 'not-logged-in'))
    })

    test('what is no key to be made', async () => {
      const alice = await world().person()
      const past = new Date(world().clock.now).toISOString()
      const wrong: [object, string][] = [
        [{ scopes: ['chats:read'] }, 'name'],
        [{ name: 'x', scopes: [] }, 'scopes'],
        [{ name: 'x', scopes: ['all'] }, 'scopes.0'],
        [{ name: 'x', scopes: ['chats:read', 'chats:read'] }, 'scopes'],
        [{ name: 'x', scopes: ['chats:read'], expiresAt: past }, 'expiresAt'],
        [{ name: 'x', scopes: ['chats:read'], expiresAt: 'soon' }, 'expiresAt'],
        [{ name: 'x', scopes: ['chats:read'], userId: alice.id }, 'userId'],
        [{ name: 'x', scopes: ['chats:read'], password: undefined }, 'password'],
        [{ name: 'x', scopes: ['chats:read'], token: 'both' }, 'password'],
      ]
      for (const [body, field] of wrong) expect(await alice.post('/api/keys', { password, ...body })).toMatchObject(badRequest(field))
      expect((await alice.get('/api/keys')).body).toEqual({ keys: [] })
    })

    test('one person has so many; who is disabled makes none', async () => {
      const alice = await world().person()
      for (let i = 0; i < MAX_API_KEYS_PER_PERSON; i++) await make(alice, ['profile:read'])
      expect(await alice.post('/api/keys', { name: 'x', scopes: ['profile:read'], password })).toMatchObject(refusal(409, 'too-many'))
      await world().storage.disableUser(alice.id)
      expect(await alice.post('/api/keys', { name: 'x', scopes: ['profile:read'], password })).toMatchObject(refusal(401, 'session-ended'))
    })

    test('R1: what a key asks counts as its person’s, and bad keys as their network’s', async () => {
      const alice = await world().person()
      const { secret } = await make(alice, ['profile:read'])
      const rates = { ...HTTP_RATES, person: { quota: 2, seconds: 60 }, network: { quota: 1, seconds: 60 } }
      const api = createApi({ ...world().dependencies, rateLimits: createRateLimits(null, rates) })
      const token = await world().dependencies.accessTokens.issue({ sub: alice.id, name: alice.name, sid: 'session' })
      const me = (bearer: string): Promise<Answer> => ask(api, 'GET', '/api/me', { headers: { authorization: `Bearer ${bearer}` } })
      expect([(await me(secret)).status, (await me(token)).status, (await me(secret)).status]).toEqual([200, 200, 429])
      expect([(await me(`${secret}x`)).status, (await me(`${secret}x`)).status]).toEqual([401, 429])
    })
  })

  describe('webhooks', () => {
    const url = 'https://bot.example.org/hook?x=1'
    const make = async (person: Person, more: object = {}) =>
      (await person.post('/api/webhooks', { url, events: CHAT_EVENTS, ...more })).body as { webhook: { id: string }; secret: string }

    test('a webhook is made with a secret that is shown once, listed, changed and deleted by its person alone', async () => {
      const [alice, bob] = [await world().person(), await world().person()]
      const { webhook, secret } = await make(alice)
      const shown = { id: webhook.id, url, events: [...CHAT_EVENTS], active: true, createdAt: anyText, failures: 0, lastError: null }
      expect({ webhook, secret }).toEqual({ webhook: shown, secret: matching(/^whsec_[A-Za-z0-9+/]{32}$/) })
      const listed = await alice.get('/api/webhooks')
      expect(listed.body).toEqual({ webhooks: [shown] })
      expect(JSON.stringify(listed.body)).not.toContain(secret)
      const path = `/api/webhooks/${webhook.id}`
      expect((await bob.get('/api/webhooks')).body).toEqual({ webhooks: [] })
      expect(await bob.ask('PATCH', path, { active: false })).toMatchObject(refusal(404, 'no-such-webhook'))
      expect(await bob.ask('DELETE', path)).toMatchObject(refusal(404, 'no-such-webhook'))
      expect((await alice.ask('PATCH', path, { active: false, events: ['member.left'] })).body).toEqual({
        webhook: { ...shown, active: false, events: ['member.left'] },
      })
      expect((await alice.ask('PATCH', path, { url: 'https://other.example.org/#part' })).body).toMatchObject({
        webhook: { url: 'https://other.example.org/', active: false },
      })
      expect(await alice.ask('DELETE', path)).toMatchObject({ status: 200, body: {} })
      expect(await alice.ask('DELETE', path)).toMatchObject(refusal(404, 'no-such-webhook'))
    })

    test('attack 35: addresses that a webhook may not have', async () => {
      const alice = await world().person()
      const { webhook } = await make(alice)
      for (const bad of [
        'http://bot.example.org/',
        'ftp://bot.example.org/',
        'file:///etc/passwd',
        'https://me:secret@bot.example.org/',
        'https://bot.example.org:25/',
        'bot.example.org',
        'javascript:alert(1)',
        '',
        `https://bot.example.org/${'x'.repeat(MAX_WEBHOOK_URL_LENGTH)}`,
      ]) {
        expect(await alice.post('/api/webhooks', { url: bad, events: ['message.created'] })).toMatchObject(badRequest('url'))
        expect(await alice.ask('PATCH', `/api/webhooks/${webhook.id}`, { url: bad })).toMatchObject(badRequest('url'))
      }
      for (const inside of ['https://10.0.0.1/', 'https://inside.example.org:8443/hook']) {
        expect(await alice.post('/api/webhooks', { url: inside, events: ['message.created'] })).toMatchObject(refusal(400, 'private-address'))
        expect(await alice.ask('PATCH', `/api/webhooks/${webhook.id}`, { url: inside })).toMatchObject(refusal(400, 'private-address'))
      }
      expect((await alice.get('/api/webhooks')).body).toEqual({ webhooks: [webhook] })
      const open = createApi({ ...world().dependencies, isPublicTarget: null })
      const token = await world().dependencies.accessTokens.issue({ sub: alice.id, name: alice.name, sid: 'session' })
      const body = { url: 'http://10.0.0.1:25/', events: ['message.created'] }
      expect((await ask(open, 'POST', '/api/webhooks', { body, headers: { authorization: `Bearer ${token}` } })).status).toBe(201)
    })

    test('what is no webhook, and no change of one', async () => {
      const alice = await world().person()
      const { webhook } = await make(alice)
      for (const [body, field] of [
        [{ url, events: [] }, 'events'],
        [{ url, events: ['report.created'] }, 'events.0'],
        [{ url, events: ['message.created', 'message.created'] }, 'events'],
        [{ url, events: ['message.created'], secret: 'x' }, 'secret'],
      ] as const)
        expect(await alice.post('/api/webhooks', body)).toMatchObject(badRequest(field))
      expect(await alice.ask('PATCH', `/api/webhooks/${webhook.id}`, {})).toMatchObject(badRequest('url, events or active'))
    })

    test('one person has so many', async () => {
      const alice = await world().person()
      for (let i = 0; i < MAX_WEBHOOKS_PER_PERSON; i++) await make(alice)
      expect(await alice.post('/api/webhooks', { url, events: CHAT_EVENTS })).toMatchObject(refusal(409, 'too-many'))
      await world().storage.disableUser(alice.id)
      expect(await alice.post('/api/webhooks', { url, events: CHAT_EVENTS })).toMatchObject(refusal(401, 'session-ended'))
    })
  })

  describe('reports', () => {
    test('P6: a person, a chat, messages in it; stored with who said it', async () => {
      const { alice, bob, chat } = await world().pair()
      const { id } = (await bob.post(`/api/chats/${chat}/messages`, { text: 'rude' })).body['message'] as { id: string }
      const body = { userId: bob.id, chatId: chat, messages: [{ authorId: bob.id, id }], reason: ' He is rude ' }
      const answer = await alice.post('/api/reports', body)
      const createdAt = new Date(world().clock.now).toISOString()
      expect({ status: answer.status, body: answer.body }).toEqual({ status: 201, body: { report: { id: anyText, createdAt } } })
      const report = await world().storage.report((answer.body['report'] as { id: string }).id)
      expect(report).toMatchObject({ reporterId: alice.id, userId: bob.id, chatId: chat, messages: [[bob.id, id]], reason: 'He is rude' })
      expect((await alice.post('/api/reports', { userId: bob.id, reason: 'x' })).status).toBe(201)
      expect((await alice.post('/api/reports', { chatId: chat, reason: 'x' })).status).toBe(201)
    })

    test('promise 8: nobody learns of chats, messages or people by reporting them', async () => {
      const { alice, bob, chat } = await world().pair()
      const { id } = (await bob.post(`/api/chats/${chat}/messages`, { text: 'rude' })).body['message'] as { id: string }
      const eve = await world().person()
      for (const chatId of [chat, '0'.repeat(26)])
        expect(await eve.post('/api/reports', { chatId, messages: [{ authorId: bob.id, id }], reason: 'x' })).toMatchObject(
          refusal(404, 'no-such-chat'),
        )
      for (const message of [
        { authorId: alice.id, id },
        { authorId: bob.id, id: crypto.randomUUID() },
      ])
        expect(await alice.post('/api/reports', { chatId: chat, messages: [message], reason: 'x' })).toMatchObject(refusal(404, 'no-such-message'))
      for (const userId of [bob.id, '0'.repeat(26)]) expect((await eve.post('/api/reports', { userId, reason: 'x' })).status).toBe(201)
    })

    test('what is no report, and too many of them', async () => {
      const { alice, bob, chat } = await world().pair()
      const message = { authorId: bob.id, id: uuidOf(new Uint8Array(16), 4) }
      for (const [body, field] of [
        [{ reason: 'x' }, 'userId or chatId'],
        [{ userId: bob.id }, 'reason'],
        [{ userId: bob.id, reason: ' ' }, 'reason'],
        [{ userId: bob.id, reason: '\0' }, 'reason'],
        [{ userId: bob.id, reason: 'x'.repeat(MAX_REPORT_REASON_LENGTH + 1) }, 'reason'],
        [{ userId: 'x', reason: 'x' }, 'userId'],
        [{ userId: bob.id, reason: 'x', messages: [message] }, 'chatId'],
        [{ chatId: chat, reason: 'x', messages: Array.from({ length: MAX_REPORTED_MESSAGES + 1 }, () => message) }, 'messages'],
      ] as const)
        expect(await alice.post('/api/reports', body)).toMatchObject(badRequest(field))
      const api = createApi({ ...world().dependencies, rateLimits: createRateLimits(null, { ...HTTP_RATES, report: { quota: 1, seconds: 60 } }) })
      const token = await world().dependencies.accessTokens.issue({ sub: alice.id, name: alice.name, sid: 'session' })
      const again = () => ask(api, 'POST', '/api/reports', { body: { userId: bob.id, reason: 'x' }, headers: { authorization: `Bearer ${token}` } })
      expect([(await again()).status, (await again()).status]).toEqual([201, 429])
    })
  })

  describe('a chat as a file', () => {
    async function file(person: Person, chat: string, query = ''): Promise<{ status: number; headers: Headers; text: string }> {
      const token = await world().dependencies.accessTokens.issue({ sub: person.id, name: person.name, sid: 'session' })
      const response = await world().api.request(`/api/chats/${chat}/export${query}`, { headers: { authorization: `Bearer ${token}` } })
      return { status: response.status, headers: response.headers, text: await response.text() }
    }
    const linesOf = (text: string) =>
      text
        .trimEnd()
        .split('\n')
        .map((each) => JSON.parse(each) as Record<string, unknown>)

    test('JSON Lines: the chat, each message as it is, in order, and an end that says how many; more than one page', async () => {
      const { alice, bob, chat } = await world().pair()
      const { id } = (await bob.post(`/api/chats/${chat}/messages`, { text: 'first\nline\u2028' })).body['message'] as { id: string }
      await alice.ask('PUT', `/api/chats/${chat}/messages/${id}/reactions/%F0%9F%91%8D`)
      await alice.ask('PUT', `/api/chats/${chat}/messages/${id}/pin`)
      await alice.post(`/api/chats/${chat}/messages`, { text: 'reply', replyTo: id, replyToAuthor: bob.id, mentions: [bob.id] })
      for (let i = 3; i <= 401; i++) await bob.post(`/api/chats/${chat}/messages`, { text: `word ${i}` })
      const { status, headers, text } = await file(alice, chat)
      expect([status, headers.get('content-type')]).toEqual([200, 'application/jsonl; charset=utf-8'])
      expect(headers.get('content-disposition')).toBe(`attachment; filename="chat-${chat}.jsonl"`)
      const lines = linesOf(text)
      expect(lines).toHaveLength(403)
      expect(lines[0]).toMatchObject({ type: 'chat', version: 1, id: chat, kind: 'direct', members: [{}, {}], pins: [{ authorId: bob.id, id }] })
      expect(lines.slice(1, -1).map(({ seq }) => seq)).toEqual(Array.from({ length: 401 }, (_, i) => i + 1))
      expect(lines[1]).toEqual({
        ...{ type: 'message', id, seq: 1, rev: 3, authorId: bob.id, authorName: bob.name, text: 'first\nline\u2028' },
        ...{ createdAt: anyText, receivedAt: anyText, editedAt: null, deletedAt: null },
        ...{ replyTo: null, replyToAuthor: null, mentions: [], forwardedFrom: null, reactions: [{ emoji: '👍', userIds: [alice.id] }] },
      })
      expect(lines[2]).toMatchObject({ text: 'reply', replyTo: id, replyToAuthor: bob.id, mentions: [bob.id], authorName: alice.name })
      expect(lines.at(-1)).toEqual({ type: 'end', messages: 401 })
    })

    test('an empty chat; a format that is none; nobody’s chat', async () => {
      const { alice, chat } = await world().pair()
      expect(linesOf((await file(alice, chat, '?format=')).text).map(({ type }) => type)).toEqual(['chat', 'end'])
      expect(await alice.get(`/api/chats/${chat}/export?format=pdf`)).toMatchObject(badRequest('format'))
      expect((await file(await world().person(), chat)).status).toBe(404)
    })

    test('a page for people: what they wrote stays text, and nothing on it runs', async () => {
      const { bob, chat } = await world().pair()
      const mean = await world().person('<img src=x onerror=alert(1)>')
      const group = await world().groupWithout(mean, bob)
      const evil = `</p><script>alert(1)</script><a href="javascript:x">"'&\nnext`
      await mean.post(`/api/chats/${group}/messages`, { text: evil })
      const { id } = (await mean.post(`/api/chats/${group}/messages`, { text: 'gone' })).body['message'] as { id: string }
      await mean.ask('PUT', `/api/chats/${group}/messages/${id}/reactions/%F0%9F%91%8D`)
      await mean.ask('DELETE', `/api/chats/${group}/messages/${id}`)
      const { headers, text } = await file(mean, group, '?format=html')
      expect([headers.get('content-type'), headers.get('content-security-policy')?.includes("default-src 'none'")]).toEqual([
        'text/html; charset=utf-8',
        true,
      ])
      expect(text).toMatch(/^<!doctype html>[\s\S]*<\/html>\n$/)
      expect(text).not.toMatch(/<script|<img|<a |<link|style=|<b>|undefined|\[object|https?:|url\(|@import/)
      // One style, and the policy that goes with the file allows no other.
      const [, style = ''] = /<style>([\s\S]*?)<\/style>/.exec(text) ?? []
      expect(text.match(/<style/g)).toHaveLength(1)
      expect(text).toContain(
        `content="default-src &#39;none&#39;; style-src &#39;sha256-${createHash('sha256').update(style).digest('base64')}&#39;"`,
      )
      for (const part of [
        '&lt;img src=x onerror=alert(1)&gt;',
        '&lt;/p&gt;&lt;script&gt;alert(1)',
        '&amp;<br />next',
        '<em>deleted</em>',
        '2 messages',
      ])
        expect(text).toContain(part)
      expect(await file(bob, chat, '?format=html')).toMatchObject({ status: 200 })
    })

    test('a page for people: by day, and by person as long as nobody else says something', async () => {
      const { alice, bob, chat } = await world().pair()
      const say = (person: Person, text: string) => person.post(`/api/chats/${chat}/messages`, { text })
      for (const [person, text] of [
        [alice, 'one'],
        [alice, 'two'],
        [bob, 'three'],
      ] as const)
        await say(person, text)
      world().clock.now += 24 * 60 * 60_000
      await say(bob, 'four')
      const { text } = await file(alice, chat, '?format=html')
      const shape = text.match(/<section>|<\/section>|<article class="\w+">|<\/article>|<bdi>|<p dir="auto">\w+/g)
      const from = (whose: string, ...words: string[]) => [
        `<article class="${whose}">`,
        '<bdi>',
        ...words.map((word) => `<p dir="auto">${word}`),
        '</article>',
      ]
      expect(shape).toEqual([
        ...['<section>', ...from('own', 'one', 'two'), ...from('other', 'three'), '</section>'],
        ...['<section>', ...from('other', 'four'), '</section>'],
      ])
      const days = [...text.matchAll(/<h2><time datetime="([\d-]+)">(\w+day, [^<]+)</g)].map(([, day = '', long]) => [
        Date.parse(day),
        Date.parse(`${long} UTC`),
      ])
      expect(days.map(([day, long]) => day === long)).toEqual([true, true])
      expect((days[1]?.[0] ?? 0) - (days[0]?.[0] ?? 0)).toBe(24 * 60 * 60_000)
    })

    test('promise 8: who is taken out while it is read gets no further, and it has no end', async () => {
      const { storage } = world()
      const [alice, bob] = [await world().person(), await world().person()]
      const chat = await world().groupWithout(alice, bob)
      for (let i = 0; i < 201; i++) await alice.post(`/api/chats/${chat}/messages`, { text: 'word' })
      const token = await world().dependencies.accessTokens.issue({ sub: alice.id, name: alice.name, sid: 'session' })
      const response = await world().api.request(`/api/chats/${chat}/export`, { headers: { authorization: `Bearer ${token}` } })
      const reader = response.body?.getReader()
      await reader?.read()
      expect(new TextDecoder().decode((await reader?.read())?.value).split('\n')).toHaveLength(201)
      const operation = { type: 'leave' as const, id: uuidOf(new Uint8Array(16), 4), at: new Date(world().clock.now).toISOString(), user: alice.id }
      await storage.commit([{ kind: 'member', chatId: chat, userId: alice.id, operation, text: JSON.stringify(operation) }])
      await expect(reader?.read()).rejects.toThrow('No member any more')
    })
  })
}
