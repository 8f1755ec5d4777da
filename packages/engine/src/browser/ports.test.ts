import { expect, test } from 'vitest'
import { browserPorts } from './ports.ts'

test('posting on a channel that is closed does nothing', () => {
  const channel = browserPorts().channel?.('a channel', () => {})
  channel?.close()
  expect(channel).toBeDefined()
  expect(() => channel?.post('late')).not.toThrow()
})
