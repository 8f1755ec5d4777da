// S2: the successor of a refresh token follows from it and the server's key.
import { randomBytes } from 'node:crypto'
import { expect, test } from 'vitest'
import { createRefreshTokens } from './index.ts'

const tokens = createRefreshTokens(randomBytes(32), randomBytes)

test('a token names its session, and says nothing else', () => {
  const { sessionId, token } = tokens.issue()
  expect(token).toMatch(/^[\w-]{22}\.[\w-]{43}$/)
  expect(tokens.sessionIdOf(token)).toBe(sessionId)
  expect(tokens.issue().token).not.toBe(token)
})

test('S2: two tabs at once get the same successor, of the same session', () => {
  const { sessionId, token } = tokens.issue()
  const successor = tokens.successor(token, 0)
  expect(tokens.successor(token, 0)).toBe(successor)
  expect(successor).not.toBe(token)
  expect(new Set([0, 1, 2].map((remade) => tokens.successor(token, remade))).size).toBe(3)
  expect(tokens.sessionIdOf(successor)).toBe(sessionId)
  expect(tokens.successor(successor, 0)).not.toBe(successor)
})

test('S2: without the server’s key nobody can tell the successor', () => {
  const { token } = tokens.issue()
  expect(createRefreshTokens(randomBytes(32), randomBytes).successor(token, 0)).not.toBe(tokens.successor(token, 0))
})

test('the hash is SHA-256, base64url', () => {
  expect(tokens.hash('abc')).toBe('ungWv48Bz-pBQUDeXa4iI7ADYaOWF3qctBD_YfIAFa0')
})

test.each(['', '.', 'x.y', `${'a'.repeat(22)}.${'b'.repeat(42)}`, `${'a'.repeat(22)}.${'b'.repeat(44)}`, `${'a'.repeat(21)}\0.${'b'.repeat(43)}`])(
  'what is no token (%#)',
  (text) => {
    expect(tokens.sessionIdOf(text)).toBeNull()
  },
)
