// What becomes of accounts on open devices: names that change, sessions that are ended elsewhere, people who leave for good.
import { until } from '@skein/testing'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import type { Engine } from './index.ts'
import { openScene, password, type Pair, type Scene } from './scene.suite.ts'

/** As a script asks: with a session of its own. */
async function script(url: string, email: string): Promise<(method: string, path: string, body?: object) => Promise<Record<string, unknown>>> {
  const send = async (method: string, path: string, token: string, body?: object) => {
    const headers = { 'content-type': 'application/json', authorization: `Bearer ${token}` }
    const answer = await fetch(url + path, { method, headers, ...(body ? { body: JSON.stringify(body) } : {}) })
    expect(answer.status, `${method} ${path}`).toBe(200)
    return (await answer.json()) as Record<string, unknown>
  }
  const { accessToken } = await send('POST', '/api/auth/login', '', { email, password })
  return (method, path, body) => send(method, path, String(accessToken), body)
}
const mustLogIn = ({ session }: Engine): boolean => session.status === 'logged-in' && session.needsPassword

export function accountsSuite(databaseUrl: (folder: string) => Promise<string>): void {
  describe('accounts on open devices', () => {
    let scene: Scene
    let pair: Pair
    beforeEach(async () => {
      scene = await openScene(databaseUrl)
      pair = await scene.pair()
    })
    afterEach(() => scene[Symbol.asyncDispose]())

    test('P2, DOC-4: a new name and picture arrive at others at once: in the list of people, in the chat, and after a reload', async () => {
      const { bob } = pair
      const ask = await script(scene.skein.url, 'alice@example.org')
      await ask('PATCH', '/api/me', { name: 'Alice Smith', avatarUrl: 'https://example.org/alice.png' })
      await until(bob.engine, () => bob.engine.people.some(({ name }) => name === 'Alice Smith'))
      const seen = (): unknown => ({
        people: bob.engine.people.map(({ name, avatarUrl, online }) => ({ name, avatarUrl, online })),
        title: bob.engine.chats[0]?.title,
        members: bob.engine.chats[0]?.members.map(({ name }) => name).sort(),
      })
      const expected = {
        people: [{ name: 'Alice Smith', avatarUrl: 'https://example.org/alice.png', online: true }],
        title: 'Alice Smith',
        members: ['Alice Smith', 'Bob'],
      }
      expect(seen()).toEqual(expected)
      bob.network.cut()
      await bob.reload()
      expect(seen()).toEqual({ ...expected, people: [{ ...expected.people[0], online: false }] })
    })

    test('P4: a device that is ended elsewhere loses its socket at once and wants the password; the others go on', async () => {
      const { alice, bob, chat } = pair
      const ask = await script(scene.skein.url, 'alice@example.org')
      const { sessions } = (await ask('GET', '/api/auth/sessions')) as { sessions: { id: string; current: boolean }[] }
      const other = sessions.find(({ current }) => !current)
      await ask('DELETE', `/api/auth/sessions/${other?.id}`)
      await until(alice.engine, () => mustLogIn(alice.engine) && !alice.engine.network.connected)
      expect((await ask('GET', '/api/auth/sessions'))['sessions']).toHaveLength(1)
      // What is written meanwhile waits, and goes out with the next log-in.
      await alice.engine.send(chat, 'kept')
      await alice.engine.login('alice@example.org', password)
      await until(bob.engine, () => bob.engine.chats[0]?.lastMessage?.text === 'kept')
    })

    test('P4: logging out everywhere, and a new password, end the sockets of all other devices', async () => {
      const { alice, bob } = pair
      await (
        await script(scene.skein.url, 'alice@example.org')
      )('POST', '/api/auth/logout-everywhere')
      await until(alice.engine, () => mustLogIn(alice.engine) && !alice.engine.network.connected)
      const change = { currentPassword: password, newPassword: 'another good phrase' }
      await (
        await script(scene.skein.url, 'bob@example.org')
      )('POST', '/api/me/password', change)
      await until(bob.engine, () => mustLogIn(bob.engine) && !bob.engine.network.connected)
      await bob.engine.login('bob@example.org', change.newPassword)
      await until(bob.engine, () => bob.engine.network.connected)
    })

    test('ERASE-4: who deletes their account over HTTP is logged out everywhere, and their words and name go from others’ devices', async () => {
      const { alice, bob, b } = pair
      await (
        await script(scene.skein.url, 'alice@example.org')
      )('DELETE', '/api/me', { password })
      await until(alice.engine, () => mustLogIn(alice.engine) && !alice.engine.network.connected)
      await until(b, () => b.items[0]?.text === '')
      await until(bob.engine, () => bob.engine.chats[0]?.title === 'Deleted account')
    })
  })
}
