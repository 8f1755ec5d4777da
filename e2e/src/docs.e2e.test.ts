// README's example runs as it stands, against the demo that `npm start` brings.
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { SpawnedProcess } from '@skein/testing'
import { expect, test } from 'vitest'
import { openWorld } from './world.ts'

const root = fileURLToPath(new URL('../../', import.meta.url))

test('README: a bot in ten lines sends a message', async () => {
  await using world = await openWorld({ SKEIN_DEMO: '1' })
  const [, example] = /```ts\n(import[^`]*nodePorts[\s\S]*?)```/.exec(readFileSync(`${root}README.md`, 'utf8')) ?? []
  if (!example) throw new Error('README has no such example')
  expect(example.trim().split('\n').length).toBeLessThanOrEqual(10)
  mkdirSync(`${root}.tmp`, { recursive: true })
  const file = `.tmp/readme-${process.pid}.ts`
  writeFileSync(root + file, `${example.replace('http://127.0.0.1:8787', world.origin)}\nprocess.stdout.write('done\\n')\n`)
  try {
    await using bot = new SpawnedProcess(file, { env: {} })
    await bot.line(/^done$/m)
    const headers = { 'content-type': 'application/json' }
    const body = JSON.stringify({ email: 'ben@example.org', password: 'ben-tries-skein' })
    const { accessToken } = (await (await fetch(`${world.origin}/api/auth/login`, { method: 'POST', headers, body })).json()) as {
      accessToken: string
    }
    const arrived = async (): Promise<string> => {
      const answer = await fetch(`${world.origin}/api/chats`, { headers: { authorization: `Bearer ${accessToken}` } })
      const { chats } = (await answer.json()) as { chats: { lastMessage: { text: string } | null }[] }
      return chats[0]?.lastMessage?.text ?? ''
    }
    await expect.poll(arrived, { timeout: 30_000 }).toBe('Hello from a bot')
  } finally {
    rmSync(root + file, { force: true })
  }
})
