import type { ChatId } from '@skein/protocol'
import { expect, test, vi } from 'vitest'
import type { LateParts } from '../late.ts'
import type { Ports } from '../ports.ts'
import { createLateLive } from './late-live.ts'
import type { Live, LiveOptions } from './live.ts'

const late = vi.hoisted(() => ({ load: (): Promise<unknown> => Promise.reject(new Error('no network')) }))
vi.mock('../late.ts', () => ({ lateParts: () => null, loadLateParts: () => late.load() }))

const chat = 'a chat' as ChatId
const turns = () => new Promise((resolve) => setImmediate(resolve))

function scene() {
  const done: string[] = []
  const timers = new Map<number, () => void>()
  let next = 1
  const waiting = (): number => timers.size
  const fire = (): void => {
    const [[timer, run] = []] = timers
    if (timer !== undefined) timers.delete(timer)
    run?.()
  }
  const network = { connected: true, offlineSince: null, nextTryAt: null, stuck: false }
  const live = {
    network,
    start: () => done.push('start'),
    show: (chats: ReadonlySet<ChatId>) => done.push(`show ${[...chats].join()}`),
    consider: (one: ChatId) => done.push(`consider ${one}`),
    stop: async () => void done.push('stop'),
  } as unknown as Live
  const ports = {
    now: () => 1_000,
    randomBytes: (count: number) => new Uint8Array(count).fill(128),
    setTimeout: (run: () => void) => (timers.set(next, run), next++),
    clearTimeout: (timer: number) => void timers.delete(timer),
  }
  const made = createLateLive({ ports: ports as unknown as Ports, changed: () => done.push('changed') } as unknown as LiveOptions)
  return { made, done, waiting, fire, network, parts: { createLive: () => live } as unknown as LateParts }
}

test('what was asked for while live documents were loaded is done once they are; a load that failed is told and tried again', async () => {
  const { made, done, waiting, fire, network, parts } = scene()
  made.start()
  made.show(new Set([chat]))
  made.consider(chat)
  await turns()
  const failed = { connected: false, offlineSince: 1_000, nextTryAt: expect.any(Number) as number, stuck: false }
  expect(made.network).toEqual({ ...failed, incomplete: false })
  expect([done, made.shows(chat), waiting()]).toEqual([['changed'], true, 1])
  fire()
  await turns()
  // Browsers may go on failing by themselves now.
  expect([made.network, done]).toEqual([{ ...failed, incomplete: true }, ['changed', 'changed']])

  done.pop()
  late.load = async () => parts
  fire()
  await turns()
  expect(done).toEqual(['changed', 'start', `show ${chat}`, `consider ${chat}`, 'changed'])
  expect(made.network).toBe(network)
  await made.stop()
  expect(done.at(-1)).toBe('stop')
})

test('a load that hangs is told as no connection', async () => {
  const { made, done, fire } = scene()
  late.load = () => new Promise(() => {})
  made.start()
  await turns()
  expect(made.network).toMatchObject({ connected: false, offlineSince: null })
  fire()
  expect([made.network.offlineSince, done]).toEqual([1_000, ['changed']])
})

test('a tab that leads no more before they are loaded starts none', async () => {
  const { made, done, parts } = scene()
  late.load = async () => parts
  made.start()
  await made.stop()
  await turns()
  expect(done).toEqual([])
})
