// Calls of an engine in a browser, before their code is there.
import { afterEach, expect, test, vi } from 'vitest'

afterEach(() => {
  vi.doUnmock('./outbox/export.ts')
  vi.resetModules()
})

test('a call waits for its code', async () => {
  const { lateCalls } = await import('./late-calls.ts')
  let made = 0
  const calls = lateCalls({ add: true, fail: true }, () => {
    made++
    return { add: async (a: number, b: number) => a + b, fail: () => Promise.reject(new RangeError('no')) }
  })
  expect(Object.keys(calls)).toEqual(['add', 'fail'])
  expect(made).toBe(0)
  expect(await Promise.all([calls.add(1, 2), calls.add(3, 4)])).toEqual([3, 7])
  await expect(calls.fail()).rejects.toThrow(RangeError)
  expect(made).toBe(1)
})

test('where the code cannot be had, the call says that the server cannot be reached', async () => {
  vi.doMock('./outbox/export.ts', () => {
    throw new Error('Failed to fetch')
  })
  const { lateCalls } = await import('./late-calls.ts')
  const calls = lateCalls({ ask: true }, () => ({ ask: async () => 'answered' }))
  await expect(calls.ask()).rejects.toMatchObject({ code: 'offline' })
})
