// What becomes of accounts on open devices: names that change, sessions that are ended elsewhere, people who leave for good.
import { until } from '@skein/testing'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import type { Engine, Me } from './index.ts'
import { openScene, password, type Device, type Pair, type Person, type Scene } from './scene.suite.ts'

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
  describe('one’s own account, by the engine', () => {
    let scene: Scene
    let pair: Pair
    beforeEach(async () => {
      scene = await openScene(databaseUrl)
      pair = await scene.pair()
    })
    afterEach(() => scene[Symbol.asyncDispose]())
    const another = async (given = password): Promise<Device> => {
      const device = await scene.device()
      await device.engine.login('alice@example.org', given)
      await until(device.engine, () => device.engine.network.connected)
      return device
    }
    const meAt = ({ engine }: Device): Me => (engine.session.status === 'logged-in' ? engine.session.user : expect.fail('nobody is logged in'))

    test('P2: a new name and picture stand on this device at once, also offline after a reload; others and one’s other devices learn of them', async () => {
      const { alice, bob } = pair
      const other = await another()
      const wanted = { name: 'Alice Smith', avatarUrl: 'https://example.org/alice.png' }
      await alice.engine.account.changeProfile({ name: ` ${wanted.name} `, avatarUrl: wanted.avatarUrl })
      expect(meAt(alice)).toMatchObject(wanted)
      await until(bob.engine, () => bob.engine.people[0]?.name === wanted.name)
      expect(meAt(other).name).toBe('Alice')
      await other.reload()
      await until(other.engine, () => meAt(other).name === wanted.name)
      for (const device of [alice, other]) {
        device.network.cut()
        await device.reload()
        expect(meAt(device)).toMatchObject(wanted)
      }
      await expect(alice.engine.account.changeProfile({ name: 'Offline' })).rejects.toMatchObject({ code: 'offline' })
      expect(meAt(alice).name).toBe(wanted.name)
    })

    test('P5: a picture that is sent along is kept by the server: everybody is shown that one, and none that is elsewhere', async () => {
      const { alice, bob, chat } = pair
      const dot = 'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=='
      const { account } = alice.engine
      await account.changeProfile({ avatarUrl: 'https://example.org/alice.png' })
      expect(meAt(alice)).toMatchObject({ avatarUrl: 'https://example.org/alice.png', picture: null })
      await account.changeProfile({ avatarUrl: `data:image/png;base64,${dot}` })
      const { picture, avatarUrl } = meAt(alice)
      // Each device asks by the address at which it found the server.
      const pathOf = (url: string | null | undefined): string | null => (url ? new URL(url).pathname : null)
      expect(pathOf(picture)).toBe(avatarUrl)
      const answer = await fetch(picture ?? '')
      expect(Buffer.from(await answer.arrayBuffer()).toString('base64')).toBe(dot)
      await until(bob.engine, () => pathOf(bob.engine.people[0]?.picture) === avatarUrl)
      const seen = bob.engine.chats.find(({ id }) => id === chat)
      expect([pathOf(seen?.picture), seen?.pictureUrl]).toEqual([avatarUrl, null])
      expect(pathOf(seen?.members.find(({ id }) => id === alice.id)?.picture)).toBe(avatarUrl)
      const group = await alice.engine.groups.create('Crew', [bob.id])
      await alice.engine.groups.setPicture(group, `data:image/png;base64,${dot}`)
      const shown = pathOf(alice.engine.chats.find(({ id }) => id === group)?.picture)
      expect(shown).toMatch(/^\/api\/pictures\//)
      await until(bob.engine, () => pathOf(bob.engine.chats.find(({ id }) => id === group)?.picture) === shown)
      await expect(account.changeProfile({ avatarUrl: 'data:image/png;base64,AAAA' })).rejects.toMatchObject({ code: 'bad-request' })
      expect(meAt(alice).picture).toBe(picture)
    })

    test('P4: another email wants the password, and one that nobody has; it is the one to log in with, not confirmed yet', async () => {
      const { alice } = pair
      const { account } = alice.engine
      await expect(account.changeEmail('new@example.org', 'not it at all')).rejects.toMatchObject({ code: 'wrong-password' })
      await expect(account.changeEmail('bob@example.org', password)).rejects.toMatchObject({ code: 'email-taken' })
      expect(meAt(alice).email).toBe('alice@example.org')
      await account.changeEmail('new@example.org', password)
      expect(meAt(alice)).toMatchObject({ email: 'new@example.org', emailConfirmed: false })
      const device = await scene.device()
      await expect(device.engine.login('alice@example.org', password)).rejects.toMatchObject({ code: 'wrong-login' })
      await device.engine.login('new@example.org', password)
    })

    test('P4: another password logs every other device out, and this one goes on', async () => {
      const { alice, bob, chat } = pair
      const other = await another()
      const { account } = alice.engine
      await expect(account.changePassword('not it at all', 'another good phrase')).rejects.toMatchObject({ code: 'wrong-password' })
      await expect(account.changePassword(password, 'password1')).rejects.toMatchObject({ code: 'common-password' })
      await account.changePassword(password, 'another good phrase')
      await until(other.engine, () => mustLogIn(other.engine))
      await alice.engine.send(chat, 'still here')
      await until(bob.engine, () => bob.engine.chats[0]?.lastMessage?.text === 'still here')
      expect(mustLogIn(alice.engine)).toBe(false)
      await other.engine.login('alice@example.org', 'another good phrase')
    })

    test('P4: one’s devices are listed, one is ended, then all others; this one goes on', async () => {
      const { alice } = pair
      const [second, third] = [await another(), await another()]
      const { account } = alice.engine
      const mine = async (): Promise<boolean[]> => (await account.devices()).map(({ current }) => current).sort()
      expect(await mine()).toEqual([false, false, true])
      const told = await second.engine.account.devices()
      const id = told.find(({ current }) => current)?.id ?? ''
      expect(told.every(({ lastUsedAt }) => lastUsedAt > 0)).toBe(true)
      await account.endDevice(id)
      await until(second.engine, () => mustLogIn(second.engine))
      await account.endDevice(id)
      expect(await mine()).toEqual([false, true])
      await account.endOtherDevices()
      await until(third.engine, () => mustLogIn(third.engine))
      expect([await mine(), mustLogIn(alice.engine)]).toEqual([[true], false])
    })

    test('ERASE-4: who deletes their account is logged out, and nothing of them stays on the device; with a wrong password nothing happens', async () => {
      const { alice, bob, chat } = pair
      const name = `skein ${alice.network.url} ${alice.id}`
      const held = async (): Promise<string> => {
        const store = await alice.stores.open(name, () => {})
        const rows = await Promise.all((['chats', 'messages', 'entries', 'outbox', 'people', 'meta'] as const).map((table) => store.all(table)))
        await store.close()
        return JSON.stringify(rows.flat())
      }
      await expect(alice.engine.account.deleteAccount('not it at all')).rejects.toMatchObject({ code: 'wrong-password' })
      await alice.engine.send(chat, 'my last word')
      await until(bob.engine, () => bob.engine.chats[0]?.lastMessage?.text === 'my last word')
      expect(await held()).toContain('my last word')
      await alice.engine.account.deleteAccount(password)
      expect(alice.engine.session.status).toBe('logged-out')
      expect(await held()).toBe('[]')
      await alice.reload()
      expect(alice.engine.session.status).toBe('logged-out')
      await until(bob.engine, () => bob.engine.chats[0]?.title === 'Deleted account' && bob.engine.chats[0]?.lastMessage?.text === '')
      await expect(alice.engine.login('alice@example.org', password)).rejects.toMatchObject({ code: 'wrong-login' })
    })
  })
  test('PRES-3, P5, promise 8: where people find only those with whom they share a chat, devices list nobody else, and hear of nobody’s coming or new name', async () => {
    await using scene = await openScene(databaseUrl, undefined, undefined, {}, 'shared')
    const [alice, bob] = [await scene.person('Alice'), await scene.person('Bob')]
    const names = ({ engine }: Person): string[] => engine.people.map(({ name }) => name)
    expect([names(alice), names(bob)]).toEqual([[], []])
    const chat = await alice.engine.chatByEmail('bob@example.org')
    for (const each of [alice, bob]) await until(each.engine, () => names(each).length === 1)
    expect([names(alice), names(bob)]).toEqual([['Bob'], ['Alice']])
    const cleo = await scene.person('Cleo')
    const cleos = await script(scene.skein.url, 'cleo@example.org')
    const alices = await script(scene.skein.url, 'alice@example.org')
    await cleos('PATCH', '/api/me', { name: 'Cleopatra' })
    await alices('PATCH', '/api/me', { name: 'Alice Smith' })
    await until(bob.engine, () => names(bob)[0] === 'Alice Smith')
    // What Alice hears after it shows that she heard of nobody else.
    await bob.engine.send(chat, 'hello')
    await until(alice.engine, () => alice.engine.chats[0]?.lastMessage?.text === 'hello')
    for (const each of [alice, bob, cleo]) await each.reload()
    expect([names(alice), names(bob), names(cleo)]).toEqual([['Bob'], ['Alice Smith'], []])
  })
}
