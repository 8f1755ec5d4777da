// The contract of the storage: links that work once, for a new password, to confirm an email, to invite; and emails that are confirmed by them.
import type { UserId } from '@skein/protocol'
import { describe, expect, test } from 'vitest'
import type { Link } from '../links.ts'
import { newId, person, useBed, type Lab } from './lab.ts'

const HOUR = 3_600_000

export function linksContract(lab: Lab): void {
  describe('links', () => {
    const bed = useBed(lab)
    const emailOf = async (id: UserId): Promise<string | null> => (await bed.storage.user(id))?.email ?? null
    async function linkFor(purpose: Link['purpose'], userId: UserId | null, email?: string | null): Promise<string> {
      const tokenHash = newId()
      const to = email === undefined && userId !== null ? await emailOf(userId) : (email ?? null)
      await bed.storage.createLink({ tokenHash, purpose, userId, email: to, expiresAt: bed.clock.now + HOUR })
      return tokenHash
    }
    async function session(userId: UserId, passwordHash = 'hash'): Promise<string | null> {
      const one = { id: newId(), userId, passwordHash, tokenHash: newId(), expiresAt: bed.clock.now + 1e9, device: null }
      return (await bed.storage.createSession(one)) ? one.id : null
    }
    const isConfirmed = async (id: UserId): Promise<boolean> => (await bed.storage.account(id))?.emailConfirmedAt != null
    let emails = 0
    const invited = (tokenHash: string, email = `invited-${++emails}@example.org`) =>
      bed.storage.createInvitedUser({ email, name: 'Ivy', passwordHash: 'hash' }, tokenHash)

    test('a link is found by its purpose until it expires, and says whom it is for', async () => {
      const { storage, clock } = bed
      const ann = await person(storage)
      const [reset, invitation] = [await linkFor('reset', ann), await linkFor('invite', null, ' New@Example.org')]
      expect(await storage.link('reset', reset)).toEqual({ purpose: 'reset', userId: ann, email: await emailOf(ann) })
      expect(await storage.link('invite', invitation)).toEqual({ purpose: 'invite', userId: null, email: 'new@example.org' })
      expect(await storage.link('confirm', reset)).toBeNull()
      expect(await storage.link('reset', 'unknown')).toBeNull()
      clock.now += HOUR
      expect(await storage.link('reset', reset)).toBeNull()
      expect(await storage.resetPassword(reset, 'new')).toBeNull()
      expect(await invited(invitation, 'new@example.org')).toBe('no-invitation')
    })

    test('a link gives a new password once: every session ends, the email is confirmed, and the other links with it are gone', async () => {
      const { storage } = bed
      const ann = await person(storage)
      const [first, second] = [await linkFor('reset', ann), await linkFor('reset', ann)]
      const sessions = [await session(ann), await session(ann)]
      expect(await isConfirmed(ann)).toBe(false)
      const done = await storage.resetPassword(first, 'new')
      expect([done?.user, done?.ended.toSorted()]).toEqual([ann, sessions.toSorted()])
      expect(await storage.account(ann)).toMatchObject({ passwordHash: 'new', emailConfirmedAt: bed.clock.now })
      expect(await storage.sessions(ann)).toEqual([])
      for (const used of [first, second]) expect(await storage.resetPassword(used, 'newer')).toBeNull()
      expect(await session(ann)).toBeNull()
      expect(await session(ann, 'new')).not.toBeNull()
    })

    test('of many who use one link at once, on several servers, one gets through', async () => {
      const servers = [bed.storage, await bed.another(), await bed.another()]
      for (let round = 0; round < 3; round++) {
        const ann = await person(bed.storage)
        const [reset, invitation] = [await linkFor('reset', ann), await linkFor('invite', null)]
        const resets = await Promise.all([...servers, ...servers].map((storage, n) => storage.resetPassword(reset, `new ${n}`)))
        expect(resets.filter(Boolean)).toHaveLength(1)
        expect((await bed.storage.account(ann))?.passwordHash).toBe(`new ${resets.findIndex(Boolean)}`)
        const users = await Promise.all(
          servers.map((storage, n) =>
            storage.createInvitedUser({ email: `race-${round}-${n}@example.org`, name: 'R', passwordHash: 'h' }, invitation),
          ),
        )
        expect(users.filter((user) => user === 'no-invitation')).toHaveLength(2)
      }
    })

    test('old links for a new password die with any password change, and with the email; a better hash of the same password ends none', async () => {
      const { storage } = bed
      const ann = await person(storage)
      const before = await linkFor('reset', ann)
      await storage.replaceHash(ann, { from: 'hash', to: 'better' })
      expect(await storage.link('reset', before)).not.toBeNull()
      const confirm = await linkFor('confirm', ann)
      await storage.changePassword(ann, { from: 'better', to: 'new', keepSession: null })
      expect(await storage.link('reset', before)).toBeNull()
      expect(await storage.link('confirm', confirm)).not.toBeNull()
      const [reset, old] = [await linkFor('reset', ann), await emailOf(ann)]
      await storage.updateUser(ann, { email: 'elsewhere-1@example.org' })
      expect(await storage.link('reset', reset)).toBeNull()
      expect(await storage.link('confirm', confirm)).toBeNull()
      // One that was on its way to the old email meanwhile.
      const [late, lateConfirm] = [await linkFor('reset', ann, old), await linkFor('confirm', ann, old)]
      expect(await storage.resetPassword(late, 'stolen')).toBeNull()
      expect(await storage.confirmEmail(lateConfirm)).toBeNull()
      expect(await storage.account(ann)).toMatchObject({ passwordHash: 'new', emailConfirmedAt: null })
    })

    test('an email is confirmed by the link that was sent to it, once; another email is not confirmed, the same one again stays so', async () => {
      const { storage } = bed
      const ann = await person(storage)
      const link = await linkFor('confirm', ann)
      expect(await storage.confirmEmail(await linkFor('reset', ann))).toBeNull()
      expect(await storage.confirmEmail(link)).toMatchObject({ id: ann, emailConfirmedAt: bed.clock.now })
      expect(await storage.confirmEmail(link)).toBeNull()
      const email = (await emailOf(ann)) ?? ''
      await storage.updateUser(ann, { email: email.toUpperCase(), name: 'Anna' })
      expect(await isConfirmed(ann)).toBe(true)
      await storage.updateUser(ann, { email: 'elsewhere-2@example.org' })
      expect(await isConfirmed(ann)).toBe(false)
      await storage.updateUser(ann, { email })
      expect(await isConfirmed(ann)).toBe(false)
    })

    test('who is disabled or erased gets no password by a link, and nothing of an erased person’s links stays', async () => {
      const { storage } = bed
      const [ann, bob] = [await person(storage), await person(storage)]
      const [link, other] = [await linkFor('reset', ann), await linkFor('reset', bob)]
      await storage.disableUser(ann)
      await storage.eraseUser(bob)
      for (const hash of [link, other]) expect(await storage.resetPassword(hash, 'new')).toBeNull()
      expect(await lab.query(bed.url, `select token_hash from links where user_id = '${bob}'`)).toEqual([])
    })

    test('an invitation makes one account, for the email that it names or for any; what fails uses nothing', async () => {
      const { storage } = bed
      const [open, named] = [await linkFor('invite', null), await linkFor('invite', null, 'guest@example.org')]
      expect(await invited(named, 'other@example.org')).toBe('no-invitation')
      expect(await storage.accountByEmail('other@example.org')).toBeNull()
      expect(await invited(named, ' Guest@example.org')).toMatchObject({ email: 'guest@example.org', emailConfirmedAt: null })
      expect(await invited(open, 'guest@example.org')).toBe('email-taken')
      expect(await invited(open)).toMatchObject({ name: 'Ivy' })
      for (const used of [open, named, await linkFor('reset', await person(storage))]) expect(await invited(used)).toBe('no-invitation')
    })

    test('what has expired is swept, some hundred rows a call; what has not stays', async () => {
      const { storage, clock } = bed
      const ann = await person(storage)
      const [old, lasting] = [await linkFor('reset', ann), newId()]
      await storage.createLink({ tokenHash: lasting, purpose: 'reset', userId: ann, email: await emailOf(ann), expiresAt: clock.now + 1e10 })
      const tokens = Array.from({ length: 503 }, () => newId())
      for (const tokenHash of tokens)
        await storage.createSession({ id: tokenHash, userId: ann, passwordHash: 'hash', tokenHash, expiresAt: clock.now + HOUR, device: null })
      const used = newId()
      const kept = { id: newId(), userId: ann, passwordHash: 'hash', tokenHash: used, expiresAt: clock.now + HOUR, device: null }
      await storage.createSession(kept)
      for (const [from, to] of [
        [used, 'swept-2'],
        ['swept-2', 'swept-3'],
      ] as const)
        await storage.rotateSession(from, { hashOf: () => to, graceMs: 0, expiresAt: clock.now + (to === 'swept-3' ? 1e10 : HOUR) })
      const before = await storage.sweepAccounts()
      expect(before).toEqual({ more: false })
      clock.now += HOUR
      expect(await storage.sweepAccounts()).toEqual({ more: true })
      expect(await storage.sweepAccounts()).toEqual({ more: false })
      const left = async (table: string, column: string) =>
        (await lab.query(bed.url, `select ${column} as found from ${table}`)).map((row) => row['found'])
      const sessions = await left('sessions', 'id')
      expect(sessions).toContain(kept.id)
      expect(sessions.filter((id) => tokens.includes(String(id) as (typeof tokens)[number]))).toEqual([])
      const links = await left('links', 'token_hash')
      expect([links.includes(old), links.includes(lasting)]).toEqual([false, true])
      const usedTokens = await left('used_tokens', 'token_hash')
      expect([usedTokens.includes(used), usedTokens.includes('swept-2')]).toEqual([false, true])
    })
  })
}
