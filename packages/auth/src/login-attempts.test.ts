// S1: the cookie of a log-in that is under way says what it was sealed with, to this server, for ten minutes.
import { randomBytes } from 'node:crypto'
import { UnsecuredJWT } from 'jose'
import { expect, test } from 'vitest'
import { createLoginAttempts, LOGIN_ATTEMPT_LIFETIME } from './index.ts'

const secret = randomBytes(32)
let now = 1_800_000_000_000
const attemptsOf = (key: Uint8Array) => createLoginAttempts({ secret: key, now: () => now, randomBytes })
const attempts = attemptsOf(secret)
const where = { returnTo: '/#chat', invitation: 'a token' }

test('each has secrets of its own, which nobody reads in what is sealed', async () => {
  const [one, other] = [await attempts.begin(where), await attempts.begin(where)]
  expect(one.attempt).toMatchObject(where)
  const { state, nonce, verifier } = one.attempt
  expect(new Set([state, nonce, verifier, other.attempt.state, other.attempt.nonce, other.attempt.verifier]).size).toBe(6)
  expect(await attempts.open(one.sealed)).toEqual(one.attempt)
  const readable = one.sealed
    .split('.')
    .map((part) => Buffer.from(part, 'base64url').toString('latin1'))
    .join(' ')
  for (const hidden of [state, nonce, verifier, where.invitation]) expect(readable).not.toContain(hidden)
})

test('what another server sealed, what was changed and what is none opens nothing', async () => {
  const { attempt, sealed } = await attempts.begin(where)
  const foreign = await attemptsOf(randomBytes(32)).begin(where)
  const plain = new UnsecuredJWT({ ...attempt }).setAudience('skein openid').setExpirationTime('1h').encode()
  for (const bad of ['', 'x', '....', foreign.sealed, plain, `${sealed}x`, sealed.slice(0, -2), sealed.replace(/^[^.]*/, 'e30')])
    expect(await attempts.open(bad)).toBeNull()
})

test('one that took too long is over', async () => {
  const { attempt, sealed } = await attempts.begin(where)
  now += (LOGIN_ATTEMPT_LIFETIME - 1) * 1000
  expect(await attempts.open(sealed)).toEqual(attempt)
  now += 1000
  expect(await attempts.open(sealed)).toBeNull()
})
