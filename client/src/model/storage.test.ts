// What a device holds, in words: sizes, shares, and whether it stays.
import { expect, test } from 'vitest'
import { bytesText, keepingText, usedPercent } from './storage.ts'

const state = { usedBytes: 0, budgetBytes: 200_000_000, persisted: true, failed: false }

test('sizes are short, and a share never leaves its bar', () => {
  expect([0, 40_000, 3_240_000, 209_715_200].map(bytesText)).toEqual(['0 MB', '0 MB', '3.2 MB', '210 MB'])
  expect([0, 1_000_000, 300_000_000].map((usedBytes) => usedPercent({ ...state, usedBytes }))).toEqual([0, 0.5, 100])
  expect(usedPercent({ ...state, budgetBytes: 0 })).toBe(0)
})

test('UX 27: whether the browser keeps it is said in plain words', () => {
  const said = [true, false, null].map((persisted) => keepingText({ ...state, persisted }))
  expect(said).toEqual([expect.stringMatching(/keeps it until/), expect.stringMatching(/may clear it/), expect.stringMatching(/does not say/)])
  expect(keepingText({ ...state, failed: true })).toMatch(/memory alone/)
})
