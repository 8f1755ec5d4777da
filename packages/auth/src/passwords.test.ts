// Passwords: argon2id with its parameters beside it, and a bound on what log-ins may cost.
import { argon2Sync, randomBytes } from 'node:crypto'
import { expect, test } from 'vitest'
import { createPasswords, TooManyHashes } from './index.ts'

const passwords = createPasswords(randomBytes)

/** Of the password "old". */
function hashWith(parameters: { memory: number; passes: number; parallelism: number; tagLength: number }): string {
  const nonce = randomBytes(16)
  const text = (bytes: Uint8Array): string => Buffer.from(bytes).toString('base64').replaceAll('=', '')
  const hash = argon2Sync('argon2id', { message: 'old', nonce, ...parameters })
  return `$argon2id$v=19$m=${parameters.memory},t=${parameters.passes},p=${parameters.parallelism}$${text(nonce)}$${text(hash)}`
}

test('a password is verified by its hash, another one is not', async () => {
  const encoded = await passwords.hash('correct horse')
  expect(await passwords.verify('correct horse', encoded)).toBe(true)
  expect(await passwords.verify('correct horsf', encoded)).toBe(false)
  expect(await passwords.verify('', encoded)).toBe(false)
})

test('OWASP: argon2id, 19 MiB, two passes, a salt of its own each time', async () => {
  const [one, two] = [await passwords.hash('same'), await passwords.hash('same')]
  expect(one).toMatch(/^\$argon2id\$v=19\$m=19456,t=2,p=1\$[A-Za-z0-9+/]{22}\$[A-Za-z0-9+/]{43}$/)
  expect(one).not.toBe(two)
})

test('a hash made with other parameters is verified with those', async () => {
  const encoded = hashWith({ memory: 1024, passes: 3, parallelism: 2, tagLength: 24 })
  expect(await passwords.verify('old', encoded)).toBe(true)
  expect(await passwords.verify('new', encoded)).toBe(false)
})

test('a hash is outdated by less memory, fewer passes or fewer bytes than today’s, and by nothing else', async () => {
  const today = { memory: 19_456, passes: 2, parallelism: 1, tagLength: 32 }
  expect(passwords.isOutdated(await passwords.hash('new'))).toBe(false)
  for (const less of [{ memory: 19_455 }, { passes: 1 }, { tagLength: 31 }]) expect(passwords.isOutdated(hashWith({ ...today, ...less }))).toBe(true)
  for (const more of [{}, { memory: 20_000 }, { passes: 3 }, { parallelism: 2 }])
    expect(passwords.isOutdated(hashWith({ ...today, ...more }))).toBe(false)
})

test('the same letters in other code points are the same password', async () => {
  expect(await passwords.verify('cafe\u0301', await passwords.hash('caf\u00e9'))).toBe(true)
})

test('attack 33: without a person no password is right', async () => {
  const zeros = createPasswords((count) => new Uint8Array(count))
  expect(await zeros.verify('', null)).toBe(false)
  expect(await zeros.verify('correct horse', null)).toBe(false)
})

test('a hash that is none is a bug, never a wrong password', async () => {
  await expect(passwords.verify('x', 'plain text')).rejects.toThrow(TypeError)
})

test('attack 33: of many log-ins at once a bounded number waits, the others are told to come back, and the queue empties', async () => {
  const encoded = await passwords.hash('x')
  // Half of them for nobody: the same work, under the same bound.
  const outcomes = await Promise.allSettled(Array.from({ length: 80 }, (_, i) => passwords.verify('x', i % 2 ? encoded : null)))
  const refused = outcomes.filter((o) => o.status === 'rejected')
  expect(outcomes.length - refused.length).toBe(66)
  expect(refused.every((o) => o.reason instanceof TooManyHashes)).toBe(true)
  expect(outcomes.every((o, i) => o.status === 'rejected' || o.value === (i % 2 === 1))).toBe(true)
  expect(await passwords.verify('x', encoded)).toBe(true)
})

test('a failing hash gives its place back', async () => {
  for (let i = 0; i < 70; i++)
    await expect(passwords.verify('x', '$argon2id$v=19$m=1,t=2,p=1$AAAAAAAAAAAAAAAAAAAAAA$AAAAAAAAAAAAAAAAAAAAAA')).rejects.toThrow()
  expect(await passwords.verify('x', await passwords.hash('x'))).toBe(true)
})
