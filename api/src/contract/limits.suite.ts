// The limits of the API: what is just within is taken, one more is answered with 400 and the field, or with the next page.
import { expect, test } from 'vitest'
import {
  canonicalJson,
  MAX_CHANGES_PAGE,
  MAX_CHATS_PAGE,
  MAX_EMAIL_LENGTH,
  MAX_HISTORY_PAGE,
  MAX_IDS_PER_QUESTION,
  MAX_NAME_LENGTH,
  MAX_PASSWORD_LENGTH,
  MAX_USERS_PAGE,
  MIN_PASSWORD_LENGTH,
  type Operation,
} from '@skein/protocol'
import { testId, testMessage } from '@skein/protocol/testing'
import { badRequest, password, type World } from './world.suite.ts'

export function limitTests(world: () => World): void {
  test('pages: as many as may be asked for, and no more', async () => {
    const { alice, chat } = await world().pair()
    for (const [path, max] of [
      ['/api/users', MAX_USERS_PAGE],
      ['/api/chats', MAX_CHATS_PAGE],
      [`/api/chats/${chat}/messages`, MAX_HISTORY_PAGE],
    ] as const) {
      expect((await alice.get(`${path}?limit=${max}`)).status).toBe(200)
      expect(await alice.get(`${path}?limit=${max + 1}`)).toMatchObject(badRequest('limit'))
    }
  })

  test('a page of changes holds so many entries, and says that there are more', async () => {
    const { alice, chat } = await world().pair()
    const items = Array.from({ length: MAX_CHANGES_PAGE }, (_, n) => {
      const operation = testMessage(n) as Operation
      return { kind: 'operation' as const, chatId: chat, userId: alice.id, operation, text: canonicalJson(operation) }
    })
    await world().storage.commit(items)
    const { body } = await alice.get(`/api/chats/${chat}/changes`)
    expect([(body['entries'] as unknown[]).length, body['more']]).toEqual([MAX_CHANGES_PAGE, true])
    const rest = await alice.get(`/api/chats/${chat}/changes?since=${MAX_CHANGES_PAGE}`)
    expect([(rest.body['entries'] as unknown[]).length, rest.body['more']]).toEqual([1, false])
  })

  test('ids in one question, chats in one report of marks', async () => {
    const { alice, chat } = await world().pair()
    const ids = (n: number): string[] => Array.from({ length: n }, (_, i) => testId(i))
    const epoch = (await world().storage.chat(chat))?.epoch
    for (const [path, body] of [
      ['stored', (n: number) => ({ ids: ids(n), epoch })],
      ['messages/seen', (n: number) => ({ messageIds: ids(n) })],
    ] as const) {
      expect((await alice.post(`/api/chats/${chat}/${path}`, body(MAX_IDS_PER_QUESTION))).status).toBe(200)
      expect((await alice.post(`/api/chats/${chat}/${path}`, body(MAX_IDS_PER_QUESTION + 1))).status).toBe(400)
    }
  })

  test('names, emails and passwords', async () => {
    let count = 0
    const domain = `@${'d'.repeat(60)}.${'e'.repeat(60)}.${'f'.repeat(60)}.example.org`
    const register = async (given: object): Promise<number> =>
      (await world().ask('POST', '/api/auth/register', { body: { email: `limit-${++count}@example.org`, name: 'A', password, ...given } })).status
    expect(await register({ name: 'x'.repeat(MAX_NAME_LENGTH) })).toBe(201)
    expect(await register({ name: 'x'.repeat(MAX_NAME_LENGTH + 1) })).toBe(400)
    expect(await register({ email: `${'m'.repeat(MAX_EMAIL_LENGTH + 1 - domain.length)}${domain}` })).toBe(400)
    expect(await register({ password: 'p'.repeat(MAX_PASSWORD_LENGTH) })).toBe(201)
    expect(await register({ password: 'p'.repeat(MAX_PASSWORD_LENGTH + 1) })).toBe(400)
    expect(await register({ password: 'p'.repeat(MIN_PASSWORD_LENGTH) })).toBe(201)
    expect(await register({ password: 'p'.repeat(MIN_PASSWORD_LENGTH - 1) })).toBe(400)
  })
}
