// Chats out of an export: what becomes of them here, that each comes once, and that nothing is ever half there.
import { chatIdOf, directChatId, journalKey, userIdOf, type ChatId, type UserId } from '@skein/protocol'
import { describe, expect, test } from 'vitest'
import { DELETED_WORDS, type ImportedMessage } from '../import/items.ts'
import type { ImportedChat, ImportedPerson } from '../import/import.ts'
import { checkChain } from './chain.ts'
import { commitOne, group, message, newId, person, posted, randomBytes, remove, sha256, START, storeOne, talk, useBed, type Lab } from './lab.ts'

const DAY = 24 * 60 * 60_000
const THEN = START - 100 * DAY
const stays = (id: UserId, may: Partial<ImportedPerson> = {}): ImportedPerson => ({
  id,
  name: 'Somebody',
  stays: true,
  mayInvite: false,
  mayRemove: false,
  ...may,
})
const former = (id: UserId, name = 'Somebody'): ImportedPerson => ({ ...stays(id), name, stays: false })
const exported = (people: readonly ImportedPerson[], more: Partial<ImportedChat> = {}): ImportedChat => ({
  ...{ id: chatIdOf(randomBytes(17)), digest: newId(), kind: 'group', title: 'Crew', fromJoining: false, createdAt: THEN, people },
  ...more,
})
let minutes = 0
const said = (authorId: UserId, text: string, more: Partial<ImportedMessage> = {}): ImportedMessage => ({
  ...{ authorId, checked: message(text), receivedAt: THEN + 60_000 * ++minutes, editedAt: null, deletedAt: null, reactions: [] },
  ...more,
})
const source = (messages: readonly ImportedMessage[]) =>
  async function* (): AsyncGenerator<ImportedMessage> {
    yield* messages
  }

const noJournal = (): boolean => false

