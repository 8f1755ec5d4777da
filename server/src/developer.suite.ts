// What a developer does with y-websocket, against the real process: the example of the docs runs, and no token or ticket is written anywhere (W6).
import { once } from 'node:events'
import { spawn } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { WebSocket } from 'ws'
import { spawnServer, spawnUser } from '@skein/testing'

const root = fileURLToPath(new URL('../..', import.meta.url))
const demo = { email: 'ada@example.org', password: 'ada-tries-skein' }

/** The first example in JavaScript of a document, as it stands there, to its end. */
async function runExample(document: string, env: Record<string, string>): Promise<[unknown[], string]> {
  const [, example = ''] = /```js\n([\s\S]*?)```/.exec(readFileSync(join(root, document), 'utf8')) ?? []
  const run = spawn(process.execPath, ['--input-type=module', '--eval', example], { cwd: root, env })
  let said = ''
  run.stdout.on('data', (data: Buffer) => (said += String(data)))
  run.stderr.on('data', (data: Buffer) => (said += String(data)))
  return [await once(run, 'close'), said]
}

export function describeDeveloper(fresh: () => Promise<Record<string, string>>): void {
  let folder = ''
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'skein-developer-'))
  })
  afterAll(() => rm(folder, { recursive: true, force: true }))

  test('PLAIN-1, PLAIN-2, W6: the example of docs/stable-surface.md is stored; tickets open /yjs alone, and stand in no log', async () => {
    await using server = spawnServer({ DATA_DIR: folder, ...(await fresh()) })
    const url = await server.ready()
    const ended = await runExample('docs/stable-surface.md', { SERVER: url, EMAIL: demo.email, PASSWORD: demo.password })
    expect(ended).toEqual([[0, null], expect.stringMatching(/^stored as message \d+\n$/)])

    const post = async (path: string, body: object, token = ''): Promise<{ status: number; body: Record<string, unknown> }> => {
      const headers = { 'content-type': 'application/json', authorization: `Bearer ${token}` }
      const answer = await fetch(url + path, { method: 'POST', headers, body: JSON.stringify(body) })
      return { status: answer.status, body: (await answer.json()) as Record<string, unknown> }
    }
    const token = String((await post('/api/auth/login', demo)).body['accessToken'])
    const { status, body } = await post('/api/ticket', {}, token)
    expect([status, body]).toEqual([201, { ticket: expect.any(String) as string, expiresIn: 60 }])
    // Attack 35: neither is anything sent into the server's own network, nor is a webhook kept that leads there.
    const inside = await post('/api/webhooks', { url: 'https://127.0.0.1:8443/', events: ['message.created'] }, token)
    expect([inside.status, inside.body['code']]).toEqual([400, 'private-address'])
    const ticket = String(body['ticket'])
    expect((await post('/api/ticket', {}, ticket)).status).toBe(401)
    const closes = async (path: string): Promise<number> => {
      const socket = new WebSocket(url.replace('http', 'ws') + path)
      const [code] = (await once(socket, 'close')) as [number]
      return code
    }
    const none = `/yjs/chat/${'0'.repeat(26)}/1-0000000000000000`
    expect(await closes(`${none}?token=${ticket}`)).toBe(4420)
    expect(await closes(`${none}?token=${token}`)).toBe(4420)
    expect(await closes(`${none}?token=s3cret`)).toBe(4510)
    expect((await fetch(`${url}${none}?token=${ticket}`)).status).toBe(404)
    expect(await server.stop('SIGTERM')).toBe(0)
    for (const secret of [ticket, token, 's3cret']) expect(server.output + server.errors).not.toContain(secret)
  })

  test('P4: the back office of docs/embedding.md does what it says', async () => {
    const env = {
      DATA_DIR: join(folder, 'office'),
      SKEIN_DEMO: '0',
      ISSUER: 'i',
      ISSUER_AUDIENCE: 'a',
      ISSUER_SECRET: 'x'.repeat(32),
      ...(await fresh()),
    }
    await using making = spawnUser(env, ['key', 'Back office'])
    const [, SKEIN_KEY = ''] = await making.line(/^(skein_\S+)$/m)
    await making.exit
    await using server = spawnServer(env)
    expect(await runExample('docs/embedding.md', { SERVER: await server.ready(), SKEIN_KEY })).toEqual([
      [0, null],
      expect.stringMatching(/^Ida and Eve are in [0-9a-z]{26}\n$/),
    ])
    expect(server.output + server.errors).not.toContain(SKEIN_KEY)
  })
}
