import { expect, test } from 'vitest'
import { emojiIn } from './emoji.ts'

const all = async (language: 'en' | 'hu' | 'ar') => (await emojiIn(language)).groups.flatMap(({ emojis }) => emojis)
const found = async (language: 'en' | 'hu' | 'ar', typed: string) => (await emojiIn(language)).find(typed).map(({ emoji }) => emoji)

test.each(['en', 'hu', 'ar'] as const)('all emoji by group, each once, with a name: %s', async (language) => {
  const emojis = await all(language)
  expect((await emojiIn(language)).groups.length).toBe(9)
  expect(new Set(emojis.map(({ emoji }) => emoji)).size).toBe(emojis.length)
  expect(emojis.length).toBeGreaterThan(1_500)
  expect(emojis.filter(({ name }) => !name)).toEqual([])
})

test('found by what people call them, their own names first', async () => {
  expect((await found('en', 'heart')).slice(0, 60)).toContain('❤️')
  expect((await found('en', 'thumbs u'))[0]).toBe('👍️'.normalize().replace('\uFE0F', ''))
  expect(await found('en', 'lol')).toContain('😂')
  expect(await found('en', 'zzzz')).toEqual([])
})

test('L3: found in the language that is shown, and in English, without accents or vowel signs too', async () => {
  expect((await found('hu', 'sündi'))[0]).toBe('🦔')
  expect(await found('hu', 'sundi')).toContain('🦔')
  expect(await found('hu', 'hedgehog')).toEqual(['🦔'])
  expect((await found('ar', 'قنفذ'))[0]).toBe('🦔')
  expect(await found('ar', 'lol')).toContain('😂')
  expect(await found('en', 'sündi')).toEqual([])
})

test('L3: names are in the language, flags by the country, what is joined by its parts; but for six that it has no words of its own for', async () => {
  const nameIn = async (language: 'hu' | 'ar', wanted: string) => (await all(language)).find(({ emoji }) => emoji === wanted)?.name
  expect([await nameIn('hu', '🇭🇺'), await nameIn('ar', '🇭🇺')]).toEqual(['Magyarország', 'هنغاريا'])
  expect([await nameIn('hu', '👨‍👩‍👧'), await nameIn('ar', '❤️')]).toEqual(['férfi, nő, lány', 'قلب أحمر'])
  const english = new Map((await all('en')).map(({ emoji, name }) => [emoji, name]))
  const same = (await all('ar')).filter(({ emoji, name }) => name === english.get(emoji)).map(({ name }) => name)
  expect(same).toEqual(['keycap #', 'keycap *', 'keycap 10', 'flag England', 'flag Scotland', 'flag Wales'])
})
