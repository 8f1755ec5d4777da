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
  const timers: (() => void)[] = []
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
    setTimeout: (run: () => void) => timers.push(run),
    clearTimeout: () => {},
  }
  const made = createLateLive({ ports: ports as unknown as Ports, changed: () => done.push('changed') } as unknown as LiveOptions)
  return { made, done, timers, network, parts: { createLive: () => live } as unknown as LateParts }
}

test('what was asked for while live documents were loaded is done once they are; a load that failed is told and tried again', async () => {
  const { made, done, timers, network, parts } = scene()
  made.start()
  made.show(new Set([chat]))
  made.consider(chat)
  await turns()
  expect(made.network).toEqual({ connected: false, offlineSince: 1_000, nextTryAt: expect.any(Number), stuck: false })
  expect([done, made.shows(chat), timers.length]).toEqual([['changed'], true, 1])

  late.load = async () => parts
  timers[0]?.()
  await turns()
  expect(done).toEqual(['changed', 'start', `show ${chat}`, `consider ${chat}`, 'changed'])
  expect(made.network).toBe(network)
  await made.stop()
  expect(done.at(-1)).toBe('stop')
})

test('a tab that leads no more before they are loaded starts none', async () => {
  const { made, done, parts } = scene()
  late.load = async () => parts
  made.start()
  await made.stop()
  await turns()
  expect(done).toEqual([])
})
