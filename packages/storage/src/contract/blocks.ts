// Blocks: nothing new between the two, whatever was remembered of their chat, and nothing of each other beside it.
import { directChatId, MAX_BLOCKS, type UserId } from '@skein/protocol'
import { describe, expect, test } from 'vitest'
import { commitOne, group, message, person, posted, react, remove, sha256, storeOne, talk, update, useBed, type Lab } from './lab.ts'

const refused = { ok: false, reason: 'blocked' }

export function blocksContract(lab: Lab): void {
  describe('blocks', () => {
    const bed = useBed(lab)

    test('BLOCK-1: a block refuses new words from both, over every door, and takes back and repeats all the same', async () => {
      const { storage } = bed
      const chat = await talk(storage)
      const [word, later] = [message('before'), message('again')]
      // Often enough for the chat to be remembered.
      for (const operation of [word, later, message()]) await storeOne(storage, update(chat, chat.ann, [operation]))
      expect(await storage.block(chat.bob, chat.ann, chat.id)).toEqual({ changed: true })
      expect(await storage.block(chat.bob, chat.ann, chat.id)).toEqual({ changed: false })
      for (const user of [chat.ann, chat.bob]) {
        expect(await commitOne(storage, update(chat, user, [message()]))).toEqual(refused)
        expect(await commitOne(storage, posted(chat, user, message()))).toEqual(refused)
        expect(await commitOne(storage, update(chat, user, [react(word.operation.id, '👍', true, { targetAuthor: chat.ann })]))).toEqual(refused)
      }
      // A group of theirs and others goes on.
      const crew = await group(storage, [chat.ann, chat.bob])
      expect(await commitOne(storage, update(crew, chat.ann, [message()]))).toMatchObject({ ok: true })
      expect(await commitOne(storage, update(chat, chat.ann, [later]))).toMatchObject({ ok: true, entries: [] })
      expect(await commitOne(storage, update(chat, chat.ann, [remove(word.operation.id)]))).toMatchObject({ ok: true })
      // Both have to take it back.
      await storage.block(chat.ann, chat.bob, chat.id)
      expect(await storage.unblock(chat.bob, chat.ann, chat.id)).toEqual({ changed: true, apart: true })
      expect(await commitOne(storage, update(chat, chat.ann, [message()]))).toEqual(refused)
      expect(await storage.unblock(chat.ann, chat.bob, chat.id)).toEqual({ changed: true, apart: false })
      expect(await storage.unblock(chat.ann, chat.bob, chat.id)).toEqual({ changed: false, apart: false })
      expect(await commitOne(storage, update(chat, chat.ann, [message()]))).toMatchObject({ ok: true })
    })

    test('one person blocks a bounded number of people', async () => {
      const { storage } = bed
      const [ann, bob, cleo] = [await person(storage), await person(storage), await person(storage)]
      const others = Array.from({ length: MAX_BLOCKS - 1 }, (_, n) => `('${ann}', '${String(n).padStart(26, '0')}', 1)`)
      await lab.query(bed.url, `insert into blocks (user_id, other_id, at) values ${others.join(', ')}`)
      const block = (user: UserId) => storage.block(ann, user, directChatId(ann, user, sha256))
      expect([await block(bob), await block(cleo), await block(bob)]).toEqual([{ changed: true }, 'too-many', { changed: false }])
    })

    test('BLOCK-2: no chat is opened with somebody who blocked one, whom one blocked, or who was erased, also at the same moment', async () => {
      const { storage } = bed
      const [ann, bob, gone] = [await person(storage), await person(storage), await person(storage)]
      const id = (a: UserId, b: UserId) => directChatId(a, b, sha256)
      const open = (a: UserId, b: UserId) => storage.openDirectChat(id(a, b), a, b)
      await storage.block(ann, bob, id(ann, bob))
      expect([await open(ann, bob), await open(bob, ann)]).toEqual(['blocked', 'blocked'])
      await storage.unblock(ann, bob, id(ann, bob))
      expect(await open(bob, ann)).toMatchObject({ created: true, chat: { blocked: false } })
      expect(await open(ann, bob)).toMatchObject({ created: false })
      await open(ann, gone)
      await storage.eraseUser(gone)
      expect([await open(ann, gone), await open(bob, gone), await open(ann, '0'.repeat(26) as UserId)]).toEqual(Array(3).fill('no-such-person'))
      expect(await storage.block(ann, gone, id(ann, gone))).toBe('no-such-person')
      const other = await bed.another()
      for (let i = 0; i < 8; i++) {
        const [one, two] = [await person(storage), await person(storage)]
        const [opened] = await Promise.all([storage.openDirectChat(id(one, two), one, two), other.block(two, one, id(one, two))])
        const chat = await storage.chat(id(one, two))
        expect(chat?.blocked ?? 'none').toBe(opened === 'blocked' ? 'none' : true)
      }
    })

    test('BLOCK-3: the two find each other in no list, are no contacts, and can invite each other into no group', async () => {
      const { storage } = bed
      const [ann, bob, cleo] = [await person(storage, 'Wanda'), await person(storage, 'Wilma'), await person(storage, 'Waltraud')]
      await group(storage, [ann, bob, cleo])
      const found = async (except: UserId) => (await storage.users({ q: 'w', limit: 10, cursor: null, except })).items.map(({ name }) => name)
      expect(await found(ann)).toEqual(['Waltraud', 'Wilma'])
      await storage.block(ann, bob, directChatId(ann, bob, sha256))
      expect([await found(ann), await found(bob), await found(cleo)]).toEqual([['Waltraud'], ['Waltraud'], ['Wanda', 'Wilma']])
      expect([await storage.contacts(ann), await storage.contacts(bob)]).toEqual([[cleo], [cleo]])
      expect((await storage.contacts(cleo)).sort()).toEqual([ann, bob].sort())
      expect(await storage.blocked(ann)).toEqual([{ id: bob, name: 'Wilma' }])
      expect(await storage.blocked(bob)).toEqual([])
      const nobody = '0'.repeat(26) as UserId
      expect(await storage.unfitFor(bob, [ann, cleo, nobody])).toEqual({ missing: [nobody], blocked: [ann] })
      expect(await storage.unfitFor(ann, [bob])).toEqual({ missing: [], blocked: [bob] })
      expect(await storage.unfitFor(ann, [])).toEqual({ missing: [], blocked: [] })
    })
  })
}
