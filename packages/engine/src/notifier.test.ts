import { expect, test } from 'vitest'
import { createNotifier } from './notifier.ts'
import { testPorts } from './ports.suite.ts'

test('listeners are told at most once a frame', async () => {
  const { ports, clock } = testPorts()
  const notifier = createNotifier(ports)
  let told = 0
  notifier.subscribe(() => told++)
  for (let i = 0; i < 100; i++) notifier.changed()
  await clock.advance(0)
  expect(told).toBe(1)
  for (let i = 0; i < 100; i++) notifier.changed()
  await clock.advance(15)
  expect(told).toBe(1)
  await clock.advance(1)
  expect(told).toBe(2)
})

test('a listener that goes and comes back while being told is told once', async () => {
  const { ports, clock } = testPorts()
  const notifier = createNotifier(ports)
  let told = 0
  let stop = (): void => {}
  const listen = (): void => {
    if (++told > 5) throw new Error('told for ever')
    stop()
    stop = notifier.subscribe(listen)
  }
  stop = notifier.subscribe(listen)
  notifier.changed()
  await clock.advance(0)
  expect(told).toBe(1)
})
