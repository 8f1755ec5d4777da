// S1: one verify function, and everything it must refuse.
import { createSecretKey, generateKeyPairSync, randomBytes, type KeyObject } from 'node:crypto'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { beforeAll, describe, expect, test } from 'vitest'
import { decodeJwt, decodeProtectedHeader, SignJWT, UnsecuredJWT } from 'jose'
import { parseUserId, TICKET_LIFETIME } from '@skein/protocol'
import { ACCESS_TOKEN_LIFETIME, createAccessTokens, openTokenKey, type AccessTokens, type TokenKey } from './index.ts'

const start = 1_800_000_000_000
const seconds = start / 1000
const alice = parseUserId('0123456789abcdefghjkmnpqrs')
const person = { sub: alice, name: 'Alice', sid: 'session' }

let key: TokenKey
let time = start
let tokens: AccessTokens

beforeAll(async () => {
  const folder = await mkdtemp(join(tmpdir(), 'skein-auth-'))
  key = await openTokenKey(folder, randomBytes)
  await rm(folder, { recursive: true })
  tokens = createAccessTokens({ key, issuer: 'issuer', audience: 'audience', now: () => time, randomBytes })
})

const claims = { ...person, iat: seconds, exp: seconds + 300, jti: 'x', iss: 'issuer', aud: 'audience' }
const header = { alg: 'EdDSA', typ: 'at+jwt' }
type Changes = { header?: Record<string, unknown>; claims?: Record<string, unknown>; key?: KeyObject | Uint8Array }

/** A token that differs from a good one in what is named; undefined leaves a claim out. */
const forge = (changes: Changes): Promise<string> =>
  new SignJWT({ ...claims, ...changes.claims })
    .setProtectedHeader({ ...header, kid: key.signing(start).id, ...changes.header })
    .sign(changes.key ?? key.signing(start).privateKey)

const swapPart = (token: string, index: number, part: string): string =>
  token
    .split('.')
    .map((p, i) => (i === index ? part : p))
    .join('.')
const encoded = (value: unknown): string => Buffer.from(JSON.stringify(value)).toString('base64url')

test('a token that was issued here is verified, and says who it is', async () => {
  const token = await tokens.issue(person)
  expect(decodeProtectedHeader(token)).toEqual({ alg: 'EdDSA', typ: 'at+jwt', kid: key.signing(start).id })
  expect(Object.keys(decodeJwt(token)).sort()).toEqual(['aud', 'exp', 'iat', 'iss', 'jti', 'name', 'sid', 'sub'])
  expect(await tokens.verifyAccessToken(token)).toMatchObject({ ...person, iat: seconds, exp: seconds + ACCESS_TOKEN_LIFETIME })
})

test('each token has an id of its own', async () => {
  expect(decodeJwt(await tokens.issue(person)).jti).not.toBe(decodeJwt(await tokens.issue(person)).jti)
})

test('the forger of these tests makes a good token when nothing is changed', async () => {
  expect(await tokens.verifyAccessToken(await forge({}))).toMatchObject(person)
})

test('S1: a token ends after five minutes', async () => {
  const token = await tokens.issue(person)
  time = start + 299_000
  expect(await tokens.verifyAccessToken(token)).toMatchObject(person)
  time = start + 300_000
  expect(await tokens.verifyAccessToken(token)).toBe('expired')
  time = start
})

const stranger = generateKeyPairSync('ed25519').privateKey

