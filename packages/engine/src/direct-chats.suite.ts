// Direct chats that both sides began offline become one, in whatever order they come back.
import { directChatId } from '@skein/protocol'
import { until } from '@skein/testing'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { nothingQueued, openScene, password, texts, type Device, type Person, type Scene } from './scene.suite.ts'
import { nodePorts } from './node/index.ts'
import { memoryStores, type ChatWindow } from './index.ts'

export function directChatsSuite(databaseUrl: (folder: string) => Promise<string>): void {
  describe('promises 4 and 5: a direct chat that both sides began offline', () => {
    let scene: Scene
    let alice: Person
    let bob: Person
    let second: Device
    beforeEach(async () => {
      scene = await openScene(databaseUrl)
      alice = await scene.person('Alice')
      bob = await scene.person('Bob')
      second = await scene.device()
      await second.engine.login('alice@example.org', password)
      for (const { engine } of [alice, bob, second]) await until(engine, () => engine.network.connected)
    })
    afterEach(() => scene[Symbol.asyncDispose]())

    const orders: [string, (devices: Record<'alice' | 'bob' | 'second', Device>) => Device[][]][] = [
      ['Alice comes back first', (d) => [[d.alice], [d.bob], [d.second]]],
      ['Bob comes back first', (d) => [[d.bob], [d.second], [d.alice]]],
      ['her second device comes back first', (d) => [[d.second], [d.alice], [d.bob]]],
      ['all come back at once', (d) => [[d.alice, d.bob, d.second]]],
    ]
    test.each(orders)('%s: one chat, every word once, the same order everywhere', async (_, orderOf) => {
      const devices = [alice, second, bob]
      for (const { network } of devices) network.cut()
      const windows: ChatWindow[] = []
      const id = directChatId(alice.id, bob.id, nodePorts(memoryStores()).sha256)
      for (const { engine } of devices) {
        await until(engine, () => !engine.network.connected)
        const chat = await engine.directChat(engine === bob.engine ? alice.id : bob.id)
        expect(chat).toBe(id)
        windows.push(engine.openChat(chat))
      }
      for (const [index, name] of ['Alice', 'Alice, at home', 'Bob'].entries()) {
        for (const word of ['one', 'two']) await devices[index]?.engine.send(id, `${name}: ${word}`)
      }
      for (const step of orderOf({ alice, bob, second })) {
        for (const { network, engine } of step) {
          network.mend()
          engine.connect()
        }
        for (const { engine } of step) await until(engine, () => engine.network.connected && engine.network.waiting === 0)
      }
      for (const window of windows) await until(window, () => window.items.length === 6 && nothingQueued(window))
      const [order = []] = windows.map(texts)
      expect(windows.map(texts)).toEqual([order, order, order])
      expect([...order].sort()).toEqual(['Alice, at home', 'Alice', 'Bob'].flatMap((name) => [`${name}: one`, `${name}: two`]).sort())
      for (const { engine } of devices) expect(engine.chats.map((chat) => chat.id)).toEqual([id])
    })
  })
}