export function importsContract(lab: Lab): void {
  describe('imports', () => {
    const bed = useBed(lab)
    const stranger = (): UserId => userIdOf(randomBytes(17))
    async function imported(chat: ImportedChat, messages: readonly ImportedMessage[]): Promise<ChatId> {
      const outcome = await bed.storage.importChat(chat, source(messages), noJournal)
      if (typeof outcome === 'string') throw new Error(outcome)
      expect(outcome.isNew).toBe(true)
      return outcome.chat
    }
    const history = async (chat: ChatId) => (await bed.storage.history(chat, { before: null, cursor: null, limit: 10_000 })).items

    test('C7: words, authors, order, times, edits, deletions and reactions are what they were, in a chain like every other', async () => {
      const { storage, clock } = bed
      const [ann, bob] = [await person(storage, 'Ann'), await person(storage, 'Bob')]
      const gone = stranger()
      const first = said(ann, 'first', {
        reactions: [
          { emoji: '👍', userIds: [bob, gone] },
          { emoji: '🎉', userIds: [ann, bob] },
        ],
      })
      const { operation } = first.checked
      const reply = said(bob, 'reply', { checked: message('reply', { replyTo: operation.id, replyToAuthor: ann, mentions: [ann] }) })
      // Changed while others spoke, and long after the last word.
      const [edited, deleted] = [
        said(gone, 'edited', { editedAt: THEN + 60_000 * (minutes + 2) }),
        said(ann, DELETED_WORDS, { deletedAt: START - DAY }),
      ]
      const last = said(bob, 'last')
      const messages = [first, reply, edited, deleted, last]
      const chat = await imported(exported([stays(ann, { mayInvite: true }), stays(bob, { mayRemove: true }), former(gone, 'Gone')]), messages)
      expect(await history(chat)).toMatchObject(
        messages.map(({ authorId, checked, receivedAt, editedAt, deletedAt }, i) => ({
          ...{ seq: i + 1, id: checked.operation.id, authorId, createdAt: Date.parse(checked.operation.at), receivedAt, editedAt, deletedAt },
          text: deletedAt === null && checked.operation.type === 'message' ? checked.operation.text : '',
        })),
      )
      const [one, two] = await history(chat)
      expect(one?.reactions.map(({ emoji, userId }) => [emoji, userId])).toEqual([
        ['👍', bob],
        ['👍', gone],
        ['🎉', ann],
        ['🎉', bob],
      ])
      expect(two).toMatchObject({ replyTo: operation.id, replyToAuthor: ann, mentions: [ann] })
      const entries = await checkChain(storage, chat)
      expect(entries.at(0)).toMatchObject({ kind: 'create', at: THEN, authorId: ann })
      expect(entries.every(({ at }) => at <= clock.now)).toBe(true)
      expect(await storage.chat(chat)).toMatchObject({ kind: 'group', title: 'Crew', createdAt: THEN, lastAt: last.receivedAt, pos: 0 })
      // Who wrote and was no member any more left; the others may what they might.
      const members = (await storage.members(chat)).map(({ id, mayInvite, mayRemove }) => ({ id, mayInvite, mayRemove }))
      expect(members.toSorted((a, b) => (a.id < b.id ? -1 : 1))).toEqual(
        [
          { id: ann, mayInvite: true, mayRemove: false },
          { id: bob, mayInvite: false, mayRemove: true },
        ].toSorted((a, b) => (a.id < b.id ? -1 : 1)),
      )
      expect(await storage.user(gone)).toMatchObject({ name: 'Gone', email: null })
      expect(await storage.account(gone)).toMatchObject({ passwordHash: null })
      // It goes on like any chat.
      await storeOne(storage, posted({ id: chat }, bob, message('and on')))
      await checkChain(storage, chat)
    })

    test('nobody has anything unread, no document holds the old words, no webhook is told, and the feed tells of the chat from then on', async () => {
      const { storage, clock } = bed
      const ann = await person(storage, 'Ann')
      const webhook = { id: newId(), userId: ann, url: 'https://bot.example.org/', secret: 'whsec_x' }
      await storage.createWebhook({ ...webhook, keyId: null, events: ['message.created'] })
      const since = clock.now
      const chat = await imported(
        exported([stays(ann), stays(stranger())]),
        Array.from({ length: 1_200 }, (_, i) => said(ann, `word ${i}`)),
      )
      const summary = await storage.chatSummary(chat, ann)
      expect(summary).toMatchObject({ unread: 0, seq: 1_200, marks: { [ann]: [1_200, 1_200] }, lastMessage: { text: 'word 1199' } })
      expect(Object.values(summary?.marks ?? {})).toEqual([
        [1_200, 1_200],
        [1_200, 1_200],
      ])
      const row = await storage.chat(chat)
      if (!row) throw new Error('No chat')
      expect(row.baseRev).toBe(row.rev)
      expect((await storage.epochTail(chat, row.epoch, { pos: 0, rev: 0 }))?.entries).toEqual([])
      expect((await storage.feed(ann, since)).map(({ id }) => id)).toContain(chat)
      expect(await storage.collectDeliveries(null)).toEqual([])
      await storeOne(storage, posted({ id: chat }, ann, message('new')))
      expect(await storage.collectDeliveries(null)).toEqual([webhook.id])
      expect((await storage.claimDelivery(webhook.id, 1_000))?.entry?.rev).toBe(row.rev + 1)
      expect((await storage.sweepEpochs()).damaged).toEqual([])
      await checkChain(storage, chat)
    })

    test('promise 4: the same export again adds nothing, another one of the same chat is refused, and two at once make one chat', async () => {
      const { storage } = bed
      const ann = await person(storage, 'Ann')
      const chat = exported([stays(ann)])
      const messages = [said(ann, 'once'), said(ann, 'twice')]
      const [one, other] = [storage, await bed.another()]
      const outcomes = await Promise.all([one, other, one].map((each) => each.importChat(chat, source(messages), noJournal)))
      const ids = new Set(outcomes.map((outcome) => (typeof outcome === 'string' ? outcome : outcome.chat)))
      expect([ids.size, outcomes.filter((outcome) => typeof outcome !== 'string' && outcome.isNew).length]).toEqual([1, 1])
      const [id] = ids as Set<ChatId>
      if (!id) throw new Error('No chat')
      const before = await storage.chat(id)
      expect(await storage.importChat(chat, source(messages), noJournal)).toEqual({ chat: id, isNew: false })
      expect(await storage.importChat({ ...chat, digest: 'other' }, source(messages), noJournal)).toBe('another-export')
      expect(await storage.chat(id)).toEqual(before)
      expect((await history(id)).map(({ text }) => text)).toEqual(['once', 'twice'])
    })

    test('all or nothing: what ends in the middle leaves no chat, no account and no word, and may be imported afterwards', async () => {
      const { storage } = bed
      const [ann, missing] = [await person(storage, 'Ann'), stranger()]
      const chat = exported([stays(ann), stays(missing)])
      const messages = Array.from({ length: 700 }, (_, i) => said(ann, `word ${i}`))
      const before = await storage.countUsers()
      await expect(
        storage.importChat(
          chat,
          async function* () {
            yield* messages
            throw new Error('torn off')
          },
          noJournal,
        ),
      ).rejects.toThrow('torn off')
      expect([await storage.countUsers(), (await storage.chatSummaries(ann, { limit: 10, cursor: null })).items]).toEqual([before, []])
      await checkChain(storage, await imported(chat, messages))
    })

    test('a direct chat becomes that of its two people where they have none; else a group; and not where one blocks the other', async () => {
      const { storage } = bed
      const [ann, bob, cleo] = [await person(storage, 'Ann'), await person(storage, 'Bob'), await person(storage, 'Cleo')]
      const direct = (...people: UserId[]) =>
        exported(
          people.map((id) => stays(id)),
          { kind: 'direct', title: null },
        )
      const id = await imported(direct(ann, bob), [said(ann, 'old')])
      expect([id, (await storage.chat(id))?.kind]).toEqual([directChatId(ann, bob, sha256), 'direct'])
      const there = await talk(storage)
      const beside = await imported(direct(there.ann, there.bob), [said(there.bob, 'old')])
      expect(beside).not.toBe(there.id)
      expect(await storage.chat(beside)).toMatchObject({ kind: 'group', title: null })
      expect((await storage.members(beside)).map(({ mayInvite, mayRemove }) => mayInvite && mayRemove)).toContain(true)
      expect(await history(there.id)).toEqual([])
      await storage.block(cleo, ann, directChatId(ann, cleo, sha256))
      expect(await storage.importChat(direct(ann, cleo), source([said(ann, 'old')]), noJournal)).toBe('blocked')
      expect(await storage.chat(directChatId(ann, cleo, sha256))).toBeNull()
    })

    test('ERASE-4: whoever was erased here is in it no more, and none of their words come back; nor do words that were deleted here', async () => {
      const { storage, clock } = bed
      const [ann, bob] = [await person(storage, 'Ann'), await person(storage, 'Bob')]
      const chat = await group(storage, [ann, bob])
      const [deleted, kept] = [message('deleted since'), message('kept')]
      for (const word of [deleted, kept]) await storeOne(storage, posted(chat, ann, word))
      await storeOne(storage, posted(chat, ann, remove(deleted.operation.id)))
      await storage.eraseUser(bob)
      const people = [stays(ann, { mayInvite: true, mayRemove: true }), stays(bob, { mayInvite: true })]
      const again = [
        said(ann, 'x', { checked: deleted }),
        said(ann, 'x', { checked: kept }),
        said(bob, 'of an erased person', { editedAt: START - DAY }),
      ]
      const id = await imported(exported(people, { id: chat.id }), again)
      expect((await history(id)).map(({ text, deletedAt }) => [text, deletedAt === null])).toEqual([
        ['', false],
        ['kept', true],
        ['', false],
      ])
      expect((await storage.members(id)).map((member) => member.id)).toEqual([ann])
      expect(JSON.stringify(await checkChain(storage, id))).not.toMatch(/deleted since|of an erased/)
      // What stands in the place of the words goes, too.
      clock.now += 2 * 60 * 60_000
      await storage.eraseDeleted(id)
      expect(JSON.stringify(await checkChain(storage, id))).not.toContain(DELETED_WORDS)
      // Nobody is left of this one, and nobody new is made for it.
      const before = await storage.countUsers()
      expect(await storage.importChat(exported([stays(bob), former(stranger())]), source([]), noJournal)).toBe('nobody')
      expect(await storage.countUsers()).toBe(before)
    })

    test('HEAL-9, promise 7: what only the deletion journal knows to be deleted comes without words, by the id of the exported chat or of the imported one', async () => {
      const { storage } = bed
      const ann = await person(storage, 'Ann')
      const chat = exported([stays(ann)])
      const own = chatIdOf(sha256(new TextEncoder().encode(`skein/1\nimport\n${chat.id}`)))
      const [there, here, kept] = [said(ann, 'deleted there'), said(ann, 'deleted here'), said(ann, 'kept')]
      const keys = new Set([journalKey(chat.id, ann, there.checked.operation.id, sha256), journalKey(own, ann, here.checked.operation.id, sha256)])
      const outcome = await storage.importChat(chat, source([there, here, kept]), (key) => keys.has(key))
      expect(outcome).toEqual({ chat: own, isNew: true })
      expect((await history(own)).map(({ text }) => text)).toEqual(['', '', 'kept'])
      expect(JSON.stringify(await checkChain(storage, own))).not.toMatch(/deleted (there|here)/)
    })

    test('CHAT-7: an ability that nobody has who stays is the founder’s, and no time of an import lies ahead', async () => {
      const { storage, clock } = bed
      const [ann, bob] = [await person(storage, 'Ann'), await person(storage, 'Bob')]
      const ahead = said(ann, 'from the future', { receivedAt: clock.now + DAY, editedAt: clock.now + 2 * DAY })
      const id = await imported(exported([stays(ann), stays(bob, { mayInvite: true })], { createdAt: clock.now + DAY }), [ahead])
      expect((await checkChain(storage, id)).every(({ at }) => at <= clock.now)).toBe(true)
      const may = (await storage.members(id)).find((member) => member.id === bob)
      expect(may).toMatchObject({ mayInvite: true, mayRemove: true })
      expect(await commitOne(storage, posted({ id }, ann, message('now')))).toMatchObject({ ok: true })
    })
  })
}
