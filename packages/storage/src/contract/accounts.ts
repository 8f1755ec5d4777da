// The contract of the storage: accounts that change, are disabled, or get another password, and what becomes of their sessions.
import type { UserId } from '@skein/protocol'
import { describe, expect, test } from 'vitest'
import { newId, person, useBed, type Lab } from './lab.ts'

const nobody = '0'.repeat(26) as UserId

export function accountsContract(lab: Lab): void {
  describe('accounts', () => {
    const bed = useBed(lab)

    /** With a session of theirs, unless they may not have one. */
    async function logIn(userId: UserId, passwordHash = 'hash', storage = bed.storage): Promise<string | null> {
      const session = { id: newId(), userId, passwordHash, tokenHash: newId(), expiresAt: bed.clock.now + 1e9, device: null }
      return (await storage.createSession(session)) ? session.id : null
    }
    const lives = async (session: string | null): Promise<boolean> => session !== null && (await bed.storage.session(session)) !== null
    const erased = async (): Promise<UserId> => {
      const id = await person(bed.storage)
      await bed.storage.eraseUser(id)
      return id
    }

    test('a name, an avatar and an email change each by themselves; the list is sorted and searched by the new name', async () => {
      const { storage } = bed
      const id = await person(storage, 'Anna Before')
      const before = await storage.user(id)
      const avatarUrl = 'https://example.org/a.png'
      expect(await storage.updateUser(id, { name: 'Zöe After' })).toEqual({ ...before, name: 'Zöe After' })
      expect(await storage.updateUser(id, { avatarUrl })).toEqual({ ...before, name: 'Zöe After', avatarUrl })
      expect(await storage.updateUser(id, { avatarUrl: null, email: ' New@Example.org' })).toEqual({
        ...before,
        name: 'Zöe After',
        email: 'new@example.org',
      })
      expect(await storage.updateUser(id, {})).toEqual(await storage.user(id))
      const find = async (q: string) => (await storage.users({ q, limit: 5, cursor: null, except: null })).items.map((user) => user.id)
      expect([await find('zöe aft'), await find('anna bef')]).toEqual([[id], []])
      expect((await storage.accountByEmail('NEW@example.org'))?.id).toBe(id)
    })

    test('an email that another has is not taken, and nothing else changes with it', async () => {
      const { storage } = bed
      const [ann, bob] = [await person(storage, 'Ann'), await person(storage, 'Bob')]
      const email = (await storage.user(bob))?.email?.toUpperCase() ?? ''
      expect(await storage.updateUser(ann, { name: 'Other', email })).toBe('email-taken')
      expect(await storage.user(ann)).toMatchObject({ name: 'Ann' })
    })

    test('who was erased, or never was, has no account: nothing of it can be read, changed or used', async () => {
      const { storage } = bed
      const gone = await erased()
      for (const id of [gone, nobody]) {
        expect(await storage.account(id)).toBeNull()
        expect(await storage.accountByEmail(`erased:${id}`)).toBeNull()
        expect(await storage.updateUser(id, { name: 'Back again' })).toBeNull()
        expect(await storage.disableUser(id)).toBe(false)
        expect(await storage.enableUser(id)).toBe(false)
        for (const from of ['', 'hash']) expect(await storage.changePassword(id, { from, to: 'new', keepSession: null })).toBeNull()
        for (const passwordHash of ['', 'hash']) expect(await logIn(id, passwordHash)).toBeNull()
      }
      expect(await storage.user(gone)).toMatchObject({ name: 'Deleted account' })
    })

    test('who is disabled has no session and gets none, until they are enabled', async () => {
      const { storage, clock } = bed
      const id = await person(storage)
      const [first, second, other] = [await logIn(id), await logIn(id), await logIn(await person(storage))]
      const { now } = clock
      expect(await storage.disableUser(id)).toBe(true)
      clock.now += 1_000
      expect(await storage.disableUser(id)).toBe(true)
      expect(await storage.account(id)).toMatchObject({ disabledAt: now, passwordHash: 'hash' })
      expect([await lives(first), await lives(second), await lives(other)]).toEqual([false, false, true])
      expect(await logIn(id)).toBeNull()
      expect(await storage.enableUser(id)).toBe(true)
      expect(await storage.user(id)).toMatchObject({ disabledAt: null })
      expect(await lives(await logIn(id))).toBe(true)
    })

    test('a new password ends the other sessions, and the old one starts none', async () => {
      const { storage } = bed
      const id = await person(storage)
      const [mine, second, third] = [await logIn(id), await logIn(id), await logIn(id)]
      expect(await storage.changePassword(id, { from: 'wrong', to: 'new', keepSession: mine })).toBeNull()
      expect(await lives(second)).toBe(true)
      expect((await storage.changePassword(id, { from: 'hash', to: 'new', keepSession: mine }))?.toSorted()).toEqual([second, third].toSorted())
      expect([await lives(mine), await lives(second), await lives(third)]).toEqual([true, false, false])
      expect(await logIn(id, 'hash')).toBeNull()
      expect(await lives(await logIn(id, 'new'))).toBe(true)
      expect((await storage.changePassword(id, { from: 'new', to: 'newer', keepSession: null }))?.length).toBe(2)
      expect(await lives(mine)).toBe(false)
    })

    test('a better hash takes the place of the one that it was made from, and ends nothing', async () => {
      const { storage } = bed
      const id = await person(storage)
      const session = await logIn(id)
      expect(await storage.replaceHash(id, { from: 'other', to: 'better' })).toBe(false)
      expect(await storage.replaceHash(id, { from: 'hash', to: 'better' })).toBe(true)
      expect(await storage.replaceHash(id, { from: 'hash', to: 'late' })).toBe(false)
      expect(await storage.account(id)).toMatchObject({ passwordHash: 'better' })
      expect(await lives(session)).toBe(true)
      for (const gone of [await erased(), nobody]) expect(await storage.replaceHash(gone, { from: '', to: 'back' })).toBe(false)
    })

    test('a log-in with the old password that comes at the same time ends with it, whatever comes first', async () => {
      const servers = [bed.storage, await bed.another(), await bed.another()]
      for (let round = 0; round < 5; round++) {
        const id = await person(bed.storage)
        const change = (storage: typeof bed.storage) =>
          round % 2 ? storage.disableUser(id) : storage.changePassword(id, { from: 'hash', to: 'new', keepSession: null })
        const [, ...sessions] = await Promise.all([change(servers[0] ?? bed.storage), ...servers.map((storage) => logIn(id, 'hash', storage))])
        for (const session of sessions) expect(await lives(session)).toBe(false)
      }
    })
  })
}
