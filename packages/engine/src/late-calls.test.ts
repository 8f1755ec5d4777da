// Calls of an engine in a browser, before their code is there.
import { afterEach, expect, test, vi } from 'vitest'
import type { Ports } from './ports.ts'

/** Timers that run when the test says so. */
const timers = new Map<number, () => void>()
let next = 1
const ports = {
  setTimeout: (run: () => void) => (timers.set(next, run), next++),
  clearTimeout: (timer: number) => void timers.delete(timer),
} as unknown as Ports

afterEach(() => {
  vi.doUnmock('./outbox/export.ts')
  vi.doUnmock('./late.ts')
  vi.resetModules()
})

test('a call waits for its code', async () => {
  const { lateCalls } = await import('./late-calls.ts')
  let made = 0
  const calls = lateCalls({ add: true, fail: true }, ports, () => {
    made++
    return { add: async (a: number, b: number) => a + b, fail: () => Promise.reject(new RangeError('no')) }
  })
  expect(Object.keys(calls)).toEqual(['add', 'fail'])
  expect(made).toBe(0)
  expect(await Promise.all([calls.add(1, 2), calls.add(3, 4)])).toEqual([3, 7])
  await expect(calls.fail()).rejects.toThrow(RangeError)
  expect([made, timers.size]).toEqual([1, 0])
})

test('where the code cannot be had, the call says that the server cannot be reached', async () => {
  vi.doMock('./outbox/export.ts', () => {
    throw new Error('Failed to fetch')
  })
  const { lateCalls } = await import('./late-calls.ts')
  const calls = lateCalls({ ask: true }, ports, () => ({ ask: async () => 'answered' }))
  await expect(calls.ask()).rejects.toMatchObject({ code: 'offline' })
})

test('a call waits no longer for its code than for an answer', async () => {
  vi.doMock('./late.ts', () => ({ lateParts: () => null, loadLateParts: () => new Promise(() => {}) }))
  const { lateCalls } = await import('./late-calls.ts')
  const asked = lateCalls({ ask: true }, ports, () => ({ ask: async () => 'answered' })).ask()
  expect(timers.size).toBe(1)
  for (const run of timers.values()) run()
  await expect(asked).rejects.toMatchObject({ code: 'offline' })
  expect(timers.size).toBe(0)
})
