// Promise 6: epochs end under clients of every kind: with local copies of old ones, and of an older version than the server. With the real server, on both databases.
import * as fake from 'fake-indexeddb'
import { canonicalJson, type ChatId, type MessageOperation, type OperationId } from '@skein/protocol'
import { until } from '@skein/testing'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { browserPorts, indexedDbStores, type Ports } from './index.ts'
import { nothingQueued, openScene, statuses, texts, type Person, type Scene } from './scene.suite.ts'
import { openBrowser } from './testing-tabs.suite.ts'

export function epochsSuite(databaseUrl: (folder: string) => Promise<string>): void {
  describe('promise 6: another epoch', () => {
    let scene: Scene
    let schema: number
    beforeEach(async () => {
      schema = 1
      scene = await openScene(databaseUrl, undefined, undefined, { documentSchema: () => schema })
    })
    afterEach(() => scene[Symbol.asyncDispose]())

    async function nextEpoch(chat: ChatId): Promise<void> {
      const row = await scene.skein.storage.chat(chat)
      if (row) await scene.skein.storage.nextEpoch(chat, row.epoch)
      await scene.skein.sync.clean()
    }
    let said = 0
    async function sayOverHttp(chat: ChatId, by: Person, text: string): Promise<void> {
      const id = `00000000-0000-4000-8000-${String(++said).padStart(12, '0')}` as OperationId
      const operation: MessageOperation = { type: 'message', id, at: '2026-01-01T00:00:00.000Z', text }
      await scene.skein.sync.commitOperation(chat, by.id, operation, canonicalJson(operation))
    }

    test('a server of a newer version: what is said there is read, nothing is appended, the person is told; the words go out once the server has gone back', async () => {
      const { alice, bob, chat, a } = await scene.pair()
      alice.network.cut()
      await until(alice.engine, () => !alice.engine.network.connected)
      await alice.engine.send(chat, 'written before')
      schema = 2
      await nextEpoch(chat)
      alice.network.mend()
      alice.engine.connect()
      await until(alice.engine, () => alice.engine.network.stuck)
      await alice.engine.send(chat, 'written after')
      await sayOverHttp(chat, bob, 'from a newer program')
      await until(a, () => texts(a).includes('from a newer program'))
      expect(texts(a)).toEqual(['hello', 'from a newer program', 'written before', 'written after'])
      expect(statuses(a).slice(2)).toEqual(['queued', 'queued'])

      await alice.reload()
      const again = alice.engine.openChat(chat)
      await until(alice.engine, () => alice.engine.network.stuck)
      await sayOverHttp(chat, bob, 'and another')
      await until(again, () => texts(again).includes('and another'))
      expect(alice.engine.network.waiting).toBe(2)
      expect((await scene.skein.storage.history(chat, { before: null, cursor: null, limit: 10 })).items.length).toBe(3)

      schema = 1
      await nextEpoch(chat)
      await until(again, () => again.items.length === 5 && nothingQueued(again))
      expect(texts(again)).toEqual(['hello', 'from a newer program', 'and another', 'written before', 'written after'])
      await until(alice.engine, () => !alice.engine.network.stuck)
    })

    test('a client back after many epochs and a restart, with an old document on disk and words in it that were never stored', async () => {
      Object.assign(globalThis, fake, { indexedDB: new fake.IDBFactory() })
      const { documentCache } = browserPorts()
      const ports: Partial<Ports> = { ...openBrowser(), ...(documentCache ? { documentCache } : {}) }
      const { alice, bob, chat, b } = await scene.pair({ stores: indexedDbStores(), ports })
      alice.network.cut()
      await until(alice.engine, () => !alice.engine.network.connected)
      await alice.engine.send(chat, 'from the boat')
      await alice.engine.close()
      for (let round = 0; round < 4; round++) {
        await bob.engine.send(chat, `round ${round}`)
        await until(b, () => b.items.length === round + 2 && nothingQueued(b))
        await nextEpoch(chat)
      }
      await scene.skein.restart()
      bob.engine.connect()
      alice.network.mend()
      await alice.reload()
      const a = alice.engine.openChat(chat)
      await until(a, () => a.items.length === 6 && nothingQueued(a))
      await until(b, () => b.items.length === 6)
      expect(texts(a)).toEqual(['hello', 'round 0', 'round 1', 'round 2', 'round 3', 'from the boat'])
      expect(texts(b)).toEqual(texts(a))
    })

    test('I2, I5: local copies of ended epochs are deleted, of chats that are open and of those that are not, and no writer meets a database that is gone', async () => {
      Object.assign(globalThis, fake, { indexedDB: new fake.IDBFactory() })
      const reported: unknown[] = []
      const { documentCache } = browserPorts()
      const ports: Partial<Ports> = {
        ...openBrowser(),
        ...(documentCache ? { documentCache } : {}),
        report: (error) => reported.push(error),
      }
      const { alice, bob, chat, a } = await scene.pair({ stores: indexedDbStores(), ports })
      const copies = async (): Promise<string[]> =>
        (await indexedDB.databases()).flatMap(({ name }) => (name?.includes(`chat/${chat}/`) ? [/chat\/\w+\/(\d+)-/.exec(name)?.[1] ?? ''] : []))
      const untilCopies = async (wanted: string[]): Promise<void> => {
        for (;;) {
          const noticed = Promise.withResolvers<void>()
          const stop = alice.engine.subscribe(noticed.resolve)
          const done = JSON.stringify(await copies()) === JSON.stringify(wanted)
          if (!done) await noticed.promise
          stop()
          if (done) return
        }
      }
      await untilCopies(['1'])
      await nextEpoch(chat)
      await alice.engine.send(chat, 'in the second')
      await until(a, () => a.items.length === 2 && nothingQueued(a))
      await untilCopies(['2'])
      // Nothing shows the chat any more.
      await alice.reload()
      expect(await copies()).toEqual(['2'])
      await until(alice.engine, () => alice.engine.network.connected)
      await nextEpoch(chat)
      await bob.engine.send(chat, 'in the third')
      await until(alice.engine, () => alice.engine.chats[0]?.lastMessage?.text === 'in the third')
      // The feed tells of the new epoch.
      alice.engine.connect()
      await untilCopies([])
      expect(reported).toEqual([])
    })
  })
}
