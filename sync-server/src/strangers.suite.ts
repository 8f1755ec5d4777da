// Rows 22, 23 and 27 of the attack list (PITFALLS, C): who is not known yet, asks for what there is not, or is out, gets in nowhere and leaves nothing behind.
import { logRoot, parseOperationId, UNAUTHENTICATED_MS, type UserId } from '@skein/protocol'
import { testId, testMessage } from '@skein/protocol/testing'
import type { RawClient } from '@skein/testing'
import { describe, expect, test } from 'vitest'
import * as Y from 'yjs'
import { EMPTY_VECTOR, end, entry, only, openLimitsScene, slowDown, turn } from './limits-scene.suite.ts'

export function strangersSuite(databaseUrl: () => Promise<string>): void {
  const scene = (over?: Parameters<typeof openLimitsScene>[1]) => openLimitsScene(databaseUrl, over)

  describe('C23: before anybody is known', () => {
    test('LIM-4: a socket that says nothing is closed', async () => {
      const s = await scene()
      await using _ = s.server
      expect(UNAUTHENTICATED_MS).toBeLessThanOrEqual(5_000)
      expect(await end(await s.connect())).toEqual(slowDown)
    })
    test.each<[string, (a: RawClient, document: string, token: UserId) => void]>([
      ['a frame of a document that was not asked for', (a, document) => a.sync(document, 0, EMPTY_VECTOR)],
      [
        'asked for one, written into another',
        (a, document, token) => (a.auth(document, token), a.sync(document.replace(/\/1-/, '/2-'), 0, EMPTY_VECTOR)),
      ],
      ['asked for twice at once', (a, document, token) => (a.auth(document, token), a.auth(document, token))],
      ['awareness', (a, document) => a.awareness(document, entry(1, 1, {}))],
    ])('CLOSE-3: %s: bad-message', async (_, send) => {
      const s = await scene()
      await using server = s.server
      const a = await s.connect()
      send(a, s.document, s.alice)
      expect(await end(a)).toMatchObject({ reason: 'bad-message' })
      expect(server.sync.isOnline(s.alice) && server.sync.documents > 1).toBe(false)
    })
    test('what is sent behind a slow authentication waits within the same bound', async () => {
      const gate = Promise.withResolvers<void>()
      const s = await scene((real) => ({
        membership: async (...args) => {
          await gate.promise
          return real.membership(...args)
        },
      }))
      await using server = s.server
      const a = await s.connect()
      const doc = new Y.Doc()
      a.docs.set(s.document, doc)
      doc.getArray(logRoot(s.alice)).push([{ ...testMessage(1), text: '語'.repeat(15_000) }])
      const update = Y.encodeStateAsUpdate(doc)
      a.auth(s.document, s.alice)
      for (let n = 0; n < 100; n++) a.sync(s.document, 2, update)
      while (!only(server.sockets).isPaused) await turn()
      gate.resolve()
      while ((a.heard.get(s.document) ?? []).filter(({ type }) => type === 'ack').length < 100) await turn()
      expect((await server.storage.chat(s.id))?.seq).toBe(1)
    })
  })

  test('C22: names of every kind leave no document behind', async () => {
    const s = await scene()
    await using server = s.server
    const a = await s.connect()
    const names = [
      '__proto__',
      'constructor',
      ' ',

      `${s.document} `,
      `${s.document}\0y`,
      'chat/x/1\0y',
      s.document.toUpperCase(),
      `user/${s.bob}`,
    ]
    for (const name of names) {
      a.auth(name, s.alice)
      expect([name, await a.until(name, () => true)]).toEqual([name, { type: 'denied', reason: 'no-access' }])
    }
    expect(server.sync.documents).toBe(0)
    a.auth('x'.repeat(201), s.alice)
    expect(await end(a)).toMatchObject({ reason: 'bad-message' })
  })

  test('C27: who left a group gets in nowhere, with a valid token, to the present and to the past', async () => {
    const s = await scene()
    await using server = s.server
    const { id, document } = await server.group(s.bob, s.alice)
    const a = await s.connect()
    const doc = await a.open(document, s.alice)
    await server.sync.changeMember(id, s.bob, { type: 'leave', id: parseOperationId(testId(90)), at: '2026-01-01T00:00:00.000Z', user: s.alice })
    expect(await a.until(document, (heard) => heard.type === 'closed')).toEqual({ type: 'closed', reason: 'no-access' })
    doc.getArray(logRoot(s.alice)).push([testMessage(1)])
    const again = await s.connect()
    for (const name of [document, `chat/${id}/9-0000000000000000`]) {
      again.auth(name, s.alice)
      expect(await again.until(name, () => true)).toEqual({ type: 'denied', reason: 'no-access' })
    }
    expect((await server.storage.chat(id))?.rev).toBe(2)
    expect(doc.getArray(logRoot(s.alice)).length).toBe(1)
  })
}
