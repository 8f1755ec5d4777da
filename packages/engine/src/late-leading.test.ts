import type { ChatId } from '@skein/protocol'
import { expect, test, vi } from 'vitest'
import type { LateParts } from './late.ts'
import { openLateLeading } from './late-leading.ts'
import type { Leading, LeadingOptions } from './leading.ts'
import type { Ports } from './ports.ts'

const late = vi.hoisted(() => ({ load: (): Promise<unknown> => Promise.reject(new Error('no network')) }))
vi.mock('./late.ts', () => ({ lateParts: () => null, loadLateParts: () => late.load() }))

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
  const leading = {
    live: { network },
    feed: { catchUp: (one: ChatId) => done.push(`catch up ${one}`) },
    start: () => done.push('start'),
    connect: () => done.push('connect'),
    consider: (one: ChatId) => done.push(`consider ${one}`),
    stop: async () => void done.push('stop'),
  } as unknown as Leading
  const ports = {
    now: () => 1_000,
    randomBytes: (count: number) => new Uint8Array(count).fill(128),
    setTimeout: (run: () => void) => (timers.set(next, run), next++),
    clearTimeout: (timer: number) => void timers.delete(timer),
  }
  const made = openLateLeading({ fence: 7, ports: ports as unknown as Ports, changed: () => done.push('changed') } as unknown as LeadingOptions)
  return { made, done, waiting, fire, network, parts: { openLeading: () => leading } as unknown as LateParts }
}

test('a load that failed is told, and tried again in time or when somebody asks; then everything is handed on', async () => {
  const { made, done, waiting, fire, network, parts } = scene()
  made.start()
  made.consider(chat)
  made.feed.catchUp(chat)
  await turns()
  const failed = { connected: false, offlineSince: 1_000, nextTryAt: expect.any(Number) as number, stuck: false }
  expect(made.live.network).toEqual({ ...failed, incomplete: false })
  expect([done, made.fence, waiting()]).toEqual([['changed'], 7, 1])
  fire()
  await turns()
  // Browsers may go on failing by themselves now.
  expect([made.live.network, done]).toEqual([{ ...failed, incomplete: true }, ['changed', 'changed']])

  done.length = 0
  late.load = async () => parts
  made.connect()
  expect(waiting()).toBe(1)
  await turns()
  expect([done, waiting()]).toEqual([['start'], 0])
  expect(made.live.network).toBe(network)
  made.consider(chat)
  made.feed.catchUp(chat)
  made.connect()
  await made.stop()
  expect(done).toEqual(['start', `consider ${chat}`, `catch up ${chat}`, 'connect', 'stop'])
})

test('a load that hangs is told as no connection', async () => {
  const { made, done, fire } = scene()
  late.load = () => new Promise(() => {})
  made.start()
  await turns()
  expect(made.live.network).toMatchObject({ connected: false, offlineSince: null })
  fire()
  expect([made.live.network.offlineSince, done]).toEqual([1_000, ['changed']])
})

test('a tab that leads no more before it is loaded starts nothing', async () => {
  const { made, done, parts } = scene()
  late.load = async () => parts
  made.start()
  await made.stop()
  await turns()
  expect(done).toEqual([])
})
