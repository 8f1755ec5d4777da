// Pictures that the server keeps: sent along with a person or a group, served by their address, gone when nothing shows them.
import { expect, test } from 'vitest'
import { MAX_PICTURE_BYTES, MAX_PICTURE_SIDE } from '@skein/protocol'
import { createApi } from '../index.ts'
import { ask, badRequest, matching, origin, refusal, type Answer, type World } from './world.suite.ts'

const address = /^\/api\/pictures\/[\w-]{22}$/

/** As far as anybody looks who does not draw it. */
function png(width: number, height: number, size = 64): Buffer {
  const bytes = Buffer.alloc(size)
  Buffer.from('89504e470d0a1a0a0000000d49484452', 'hex').copy(bytes)
  bytes.writeUInt32BE(width, 16)
  bytes.writeUInt32BE(height, 20)
  return bytes
}
const asUri = (bytes: Uint8Array, type = 'image/png'): string => `data:${type};base64,${Buffer.from(bytes).toString('base64')}`

export function pictureTests(world: () => World): void {
  /** As an <img> asks: nobody says who they are. */
  const fetched = (path: string): Promise<Response> => Promise.resolve(world().api.request(`${origin}${path}`))
  const isThere = async (path: string): Promise<boolean> => (await fetched(path)).status === 200
  const mineOf = (answer: Answer): string => (answer.body['user'] as { avatarUrl: string }).avatarUrl
  const ofChat = (answer: Answer): string => (answer.body['chat'] as { pictureUrl: string }).pictureUrl

  test('P5: a picture that is sent along is kept, served to whoever has its address, and gone with the next', async () => {
    const [me, other] = [await world().person(), await world().person()]
    const bytes = png(256, 256)
    // What it is its bytes say.
    const first = await me.ask('PATCH', '/api/me', { avatarUrl: asUri(bytes, 'image/webp') })
    expect(first).toMatchObject({ status: 200, body: { user: { avatarUrl: matching(address) } } })
    expect((await other.get(`/api/users/${me.id}`)).body).toMatchObject({ user: { avatarUrl: mineOf(first) } })
    const answer = await fetched(mineOf(first))
    expect([answer.status, Buffer.from(await answer.arrayBuffer()).equals(bytes)]).toEqual([200, true])
    expect(Object.fromEntries(answer.headers)).toMatchObject({
      'content-type': 'image/png',
      'cache-control': 'private, max-age=31536000, immutable',
      'content-security-policy': "default-src 'none'",
      'cross-origin-resource-policy': 'cross-origin',
      'x-content-type-options': 'nosniff',
    })
    const second = mineOf(await me.ask('PATCH', '/api/me', { avatarUrl: asUri(bytes) }))
    expect([second === mineOf(first), await isThere(mineOf(first)), await isThere(second)]).toEqual([false, false, true])
    // Another name leaves it where it is.
    expect(mineOf(await me.ask('PATCH', '/api/me', { name: 'Renamed' }))).toBe(second)
    expect(await me.ask('PATCH', '/api/me', { avatarUrl: null })).toMatchObject({ body: { user: { avatarUrl: null } } })
    expect(await ask(world().api, 'GET', second)).toMatchObject(refusal(404, 'not-found'))
  })

  test('CHAT-8, promise 8: a group’s picture is kept as long as it is the group’s; who is no member gives none, and nothing of it stays', async () => {
    const [ann, bob, mallory] = [await world().person(), await world().person(), await world().person()]
    const chat = (await ann.post('/api/chats', { kind: 'group', title: 'Crew', memberIds: [bob.id] })).body['chat'] as { id: string }
    const path = `/api/chats/${chat.id}`
    const first = ofChat(await ann.ask('PATCH', path, { pictureUrl: asUri(png(9, 9)) }))
    expect(first).toMatch(address)
    const second = ofChat(await bob.ask('PATCH', path, { pictureUrl: asUri(png(9, 9)) }))
    expect([await isThere(first), await isThere(second)]).toEqual([false, true])

    const kept: string[] = []
    const { storage } = world().dependencies
    const watched = {
      ...storage,
      keepPicture: async (...given: Parameters<typeof storage.keepPicture>) => {
        const id = await storage.keepPicture(...given)
        kept.push(id)
        return id
      },
    }
    const api = createApi({ ...world().dependencies, storage: watched })
    const pair = await world().pair()
    const given = { pictureUrl: asUri(png(9, 9)) }
    const token = await world().dependencies.accessTokens.issue({ sub: pair.alice.id, name: 'Alice', sid: 'session' })
    const headers = { authorization: `Bearer ${token}` }
    expect(await ask(api, 'PATCH', `/api/chats/${pair.chat}`, { body: given, headers })).toMatchObject(refusal(403, 'forbidden'))
    expect(kept).toHaveLength(1)
    expect(await isThere(`/api/pictures/${kept[0]}`)).toBe(false)
    expect(await mallory.ask('PATCH', path, given)).toMatchObject(refusal(404, 'no-such-chat'))
    expect(await ann.ask('PATCH', path, { title: 'Half done', pictureUrl: asUri(Buffer.from('words')) })).toMatchObject(badRequest('pictureUrl'))
    expect((await ann.get(path)).body).toMatchObject({ chat: { title: 'Crew', pictureUrl: second } })
    expect(await ann.ask('PATCH', path, { pictureUrl: null })).toMatchObject({ body: { chat: { pictureUrl: null } } })
    expect(await isThere(second)).toBe(false)
  })

  test('ERASE-4: who is erased leaves no picture behind, of themselves or of a group', async () => {
    const [ann, bob] = [await world().person(), await world().person()]
    const mine = mineOf(await ann.ask('PATCH', '/api/me', { avatarUrl: asUri(png(9, 9)) }))
    const chat = (await ann.post('/api/chats', { kind: 'group', title: 'Crew', memberIds: [bob.id] })).body['chat'] as { id: string }
    const ours = ofChat(await ann.ask('PATCH', `/api/chats/${chat.id}`, { pictureUrl: asUri(png(9, 9)) }))
    await world().storage.eraseUser(ann.id)
    expect([await isThere(mine), await isThere(ours)]).toEqual([false, false])
  })

  test('what is no picture, or a large one, is a 400 that says what is expected, and changes nothing', async () => {
    const me = await world().person()
    const side = MAX_PICTURE_SIDE
    const [first, last] = [asUri(png(side, side, MAX_PICTURE_BYTES)), asUri(png(1, side))]
    const before = mineOf(await me.ask('PATCH', '/api/me', { avatarUrl: first }))
    for (const avatarUrl of [
      asUri(png(side + 1, 1)),
      asUri(png(1, side + 1)),
      asUri(png(0, 9)),
      asUri(png(9, 9, MAX_PICTURE_BYTES + 1)),
      asUri(png(9, 9, 2 * MAX_PICTURE_BYTES)),
      asUri(Buffer.from('<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"/>')),
      asUri(Buffer.from('<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"/>'), 'image/svg+xml'),
      asUri(Buffer.from('GIF89a\x09\0\x09\0')),
      asUri(png(9, 9).subarray(0, 20)),
      asUri(Buffer.from('not a picture at all')),
      'data:image/png;base64,',
      'data:image/png;base64,%%%%',
      'data:text/html,<script>1</script>',
      before,
    ])
      expect(await me.ask('PATCH', '/api/me', { avatarUrl })).toMatchObject(badRequest('avatarUrl'))
    expect(mineOf(await me.get('/api/me'))).toBe(before)
    expect(await isThere(before)).toBe(true)
    expect((await me.ask('PATCH', '/api/me', { avatarUrl: last })).status).toBe(200)
    for (const id of ['x', 'x'.repeat(22), '%00', '%F0%9F%8C%B1'])
      expect(await ask(world().api, 'GET', `/api/pictures/${id}`)).toMatchObject(refusal(404, 'not-found'))
  })
}
