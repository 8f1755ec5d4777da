import { expect, test } from 'vitest'
import { historyCursor } from './index.ts'

test('a history cursor is the seq below which the page ends, as the storage writes it', () => {
  expect(Buffer.from(historyCursor(82), 'base64url').toString()).toBe('[82]')
})
