// API keys as texts: what scanners look for, and what the database holds.
import { hash, randomBytes } from 'node:crypto'
import { expect, test } from 'vitest'
import { apiKeyHash, looksLikeApiKey, newApiKey } from './api-keys.ts'

test('a key has a form of its own, and a checksum that nothing else fits', () => {
  const key = newApiKey(() => new Uint8Array(17))
  expect(key).toBe('skein_0000000000000000000000000071bbfc50')
  expect(apiKeyHash(key)).toBe(hash('sha256', key, 'base64url'))
  expect(looksLikeApiKey(key)).toBe(true)
  for (let i = 6; i < key.length; i++) {
    const other = key.slice(0, i) + (key[i] === '1' ? '2' : '1') + key.slice(i + 1)
    expect(apiKeyHash(other)).toBeNull()
    expect(looksLikeApiKey(other)).toBe(true)
  }
  for (const text of ['', 'skein_', key.toUpperCase(), `${key}0`, ` ${key}`, `${key}\n`, key.slice(0, -1)]) expect(apiKeyHash(text)).toBeNull()
  expect(looksLikeApiKey('eyJhbGciOiJFZERTQSJ9.e30.x')).toBe(false)
})

test('no two are alike', () => {
  expect(new Set(Array.from({ length: 1_000 }, () => newApiKey(randomBytes))).size).toBe(1_000)
})
