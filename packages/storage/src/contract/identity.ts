// The contract of the storage: people whom another issuer vouches for, and people who are told that a token of theirs came twice.
import { picturePath, type UserId } from '@skein/protocol'
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

    test('a token that says who somebody is and nothing else leaves what is known of them', async () => {
      const { storage } = bed
      const ida = identity({ avatarUrl: 'https://example.org/ida.png' })
      const bare = { ...ida, name: 'Somebody', email: null, avatarUrl: null, isEmailVerified: false, isBare: true }
      const { user } = await storage.personOf(ida)
      expect(await storage.personOf(bare)).toEqual({ user, is: 'same' })
      expect(await storage.personOf({ ...identity(), ...bare, subject: 'somebody else' })).toMatchObject({ user: { name: 'Somebody' }, is: 'new' })
    })

    test('P5: a picture that was chosen here outlives what the issuer says', async () => {
      const { storage } = bed
      const ida = identity({ avatarUrl: 'https://example.org/ida.png' })
      const { user } = await storage.personOf(ida)
      const avatarUrl = picturePath('a'.repeat(22))
      await storage.updateUser(user.id, { avatarUrl })
      expect(await storage.personOf(ida)).toEqual({ user: { ...user, avatarUrl }, is: 'same' })
      await storage.updateUser(user.id, { avatarUrl: null })
      expect(await storage.personOf(ida)).toEqual({ user, is: 'changed' })
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

    test('attack 34: an identity becomes a way into an account only where provider and account both know the email, once for each issuer', async () => {
      const { storage } = bed
      const welcome = { newcomers: 'welcome', verifiedOnly: false } as const
      const account = async (emailConfirmed: boolean) => {
        const user = await storage.createUser({ email: `own-${++count}@example.org`, name: 'Own', passwordHash: 'hash', emailConfirmed })
        if (user === 'email-taken' || user.email === null) throw new Error('taken')
        return { ...user, email: user.email }
      }
      const known = await account(true)
      const mine = identity({ email: known.email.toUpperCase() })
      expect(await storage.logInByIdentity({ ...mine, isEmailVerified: false }, welcome)).toBe('email-held')
      const unknown = await account(false)
      expect(await storage.logInByIdentity(identity({ email: unknown.email }), welcome)).toBe('email-held')
      await storage.disableUser(unknown.id)
      expect(await storage.logInByIdentity(identity({ email: unknown.email }), welcome)).toBe('email-held')

      expect(await storage.logInByIdentity(mine, { newcomers: 'refused', verifiedOnly: true })).toEqual({ user: known, is: 'linked' })
      // The account keeps its own name, email and password, whichever door its person comes by.
      const renamed = { ...mine, name: 'Other', email: 'other@example.org', avatarUrl: 'https://example.org/other.png' }
      expect(await storage.logInByIdentity(renamed, welcome)).toEqual({ user: known, is: 'same' })
      expect(await storage.personOf(renamed)).toEqual({ user: known, is: 'same' })
      expect(await storage.account(known.id)).toEqual({ ...known, passwordHash: 'hash' })
      // The same email under another subject is somebody who has it now; another issuer's word is as good.
      expect(await storage.logInByIdentity(identity({ email: known.email }), welcome)).toBe('email-held')
      expect(await storage.logInByIdentity(identity({ email: known.email, issuer: 'https://second.example' }), welcome)).toMatchObject({
        is: 'linked',
      })
      // Nobody's password, nobody's account: what one issuer made another does not open.
      const theirs = identity()
      expect(await storage.logInByIdentity(theirs, welcome)).toMatchObject({ is: 'new', user: { emailConfirmedAt: bed.clock.now } })
      expect(await storage.logInByIdentity({ ...theirs, issuer: 'https://second.example' }, welcome)).toBe('email-held')
    })

    test('who is new comes in as the terms say; an invitation is used up once, by the one who came in', async () => {
      const { storage, clock } = bed
      const invite = async (email: string | null) => {
        const tokenHash = newId()
        await storage.createLink({ tokenHash, purpose: 'invite', userId: null, email, expiresAt: clock.now + DAY })
        return { newcomers: { invitation: tokenHash }, verifiedOnly: false } as const
      }
      expect(await storage.logInByIdentity(identity(), { newcomers: 'refused', verifiedOnly: false })).toBe('not-welcome')
      for (const vague of [identity({ isEmailVerified: false }), identity({ email: null })]) {
        expect(await storage.logInByIdentity(vague, { newcomers: 'welcome', verifiedOnly: true })).toBe('email-unverified')
        expect(await storage.logInByIdentity(vague, { newcomers: 'welcome', verifiedOnly: false })).toMatchObject({
          is: 'new',
          user: { email: vague.email, emailConfirmedAt: null },
        })
      }
      const anybody = await invite(null)
      expect(await storage.logInByIdentity(identity({ isEmailVerified: false }), { ...anybody, verifiedOnly: true })).toBe('email-unverified')
      const first = identity()
      expect(await storage.logInByIdentity(first, anybody)).toMatchObject({ is: 'new' })
      expect(await storage.logInByIdentity(identity(), anybody)).toBe('no-invitation')
      expect(await storage.logInByIdentity(first, anybody)).toMatchObject({ is: 'same' })
      const somebody = await invite('guest@example.org')
      expect(await storage.logInByIdentity(identity(), somebody)).toBe('no-invitation')
      expect(await storage.logInByIdentity(identity({ email: 'Guest@example.org' }), somebody)).toMatchObject({ is: 'new' })
      // What is verified later is confirmed then.
      const late = identity({ isEmailVerified: false })
      await storage.logInByIdentity(late, { newcomers: 'welcome', verifiedOnly: false })
      expect(await storage.logInByIdentity({ ...late, isEmailVerified: true }, { newcomers: 'refused', verifiedOnly: true })).toMatchObject({
        is: 'changed',
        user: { emailConfirmedAt: clock.now },
      })
    })

    test('attack 34: of two identities of one issuer that want the same account at once one gets it', async () => {
      const servers = [bed.storage, await bed.another()]
      for (let round = 0; round < 3; round++) {
        const email = `wanted-${++count}@example.org`
        await bed.storage.createUser({ email, name: 'Wanted', passwordHash: 'hash', emailConfirmed: true })
        const tries = [...servers, ...servers].map((storage) =>
          storage.logInByIdentity(identity({ email }), { newcomers: 'welcome', verifiedOnly: false }),
        )
        const outcomes = (await Promise.all(tries)).map((outcome) => (typeof outcome === 'string' ? outcome : outcome.is))
        expect(outcomes.sort()).toEqual(['email-held', 'email-held', 'email-held', 'linked'])
      }
    })

    test('a session of theirs begins once for each id, and none for who is disabled or erased; no password opens the account', async () => {
      const { storage, clock } = bed
      const ida = identity()
      const { user } = await storage.personOf(ida)
      const one = { id: newId(), userId: user.id, tokenHash: newId(), issuedAt: clock.now, expiresAt: clock.now + DAY, device: 'curl' }
      expect(await storage.createVouchedSession(one)).toBe('started')
      clock.now += 1_000
      expect(await storage.createVouchedSession(one)).toBe('started')
      expect(await storage.sessions(user.id)).toMatchObject([{ id: one.id, lastUsedAt: clock.now, expiresAt: one.expiresAt }])
      for (const passwordHash of ['', 'hash'])
        expect(await storage.createSession({ ...one, id: newId(), tokenHash: newId(), passwordHash })).toBe(false)
      const email = user.email ?? ''
      await storage.createLink({ tokenHash: 'for nobody', purpose: 'reset', userId: user.id, email, expiresAt: clock.now + DAY })
      expect(await storage.resetPassword('for nobody', 'new')).toBeNull()
      await storage.disableUser(user.id)
      expect(await storage.createVouchedSession({ ...one, id: newId(), tokenHash: newId() })).toBe('gone')
      await storage.eraseUser(user.id)
      expect(await storage.createVouchedSession({ ...one, id: newId(), tokenHash: newId() })).toBe('gone')
      expect(await lab.query(bed.url, `select subject from identities where user_id = '${user.id}'`)).toEqual([])
      expect((await storage.personOf(ida)).user.id).not.toBe(user.id)
    })

    test('who logs in themselves, by no token that somebody kept, begins a session also in the moment in which all were ended, and nothing of it is remembered', async () => {
      const { storage, clock } = bed
      const { user } = await storage.personOf(identity())
      await storage.endSessions(user.id)
      const begun = { id: newId(), userId: user.id, tokenHash: newId(), issuedAt: null, expiresAt: clock.now + DAY, device: null }
      expect(await storage.createVouchedSession(begun)).toBe('started')
      expect(await storage.session(begun.id)).toMatchObject({ tokenHash: begun.tokenHash, isIssued: false })
      expect(await storage.endSessions(user.id)).toEqual([begun.id])
      expect(await lab.query(bed.url, `select token_hash from ended_tokens where token_hash like '%${begun.tokenHash}'`)).toEqual([])
    })

    test('a token whose session was ended begins none again, one that was issued before somebody logged out everywhere none at all, on every server', async () => {
      const { storage, clock } = bed
      const other = await bed.another()
      const ida = identity()
      const { user } = await storage.personOf(ida)
      const tokenOf = (issuedAt: number) => ({
        ...{ id: newId(), userId: user.id, tokenHash: newId(), issuedAt, expiresAt: clock.now + DAY, device: null },
      })
      const [one, two, unseen] = [tokenOf(clock.now), tokenOf(clock.now), tokenOf(clock.now)]
      const of = (token: typeof one) => other.vouchedFor({ ...ida, ...token })
      for (const token of [one, two]) expect(await storage.createVouchedSession(token)).toBe('started')
      await storage.endSession(one.id)
      expect([await other.createVouchedSession(one), await other.createVouchedSession(two)]).toEqual(['ended', 'started'])
      expect([await of(one), await of(two), await of(unseen)]).toEqual(['ended', user.id, user.id])
      clock.now += 1_000
      // Issued by a clock that is ahead.
      const ahead = tokenOf(clock.now + 5_000)
      expect(await storage.createVouchedSession(ahead)).toBe('started')
      expect((await storage.endSessions(user.id)).sort()).toEqual([two.id, ahead.id].sort())
      for (const token of [two, ahead, unseen]) expect([await of(token), await other.createVouchedSession(token)]).toEqual(['ended', 'ended'])
      const later = tokenOf(clock.now + 1_000)
      expect([await of(later), await other.createVouchedSession(later)]).toEqual([user.id, 'started'])
      // Whoever erased themselves is not begun anew by the page that is still open.
      await storage.eraseUser(user.id)
      expect([await of(later), await of(tokenOf(clock.now + 1_000))]).toEqual(['ended', null])
      const remembered = () => lab.query(bed.url, `select token_hash from ended_tokens where token_hash like '%${later.tokenHash}'`)
      expect(await remembered()).toHaveLength(1)
      clock.now += DAY
      await storage.sweepAccounts()
      expect(await remembered()).toEqual([])
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
      const rotate = (from: string, to: string) => bed.storage.rotateSession(from, { hashOf: () => to, graceMs: 0, expiresAt: bed.clock.now + DAY })
      await rotate(first, next)
      await rotate(next, newId())
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
