// A whole engine in a browser whose other half is not there yet.
import { expect, test, vi } from 'vitest'
import type * as Late from './late.ts'
import { bob, chat, entriesOf, say, sha256 } from './chats/chain.suite.ts'
import { openStory } from './chats/story.suite.ts'
import { memoryStores, type Ports, type StoreFactory } from './index.ts'

type Late = typeof Late
/** What a page has of the other half: nothing, until `come`. */
const other = vi.hoisted(() => ({ come: (): void => {}, isHere: true, waiting: null as Promise<void> | null }))
vi.mock('./late.ts', async (real) => {
  const late = await real<Late>()
  const loaded = await late.loadLateParts()
  return {
    lateParts: () => (other.isHere ? loaded : null),
    loadLateParts: async () => {
      await other.waiting
      return loaded
    },
  }
})
function withhold(): void {
  other.isHere = false
  other.waiting = new Promise((resolve) => {
    other.come = () => {
      other.isHere = true
      resolve()
    }
  })
}
const story = entriesOf([
  [bob, say(1)],
  [bob, say(2)],
])
/** As in a browser: hashes come with the other half. */
const late: Partial<Ports> = {
  sha256: (bytes) => {
    if (!other.isHere) throw new Error('No hashes are there yet')
    return sha256(bytes)
  },
}
const MARKS = 'POST /api/marks'
const FEED = 'GET /api/feed'

/** A device on which she was logged in before. */
async function usedBefore(): Promise<StoreFactory> {
  const store = memoryStores()
  const first = await openStory(story, 1, store)
  await first.engine.close()
  return store
}

test('who was here before waits for nothing; what is written is queued, and all the rest happens once the other half is there', async () => {
  const store = await usedBefore()
  withhold()
  const { engine, clock, asked } = await openStory(story, 2, store, late)
  expect(engine.session).toMatchObject({ status: 'logged-in' })
  expect([engine.network.connected, asked.includes(FEED), asked.includes(MARKS)]).toEqual([false, false, false])
  await engine.send(chat, 'hello')
  const begun = engine.directChat(bob)
  expect(engine.outbox).toMatchObject([{ text: 'hello', state: 'waiting' }])
  engine.connect()

  other.come()
  await clock.advance(1_100)
  expect(engine.chats.map(({ id }) => id)).toContain(chat)
  expect([asked.includes(FEED), asked.includes(MARKS)]).toEqual([true, true])
  expect(engine.people).toMatchObject([{ name: 'Bob' }])
  // Its id is a hash, which comes with the other half.
  expect(engine.chats.map(({ id }) => id)).toContain(await begun)
  await engine.close()
})

test('a page of history that waits for the other half ends as one that cannot be had, and is there when it is asked for again', async () => {
  const store = await usedBefore()
  withhold()
  const { engine, clock } = await openStory(story, 2, store, late)
  const window = engine.openChat(chat)
  await clock.advance(21_000)
  expect([window.items.length, window.error === null]).toEqual([0, false])
  other.come()
  await window.jumpToLatest()
  await clock.advance(100)
  expect([window.items.map(({ text }) => text), window.error]).toEqual([['m1', 'm2'], null])
  await engine.close()
})

test('an engine that is closed meanwhile starts nothing', async () => {
  const store = await usedBefore()
  withhold()
  const { engine, clock, asked } = await openStory(story, 2, store, late)
  await engine.close()
  other.come()
  await clock.advance(60_000)
  expect(asked).not.toContain(FEED)
})
