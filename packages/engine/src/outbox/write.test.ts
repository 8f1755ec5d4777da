import { describe, expect, test } from 'vitest'
import { alice, bob, chat, idOf, say } from '../chats/chain.suite.ts'
import { openLocal, putChat, type Local } from '../local.ts'
import { testPorts } from '../ports.suite.ts'
import { memoryStores } from '../store/memory-store.ts'
import { newChatRow, type OutboxRow } from '../store/rows.ts'
import { expectField, put, type Change, type StoreFactory } from '../store/store.ts'
import { createOutboxWriter } from './write.ts'

const { ports } = testPorts()
const open = (factory: StoreFactory): Promise<Local> => openLocal({ self: alice, factory, name: 'x', ports, told: () => {}, outdated: () => {} })
const members = [alice, bob].map((id) => ({ id, name: '' }))

describe('the outbox', () => {
  test('I4: whatever the person does to it is written with strict durability', async () => {
    const stores = memoryStores()
    const written: { durable: boolean; changes: readonly Change[] }[] = []
    const local = await open({
      ...stores,
      open: async (name, lost) => {
        const store = await stores.open(name, lost)
        return { ...store, write: (changes, durable) => (written.push({ durable, changes }), store.write(changes, durable)) }
      },
    })
    await local.commit(putChat(undefined, newChatRow(chat, members, 0)))
    const writer = createOutboxWriter(local, ports, () => {})
    const id = await writer.send(chat, { text: 'one' })
    await writer.rewrite(id, 'two')
    await writer.react(chat, { id, author: alice }, '👍', true)
    const row = local.outbox.get(id) ?? expect.fail()
    await local.commit([put('outbox', { ...row, state: { at: 'aside', reason: 'garbage' } })], true)
    await writer.retry(id, 'three')
    for (const each of local.outbox.keys()) await writer.discard(each)
    expect(local.outbox.size).toBe(0)
    const ofOutbox = written.filter(({ changes }) =>
      changes.some((change) => ('put' in change ? change.put : 'remove' in change && change.remove) === 'outbox'),
    )
    expect(ofOutbox.length).toBe(7)
    expect(ofOutbox.every(({ durable }) => durable)).toBe(true)
  })

  test('OP-5: a reaction is one emoji; what somebody once reacted with is taken back all the same', async () => {
    const local = await open(memoryStores())
    await local.commit(putChat(undefined, newChatRow(chat, members, 0)))
    const writer = createOutboxWriter(local, ports, () => {})
    const id = await writer.send(chat, { text: 'one' })
    await expect(writer.react(chat, { id, author: alice }, 'lol', true)).rejects.toMatchObject({ code: 'bad-request' })
    expect(local.outbox.size).toBe(1)
    await writer.react(chat, { id, author: alice }, 'lol', false)
    expect(local.outbox.size).toBe(2)
  })

  test('promise 8: what was set aside goes out again only in a chat that this device knows, and that the person is in', async () => {
    const local = await open(memoryStores())
    await local.commit(putChat(undefined, newChatRow(chat, members, 0)))
    const writer = createOutboxWriter(local, ports, () => {})
    const id = await writer.send(chat, { text: 'one' })
    const row = local.outbox.get(id) ?? expect.fail()
    const aside = { ...row, state: { at: 'aside' as const, reason: 'no-access' as const } }
    await local.commit([put('outbox', aside)], true)
    await local.update(chat, (before) => putChat(before, { ...before, removed: true }))
    await expect(writer.retry(id)).rejects.toMatchObject({ code: 'forbidden' })
    // Somebody let the device forget everything meanwhile.
    const forgetful = await open(memoryStores())
    await forgetful.commit([put('outbox', aside)], true)
    await expect(createOutboxWriter(forgetful, ports, () => {}).retry(id)).rejects.toMatchObject({ code: 'no-such-chat' })
    expect(forgetful.outbox.get(id)?.state).toEqual(aside.state)
  })

  test('RT11: words that another tab has handed to the document are not changed in place, nor taken back', async () => {
    const stores = memoryStores()
    const leader = await open(stores)
    await leader.commit(putChat(undefined, newChatRow(chat, members, 0)))
    const tab = await open(stores)
    const writer = createOutboxWriter(tab, ports, () => {})
    const id = await writer.send(chat, { text: 'one' })
    const row = tab.outbox.get(id) ?? expect.fail()
    // The other tab appends it before this one hears of that.
    const changes = [expectField('outbox', id, 'state', row.state), put('outbox', { ...row, state: { at: 'appended', document: 'x', n: 0 } })]
    expect(await leader.commit(changes, true)).toBe(true)
    expect(tab.outbox.get(id)?.state.at).toBe('waiting')
    expect(await writer.rewrite(id, 'two')).toBe(false)
    expect(await writer.discard(id)).toBe(false)
    await writer.edit(chat, { id, author: alice }, 'two')
    const stored = await tab.store.list('outbox', { group: chat })
    expect(stored.map(({ operation, state }) => [operation.type, 'text' in operation && operation.text, state.at])).toEqual([
      ['message', 'one', 'appended'],
      ['edit', 'two', 'waiting'],
    ])
  })

  test('promise 4: what may be stored already is sent again under its id, and other words for it as an edit', async () => {
    const local = await open(memoryStores())
    await local.commit(putChat(undefined, newChatRow(chat, members, 0)))
    const writer = createOutboxWriter(local, ports, () => {})
    const from = { document: 'x', n: 0 }
    const [one, two] = [await writer.send(chat, { text: 'one' }), await writer.send(chat, { text: 'two' })]
    for (const row of local.outboxOf(chat)) await local.commit([put('outbox', { ...row, state: { at: 'aside', reason: 'no-access', from } })], true)
    await writer.retry(one)
    await writer.retry(two, 'better')
    expect(local.outboxOf(chat)).toMatchObject([
      { id: one, operation: { text: 'one' }, state: { at: 'appended', ...from } },
      { id: two, operation: { text: 'two' }, state: { at: 'appended', ...from } },
      { operation: { type: 'edit', target: two, targetAuthor: alice, text: 'better' }, state: { at: 'waiting' } },
    ])
  })

  test('promise 1: other words for what another tab has sent again meanwhile are not forgotten: it says that it is too late', async () => {
    const stores = memoryStores()
    const other = await open(stores)
    await other.commit(putChat(undefined, newChatRow(chat, members, 0)))
    const tab = await open(stores)
    const writer = createOutboxWriter(tab, ports, () => {})
    const id = await writer.send(chat, { text: 'one' })
    const row = tab.outbox.get(id) ?? expect.fail()
    await tab.commit([put('outbox', { ...row, state: { at: 'aside', reason: 'blocked' } })], true)
    await other.rereadAll()
    await createOutboxWriter(other, ports, () => {}).retry(id, 'two')
    expect(tab.outbox.get(id)?.state.at).toBe('aside')
    await writer.edit(chat, { id, author: alice }, 'three')
    await expect(writer.retry(id, 'four')).rejects.toMatchObject({ code: 'too-late' })
    await writer.retry(id)
    expect(tab.outboxOf(chat).map(({ operation }) => [operation.type, 'text' in operation && operation.text])).toEqual([
      ['message', 'two'],
      ['edit', 'three'],
    ])
  })

  test('promise 4: what is sent again is the same operation in a tab that does not know that it was, and another for other words', async () => {
    const said = new Set<string>()
    // With another secret, or none, the id is another one: it tells nothing of the words (RT6).
    for (const [text, secret] of [
      [undefined, 's'],
      [undefined, 's'],
      ['better', 's'],
      ['better', 's'],
      ['best', 's'],
      ['best', 't'],
      ['best'],
    ] as const) {
      const local = await open(memoryStores())
      await local.commit(putChat(undefined, newChatRow(chat, members, 0)))
      const operation = { ...say(1, 'one'), id: idOf(1) }
      const aside: OutboxRow = { id: idOf(1), chat, order: 1, operation, state: { at: 'aside', reason: 'blocked' }, createdAt: 1 }
      await local.commit([put('outbox', { ...aside, ...(secret && { secret }) })], true)
      await createOutboxWriter(local, ports, () => {}).retry(idOf(1), text)
      for (const row of local.outbox.values()) said.add(JSON.stringify(row.operation))
      expect(local.outbox.has(idOf(1))).toBe(false)
    }
    expect(said.size).toBe(5)
  })

  test('promise 1: once its disk failed, a tab neither takes back nor changes in place what another may send meanwhile', async () => {
    const stores = memoryStores()
    const sender = await open(stores)
    let broken = false
    const tab = await open({
      ...stores,
      open: async (name, lost) => {
        if (broken) throw new Error('UnknownError')
        const store = await stores.open(name, lost)
        return { ...store, write: (changes, durable) => (broken ? Promise.reject(new Error('UnknownError')) : store.write(changes, durable)) }
      },
    })
    await sender.commit(putChat(undefined, newChatRow(chat, members, 0)))
    await tab.rereadAll()
    const writer = createOutboxWriter(tab, ports, () => {})
    const [first, second, third] = [
      await writer.send(chat, { text: 'first' }),
      await writer.send(chat, { text: 'second' }),
      await writer.send(chat, { text: 'third' }),
    ]
    broken = true
    // It fails over this one: the disk still has it.
    expect(await writer.discard(first)).toBe(false)
    expect([await writer.discard(second), await writer.rewrite(second, 'other')]).toEqual([false, false])
    await writer.edit(chat, { id: second, author: alice }, 'better')
    // What only this tab has is its own.
    const own = await writer.send(chat, { text: 'own' })
    expect([await writer.rewrite(own, 'mine'), await writer.discard(own)]).toEqual([true, true])

    await sender.rereadAll()
    const sent = sender.outbox.get(second) ?? expect.fail()
    expect(await sender.commit([expectField('outbox', second, 'state', sent.state), { remove: 'outbox', key: second }], true)).toBe(true)
    broken = false
    expect(await tab.comeBack()).toBe(true)
    expect(tab.outboxOf(chat).map(({ operation }) => [operation.type, 'text' in operation && operation.text])).toEqual([
      ['message', 'first'],
      ['message', 'third'],
      ['edit', 'better'],
    ])
    expect(await writer.discard(third)).toBe(true)
  })
})
