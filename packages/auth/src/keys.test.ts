// Key files: made once with mode 0600, kept, and never replaced when they are damaged.
import { createHmac, randomBytes } from 'node:crypto'
import { copyFileSync } from 'node:fs'
import { mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { parseUserId } from '@skein/protocol'
import { createAccessTokens, KeyFileError, openChainKey, openTokenKey, rotateTokenKey } from './index.ts'

const bytes = new TextEncoder().encode('chat 7 head')
let folder: string
let dir: string
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'skein-keys-'))
  dir = join(folder, 'keys')
})
afterEach(() => rm(folder, { recursive: true }))
const chainFile = (): string => join(dir, 'chain.json')
const tokenFile = (): string => join(dir, 'token-ed25519.json')

test('keys are made on the first start and read on the next', async () => {
  const [token, chain] = [await openTokenKey(dir, randomBytes), await openChainKey(dir, randomBytes)]
  const [again, chainAgain] = [await openTokenKey(dir, randomBytes), await openChainKey(dir, randomBytes)]
  expect(again.jwks(0)).toEqual(token.jwks(0))
  expect(again.refreshSecret).toEqual(token.refreshSecret)
  expect(chainAgain.tag(bytes)).toBe(chain.tag(bytes))
  expect((await readdir(dir)).sort()).toEqual(['chain.json', 'token-ed25519.json'])
})

describe('S1: a rotation', () => {
  const day = 86_400_000
  const alice = parseUserId('0123456789abcdefghjkmnpqrs')
  const person = { sub: alice, name: 'Alice', sid: 'session' }
  const MINUTE = 60_000

  async function servers() {
    const clock = { now: 1_800_000_000_000 }
    const open = async () => {
      const key = await openTokenKey(dir, randomBytes)
      return { key, tokens: createAccessTokens({ key, issuer: 'i', audience: 'a', now: () => clock.now, randomBytes }) }
    }
    return { clock, one: await open(), other: await open() }
  }

  test('the new key is published before it signs; the old one verifies until its tokens have ended, then goes', async () => {
    const { clock, one } = await servers()
    const { key, tokens } = one
    const old = key.signing(clock.now).id
    const added = await rotateTokenKey(dir, randomBytes, clock.now)
    await key.reload()
    const ids = (): (string | undefined)[] => key.jwks(clock.now).keys.map(({ kid }) => kid)
    const states = (): string[] => key.list(clock.now).map(({ state }) => state)
    expect([key.signing(clock.now).id, ids(), states()]).toEqual([old, [added.id, old], ['next', 'signs']])
    clock.now = added.from - 1
    const last = await tokens.issue(person)
    clock.now = added.from
    expect([key.signing(clock.now).id, states()]).toEqual([added.id, ['signs', 'verifies']])
    const first = await tokens.issue(person)
    clock.now = added.from + 5 * MINUTE - 1_001
    for (const token of [last, first]) expect(await tokens.verifyAccessToken(token)).toMatchObject(person)
    clock.now = added.from + 6 * MINUTE
    expect([ids(), states()]).toEqual([[added.id], ['signs', 'ended']])
    // Its private part goes from the file with the next rotation.
    await rotateTokenKey(dir, randomBytes, clock.now)
    const { keys } = JSON.parse(await readFile(tokenFile(), 'utf8')) as { keys: object[] }
    expect(keys).toHaveLength(2)
    expect((await stat(tokenFile())).mode & 0o777).toBe(0o600)
    expect(await readdir(dir)).toEqual(['token-ed25519.json'])
  })

  test('a token that an old key signed after its end is refused, also by a server that never looked', async () => {
    const { clock, one, other } = await servers()
    const added = await rotateTokenKey(dir, randomBytes, clock.now)
    await one.key.reload()
    clock.now = added.from + 6 * MINUTE
    // Somebody has the old key.
    const forged = await other.tokens.issue(person)
    expect(await one.tokens.verifyAccessToken(forged)).toBe('invalid')
  })

  test('attack 29: a server that has not looked yet reads the file when a token names a key that it does not know, and not for each', async () => {
    const { clock, one, other } = await servers()
    const added = await rotateTokenKey(dir, randomBytes, clock.now)
    await one.key.reload()
    clock.now = added.from
    expect(await other.tokens.verifyAccessToken(await one.tokens.issue(person))).toMatchObject(person)
    const again = await rotateTokenKey(dir, randomBytes, clock.now + day)
    await one.key.reload()
    // Within the same second: it was looked at already.
    expect(await other.key.verifying(again.id, clock.now)).toBeUndefined()
    clock.now += 1_000
    expect(await other.key.verifying(again.id, clock.now)).toBeDefined()
  })

  test('S2: what follows from a refresh token stays the same over rotations', async () => {
    const { clock, one } = await servers()
    for (let n = 0; n < 3; n++) await rotateTokenKey(dir, randomBytes, (clock.now += day))
    expect((await openTokenKey(dir, randomBytes)).refreshSecret).toEqual(one.key.refreshSecret)
    expect((await openTokenKey(dir, randomBytes)).list(clock.now)).toHaveLength(2)
  })

  test('a file that is damaged or taken away under a server changes nothing there, and is not made anew', async () => {
    const { clock, one } = await servers()
    const before = one.key.jwks(clock.now)
    for (const spoil of [() => writeFile(tokenFile(), '{"keys":[]}'), () => rm(tokenFile())]) {
      await spoil()
      await expect(one.key.reload()).rejects.toThrow(KeyFileError)
      expect(await one.key.verifying('unknown', (clock.now += 10_000))).toBeUndefined()
      expect(one.key.jwks(clock.now)).toEqual(before)
      expect(await one.tokens.verifyAccessToken(await one.tokens.issue(person))).toMatchObject(person)
    }
    expect(await readdir(dir)).toEqual([])
  })
})

