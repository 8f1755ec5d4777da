// What is typed is in the tab at once, and with the engine a little later.
import type { Engine } from '@skein/engine'
import { MAX_TEXT_LENGTH, parseChatId, type UserId } from '@skein/protocol'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { DraftKeeper, draftOf } from './draft-keeper.ts'

const [ada, ben] = ['ada', 'ben'] as UserId[] as [UserId, UserId]
const id = parseChatId('c'.repeat(26))
let kept = new Map<string, string>()
let told: string[] = []
let loggedIn: UserId = ada
const engine = {
  get session() {
    return { status: 'logged-in', user: { id: loggedIn } }
  },
  arrange: async (_: unknown, { draft }: { draft: string }) => void told.push(draft),
} as unknown as Engine
const chat = (draft = '') => ({ id, draft })

beforeEach(() => {
  vi.useFakeTimers()
  kept = new Map()
  told = []
  loggedIn = ada
  vi.stubGlobal('sessionStorage', {
    getItem: (key: string) => kept.get(key) ?? null,
    setItem: (key: string, text: string) => void kept.set(key, text),
    removeItem: (key: string) => void kept.delete(key),
  })
})
afterEach(() => {
  vi.useRealTimers()
  vi.unstubAllGlobals()
})

test('UX 9: other devices hear of it every two seconds, and at once when it was sent', async () => {
  const keeper = new DraftKeeper()
  expect(keeper.begin(engine, ada, chat())).toBe('')
  for (const text of ['a', 'ab', 'abc']) keeper.typed(engine, ada, id, text)
  expect([told, draftOf(ada, chat())]).toEqual([[], 'abc'])
  await vi.advanceTimersByTimeAsync(2_000)
  expect([told, kept.size]).toEqual([['abc'], 0])
  keeper.typed(engine, ada, id, 'abcd')
  keeper.typed(engine, ada, id, '')
  await vi.advanceTimersByTimeAsync(0)
  expect(told).toEqual(['abc', ''])
})

test('promise 1: a reload loses no word, and hands over what it found', async () => {
  new DraftKeeper().typed(engine, ada, id, 'typed just now')
  const reloaded = new DraftKeeper()
  vi.clearAllTimers()
  expect(reloaded.begin(engine, ada, chat('typed'))).toBe('typed just now')
  await vi.advanceTimersByTimeAsync(2_000)
  expect(told).toEqual(['typed just now'])
})

test('promise 1: what is longer than a message stays whole in the tab', async () => {
  const keeper = new DraftKeeper()
  const long = 'x'.repeat(MAX_TEXT_LENGTH + 1)
  keeper.typed(engine, ada, id, long)
  await vi.advanceTimersByTimeAsync(2_000)
  expect([told, draftOf(ada, chat('x')) === long]).toEqual([[], true])
})

test('W7: once another person is logged in it goes nowhere, and waits for whoever typed it', async () => {
  const keeper = new DraftKeeper()
  keeper.typed(engine, ada, id, 'not for Ben')
  loggedIn = ben
  keeper.flush()
  await vi.advanceTimersByTimeAsync(2_000)
  expect([told, draftOf(ben, chat()), draftOf(ada, chat())]).toEqual([[], '', 'not for Ben'])
})

test('promise 1: where the browser denies its storage the engine has it all the same', async () => {
  vi.stubGlobal('sessionStorage', undefined)
  const keeper = new DraftKeeper()
  keeper.typed(engine, ada, id, 'kept')
  await vi.advanceTimersByTimeAsync(2_000)
  expect(told).toEqual(['kept'])
})
