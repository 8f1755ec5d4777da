// What a developer does with y-websocket, against the real process: the example of the docs runs, and no token or ticket is written anywhere (W6).
import { once } from 'node:events'
import { spawn } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, expect, test } from 'vitest'
import { WebSocket } from 'ws'
import { spawnServer } from '@skein/testing'

const root = fileURLToPath(new URL('../..', import.meta.url))
const demo = { email: 'ada@example.org', password: 'ada-tries-skein' }

export function describeDeveloper(fresh: () => Promise<Record<string, string>>): void {
  let folder = ''
  afterAll(() => rm(folder, { recursive: true, force: true }))

  test('PLAIN-1, PLAIN-2, W6: the example of docs/stable-surface.md is stored; tickets open /yjs alone, and stand in no log', async () => {
    folder = await mkdtemp(join(tmpdir(), 'skein-developer-'))
    await using server = spawnServer({ DATA_DIR: folder, ...(await fresh()) })
    const url = await server.ready()
    const [, example = ''] = /```js\n([\s\S]*?)```/.exec(readFileSync(join(root, 'docs/stable-surface.md'), 'utf8')) ?? []
    const run = spawn(process.execPath, ['--input-type=module', '--eval', example], {
      cwd: root,
      env: { SERVER: url, EMAIL: demo.email, PASSWORD: demo.password },
    })
    let said = ''
    run.stdout.on('data', (data: Buffer) => (said += String(data)))
    run.stderr.on('data', (data: Buffer) => (said += String(data)))
    expect([await once(run, 'close'), said]).toEqual([[0, null], expect.stringMatching(/^stored as message \d+\n$/)])

    const post = async (path: string, body: object, token = ''): Promise<{ status: number; body: Record<string, unknown> }> => {
      const headers = { 'content-type': 'application/json', authorization: `Bearer ${token}` }
      const answer = await fetch(url + path, { method: 'POST', headers, body: JSON.stringify(body) })
      return { status: answer.status, body: (await answer.json()) as Record<string, unknown> }
    }
    const token = String((await post('/api/auth/login', demo)).body['accessToken'])
    const { status, body } = await post('/api/ticket', {}, token)
    expect([status, body]).toEqual([201, { ticket: expect.any(String) as string, expiresIn: 60 }])
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
}