test('only the owner reads them', async () => {
  await openTokenKey(dir, randomBytes)
  await openChainKey(dir, randomBytes)
  for (const file of [tokenFile(), chainFile()]) expect((await stat(file)).mode & 0o777).toBe(0o600)
  expect((await stat(dir)).mode & 0o777).toBe(0o700)
})

test('of two processes that start at once one makes the key for both', async () => {
  const first = await openTokenKey(dir, randomBytes)
  const elsewhere = await mkdtemp(join(folder, 'elsewhere-'))
  const late = await openTokenKey(elsewhere, (count) => {
    // The other process is done just now, after this one has seen that there is no key.
    copyFileSync(tokenFile(), join(elsewhere, 'token-ed25519.json'))
    return randomBytes(count)
  })
  expect(late.signing(0).id).toBe(first.signing(0).id)
  expect(await readdir(elsewhere)).toEqual(['token-ed25519.json'])
})

describe('a damaged key file is an error that names it, and is left as it is', () => {
  const good = { kty: 'OKP', crv: 'Ed25519', d: 'A'.repeat(43), x: 'B'.repeat(43) }
  const rings = [[], [good], [{ ...good, from: -1 }], ['x']].map((keys) => JSON.stringify({ keys, refreshSecret: 'A'.repeat(43) }))
  test.each(['', '{', 'null', '[]', '{}', '{"kty":"RSA"}', '{"keys":7}', JSON.stringify({ ...good, d: 'short' }), JSON.stringify(good), ...rings])(
    'token key %#',
    async (text) => {
      await openTokenKey(dir, randomBytes)
      await writeFile(tokenFile(), text)
      const error = await openTokenKey(dir, randomBytes).catch((e: unknown) => e)
      expect(error).toBeInstanceOf(KeyFileError)
      expect(String(error)).toContain(tokenFile())
      expect(await readFile(tokenFile(), 'utf8')).toBe(text)
    },
  )

  const key = 'A'.repeat(43)
  const lists = [
    [],
    [{ number: 0, key }],
    [{ number: 1.5, key }],
    [{ key }],
    [{ number: 1, key: 'short' }],
    [
      { number: 1, key },
      { number: 1, key },
    ],
    [null],
  ]
  test.each(['', '[]', '{"keys":7}', ...lists.map((keys) => JSON.stringify({ keys }))])('chain key %#', async (text) => {
    await openChainKey(dir, randomBytes)
    await writeFile(chainFile(), text)
    const error = await openChainKey(dir, randomBytes).catch((e: unknown) => e)
    expect(error).toBeInstanceOf(KeyFileError)
    expect(String(error)).toContain(chainFile())
    expect(await readFile(chainFile(), 'utf8')).toBe(text)
  })

  test('the error quotes nothing of the key', async () => {
    const secret = randomBytes(32).toString('base64url')
    await openChainKey(dir, randomBytes)
    await writeFile(chainFile(), `{"keys":[{"number":1,"key":"${secret}"`)
    await expect(openChainKey(dir, randomBytes)).rejects.toThrow('it is not JSON')
  })

  test('a folder that cannot be made', async () => {
    await openChainKey(dir, randomBytes)
    await expect(openChainKey(join(chainFile(), 'keys'), randomBytes)).rejects.toThrow(KeyFileError)
  })
})

