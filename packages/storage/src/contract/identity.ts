// The contract of the storage: people whom another issuer vouches for, and people who are told that a token of theirs came twice.
import type { UserId } from '@skein/protocol'
import { describe, expect, test } from 'vitest'
import type { Identity } from '../identities.ts'
import { newId, person, useBed, type Lab } from './lab.ts'

const DAY = 86_400_000

export function identityContract(lab: Lab): void {
  describe('identities', () => {
    const bed = useBed(lab)
    let count = 0
    const identity = (changes: Partial<Identity> = {}): Identity => ({
      issuer: 'https://id.example.org',
      subject: `person ${++count}`,
      name: 'Ida',
      email: `ida-${count}@example.org`,
      isEmailVerified: true,
      avatarUrl: null,
      ...changes,
    })

    test('who comes for the first time gets an account without a password, and is the same person from then on, as the issuer says now', async () => {
      const { storage } = bed
      const ida = identity({ avatarUrl: 'https://example.org/ida.png' })
      const first = await storage.personOf(ida)
      expect(first).toEqual({
        user: {
          id: first.user.id,
          email: ida.email,
          name: 'Ida',
          avatarUrl: ida.avatarUrl,
          createdAt: bed.clock.now,
          lastSeenAt: null,
          disabledAt: null,
          emailConfirmedAt: bed.clock.now,
        },
        is: 'new',
      })
      expect(await storage.account(first.user.id)).toEqual({ ...first.user, passwordHash: null })
      expect(await storage.personOf(ida)).toEqual({ user: first.user, is: 'same' })
      const later = { ...ida, name: 'Ida Noddack', email: 'NEW-ida@example.org', avatarUrl: null }
      const changed = { ...first.user, name: later.name, email: 'new-ida@example.org', avatarUrl: null }
      expect(await storage.personOf(later)).toEqual({ user: changed, is: 'changed' })
      expect(await storage.user(first.user.id)).toEqual(changed)
      expect((await storage.users({ q: 'noddack', limit: 5, cursor: null, except: null })).items).toEqual([changed])
    })

    test('D8: issuer and subject together are the key, exactly as they are written', async () => {
      const { storage } = bed
      const ids = new Set<UserId>()
      const twins: [string, string][] = [
        ['https://a.example', 'é'],
        ['https://a.example', 'e'],
        ['https://a.example', 'E'],
        ['https://a.example', 'e '],
        ['https://a.example/', 'e'],
        ['https://b.example', 'e'],
        ['https://a.example', '["https://b.example","e"]'],
      ]
      for (const [issuer, subject] of twins) ids.add((await storage.personOf(identity({ issuer, subject, email: null }))).user.id)
      expect(ids.size).toBe(twins.length)
    })

    test('attack 34: nobody is merged by an email: another’s stays with the account that has it; a subject that is a user’s id is nobody’s', async () => {
      const { storage } = bed
      const local = await person(storage, 'Local')
      const email = (await storage.user(local))?.email ?? ''
      const taken = identity({ email: email.toUpperCase(), subject: local })
      const vouched = await storage.personOf(taken)
      expect(vouched).toMatchObject({ user: { email: null }, is: 'new' })
      expect(vouched.user.id).not.toBe(local)
      expect((await storage.accountByEmail(email))?.id).toBe(local)
      expect(await storage.accountByEmail(`none:${vouched.user.id}`)).toMatchObject({ email: null, passwordHash: null })
      expect(await storage.personOf(taken)).toMatchObject({ user: { id: vouched.user.id, email: null }, is: 'same' })
      await storage.updateUser(local, { email: 'moved-away@example.org' })
      expect(await storage.personOf(taken)).toMatchObject({ user: { id: vouched.user.id, email }, is: 'changed' })
      expect(await storage.createUser({ email, name: 'Late', passwordHash: 'hash' })).toBe('email-taken')
      // One that loses its email to nobody.
      expect(await storage.personOf({ ...taken, email: null })).toMatchObject({ user: { email: null }, is: 'changed' })
      expect(await storage.createUser({ email, name: 'Late', passwordHash: 'hash' })).toMatchObject({ email })
    })

    test('who comes for the first time on several devices at once is one person', async () => {
      const servers = [bed.storage, await bed.another(), await bed.another()]
      for (let round = 0; round < 3; round++) {
        const ida = identity()
        const people = await Promise.all([...servers, ...servers].map((storage) => storage.personOf(ida)))
        expect(new Set(people.map(({ user }) => user.id)).size).toBe(1)
        expect(people.filter(({ is }) => is === 'new')).toHaveLength(1)
      }
    })

    test('a session of theirs begins once for each id, and none for who is disabled or erased; no password opens the account', async () => {
      const { storage, clock } = bed
      const ida = identity()
      const { user } = await storage.personOf(ida)
      const one = { id: newId(), userId: user.id, tokenHash: newId(), expiresAt: clock.now + DAY, device: 'curl' }
      expect(await storage.createVouchedSession(one)).toBe(true)
      clock.now += 1_000
      expect(await storage.createVouchedSession(one)).toBe(true)
      expect(await storage.sessions(user.id)).toMatchObject([{ id: one.id, lastUsedAt: clock.now, expiresAt: one.expiresAt }])
      for (const passwordHash of ['', 'hash'])
        expect(await storage.createSession({ ...one, id: newId(), tokenHash: newId(), passwordHash })).toBe(false)
      const email = user.email ?? ''
      await storage.createLink({ tokenHash: 'for nobody', purpose: 'reset', userId: user.id, email, expiresAt: clock.now + DAY })
      expect(await storage.resetPassword('for nobody', 'new')).toBeNull()
      await storage.disableUser(user.id)
      expect(await storage.createVouchedSession({ ...one, id: newId(), tokenHash: newId() })).toBe(false)
      await storage.eraseUser(user.id)
      expect(await storage.createVouchedSession({ ...one, id: newId(), tokenHash: newId() })).toBe(false)
      expect(await lab.query(bed.url, `select subject from identities where user_id = '${user.id}'`)).toEqual([])
      expect((await storage.personOf(ida)).user.id).not.toBe(user.id)
    })
  })

  describe('S2: a refresh token that came twice', () => {
    const bed = useBed(lab)
    async function stolen(userId: UserId): Promise<string> {
      const id = newId()
      const [first, next] = [newId(), newId()]
      await bed.storage.createSession({
        id,
        userId,
        passwordHash: 'hash',
        tokenHash: first,
        expiresAt: bed.clock.now + DAY,
        device: 'Firefox on Linux',
      })
      const rotate = (from: string, to: string) => bed.storage.rotateSession(from, { tokenHash: to, graceMs: 0, expiresAt: bed.clock.now + DAY })
      await rotate(first, next)
      bed.clock.now += 1_000
      expect(await rotate(first, newId())).toMatchObject({ outcome: 'reused', session: { id, userId, device: 'Firefox on Linux' } })
      return id
    }

    test('is told for a month, the last first, and once at a log-in; to nobody else, and not of who was erased', async () => {
      const { storage, clock } = bed
      const [ann, bob] = [await person(storage), await person(storage)]
      const first = { id: await stolen(ann), device: 'Firefox on Linux', at: clock.now }
      const second = { id: await stolen(ann), device: 'Firefox on Linux', at: clock.now }
      expect(await storage.reusedSessions(ann)).toEqual([second, first])
      expect(await storage.tellReusedSessions(ann)).toEqual([second, first])
      expect(await storage.tellReusedSessions(ann)).toEqual([])
      const third = { id: await stolen(ann), device: 'Firefox on Linux', at: clock.now }
      expect(await storage.tellReusedSessions(ann)).toEqual([third])
      expect(await storage.reusedSessions(ann)).toEqual([third, second, first])
      expect(await storage.reusedSessions(bob)).toEqual([])
      clock.now += 30 * DAY
      expect(await storage.reusedSessions(ann)).toEqual([])
      while ((await storage.sweepAccounts()).more);
      expect(await lab.query(bed.url, 'select session_id from reused_sessions')).toEqual([])
      await stolen(bob)
      await storage.eraseUser(bob)
      expect(await lab.query(bed.url, 'select session_id from reused_sessions')).toEqual([])
    })
  })
}
