// The contract of the storage: API keys, webhooks with what they are still to be told, and reports.
import {
  MAX_API_KEYS_PER_PERSON,
  MAX_WAITING_DELIVERIES,
  MAX_WEBHOOKS_PER_PERSON,
  chatIdOf,
  WEBHOOK_DEAD_MS,
  WEBHOOK_EVENTS,
  WEBHOOK_GIVE_UP_MS,
  type UserId,
  type WebhookEvent,
} from '@skein/protocol'
import { describe, expect, test } from 'vitest'
import type { Delivery } from '../deliveries.ts'
import { edit, group, member, message, newId, person, posted, randomBytes, react, remove, storeOne, talk, useBed, type Lab } from './lab.ts'

const nobody = '0'.repeat(26) as UserId

export function botsContract(lab: Lab): void {
  describe('API keys', () => {
    const bed = useBed(lab)
    async function key(userId: UserId, more: { expiresAt?: number | null } = {}) {
      const made = { id: newId(), tokenHash: newId() }
      const stored = await bed.storage.createApiKey({
        ...made,
        userId,
        name: 'A bot',
        scopes: ['chats:read', 'messages:write'],
        expiresAt: null,
        ...more,
      })
      return { ...made, stored }
    }

    test('a key is found by its hash as long as it is there, and its use is noted to the minute', async () => {
      const { storage, clock } = bed
      const ann = await person(storage, 'Ann')
      const createdAt = clock.now
      const { id, tokenHash, stored } = await key(ann)
      const expected = { id, userId: ann, name: 'A bot', scopes: ['chats:read', 'messages:write'], createdAt, expiresAt: null, lastUsedAt: null }
      expect(stored).toEqual(expected)
      expect(await storage.useApiKey(tokenHash)).toEqual({ ...expected, userName: 'Ann' })
      clock.now += 59_000
      expect(await storage.useApiKey(tokenHash)).toMatchObject({ lastUsedAt: createdAt })
      clock.now += 1_000
      await storage.useApiKey(tokenHash)
      expect(await storage.apiKeys(ann)).toEqual([{ ...expected, lastUsedAt: clock.now }])
      expect(await storage.useApiKey(id)).toBeNull()
      expect(await storage.deleteApiKey(await person(storage), id)).toBe(false)
      expect(await storage.deleteApiKey(ann, id)).toBe(true)
      expect(await storage.deleteApiKey(ann, id)).toBe(false)
      expect([await storage.useApiKey(tokenHash), await storage.apiKeys(ann)]).toEqual([null, []])
    })

    test('a key is dead with its time, with its person’s disabling, and gone with their erasing', async () => {
      const { storage, clock } = bed
      const [ann, bob] = [await person(storage), await person(storage)]
      const [short, long] = [await key(ann, { expiresAt: clock.now + 1_000 }), await key(ann)]
      const others = await key(bob)
      clock.now += 999
      expect(await storage.useApiKey(short.tokenHash)).not.toBeNull()
      clock.now += 1
      expect(await storage.useApiKey(short.tokenHash)).toBeNull()
      await storage.disableUser(ann)
      expect([await storage.useApiKey(long.tokenHash), (await key(ann)).stored]).toEqual([null, null])
      await storage.enableUser(ann)
      expect(await storage.useApiKey(long.tokenHash)).not.toBeNull()
      await storage.eraseUser(ann)
      expect([await storage.useApiKey(long.tokenHash), (await key(ann)).stored, await storage.apiKeys(ann)]).toEqual([null, null, []])
      expect((await key(nobody)).stored).toBeNull()
      expect(await storage.useApiKey(others.tokenHash)).not.toBeNull()
    })

    test('a server key is nobody’s: found by its hash until it ends or is deleted; the groups made with any of them are known', async () => {
      const { storage, clock } = bed
      const createdAt = clock.now
      const [first, second] = [newId(), newId()]
      const expected = { id: first, name: 'Back office', createdAt, expiresAt: createdAt + 120_000, lastUsedAt: null }
      const made = { id: first, name: 'Back office', tokenHash: `hash of ${first}`, expiresAt: expected.expiresAt }
      expect(await storage.createServerKey(made)).toEqual(expected)
      expect(await storage.useServerKey(made.tokenHash)).toEqual(expected)
      clock.now += 59_000
      expect(await storage.useServerKey(made.tokenHash)).toMatchObject({ lastUsedAt: createdAt })
      clock.now += 1_000
      await storage.useServerKey(made.tokenHash)
      await storage.createServerKey({ id: second, name: 'Another', tokenHash: `hash of ${second}`, expiresAt: null })
      expect((await storage.serverKeys()).map(({ id, lastUsedAt }) => [id, lastUsedAt])).toEqual([
        [second, null],
        [first, clock.now],
      ])
      expect([await storage.useServerKey(first), await storage.useApiKey(made.tokenHash)]).toEqual([null, null])
      clock.now = expected.expiresAt
      expect(await storage.useServerKey(made.tokenHash)).toBeNull()
      expect([await storage.deleteServerKey(first), await storage.deleteServerKey(first)]).toEqual([true, false])
      expect((await storage.serverKeys()).map(({ id }) => id)).toEqual([second])

      const ann = await person(storage)
      const [own, served] = [chatIdOf(randomBytes(17)), chatIdOf(randomBytes(17))]
      const make = { kind: 'group' as const, title: null, by: ann, members: [ann] }
      await storage.createChat({ id: own, ...make })
      // Once more, also after a restore that knew of the group only.
      for (let n = 0; n < 2; n++) await storage.createChat({ id: served, ...make, byServer: true })
      expect([await storage.isServerChat(own), await storage.isServerChat(served)]).toEqual([false, true])
    })

    test('one person has so many keys and no more, also when they are made at once', async () => {
      const ann = await person(bed.storage)
      const made = await Promise.all(Array.from({ length: MAX_API_KEYS_PER_PERSON + 3 }, () => key(ann)))
      expect(made.filter(({ stored }) => stored === 'too-many')).toHaveLength(3)
      expect(await bed.storage.apiKeys(ann)).toHaveLength(MAX_API_KEYS_PER_PERSON)
    })
  })

  describe('webhooks', () => {
    const bed = useBed(lab)
    const all = WEBHOOK_EVENTS.filter((event) => event !== 'report.created')
    async function webhook(userId: UserId, events: readonly WebhookEvent[] = all, storage = bed.storage, keyId: string | null = null) {
      const made = await storage.createWebhook({ id: newId(), userId, url: 'https://bot.example.org/', secret: 'whsec_x', events, keyId })
      if (made === null || made === 'too-many') throw new Error('No webhook')
      return made
    }
    /** All that is due, each taken at once. */
    async function told(id: string): Promise<Delivery[]> {
      const deliveries: Delivery[] = []
      for (let next = await bed.storage.claimDelivery(id, 1_000); next; next = await bed.storage.claimDelivery(id, 1_000)) {
        deliveries.push(next)
        await bed.storage.endDelivery(next.id)
      }
      return deliveries
    }
    const eventsOf = async (id: string): Promise<string[]> => {
      await bed.storage.collectDeliveries(null)
      return (await told(id)).map(({ event }) => event)
    }

    test('what happens in one’s chats from then on is told once, in the chain’s order; what counts for nothing is not', async () => {
      const { storage } = bed
      const chat = await talk(storage)
      const word = message('Before')
      await storeOne(storage, posted(chat, chat.ann, word))
      const { id } = await webhook(chat.ann)
      const other = await webhook(chat.bob)
      const mine = message('After')
      const changed = edit(word.operation.id, 'Changed')
      for (const [who, what] of [
        [chat.bob, mine],
        [chat.ann, changed],
        [chat.bob, edit(word.operation.id, 'Not mine')],
        [chat.bob, react(word.operation.id, '👍')],
        [chat.ann, remove(word.operation.id)],
      ] as const)
        await storeOne(storage, posted(chat, who, what))
      expect((await storage.collectDeliveries([chat.id])).sort()).toEqual([id, other.id].sort())
      expect(await storage.dueWebhooks()).toEqual(expect.arrayContaining([id, other.id]))
      const events = await told(id)
      expect(events.map(({ event, chatId, entry, attempts }) => [event, chatId, entry?.authorId, attempts])).toEqual([
        ['message.created', chat.id, chat.bob, 0],
        ['message.edited', chat.id, chat.ann, 0],
        ['message.deleted', chat.id, chat.ann, 0],
      ])
      expect(events[0]?.entry?.operation).toEqual(mine.operation)
      expect(await storage.collectDeliveries([chat.id])).toEqual([])
      expect(await storage.collectDeliveries([])).toEqual([])
      expect(await told(id)).toEqual([])
      expect(await storage.dueWebhooks()).not.toContain(id)
      // The same event is another delivery for another webhook.
      expect((await told(other.id)).map((delivery) => delivery.id)).not.toContain(events[0]?.id)
    })

    test('only what was asked for, only in chats that one is in, from joining on', async () => {
      const { storage } = bed
      const [ann, bob, eve] = [await person(storage), await person(storage), await person(storage)]
      const crew = await group(storage, [ann, bob])
      const { id } = await webhook(eve)
      const quiet = await webhook(ann, ['member.joined'])
      await storeOne(storage, posted(crew, ann, message('Before')))
      await storeOne(storage, member(crew, ann, 'join', eve))
      await storeOne(storage, posted(crew, ann, message('While')))
      expect(await eventsOf(id)).toEqual(['member.joined', 'message.created'])
      expect(await eventsOf(quiet.id)).toEqual(['member.joined'])
      await storeOne(storage, posted(crew, ann, message('Still')))
      await storeOne(storage, member(crew, ann, 'leave', eve))
      await storeOne(storage, posted(crew, ann, message('Without')))
      expect(await eventsOf(id)).toEqual([])
      await storeOne(storage, member(crew, ann, 'join', eve))
      expect(await eventsOf(id)).toEqual(['member.joined'])
    })

    test('more than one span', async () => {
      const { storage } = bed
      const chat = await talk(storage)
      const { id } = await webhook(chat.ann)
      await storage.commit(Array.from({ length: 1_050 }, (_, i) => posted(chat, chat.bob, message(`Word ${i}`))))
      await storage.collectDeliveries([chat.id])
      const events = await told(id)
      expect(events.map(({ entry }) => entry?.rev)).toEqual(Array.from({ length: 1_050 }, (_, i) => i + 2))
    })

    test('two servers at once write each event down once, and each is claimed by one of them', async () => {
      const [one, two] = [bed.storage, await bed.another()]
      const chat = await talk(one)
      const { id } = await webhook(chat.ann)
      await one.commit(Array.from({ length: 40 }, () => posted(chat, chat.bob, message())))
      await Promise.all([one, two, one, two].map((storage) => storage.collectDeliveries([chat.id])))
      const claimed: string[] = []
      await Promise.all(
        [one, two, one, two].map(async (storage) => {
          for (let next = await storage.claimDelivery(id, 60_000); next; next = await storage.claimDelivery(id, 60_000)) claimed.push(next.id)
        }),
      )
      expect(claimed).toHaveLength(40)
      expect(new Set(claimed).size).toBe(40)
    })

    test('a claim lapses; what failed is due when it was said; what was given up comes back by hand alone, and goes in the end', async () => {
      const { storage, clock } = bed
      const chat = await talk(storage)
      const { id } = await webhook(chat.ann)
      await storeOne(storage, posted(chat, chat.bob, message()))
      await storage.collectDeliveries(null)
      const first = await storage.claimDelivery(id, 60_000)
      expect(await storage.claimDelivery(id, 60_000)).toBeNull()
      clock.now += 60_000
      const again = await storage.claimDelivery(id, 60_000)
      expect(again).toEqual(first)
      await storage.failDelivery(again?.id ?? '', { nextAt: clock.now + 5_000, error: '503' })
      clock.now += 4_999
      expect(await storage.claimDelivery(id, 60_000)).toBeNull()
      clock.now += 1
      expect(await storage.claimDelivery(id, 60_000)).toEqual({ ...first, attempts: 1 })
      await storage.failDelivery(again?.id ?? '', { nextAt: null, error: 'timeout' })
      clock.now += 1e9
      expect([await storage.claimDelivery(id, 60_000), await storage.dueWebhooks()]).toEqual([null, expect.not.arrayContaining([id])])
      const dead = (await storage.deadDeliveries(100)).filter(({ webhookId }) => webhookId === id)
      expect(dead).toEqual([
        {
          id: first?.id,
          webhookId: id,
          email: (await storage.user(chat.ann))?.email,
          url: 'https://bot.example.org/',
          event: 'message.created',
          createdAt: first?.createdAt,
          attempts: 2,
          error: 'timeout',
        },
      ])
      expect([await storage.replayDeliveries('nothing'), await storage.replayDeliveries(id), await storage.replayDeliveries(id)]).toEqual([0, 1, 0])
      expect(await storage.claimDelivery(id, 60_000)).toEqual({ ...first, attempts: 0, createdAt: clock.now })
      await storage.failDelivery(first?.id ?? '', { nextAt: null, error: 'timeout' })
      clock.now += WEBHOOK_DEAD_MS
      await storage.pruneDeliveries()
      expect(await storage.replayDeliveries(first?.id ?? '')).toBe(1)
      await storage.failDelivery(first?.id ?? '', { nextAt: null, error: 'timeout' })
      clock.now += WEBHOOK_DEAD_MS + 1
      await storage.pruneDeliveries()
      expect(await storage.replayDeliveries(first?.id ?? '')).toBe(0)
    })

    test('what waits for a day without its turn is given up too', async () => {
      const { storage, clock } = bed
      const chat = await talk(storage)
      const { id } = await webhook(chat.ann)
      await storeOne(storage, posted(chat, chat.bob, message()))
      await storage.collectDeliveries([chat.id])
      const dead = async () => (await storage.deadDeliveries(1_000)).filter(({ webhookId }) => webhookId === id).map(({ error }) => error)
      clock.now += WEBHOOK_GIVE_UP_MS
      await storage.pruneDeliveries()
      expect(await dead()).toEqual([])
      clock.now += 1
      await storage.pruneDeliveries()
      expect([await dead(), await storage.claimDelivery(id, 60_000)]).toEqual([['it waited too long'], null])
    })

    test('a password that is given by a link ends what programs hold: whoever had the account before may have left them', async () => {
      const { storage, clock } = bed
      const chat = await talk(storage)
      const { id } = await webhook(chat.ann)
      const key = { id: newId(), tokenHash: newId(), userId: chat.ann, name: 'Left behind', scopes: ['messages:read' as const], expiresAt: null }
      await storage.createApiKey(key)
      const email = (await storage.user(chat.ann))?.email ?? null
      const tokenHash = newId()
      await storage.createLink({ tokenHash, purpose: 'reset', userId: chat.ann, email, expiresAt: clock.now + 1_000 })
      expect(await storage.resetPassword(tokenHash, 'new')).not.toBeNull()
      expect([await storage.useApiKey(key.tokenHash), await storage.webhook(id), await storage.webhooks(chat.ann)]).toEqual([null, null, []])
    })

    test('while it is off nothing is told or kept, and on again it goes on from there', async () => {
      const { storage, clock } = bed
      const chat = await talk(storage)
      const { id } = await webhook(chat.ann)
      const say = () => storeOne(storage, posted(chat, chat.bob, message()))
      await say()
      await storage.collectDeliveries(null)
      expect(await storage.updateWebhook(chat.ann, id, { active: false })).toMatchObject({ active: false })
      await say()
      expect([await eventsOf(id), await storage.dueWebhooks()]).toEqual([[], expect.not.arrayContaining([id])])
      await storage.noteWebhook(id, { failures: 3, pausedUntil: clock.now + 1e6, lastError: '503' })
      expect(await storage.webhook(id)).toMatchObject({ failures: 3, pausedUntil: clock.now + 1e6, lastError: '503' })
      const url = 'https://other.example.org/'
      expect(await storage.updateWebhook(chat.ann, id, { active: true, url, events: ['message.deleted', 'message.created'] })).toMatchObject({ url })
      await say()
      await storage.collectDeliveries(null)
      expect(await storage.dueWebhooks()).toContain(id)
      await storage.noteWebhook(id, { failures: 1, pausedUntil: clock.now + 1, lastError: null })
      expect(await storage.dueWebhooks()).not.toContain(id)
      expect(await eventsOf(id)).toEqual(['message.created'])
      expect(await storage.webhooks(chat.ann)).toMatchObject([{ id, url, events: ['message.deleted', 'message.created'], active: true }])
      expect(await storage.updateWebhook(chat.bob, id, { active: false })).toBeNull()
      expect(await storage.deleteWebhook(chat.bob, id)).toBe(false)
      await say()
      await storage.collectDeliveries(null)
      expect([await storage.deleteWebhook(chat.ann, id), await storage.deleteWebhook(chat.ann, id)]).toEqual([true, false])
      expect([await storage.webhook(id), await storage.webhooks(chat.ann), await told(id)]).toEqual([null, [], []])
    })

    test('who may not log in is told nothing; who is erased has no webhook any more', async () => {
      const { storage } = bed
      const chat = await talk(storage)
      const { id } = await webhook(chat.ann)
      await storage.disableUser(chat.ann)
      await storeOne(storage, posted(chat, chat.bob, message()))
      expect([await storage.webhook(id), await eventsOf(id)]).toEqual([null, []])
      await expect(webhook(chat.ann)).rejects.toThrow('No webhook')
      await storage.enableUser(chat.ann)
      await storage.collectDeliveries(null)
      await storage.eraseUser(chat.ann)
      expect([await storage.webhook(id), await storage.webhooks(chat.ann), await told(id)]).toEqual([null, [], []])
      for (const table of ['webhooks', 'webhook_places', 'webhook_deliveries']) {
        const column = table === 'webhooks' ? 'id' : 'webhook_id'
        expect(await bed.lab.query(bed.url, `select 1 as one from ${table} where ${column} = '${id}'`)).toEqual([])
      }
    })

    test('one person has so many and no more', async () => {
      const ann = await person(bed.storage)
      for (let i = 0; i < MAX_WEBHOOKS_PER_PERSON; i++) await webhook(ann)
      expect(await bed.storage.createWebhook({ id: newId(), userId: ann, url: 'x', secret: 'x', events: all, keyId: null })).toBe('too-many')
    })

    test('what an API key made rests when the key has expired and ends with it, and no key that is gone makes any', async () => {
      const { storage, clock } = bed
      const chat = await talk(storage)
      const key = { tokenHash: newId(), userId: chat.ann, name: 'x', scopes: ['webhooks:write' as const] }
      const [lasting, short] = [newId(), newId()]
      await storage.createApiKey({ ...key, id: lasting, expiresAt: null })
      await storage.createApiKey({ ...key, id: short, tokenHash: newId(), expiresAt: clock.now + 1_000 })
      const [own, byLasting, byShort] = [
        await webhook(chat.ann),
        await webhook(chat.ann, all, storage, lasting),
        await webhook(chat.ann, all, storage, short),
      ]
      await storeOne(storage, posted(chat, chat.bob, message()))
      await storage.collectDeliveries(null)
      const there = async () => (await Promise.all([own, byLasting, byShort].map(({ id }) => storage.webhook(id)))).map((each) => each !== null)
      expect(await there()).toEqual([true, true, true])
      clock.now += 1_000
      expect(await there()).toEqual([true, true, false])
      for (const id of [lasting, short]) expect(await storage.deleteApiKey(chat.ann, id)).toBe(true)
      expect((await storage.webhooks(chat.ann)).map(({ id }) => id)).toEqual([own.id])
      for (const { id } of [byLasting, byShort])
        expect(await lab.query(bed.url, `select id from webhook_deliveries where webhook_id = '${id}'`)).toEqual([])
      await expect(webhook(chat.ann, all, storage, lasting)).rejects.toThrow('No webhook')
      expect((await told(own.id)).length).toBe(1)
    })

    test('for one webhook so many deliveries wait, and the oldest beyond them are given up', async () => {
      const { storage, clock } = bed
      const chat = await talk(storage)
      const { id } = await webhook(chat.ann)
      const old = (n: number): string => `('${id}-${n}', '${id}', 'message.created', '${chat.id}', ${n}, ${clock.now - 5}, 0, ${clock.now - 5})`
      for (let from = 0; from < MAX_WAITING_DELIVERIES; from += 1_000) {
        const rows = Array.from({ length: 1_000 }, (_, n) => old(from + n)).join(', ')
        await lab.query(bed.url, `insert into webhook_deliveries (id, webhook_id, event, chat_id, rev, created_at, attempts, next_at) values ${rows}`)
      }
      for (let n = 0; n < 2; n++) await storeOne(storage, posted(chat, chat.bob, message()))
      await storage.collectDeliveries([chat.id])
      const dead = (await storage.deadDeliveries(1_000)).filter(({ webhookId }) => webhookId === id)
      expect(dead).toMatchObject([0, 1].map((n) => ({ id: `${id}-${n}`, error: 'too many waited', attempts: 0 })))
      const waiting = await lab.query(bed.url, `select count(*) as count from webhook_deliveries where webhook_id = '${id}' and next_at is not null`)
      expect(Number(waiting[0]?.['count'])).toBe(MAX_WAITING_DELIVERIES)
      await storage.deleteWebhook(chat.ann, id)
    })

    test('a statement that loses a deadlock against somebody’s transaction is asked again, and is done once', async () => {
      const { storage } = bed
      const ann = await person(storage)
      const { id } = await webhook(ann)
      // The other one has changed more, so that the database lets it win.
      const rows = [...'ab', ...Array.from({ length: 200 }, (_, n) => `c${n}`)]
      const row = (name: string): string => `('${name} ${id}', '${id}', 'message.created', 0, 1, 0, ${name.startsWith('c') ? '9' : 'null'})`
      await lab.query(
        bed.url,
        `insert into webhook_deliveries (id, webhook_id, event, rev, created_at, attempts, next_at) values ${rows.map(row).join(', ')}`,
      )
      const change = (where: string): string => `update webhook_deliveries set attempts = attempts + 1 where id ${where}`
      const replayed = await lab.against(bed.url, change(`>= 'b ${id}'`), change(`= 'a ${id}'`), () => storage.replayDeliveries(id))
      expect(replayed).toBe(2)
      const tries = await lab.query(bed.url, `select attempts from webhook_deliveries where webhook_id = '${id}' and id < 'c'`)
      expect(tries.map(({ attempts }) => Number(attempts))).toEqual([0, 0])
      await storage.deleteWebhook(ann, id)
    })
  })

  describe('reports', () => {
    const bed = useBed(lab)

    test('a report is kept with the notice for the server’s own webhook, listed until it is closed', async () => {
      const { storage, clock } = bed
      const chat = await talk(storage)
      const report = {
        reporterId: chat.ann,
        userId: chat.bob,
        chatId: chat.id,
        messages: [[chat.bob, newId()]] as [UserId, ReturnType<typeof newId>][],
      }
      const quiet = await storage.createReport({ ...report, reason: 'Before there was a webhook' })
      expect(await storage.dueWebhooks()).toEqual([])
      await storage.setServerWebhook({ url: 'https://ops.example.org/', secret: 'whsec_a' })
      await storage.setServerWebhook({ url: 'https://ops.example.org/hook', secret: 'whsec_b' })
      clock.now += 1
      const made = await storage.createReport({ ...report, reason: 'Rude' })
      expect(made).toEqual({ ...report, id: made.id, reason: 'Rude', createdAt: clock.now, closedAt: null })
      expect(await storage.report(made.id)).toEqual(made)
      expect(await storage.dueWebhooks()).toEqual(['server'])
      expect(await storage.webhook('server')).toMatchObject({ userId: null, url: 'https://ops.example.org/hook', secret: 'whsec_b', active: true })
      expect(await storage.claimDelivery('server', 1)).toMatchObject({ event: 'report.created', reportId: made.id, chatId: null, entry: null })
      expect(await storage.reports(false)).toEqual([quiet, made])
      expect([await storage.closeReport(quiet.id), await storage.closeReport(quiet.id), await storage.closeReport('x')]).toEqual([true, false, false])
      expect(await storage.reports(false)).toEqual([made])
      expect(await storage.reports(true)).toEqual([{ ...quiet, closedAt: clock.now }, made])
      await storage.setServerWebhook(null)
      clock.now += 1_000
      expect([await storage.webhook('server'), await storage.claimDelivery('server', 1)]).toEqual([null, null])
    })

    test('ERASE-4: the words of a report go with who wrote them', async () => {
      const { storage } = bed
      const chat = await talk(storage)
      const { id } = await storage.createReport({ reporterId: chat.ann, userId: chat.bob, chatId: null, messages: [], reason: 'Private words' })
      await storage.eraseUser(chat.ann)
      expect(await storage.report(id)).toMatchObject({ userId: chat.bob, reason: '' })
    })
  })
}
