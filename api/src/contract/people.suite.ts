// People: the list, one of them, and what is told about them.
import { expect, test } from 'vitest'
import { directChatId } from '@skein/protocol'
import { refusal, sha256, type World } from './world.suite.ts'

export function peopleTests(world: () => World): void {
  test('promise 8: the list holds everybody else, page by page, never an email, and says of one’s contacts alone who is online', async () => {
    const mark = `Zo\u00eb${world().clock.now}`
    const me = await world().person(`${mark} me`)
    const others = []
    for (const letter of ['a', 'b', 'c']) others.push(await world().person(`${mark} ${letter}`))
    const [online] = others
    const stranger = others[1]
    for (const user of [online, stranger]) if (user) world().online.add(user.id)
    if (online)
      await world().storage.createChat({
        id: directChatId(me.id, online.id, sha256),
        kind: 'direct',
        title: null,
        by: me.id,
        members: [me.id, online.id],
      })

    const names: unknown[] = []
    let cursor = ''
    do {
      const page = await me.get(`/api/users?q=${encodeURIComponent(mark)}&limit=2&cursor=${cursor}`)
      expect(page.status).toBe(200)
      const users = page.body['users'] as Record<string, unknown>[]
      for (const user of users) expect(Object.keys(user).sort()).toEqual(['avatarUrl', 'id', 'lastSeenAt', 'name', 'online'])
      expect(users.map((user) => user['online'])).toEqual(users.map((user) => user['id'] === online?.id))
      names.push(...users.map((user) => user['name']))
      cursor = (page.body['nextCursor'] as string | null) ?? ''
    } while (cursor)
    expect(names).toEqual(['a', 'b', 'c'].map((letter) => `${mark} ${letter}`))
  })

  test('promise 8: one person; the time they were last seen is for those who share a chat with them', async () => {
    const { alice: me, bob } = await world().pair()
    const stranger = await world().person()
    await world().storage.touchLastSeen(bob.id, Date.UTC(2027, 0, 2))
    const user = { id: bob.id, name: bob.name, avatarUrl: null, online: false, lastSeenAt: '2027-01-02T00:00:00.000Z' }
    expect(await me.get(`/api/users/${bob.id}`)).toMatchObject({ status: 200, body: { user } })
    world().online.add(bob.id)
    expect(await stranger.get(`/api/users/${bob.id}`)).toMatchObject({ status: 200, body: { user: { ...user, lastSeenAt: null } } })
    expect(await me.get(`/api/users/${bob.id}`)).toMatchObject({ status: 200, body: { user: { ...user, online: true } } })
  })

  test.each(['0'.repeat(26), 'nobody', '%00', '__proto__', '..%2f..', '%ff', 'a%20b'])('no such person: %s', async (id) => {
    expect(await (await world().person()).get(`/api/users/${id}`)).toMatchObject(refusal(404, 'no-such-person'))
  })
}