describe('tags of the chain', () => {
  test('RT13: are 16 bytes of HMAC-SHA-256 under a numbered key', async () => {
    const chain = await openChainKey(dir, randomBytes)
    const { keys } = JSON.parse(await readFile(chainFile(), 'utf8')) as { keys: { number: number; key: string }[] }
    expect(keys).toHaveLength(1)
    for (const length of [0, 1, 63, 64, 65, 1000]) {
      const input = randomBytes(length)
      const mac = createHmac('sha256', Buffer.from(keys[0]?.key ?? '', 'base64url'))
        .update(input)
        .digest()
        .subarray(0, 16)
      expect(chain.tag(input)).toBe(`1.${mac.toString('base64url')}`)
      expect(chain.verifyTag(input, chain.tag(input))).toBe(true)
    }
  })

  test('RT18: old keys go on verifying after a new one is there', async () => {
    const old = await openChainKey(dir, randomBytes)
    const { keys } = JSON.parse(await readFile(chainFile(), 'utf8')) as { keys: unknown[] }
    await writeFile(chainFile(), JSON.stringify({ keys: [{ number: 2, key: randomBytes(32).toString('base64url') }, ...keys] }))
    const chain = await openChainKey(dir, randomBytes)
    expect(chain.tag(bytes)).toMatch(/^2\.[\w-]{22}$/)
    expect(chain.verifyTag(bytes, chain.tag(bytes))).toBe(true)
    expect(chain.verifyTag(bytes, old.tag(bytes))).toBe(true)
    expect(old.verifyTag(bytes, chain.tag(bytes))).toBe(false)
  })

  test('other bytes, another key, another number, another spelling: refused', async () => {
    const chain = await openChainKey(dir, randomBytes)
    const tag = chain.tag(bytes)
    expect(chain.verifyTag(bytes.subarray(1), tag)).toBe(false)
    expect((await openChainKey(join(dir, 'other'), randomBytes)).verifyTag(bytes, tag)).toBe(false)
    // The last character's low bits belong to no byte: "A" and "B" there read as the same 16 bytes.
    const spelled = tag.slice(0, -1) + String.fromCharCode(tag.charCodeAt(tag.length - 1) + 1)
    for (const other of [tag.slice(2), `2.${tag.slice(2)}`, `01.${tag.slice(2)}`, `${tag}A`, tag.slice(0, -1), spelled, '', '1.', '__proto__.x']) {
      expect(chain.verifyTag(bytes, other)).toBe(false)
    }
  })
})
