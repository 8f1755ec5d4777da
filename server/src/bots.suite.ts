// A bot beside a real server process: its key, its webhook, and a server that is killed in the middle; the same on both databases.
import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { WEBHOOK_MS } from '@skein/protocol'
import { spawnServer } from '@skein/testing'

type Env = Record<string, string>
type Body = Record<string, unknown>

async function call(
  url: string,
  method: string,
  path: string,
  bearer: string,
  body?: object,
  headers: Env = {},
): Promise<{ status: number; body: Body }> {
  const answer = await fetch(url + path, {
    method,
    headers: { authorization: `Bearer ${bearer}`, ...(body ? { 'content-type': 'application/json' } : {}), ...headers },
    ...(body ? { body: JSON.stringify(body) } : {}),
  })
  return { status: answer.status, body: (await answer.json()) as Body }
}
const tokenOf = async (url: string, name: string): Promise<string> => {
  const login = { email: `${name}@example.org`, password: `${name}-tries-skein` }
  return String((await call(url, 'POST', '/api/auth/login', '', login)).body['accessToken'])
}

export function describeBots(database: { fresh(): Promise<Env> }): void {
  describe('bots', () => {
    let env: Env
    beforeAll(async () => {
      env = { DATA_DIR: await mkdtemp(join(tmpdir(), 'skein-bots-')), WEBHOOK_PRIVATE_ADDRESSES: '1', ...(await database.fresh()) }
    })
    afterAll(() => rm(env['DATA_DIR'] ?? '', { recursive: true, force: true }))

    test(
      'a server that is killed while a receiver hangs and messages come forgets nothing that it acknowledged',
      async () => {
        const texts = new Set<string>()
        const ids = new Map<string, string>()
        let hangs = true
        const woken = new Set<() => void>()
        const receiver = createServer((incoming, response) => {
          void incoming.toArray().then((chunks: Uint8Array[]) => {
            if (hangs) return receiver.emit('hangs')
            const { data } = JSON.parse(Buffer.concat(chunks).toString()) as { data: { message: { text: string } } }
            texts.add(data.message.text)
            ids.set(String(incoming.headers['webhook-id']), data.message.text)
            response.end()
            for (const wake of woken) wake()
            return true
          })
        })
        await new Promise<void>((resolve) => receiver.listen(0, '127.0.0.1', resolve))
        const hookUrl = `http://127.0.0.1:${(receiver.address() as AddressInfo).port}/`

        const acknowledged: string[] = []
        let key = ''
        {
          await using first = spawnServer(env)
          const url = await first.ready()
          const [ada, ben] = [await tokenOf(url, 'ada'), await tokenOf(url, 'ben')]
          const made = await call(url, 'POST', '/api/keys', ben, {
            name: 'Bot',
            password: 'ben-tries-skein',
            scopes: ['chats:read', 'messages:write', 'messages:read', 'webhooks:write'],
          })
          key = String(made.body['secret'])
          expect((await call(url, 'POST', '/api/webhooks', key, { url: hookUrl, events: ['message.created'] })).status).toBe(201)
          expect(await call(url, 'GET', '/api/users', key)).toMatchObject({ status: 403, body: { code: 'missing-scope' } })
          expect(await call(url, 'GET', '/api/keys', key)).toMatchObject({ status: 403, body: { code: 'missing-scope' } })
          const { chats } = (await call(url, 'GET', '/api/chats', key)).body as { chats: { id: string }[] }
          const path = `/api/chats/${chats[0]?.id}/messages`
          const asked = once(receiver, 'hangs')
          const send = async (text: string): Promise<void> => {
            const { status } = await call(url, 'POST', path, ada, { text }, { 'idempotency-key': text.replaceAll(' ', '-') })
            if (status === 201) acknowledged.push(text)
          }
          await send('the first')
          // It is being told, and nobody answers.
          await asked
          const sends = Array.from({ length: 30 }, async (_, i) => {
            await send(`word ${i}`)
            if (acknowledged.length === 10) first.child.kill('SIGKILL')
          })
          await Promise.allSettled(sends)
          await first.exit
        }
        expect(acknowledged.length).toBeGreaterThanOrEqual(10)
        hangs = false
        await using second = spawnServer(env)
        await second.ready()
        while (!acknowledged.every((text) => texts.has(text))) await new Promise<void>((resolve) => woken.add(resolve))
        // One id for each event, whatever came twice.
        expect(new Set(ids.values()).size).toBe(ids.size)
        expect(await second.stop('SIGTERM')).toBe(0)
        expect(second.errors).not.toContain('"level":"error"')
        receiver.closeAllConnections()
        receiver.close()
      },
      WEBHOOK_MS * 9,
    )

    test('who goes away in the middle of a file harms nobody', async () => {
      await using server = spawnServer(env)
      const url = await server.ready()
      const ada = await tokenOf(url, 'ada')
      const { chats } = (await call(url, 'GET', '/api/chats', ada)).body as { chats: { id: string }[] }
      const path = `${url}/api/chats/${chats[0]?.id}/export`
      const headers = { authorization: `Bearer ${ada}` }
      for (let i = 0; i < 5; i++) {
        const going = new AbortController()
        const answer = await fetch(path, { headers, signal: going.signal })
        await answer.body?.getReader().read()
        going.abort()
      }
      const whole = await (await fetch(`${path}?format=jsonl`, { headers })).text()
      expect(whole.trimEnd().split('\n').at(-1)).toMatch(/^\{"type":"end","messages":\d+\}$/)
      expect(await server.stop('SIGTERM')).toBe(0)
      expect(server.errors).not.toContain('"level":"error"')
    })
  })
}
