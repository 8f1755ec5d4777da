import { expect, test } from 'vitest'
import { emojiGroups, findEmoji } from './emoji.ts'

test('all emoji by group, each once', () => {
  const all = emojiGroups.flatMap(({ emojis }) => emojis.map(({ emoji }) => emoji))
  expect(emojiGroups.length).toBe(9)
  expect(new Set(all).size).toBe(all.length)
  expect(all.length).toBeGreaterThan(1_500)
})

test('found by what people call them, their own names first', () => {
  expect(
    findEmoji('heart')
      .slice(0, 60)
      .map(({ emoji }) => emoji),
  ).toContain('❤️')
  expect(findEmoji('thumbs u')[0]?.emoji).toBe('👍️'.normalize().replace('\uFE0F', ''))
  expect(findEmoji('lol').map(({ emoji }) => emoji)).toContain('😂')
  expect(findEmoji('zzzz')).toEqual([])
})
