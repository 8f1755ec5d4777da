// H3, D11: after every close reason the engine ends in the documented state. No zombie, no word lost.
import { CLOSE_REASONS, mayRetry, Refusal, type CloseReason } from '@skein/protocol'
import { until, type SkeinOptions } from '@skein/testing'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { memoryStores, type DocumentCache, type Ports, type StoreFactory } from './index.ts'
import { breakable, nothingQueued, openScene, password, texts, type Scene } from './scene.suite.ts'
import { put } from './store/store.ts'

const reasons = Object.keys(CLOSE_REASONS) as CloseReason[]
const membership: CloseReason[] = ['no-access', 'logged-out']

export function recoverySuite(databaseUrl: (folder: string) => Promise<string>): void {
  describe('H3: recovery from each close reason', () => {
    let scene: Scene
    let refuse: CloseReason[]
    /** A word that the server swallows until the test lets go. */
    let swallowed: PromiseWithResolvers<void> | null
    let swallow: boolean
    const faults: SkeinOptions['faults'] = {
      at: (point) => {
        const reason = point === 'before-check' ? refuse.shift() : undefined
        if (reason) throw new Refusal(reason)
        if (point !== 'before-commit' || !swallow) return
        swallow = false
        swallowed = Promise.withResolvers()
        return swallowed.promise
      },
    }
    beforeEach(async () => {
      refuse = []
      swallow = false
      swallowed = null
      scene = await openScene(databaseUrl, faults)
    })
    afterEach(() => scene[Symbol.asyncDispose]())

    test.each(reasons.filter((reason) => mayRetry(reason) || membership.includes(reason)))(
      '%s: the word arrives all the same, once',
      async (reason) => {
        const { alice, chat, a, b } = await scene.pair()
        refuse = [reason]
        await alice.engine.send(chat, 'word')
        await alice.engine.send(chat, 'next')
        await until(b, () => b.items.length === 3)
        await until(a, () => a.items.length === 3 && nothingQueued(a))
        expect(refuse).toEqual([])
        expect(texts(b)).toEqual(['hello', 'word', 'next'])
        expect(alice.engine.outbox).toEqual([])
      },
    )

    test.each(reasons.filter((reason) => !mayRetry(reason) && !membership.includes(reason)))(
      '%s: the word is set aside with its reason, the rest goes on, and a retry arrives',
      async (reason) => {
        const { alice, chat, b } = await scene.pair()
        refuse = [reason]
        const id = await alice.engine.send(chat, 'word')
        await until(alice.engine, () => alice.engine.outbox[0]?.state === 'aside')
        expect(alice.engine.outbox).toMatchObject([{ id, reason, text: 'word' }])
        await alice.engine.send(chat, 'next')
        await until(b, () => b.items.length === 2)
        await alice.engine.retry(id, 'word again')
        await until(b, () => b.items.length === 3)
        expect(texts(b)).toEqual(['hello', 'next', 'word again'])
        await until(alice.engine, () => alice.engine.outbox.length === 0)
      },
    )

    test('H3, I1: a disk that comes back gives an open chat a fresh copy, on a fresh connection: words go on, and soon', async () => {
      const disk = breakable(memoryStores())
      const { alice, chat, b } = await scene.pair({ stores: disk.stores })
      let wasStuck = false
      alice.engine.subscribe(() => (wasStuck ||= alice.engine.network.stuck))
      disk.broken = true
      await alice.engine.send(chat, 'from memory')
      expect(alice.engine.storage.failed).toBe(true)
      await until(b, () => b.items.length === 2)
      disk.broken = false
      await until(alice.engine, () => !alice.engine.storage.failed)
      await alice.engine.send(chat, 'from the disk')
      await until(b, () => b.items.length === 3)
      expect(texts(b)).toEqual(['hello', 'from memory', 'from the disk'])
      await until(alice.engine, () => alice.engine.outbox.length === 0)
      // No watchdog was needed for it.
      expect(wasStuck).toBe(false)
    })

    test('promise 1, I1: who logs out while the disk takes nothing is told that their words would be lost; once it does, they are kept', async () => {
      const disk = breakable(memoryStores())
      const { alice, bob, chat } = await scene.pair({ stores: disk.stores })
      alice.network.cut()
      await until(alice.engine, () => !alice.engine.network.connected)
      disk.broken = true
      const sent = alice.engine.send(chat, 'word')
      await expect(alice.engine.logout('keep')).rejects.toMatchObject({ code: 'unsaved' })
      await sent
      expect(alice.engine.outbox).toMatchObject([{ text: 'word' }])
      disk.broken = false
      await alice.engine.logout('keep')
      alice.network.mend()
      await alice.engine.login('alice@example.org', password)
      await until(bob.engine, () => bob.engine.chats[0]?.lastMessage?.text === 'word')
    })

    test('RT3, A18: gaps without end lead to a rebase, and the word arrives', async () => {
      const { alice, chat, b } = await scene.pair()
      refuse = ['gap', 'gap', 'gap', 'gap', 'client-id-taken', 'rebase']
      await alice.engine.send(chat, 'word')
      await until(b, () => b.items.length === 2)
      await until(alice.engine, () => alice.engine.outbox.length === 0)
      expect(refuse).toEqual([])
    })

    test('RT11: one operation of a hundred that no server takes is found by halving; the other 99 are stored in order', async () => {
      const stores = memoryStores()
      const { alice, chat, b } = await scene.pair({ stores })
      alice.network.cut()
      await until(alice.engine, () => !alice.engine.network.connected)
      const ids = []
      for (let i = 0; i < 100; i++) ids.push(await alice.engine.send(chat, `m${i}`))
      await alice.engine.close()
      const store = await stores.open(`skein ${alice.network.url} ${alice.id}`, () => {})
      const row = await store.get('outbox', ids[61] ?? '')
      if (row?.operation.type !== 'message') throw new Error('no such row')
      await store.write([put('outbox', { ...row, operation: { ...row.operation, text: 'NUL \0' } })], true)
      alice.network.mend()
      await alice.reload()
      await until(alice.engine, () => alice.engine.outbox.length === 1 && alice.engine.outbox[0]?.state === 'aside')
      await until(b, () => b.items.length === 100)
      expect(alice.engine.outbox).toMatchObject([{ id: ids[61], reason: 'bad-operation' }])
      expect(texts(b)).toEqual(['hello', ...Array.from({ length: 100 }, (_, i) => `m${i}`).filter((text) => text !== 'm61')])
    })

    test('H3: words that the server swallows bring the socket down after 30 s, and the person is told; then they arrive', async () => {
      // The engine's 30 s are one tenth of a second here.
      const ports: Partial<Ports> = { setTimeout: (run, ms) => setTimeout(run, ms === 30_000 ? 100 : ms) }
      const { alice, chat, a, b } = await scene.pair({ ports })
      swallow = true
      await alice.engine.send(chat, 'swallowed')
      await until(alice.engine, () => alice.engine.network.stuck)
      swallowed?.reject(new Error('the commit never came back'))
      await until(b, () => b.items.length === 2)
      await until(a, () => a.items.length === 2 && nothingQueued(a))
      await until(alice.engine, () => !alice.engine.network.stuck)
    })

    test('promise 1: a message that is edited after a disk forgot that it was sent keeps the newer words', async () => {
      const inner = memoryStores()
      let full = false
      const stores: StoreFactory = {
        ...inner,
        open: async (name, lost) => {
          const store = await inner.open(name, lost)
          return { ...store, write: (changes, durable) => (full ? Promise.reject(new Error('the disk is full')) : store.write(changes, durable)) }
        },
      }
      const { alice, chat, b } = await scene.pair({ stores })
      alice.network.cut()
      await until(alice.engine, () => !alice.engine.network.connected)
      const id = await alice.engine.send(chat, 'first version')
      full = true
      alice.network.mend()
      alice.engine.connect()
      await until(b, () => texts(b).includes('first version'))
      alice.network.cut()
      await until(alice.engine, () => !alice.engine.network.connected)
      await alice.engine.close()
      full = false
      await alice.reload()
      expect(alice.engine.outbox).toMatchObject([{ id, state: 'waiting', text: 'first version' }])
      await alice.engine.edit(chat, { id, author: alice.id }, 'second version')
      alice.network.mend()
      alice.engine.connect()
      await until(b, () => texts(b).includes('second version'))
      await until(alice.engine, () => alice.engine.outbox.length === 0)
      expect(texts(b)).toEqual(['hello', 'second version'])
    })

    test('I3: a local copy of a document that never loads does not hang the chat', async () => {
      const documentCache: DocumentCache = { open: () => ({ loaded: new Promise(() => {}), close: async () => {} }), remove: async () => {} }
      const ports: Partial<Ports> = { documentCache, setTimeout: (run, ms) => setTimeout(run, ms === 3_000 ? 10 : ms) }
      const { alice, chat, b } = await scene.pair({ ports })
      await alice.engine.send(chat, 'arrives')
      await until(b, () => b.items.length === 2)
    })
  })
}