describe('S1: refused', () => {
  const forged: [what: string, changes: Changes][] = [
    ['signed by another key', { key: stranger }],
    ['that names a key that is not there', { header: { kid: 'elsewhere' } }],
    ['that names no key', { header: { kid: undefined } }],
    ['of another issuer', { claims: { iss: 'elsewhere' } }],
    ['without issuer', { claims: { iss: undefined } }],
    ['for another audience', { claims: { aud: 'elsewhere' } }],
    ['without audience', { claims: { aud: undefined } }],
    ['of type JWT', { header: { typ: 'JWT' } }],
    ['of a refresh type', { header: { typ: 'rt+jwt' } }],
    ['without type', { header: { typ: undefined } }],
    ['without exp', { claims: { exp: undefined } }],
    ['without iat', { claims: { iat: undefined } }],
    ['without sub', { claims: { sub: undefined } }],
    ['without sid', { claims: { sid: undefined } }],
    ['without name', { claims: { name: undefined } }],
    ['without jti', { claims: { jti: undefined } }],
    ['with an exp in the year 9999', { claims: { exp: 253_370_764_800 } }],
    ['with an exp one second too far', { claims: { exp: seconds + 301 } }],
    ['issued in the future', { claims: { iat: seconds + 60, exp: seconds + 300 } }],
    ['not valid yet', { claims: { nbf: seconds + 60 } }],
    ['with a sub that is no user id', { claims: { sub: '../admin' } }],
    ['with a sid that is no string', { claims: { sid: 7 } }],
    ['with an exp that is text', { claims: { exp: 'soon' } }],
  ]
  test.each(forged)('a token %s', async (_what, changes) => {
    expect(await tokens.verifyAccessToken(await forge(changes))).toBe('invalid')
  })

  test('an old token with an exp that lasts (maxTokenAge)', async () => {
    expect(await tokens.verifyAccessToken(await forge({ claims: { iat: seconds - 400, exp: seconds + 100 } }))).toBe('expired')
  })

  test('alg none', async () => {
    expect(await tokens.verifyAccessToken(new UnsecuredJWT(claims).encode())).toBe('invalid')
    const unsigned = swapPart(await forge({}), 0, encoded({ ...header, alg: 'none' }))
    expect(await tokens.verifyAccessToken(unsigned)).toBe('invalid')
    expect(await tokens.verifyAccessToken(swapPart(unsigned, 2, ''))).toBe('invalid')
  })

  test('HS256 with the public key as the secret', async () => {
    for (const secret of [
      key.signing(start).publicKey.export({ format: 'pem', type: 'spki' }),
      key.signing(start).publicKey.export({ format: 'der', type: 'spki' }),
    ]) {
      const token = await forge({ header: { alg: 'HS256' }, key: createSecretKey(Buffer.from(secret)) })
      expect(await tokens.verifyAccessToken(token)).toBe('invalid')
    }
  })

  test('a token with a changed claim, header or signature', async () => {
    const token = await tokens.issue(person)
    const [, , signature = ''] = token.split('.')
    const other = parseUserId('zzzzzzzzzzzzzzzzzzzzzzzzzz')
    expect(await tokens.verifyAccessToken(swapPart(token, 1, encoded({ ...decodeJwt(token), sub: other })))).toBe('invalid')
    expect(await tokens.verifyAccessToken(swapPart(token, 0, encoded({ ...header, kid: 'other' })))).toBe('invalid')
    expect(await tokens.verifyAccessToken(swapPart(token, 2, `${signature.startsWith('A') ? 'B' : 'A'}${signature.slice(1)}`))).toBe('invalid')
  })

  test('an unknown critical extension', async () => {
    expect(await tokens.verifyAccessToken(swapPart(await forge({}), 0, encoded({ ...header, crit: ['x'], x: 1 })))).toBe('invalid')
  })

  test.each(['', '.', '..', 'a.b.c', 'null', '{}', '\0', 'é.é.é', 'x'.repeat(1_000_000)])('what is no token (%#)', async (text) => {
    expect(await tokens.verifyAccessToken(text)).toBe('invalid')
  })
})

test('the published keys verify a token, and hold nothing private', async () => {
  expect(key.jwks(start).keys).toHaveLength(1)
  expect(Object.keys(key.jwks(start).keys[0] ?? {}).sort()).toEqual(['alg', 'crv', 'kid', 'kty', 'use', 'x'])
  expect(key.jwks(start).keys[0]).toMatchObject({ kty: 'OKP', crv: 'Ed25519', alg: 'EdDSA', use: 'sig', kid: key.signing(start).id })
})

describe('S1, W6: tickets', () => {
  test('a ticket opens for TICKET_LIFETIME, until when an access token of the same moment would end; neither passes for the other', async () => {
    time = start
    const [ticket, token] = [await tokens.issueTicket(person), await tokens.issue(person)]
    expect(await tokens.verifyTicket(ticket)).toEqual({ sub: alice, sid: 'session', until: seconds + ACCESS_TOKEN_LIFETIME })
    expect(await tokens.verifyAccessToken(ticket)).toBe('invalid')
    expect(await tokens.verifyTicket(token)).toBeNull()
    time = start + (TICKET_LIFETIME - 1) * 1_000
    expect(await tokens.verifyTicket(ticket)).not.toBeNull()
    time = start + TICKET_LIFETIME * 1_000
    expect(await tokens.verifyTicket(ticket)).toBeNull()
    time = start
  })
  test('one that lives too long, is for another server, or is signed by another', async () => {
    time = start
    const typ = { typ: 'skein-ticket+jwt' }
    const good = { exp: seconds + TICKET_LIFETIME }
    expect(await tokens.verifyTicket(await forge({ header: typ, claims: good }))).not.toBeNull()
    const other = generateKeyPairSync('ed25519').privateKey
    for (const bad of [
      { header: typ },
      { header: typ, claims: { ...good, aud: 'another' } },
      { header: typ, claims: { ...good, iss: 'another' } },
      { header: typ, claims: good, key: other },
    ])
      expect(await tokens.verifyTicket(await forge(bad))).toBeNull()
  })
})
