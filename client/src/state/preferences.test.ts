// What was chosen for this device is kept, and whatever else stands in its place does no harm.
import { expect, test } from 'vitest'
import { createPreferences, parsePreferences } from './preferences.ts'

const defaults = { theme: 'system', density: 'comfortable', accent: 'indigo', sendKey: 'enter', language: 'browser', notify: 'off' }

function memory(): Pick<Storage, 'getItem' | 'setItem'> {
  const kept = new Map<string, string>()
  return { getItem: (key) => kept.get(key) ?? null, setItem: (key, value) => void kept.set(key, value) }
}

test('UX 8: what was chosen is there at once, and again after a reload', () => {
  const storage = memory()
  const before = createPreferences(() => storage)
  expect(before).toMatchObject(defaults)
  before.set({ sendKey: 'mod-enter', theme: 'dark' })
  expect(before.sendKey).toBe('mod-enter')
  expect(createPreferences(() => storage)).toMatchObject({ ...defaults, sendKey: 'mod-enter', theme: 'dark' })
})

test('what cannot be read is as if nothing had been chosen, each choice by itself', () => {
  for (const text of [null, '', '{', '7', '[]', 'null', '{"theme":7}']) expect(parsePreferences(text)).toEqual(defaults)
  expect(parsePreferences('{"theme":"light","accent":"gold"}')).toEqual({ ...defaults, theme: 'light' })
})

test('promise 1: where the browser denies its storage, the choice holds until the page closes', () => {
  const denied = createPreferences(() => {
    throw new DOMException('denied', 'SecurityError')
  })
  denied.set({ density: 'compact' })
  expect(denied.density).toBe('compact')
})
