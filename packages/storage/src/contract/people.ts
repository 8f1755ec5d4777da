// People, their lists of chats, their marks, the feed, and sessions.
import type { ChatId, UserId } from '@skein/protocol'
import { describe, expect, test } from 'vitest'
import { group, member, message, newId, person, posted, randomBytes, storeOne, talk, update, useBed, type Lab } from './lab.ts'

const notArranged = { mutedUntil: null, pinned: false, archived: false, draft: '', unreadAfter: null, hidden: [], changedAt: 0 }
const hash = (): string => Buffer.from(randomBytes(32)).toString('base64url')

export function peopleContract(lab: Lab): void {
  describe('people', () => {
    const bed = useBed(lab)
    const register = (email: string, name = 'Somebody') => bed.storage.createUser({ email, name, passwordHash: 'secret hash' })

    test('D8: emails are one by case and blanks around them, and two by accents', async () => {
      const jose = await register('  José@Example.org ', 'José')
      if (jose === 'email-taken') throw new Error('Taken')
      expect(jose).toEqual({
        id: expect.stringMatching(/^[0-9a-hjkmnp-tv-z]{26}$/),
        email: 'josé@example.org',
        name: 'José',
        avatarUrl: null,
        createdAt: bed.clock.now,
        lastSeenAt: null,
        disabledAt: null,
        emailConfirmedAt: null,
      })
      expect(await register('JOSÉ@example.org')).toBe('email-taken')
      expect(await register('jose@example.org')).not.toBe('email-taken')
      expect(await bed.storage.accountByEmail('JOSÉ@EXAMPLE.ORG')).toEqual({ ...jose, passwordHash: 'secret hash' })
      expect((await bed.storage.accountByEmail('jose@example.org'))?.id).not.toBe(jose.id)
      expect(await bed.storage.accountByEmail('nobody@example.org')).toBeNull()
      expect(await bed.storage.user(jose.id)).toEqual(jose)
      expect(await bed.storage.user('0'.repeat(26) as UserId)).toBeNull()
    })

    test('last seen only moves forward', async () => {
      const id = await person(bed.storage)
      for (const at of [5_000, 9_000, 7_000]) await bed.storage.touchLastSeen(id, at)
      expect((await bed.storage.user(id))?.lastSeenAt).toBe(9_000)
    })

    test('P5: acquaintances are those with whom one shares a chat now, and those who have left one that one is in', async () => {
      const { storage } = bed
      const [founder, left, ...stay] = [await person(storage), await person(storage), await person(storage), await person(storage)]
      const people = [founder, left, ...stay]
      const [chat, other] = [await talk(storage), await group(storage, people)]
      await storeOne(storage, member(other, founder, 'leave', left))
      const known = async (user: UserId, ...among: UserId[]) => Object.fromEntries(await storage.acquaintances(user, among))
      const all = [chat.ann, chat.bob, ...people]
      expect(await known(chat.ann, ...all)).toEqual({ [chat.bob]: 'now' })
      expect(await known(founder, ...all)).toEqual({ [left]: 'before', ...Object.fromEntries(stay.map((id) => [id, 'now'])) })
      expect(await known(left, ...all)).toEqual({})
      expect(await known(founder)).toEqual({})
      const listed = async (user: UserId) =>
        (await storage.users({ q: null, limit: 100, cursor: null, except: user, contactsOnly: true })).items.map(({ id }) => id)
      expect([await listed(chat.ann), await listed(left)]).toEqual([[chat.bob], []])
      expect((await listed(founder)).toSorted()).toEqual(stay.toSorted())
    })

    test('people by name, in pages that stay stable while others register', async () => {
      const before = await bed.storage.countUsers()
      const names = ['zoë P', 'Zoë P', 'ZOE P', 'zoe P', 'zoé P', 'Zora P', 'zorä P', 'Zora P']
      for (const name of names) await person(bed.storage, name)
      expect(await bed.storage.countUsers()).toBe(before + names.length)
      const pages: string[][] = []
      let cursor: string | null = null
      do {
        const page = await bed.storage.users({ q: 'ZO', limit: 3, cursor, except: null })
        pages.push(page.items.map((user) => user.name.toLowerCase()))
        cursor = page.nextCursor
        await person(bed.storage, 'Aaron Zo P')
      } while (cursor)
      expect(pages).toEqual([
        ['zoe p', 'zoe p', 'zora p'],
        ['zora p', 'zorä p', 'zoé p'],
        ['zoë p', 'zoë p'],
      ])
    })

    test('a search finds parts of names and whole emails only, and takes % and _ for themselves', async () => {
      const odd = await register('under_score@find.example', '100% Müller!')
      await register('underXscore@find.example', '100 Miller')
      if (odd === 'email-taken') throw new Error('Taken')
      const find = async (q: string) => (await bed.storage.users({ q, limit: 10, cursor: null, except: null })).items.map((user) => user.name)
      expect(await find('0% m')).toEqual(['100% Müller!'])
      expect(await find('müller!')).toEqual(['100% Müller!'])
      expect(await find('MÜLL')).toEqual(['100% Müller!'])
      expect(await find('muller')).toEqual([])
      expect(await find('UNDER_score@find.example')).toEqual(['100% Müller!'])
      for (const part of ['under', 'under_score@find.exampl', 'score@', '%@find.example', 'under_score@find.example%'])
        expect(await find(part)).toEqual([])
      expect((await bed.storage.users({ q: '100', limit: 10, cursor: null, except: odd.id })).items.map((user) => user.name)).toEqual(['100 Miller'])
    })

    test('one’s chats, the last active first, with people, last message and unread count', async () => {
      const { storage, clock } = bed
      const me = await person(storage, 'Me')
      const others = [await person(storage, 'One'), await person(storage, 'Two'), await person(storage, 'Three')]
      const chats = []
      for (const other of others) {
        clock.now += 1_000
        chats.push(await group(storage, [other, me], `With ${chats.length}`))
      }
      const [first, second] = chats
      if (!first || !second) throw new Error('No chats')
      clock.now += 1_000
      await storeOne(storage, update(first, others[0] ?? me, [message('one'), message('two')]))
      await storeOne(storage, update(first, me, [message('mine')]))
      clock.now += 1_000
      await storeOne(storage, posted(second, me, message('later')))

      const pages = []
      let cursor: string | null = null
      do {
        const page = await storage.chatSummaries(me, { limit: 2, cursor })
        pages.push(page.items.map((item) => [item.title, item.lastMessage?.text ?? null, item.unread]))
        cursor = page.nextCursor
      } while (cursor)
      expect(pages).toEqual([
        [
          ['With 1', 'later', 0],
          ['With 0', 'mine', 2],
        ],
        [['With 2', null, 0]],
      ])
      await storage.raiseMarks(me, new Map([[first.id, [3, 1]]]))
      const summary = await storage.chatSummary(first.id, me)
      expect(summary).toMatchObject({ ...(await storage.chat(first.id)), unread: 1, marks: { [me]: [3, 1], [others[0] ?? me]: [0, 0] } })
      expect(summary?.members).toEqual(await storage.members(first.id))
      expect(summary?.members.map(({ name }) => name).sort()).toEqual(['Me', 'One'])
      expect((await storage.chatSummary(first.id, others[0] ?? me))?.unread).toBe(1)
      expect(await storage.chatSummary(first.id, others[1] ?? me)).toBeNull()
      expect((await storage.contacts(me)).sort()).toEqual(others.toSorted())
      expect(await storage.contacts(others[0] ?? me)).toEqual([me])
    })

    test('marks only rise, are capped at the last seq, and are one’s own', async () => {
      const { storage } = bed
      const chat = await talk(storage)
      await storeOne(storage, update(chat, chat.ann, [message(), message(), message()]))
      const raise = async (delivered: number, seen: number) =>
        (await storage.raiseMarks(chat.bob, new Map([[chat.id, [delivered, seen]]]))).get(chat.id)
      const { now } = bed.clock
      expect(await raise(2, 1)).toEqual({ marks: [2, 1], raised: true, markPos: now, before: 0 })
      expect(await raise(1, 0)).toEqual({ marks: [2, 1], raised: false, markPos: now, before: now })
      // Places rise also where the clock does not, or goes back.
      bed.clock.now -= 5_000
      expect(await raise(1, 2)).toEqual({ marks: [2, 2], raised: true, markPos: now + 1, before: now })
      bed.clock.now += 15_000
      expect(await raise(2 ** 53 - 1, 4)).toEqual({ marks: [3, 3], raised: true, markPos: now + 10_000, before: now + 1 })
      expect(await raise(9, 9)).toEqual({ marks: [3, 3], raised: false, markPos: now + 10_000, before: now + 10_000 })
      expect((await storage.marks(chat.id)).marks).toEqual({ [chat.ann]: [0, 0], [chat.bob]: [3, 3] })
      expect((await storage.chat(chat.id))?.markPos).toBe(now + 10_000)
    })

    test('CHAT-4: marks that come at the same time are raised together, and each gets their own answer', async () => {
      const { storage } = bed
      const chats = [await talk(storage), await talk(storage)]
      for (const chat of chats) await storeOne(storage, update(chat, chat.ann, [message(), message(), message()]))
      const wishes = chats.flatMap(({ id, ann, bob }) =>
        [ann, bob].flatMap((user) => [3, 1, 2].map((seq) => ({ id, user, raised: storage.raiseMarks(user, new Map([[id, [seq, seq - 1]]])) }))),
      )
      const answers = await Promise.all(wishes.map(async ({ id, user, raised }) => ({ id, user, answer: (await raised).get(id) })))
      for (const { id, ann, bob } of chats) {
        const own = answers.filter((each) => each.id === id)
        expect(own.map(({ answer }) => answer?.marks)).toEqual(Array.from({ length: 6 }, () => [3, 2]))
        const { now } = bed.clock
        expect(own.map(({ answer }) => [answer?.raised, answer?.before, answer?.markPos])).toEqual([
          [true, 0, now],
          [false, now, now],
          [false, now, now],
          [true, now, now + 1],
          [false, now + 1, now + 1],
          [false, now + 1, now + 1],
        ])
        expect((await storage.marks(id)).marks).toEqual({ [ann]: [3, 2], [bob]: [3, 2] })
      }
    })

    test('promise 8: marks of chats one is no member of, or that do not exist, are left out', async () => {
      const { storage } = bed
      const [mine, other] = [await talk(storage), await talk(storage)]
      await storeOne(storage, update(mine, mine.ann, [message()]))
      await storeOne(storage, update(other, other.ann, [message()]))
      const nowhere = '0'.repeat(26) as ChatId
      const raised = await storage.raiseMarks(mine.bob, new Map([other.id, mine.id, nowhere].map((id) => [id, [1, 1]])))
      expect([...raised.keys()]).toEqual([mine.id])
      expect((await storage.marks(other.id)).marks).toEqual({ [other.ann]: [0, 0], [other.bob]: [0, 0] })
      expect((await storage.raiseMarks(mine.bob, new Map())).size).toBe(0)
    })

    test('the feed names what changed since a time: words, marks, a new epoch, a new chat', async () => {
      const { storage, clock } = bed
      const chat = await talk(storage)
      const quiet = await group(storage, [chat.ann])
      const changedSince = async (since: number) => (await storage.feed(chat.ann, since)).map((line) => line.id)
      const step = () => (clock.now += 1_000)
      expect(await storage.feed(chat.ann, null)).toEqual(
        [
          { id: chat.id, epoch: chat.epoch, rev: 1, head: chat.chat.head, seq: 0, markPos: 0, removed: false, mine: notArranged },
          { id: quiet.id, epoch: quiet.epoch, rev: 1, head: quiet.head, seq: 0, markPos: 0, removed: false, mine: notArranged },
        ].sort((a, b) => (a.id < b.id ? -1 : 1)),
      )
      let since = step()
      expect(await changedSince(since)).toEqual([])
      await storeOne(storage, update(chat, chat.bob, [message()]))
      expect(await changedSince(since)).toEqual([chat.id])
      since = step()
      await storage.raiseMarks(chat.bob, new Map([[chat.id, [1, 1]]]))
      expect(await changedSince(since)).toEqual([chat.id])
      since = step()
      await storage.raiseMarks(chat.bob, new Map([[chat.id, [1, 1]]]))
      expect(await changedSince(since), 'marks that did not rise change nothing').toEqual([])
      await storage.nextEpoch(chat.id, chat.epoch)
      expect(await changedSince(since)).toEqual([chat.id])
      since = step()
      const fresh = await group(storage, [chat.bob, chat.ann])
      expect(await changedSince(since)).toEqual([fresh.id])
      // A clock that goes back hides nothing.
      clock.now -= 500_000
      await storeOne(storage, update(fresh, chat.bob, [message()]))
      expect(await changedSince(since)).toEqual([fresh.id])
    })
  })

  describe('sessions', () => {
    const bed = useBed(lab)
    const DAY = 24 * 60 * 60 * 1_000
    const GRACE = 30_000

    async function begin() {
      const session = {
        id: newId(),
        userId: await person(bed.storage),
        passwordHash: 'hash',
        tokenHash: hash(),
        expiresAt: bed.clock.now + DAY,
        device: 'Firefox on Linux',
      }
      expect(await bed.storage.createSession(session)).toBe(true)
      return session
    }
    const rotate = (tokenHash: string, next = hash()) =>
      bed.storage.rotateSession(tokenHash, { hashOf: () => next, graceMs: GRACE, expiresAt: bed.clock.now + DAY })

    test('S2: a refresh token is exchanged once for its successor', async () => {
      const { clock, storage } = bed
      const first = await begin()
      const startedAt = clock.now
      clock.now += 60_000
      const second = hash()
      const answer = await rotate(first.tokenHash, second)
      expect(answer).toEqual({
        outcome: 'rotated',
        remade: 0,
        session: {
          id: first.id,
          userId: first.userId,
          tokenHash: second,
          previousHash: first.tokenHash,
          createdAt: startedAt,
          lastUsedAt: clock.now,
          expiresAt: clock.now + DAY,
          device: 'Firefox on Linux',
          isIssued: false,
        },
      })
      expect(await storage.session(first.id)).toEqual('session' in answer ? answer.session : null)
      expect((await rotate(second)).outcome).toBe('rotated')
    })

    test('S2: two tabs at once both stay logged in', async () => {
      const { clock, storage } = bed
      const servers = [storage, await bed.another(), await bed.another()]
      const { id, tokenHash } = await begin()
      const exchange = (server: typeof storage) =>
        server.rotateSession(tokenHash, { hashOf: () => hash(), graceMs: GRACE, expiresAt: clock.now + DAY })
      const answers = await Promise.all([...servers, ...servers].map(exchange))
      expect(answers.map(({ outcome }) => outcome).sort()).toEqual(['grace', 'grace', 'grace', 'grace', 'grace', 'rotated'])
      const session = await storage.session(id)
      for (const answer of answers) expect(answer).toMatchObject({ session: { id, tokenHash: session?.tokenHash } })
    })

    test('S2: also a tab that comes late by two exchanges, within the grace', async () => {
      const { clock } = bed
      const first = await begin()
      const second = hash()
      await rotate(first.tokenHash, second)
      clock.now += 10_000
      await rotate(second)
      clock.now += 10_000
      // It has no use for an older successor: the browser has the last one.
      expect(await rotate(first.tokenHash)).toMatchObject({ outcome: 'grace', remade: null })
      expect(await rotate(second)).toMatchObject({ outcome: 'grace', remade: 0 })
    })

    test('S2: a token that was exchanged earlier is reused: the session ends, also for its successor', async () => {
      const { clock, storage } = bed
      const first = await begin()
      const second = hash()
      await rotate(first.tokenHash, second)
      await rotate(second)
      clock.now += GRACE
      expect(await rotate(first.tokenHash)).toMatchObject({ outcome: 'reused', session: { id: first.id, userId: first.userId } })
      expect(await storage.session(first.id)).toBeNull()
      expect(await rotate(second)).toEqual({ outcome: 'unknown' })
      expect(await rotate(first.tokenHash)).toEqual({ outcome: 'unknown' })
    })

    test('S2: whose browser was killed before it had stored the successor stays logged in, however often; the successor ends the session should anybody show it', async () => {
      const { clock, storage } = bed
      const first = await begin()
      const made = [hash(), hash(), hash()]
      const again = () =>
        storage.rotateSession(first.tokenHash, { hashOf: (remade) => made[remade] ?? '', graceMs: GRACE, expiresAt: clock.now + DAY })
      expect(await again()).toMatchObject({ outcome: 'rotated', remade: 0 })
      clock.now += GRACE
      expect(await again()).toMatchObject({ outcome: 'rotated', remade: 1, session: { id: first.id, tokenHash: made[1] } })
      // A second tab gets the same one.
      expect(await again()).toMatchObject({ outcome: 'grace', remade: 1 })
      clock.now += GRACE
      expect(await Promise.all([again(), (await bed.another()).session(first.id)])).toMatchObject([
        { outcome: 'rotated', remade: 2 },
        { id: first.id },
      ])
      const { outcome } = await storage.rotateSession(made[2] ?? '', { hashOf: () => hash(), graceMs: GRACE, expiresAt: clock.now + DAY })
      expect(outcome).toBe('rotated')
      expect(await rotate(made[0] ?? '')).toMatchObject({ outcome: 'reused', session: { id: first.id } })
      expect(await storage.session(first.id)).toBeNull()
    })

    test('S2: of several that show such a token at once, on several servers, all stay logged in with the same one', async () => {
      const { clock, storage } = bed
      const servers = [storage, await bed.another(), await bed.another()]
      // Many times, since it is about what lies between two statements.
      for (let round = 0; round < 20; round++) {
        const { id, tokenHash } = await begin()
        const made = [hash(), hash()]
        const exchange = (server: typeof storage) =>
          server.rotateSession(tokenHash, { hashOf: (remade) => made[remade] ?? '', graceMs: GRACE, expiresAt: clock.now + DAY })
        await exchange(storage)
        clock.now += GRACE
        const answers = await Promise.all([...servers, ...servers].map(exchange))
        expect(answers.map(({ outcome }) => outcome).sort()).toEqual(['grace', 'grace', 'grace', 'grace', 'grace', 'rotated'])
        for (const answer of answers) expect(answer).toMatchObject({ remade: 1, session: { id, tokenHash: made[1] } })
      }
    })

    test('P4: a person’s sessions are listed with their device, the last used first, without those that have ended', async () => {
      const { clock, storage } = bed
      const { userId, ...first } = await begin()
      const startedAt = clock.now
      const start = async (device: string | null) => {
        clock.now += 1_000
        const session = { id: newId(), userId, passwordHash: 'hash', tokenHash: hash(), expiresAt: clock.now + DAY, device }
        await storage.createSession(session)
        return session
      }
      const [second, third] = [await start('Safari on iOS'), await start(null)]
      clock.now += 1_000
      await rotate(first.tokenHash)
      await storage.endSession(second.id)
      const fourth = await start('Chrome on Android')
      const listed = await storage.sessions(userId)
      expect(listed.map(({ id, device, createdAt, lastUsedAt }) => [id, device, createdAt - startedAt, lastUsedAt - startedAt])).toEqual([
        [fourth.id, 'Chrome on Android', 4_000, 4_000],
        [first.id, 'Firefox on Linux', 0, 3_000],
        [third.id, null, 2_000, 2_000],
      ])
      clock.now = third.expiresAt
      expect((await storage.sessions(userId)).map(({ id }) => id)).toEqual([fourth.id, first.id])
      expect(await storage.sessions(await person(storage))).toEqual([])
    })

    test('P4: all sessions of a person end at once, and nobody else’s', async () => {
      const { storage } = bed
      const [mine, other] = [await begin(), await begin()]
      expect(await storage.endSessions(mine.userId)).toEqual([mine.id])
      expect(await storage.endSessions(mine.userId)).toEqual([])
      expect(await storage.session(mine.id)).toBeNull()
      expect(await rotate(mine.tokenHash)).toEqual({ outcome: 'unknown' })
      expect(await storage.session(other.id)).not.toBeNull()
    })

    test('a session ends when it is ended, or when its time is over', async () => {
      const { clock, storage } = bed
      const [ended, expired] = [await begin(), await begin()]
      await storage.endSession(ended.id)
      await storage.endSession(ended.id)
      expect(await storage.session(ended.id)).toBeNull()
      expect(await rotate(ended.tokenHash)).toEqual({ outcome: 'unknown' })
      expect(await rotate(hash())).toEqual({ outcome: 'unknown' })
      clock.now += DAY
      expect(await storage.session(expired.id)).toBeNull()
      expect(await rotate(expired.tokenHash)).toEqual({ outcome: 'unknown' })
    })
  })
}
