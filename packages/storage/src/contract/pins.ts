// Pinned messages: one list for a chat, whoever asks for it and whatever the database went through.
import { chatIdOf, MAX_PINS, type ChatId, type UserId } from '@skein/protocol'
import { backUp } from '@skein/testing'
import { describe, expect, test } from 'vitest'
import type { Storage } from '../types.ts'
import { heal, runOf, say, useHealing } from './healing-scene.ts'
import { commitOne, group, member, message, person, pin, posted, randomBytes, remove, storeOne, talk, update, type Lab } from './lab.ts'

/** The texts of what is pinned, as this member is told; null for what they do not see. */
async function pinned(storage: Storage, chat: ChatId, user: UserId): Promise<(string | null)[] | undefined> {
  const summary = await storage.chatSummary(chat, user)
  const listed = (await storage.chatSummaries(user, { limit: 50, cursor: null })).items.find(({ id }) => id === chat)
  expect(listed?.pins).toEqual(summary?.pins)
  return summary?.pins.map(({ message: state }) => state && (state.deletedAt === null ? state.text : 'erased'))
}

export function pinsContract(lab: Lab): void {
  describe('pinned messages', () => {
    const { bed, saved, later } = useHealing(lab)

    test('PIN-1: any member pins and takes out, by document and over HTTP; the last MAX_PINS stay, and all are told the same', async () => {
      const { storage } = bed
      const chat = await talk(storage)
      const words = Array.from({ length: MAX_PINS + 1 }, (_, n) => message(`word ${n}`))
      await storeOne(storage, update(chat, chat.ann, words))
      expect(await pinned(storage, chat.id, chat.bob)).toEqual([])
      for (const [n, word] of words.entries()) {
        const operation = pin(word.operation.id, chat.ann)
        const outcome = await storeOne(storage, n % 2 ? posted(chat, chat.ann, operation) : update(chat, chat.bob, [operation]))
        expect(outcome.entries).toMatchObject([{ kind: 'pin', seq: 0, code: null }])
      }
      const last = words.slice(1).map((_, n) => `word ${n + 1}`)
      for (const user of [chat.ann, chat.bob]) expect(await pinned(storage, chat.id, user)).toEqual(last)
      // Also where another process commits, and this one remembers the chat.
      const other = await bed.another()
      await storeOne(other, posted(chat, chat.bob, pin(words[2]?.operation.id ?? expect.fail(), chat.ann, false)))
      await storeOne(storage, posted(chat, chat.ann, message('more')))
      expect(await pinned(storage, chat.id, chat.ann)).toEqual(last.filter((text) => text !== 'word 2'))
      const [word] = words
      const stranger = await person(storage)
      expect(await commitOne(storage, posted(chat, stranger, pin(word?.operation.id ?? expect.fail(), chat.ann)))).toEqual({
        ok: false,
        reason: 'no-access',
      })
    })

    test('PIN-1, BLOCK-1: in a direct chat of two who are apart nothing is pinned or taken out', async () => {
      const { storage } = bed
      const chat = await talk(storage)
      const [one, two] = [message('one'), message('two')]
      await storeOne(storage, update(chat, chat.ann, [one, two, pin(one.operation.id, chat.ann)]))
      await storage.block(chat.bob, chat.ann, chat.id)
      for (const operation of [pin(two.operation.id, chat.ann), pin(one.operation.id, chat.ann, false)])
        expect(await commitOne(storage, posted(chat, chat.ann, operation))).toEqual({ ok: false, reason: 'blocked' })
      expect(await pinned(storage, chat.id, chat.ann)).toEqual(['one'])
    })

    test('PIN-2: what is deleted is not pinned any more, and is not pinned again; what was erased with its author is told as erased', async () => {
      const { storage } = bed
      const chat = await talk(storage)
      const [one, two] = [message('one'), message('two')]
      await storeOne(storage, update(chat, chat.ann, [one, two, pin(one.operation.id, chat.ann), pin(two.operation.id, chat.ann)]))
      await storeOne(storage, update(chat, chat.ann, [remove(one.operation.id)]))
      expect(await pinned(storage, chat.id, chat.bob)).toEqual(['two'])
      const late = await storeOne(storage, update(chat, chat.bob, [pin(one.operation.id, chat.ann), pin(one.operation.id, chat.ann, false)]))
      expect(late.entries.map(({ code }) => code)).toEqual(['deleted', null])
      await storage.eraseUser(chat.ann)
      await storage.eraseUserWords(chat.ann, () => undefined)
      expect(await pinned(storage, chat.id, chat.bob)).toEqual(['erased'])
    })

    test('PIN-2, CHAT-9: who joined later is told that something is pinned, and not what it says', async () => {
      const { storage } = bed
      const [ann, bob, cleo] = [await person(storage), await person(storage), await person(storage)]
      const { chat } = await storage.createChat({
        id: chatIdOf(randomBytes(17)),
        kind: 'group',
        title: 'Crew',
        by: ann,
        members: [ann, bob],
        fromJoining: true,
      })
      const secret = message('secret')
      await storeOne(storage, update(chat, ann, [secret, pin(secret.operation.id, ann)]))
      await storeOne(storage, member(chat, ann, 'join', cleo))
      expect([await pinned(storage, chat.id, bob), await pinned(storage, chat.id, cleo)]).toEqual([['secret'], [null]])
      await storeOne(storage, posted(chat, cleo, message('hello')))
      expect(await pinned(storage, chat.id, cleo)).toEqual([null])
    })

    test('HEAL-3, HEAL-4, PIN-1: what was pinned comes back with a run, to its old place and behind what there is', async () => {
      const { storage } = bed
      for (const goesOn of [false, true]) {
        const chat = await saved()
        const [kept, lost] = [message('kept'), message('lost')]
        await say(storage, chat, [chat.ann, kept], [chat.bob, pin(kept.operation.id, chat.ann)])
        const restore = await backUp(bed.url)
        later()
        await say(storage, chat, [chat.ann, lost], [chat.bob, pin(lost.operation.id, chat.ann)], [chat.bob, pin(kept.operation.id, chat.ann, false)])
        const run = await runOf(storage, chat.id)
        await restore()
        later()
        expect(await pinned(storage, chat.id, chat.ann)).toEqual(['kept'])
        if (goesOn) await storeOne(storage, update(chat, chat.bob, [message('meanwhile')]))
        await heal(storage, chat.id, chat.ann, run)
        expect(await pinned(storage, chat.id, chat.ann)).toEqual(['lost'])
      }
    })

    test('HEAL-2, PIN-1: so it does of a chat that was begun after the backup', async () => {
      const { storage } = bed
      const [ann, bob] = [await person(storage), await person(storage)]
      const restore = await backUp(bed.url)
      const chat = await group(storage, [ann, bob])
      const [one, two] = [message('one'), message('two')]
      await storeOne(storage, update(chat, ann, [one, two, pin(one.operation.id, ann), pin(two.operation.id, ann), remove(one.operation.id)]))
      const run = await runOf(storage, chat.id)
      await restore()
      later()
      await heal(storage, chat.id, bob, run)
      expect(await pinned(storage, chat.id, ann)).toEqual(['two'])
    })
  })
}
