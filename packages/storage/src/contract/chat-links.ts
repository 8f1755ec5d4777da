// Links to join a group by: they expire, are revoked and used up, and are worth what their maker may.
import { MAX_LINKS_PER_CHAT, type UserId } from '@skein/protocol'
import { describe, expect, test } from 'vitest'
import { group, member, newId, person, randomBytes, storeOne, useBed, grouped, type Lab } from './lab.ts'

const hash = (): string => Buffer.from(randomBytes(32)).toString('base64url')
const HOUR = 3_600_000

export function chatLinksContract(lab: Lab): void {
  describe('links', () => {
    const bed = useBed(lab)
    const crew = async () => {
      const [ann, bob, cleo] = [await person(bed.storage, 'Ann'), await person(bed.storage, 'Bob'), await person(bed.storage, 'Cleo')]
      const chat = await group(bed.storage, [ann, bob])
      const make = (maxUses: number | null = null, by: UserId = ann, tokenHash = hash()) =>
        bed.storage.createChatLink({ id: hash(), chatId: chat.id, createdBy: by, expiresAt: bed.clock.now + HOUR, maxUses, tokenHash })
      return { ann, bob, cleo, chat, make }
    }

    test('a link works until it expires, is revoked or used up', async () => {
      const { storage, clock } = bed
      const { ann, bob, cleo, chat, make } = await crew()
      expect(await make(null, bob)).toBe('not-allowed')
      const [token, once] = [hash(), hash()]
      const link = await make(null, ann, token)
      if (typeof link === 'string') throw new Error(link)
      expect(link).toMatchObject({ chatId: chat.id, createdBy: ann, createdAt: clock.now, expiresAt: clock.now + HOUR, maxUses: null, uses: 0 })
      expect(await storage.takeChatLink(hash(), cleo)).toBeNull()
      expect(await storage.takeChatLink(token, cleo)).toEqual({ ...link, uses: 1 })
      await storage.giveBackChatLink(link.id)
      expect(await storage.chatLinks(chat.id)).toEqual([link])
      expect(await storage.revokeChatLink((await group(storage, [ann])).id, link.id)).toBe(false)
      expect([await storage.revokeChatLink(chat.id, link.id), await storage.revokeChatLink(chat.id, link.id)]).toEqual([true, false])
      expect(await storage.takeChatLink(token, cleo)).toBeNull()

      await make(2, ann, once)
      const other = await bed.another()
      const taken = await Promise.all([storage, other, storage, other].map((server) => server.takeChatLink(once, cleo)))
      expect(taken.filter((one) => one !== null).length).toBe(2)
      const late = hash()
      await make(null, ann, late)
      clock.now += HOUR
      expect(await storage.takeChatLink(late, cleo)).toBeNull()
      expect(await storage.chatLinks(chat.id)).toEqual([])
    })

    test('a link is its maker’s invitation: it ends when they may invite nobody any more, and brings back nobody who was taken out', async () => {
      const { storage } = bed
      const { ann, bob, cleo, chat, make } = await crew()
      const token = hash()
      await make(null, ann, token)
      await storeOne(storage, member(chat, bob, 'leave', bob))
      // Who left by themselves may come back.
      expect(await storage.takeChatLink(token, bob)).not.toBeNull()
      await storeOne(storage, member(chat, ann, 'join', bob))
      await storeOne(storage, member(chat, ann, 'leave', bob))
      expect(await storage.takeChatLink(token, bob)).toBeNull()
      expect(await storage.takeChatLink(token, cleo)).not.toBeNull()
      await storeOne(storage, member(chat, ann, 'join', cleo))
      const at = new Date(bed.clock.now).toISOString()
      await storeOne(storage, grouped(chat, ann, { type: 'may', id: newId(), at, user: cleo, invite: true }))
      await storeOne(storage, grouped(chat, cleo, { type: 'may', id: newId(), at, user: ann, invite: false }))
      expect(await storage.takeChatLink(token, await person(storage))).toBeNull()
    })

    test('a group has a bounded number of links', async () => {
      const { make, chat } = await crew()
      for (let i = 0; i < MAX_LINKS_PER_CHAT; i++) await make()
      expect(await make()).toBe('too-many')
      expect((await bed.storage.chatLinks(chat.id)).length).toBe(MAX_LINKS_PER_CHAT)
      bed.clock.now += HOUR
      expect(await make()).not.toBe('too-many')
    })
  })
}
