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
  const successor = tokens.successor(token)
  expect(tokens.successor(token)).toBe(successor)
  expect(successor).not.toBe(token)
  expect(tokens.sessionIdOf(successor)).toBe(sessionId)
  expect(tokens.successor(successor)).not.toBe(successor)
})

test('S2: without the server’s key nobody can tell the successor', () => {
  const { token } = tokens.issue()
  expect(createRefreshTokens(randomBytes(32), randomBytes).successor(token)).not.toBe(tokens.successor(token))
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
