// S1, attacks 29 and 34: tokens of the embedder's issuer, by a shared secret and by a key set that is fetched.
import { createServer, type RequestListener } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { exportJWK, generateKeyPair, SignJWT, UnsecuredJWT, type CryptoKey } from 'jose'
import { MAX_SUBJECT_LENGTH } from '@skein/protocol'
import { createIssuerTokens, type IssuerKeys } from './index.ts'

const start = 1_800_000_000_000
const seconds = start / 1000
const secret = 'a secret that both of them know!!'
const claims = { iss: 'embedder', aud: 'chat', sub: 'person 7', iat: seconds, exp: seconds + 600, name: 'Ida', email: 'ida@example.org' }
const tokensOf = (keys: IssuerKeys, now = () => start) => createIssuerTokens({ issuer: 'embedder', audience: 'chat', keys, now })
const byText = new TextEncoder().encode(secret)
type Changes = Record<string, unknown>
const hs256 = (changes: Changes = {}, alg = 'HS256', key = byText): Promise<string> =>
  new SignJWT({ ...claims, ...changes }).setProtectedHeader({ alg }).sign(key)

describe('by a shared secret', () => {
  const tokens = tokensOf({ secret })

  test('a good token says who it is', async () => {
    const picture = 'https://example.org/ida.png'
    expect(await tokens.verify(await hs256({ picture }))).toEqual({
      subject: 'person 7',
      name: 'Ida',
      email: 'ida@example.org',
      isEmailVerified: false,
      picture,
      issuedAt: start,
      expiresAt: start + 600_000,
    })
    expect(await tokens.verify(await hs256({ email_verified: true }))).toMatchObject({ isEmailVerified: true })
    expect(await tokens.verify(await hs256({ name: undefined, preferred_username: 'ida7', email: undefined }))).toMatchObject({
      name: 'ida7',
      email: null,
      picture: null,
    })
    const longest = 'x'.repeat(MAX_SUBJECT_LENGTH)
    expect(await tokens.verify(await hs256({ sub: longest }))).toMatchObject({ subject: longest })
    expect(await tokens.verify(await hs256({ sub: `${longest}x` }))).toBe('invalid')
    // Clocks may differ a little.
    expect(await tokens.verify(await hs256({ iat: seconds + 20, nbf: seconds + 20 }))).toMatchObject({ subject: 'person 7' })
  })

  test('attack 34: an email that the issuer did not verify is none', async () => {
    for (const email_verified of [false, 'false']) expect(await tokens.verify(await hs256({ email_verified }))).toMatchObject({ email: null })
    expect(await tokens.verify(await hs256({ email_verified: true }))).toMatchObject({ email: 'ida@example.org', isEmailVerified: true })
    expect(await tokens.verify(await hs256({ email_verified: undefined }))).toMatchObject({ email: 'ida@example.org', isEmailVerified: false })
  })

  test('S1: one that was good has expired', async () => {
    expect(await tokens.verify(await hs256({ iat: seconds - 700, exp: seconds - 60 }))).toBe('expired')
  })

  const refused: [what: string, token: () => Promise<string> | string][] = [
    ['of another issuer', () => hs256({ iss: 'elsewhere' })],
    ['without issuer', () => hs256({ iss: undefined })],
    ['for another audience', () => hs256({ aud: 'shop' })],
    ['without audience', () => hs256({ aud: undefined })],
    ['without sub', () => hs256({ sub: undefined })],
    ['with a sub that is empty', () => hs256({ sub: '' })],
    ['with a sub that is long', () => hs256({ sub: 'x'.repeat(256) })],
    ['with half a letter as its sub', () => hs256({ sub: '\ud800' })],
    ['without exp', () => hs256({ exp: undefined })],
    ['without iat', () => hs256({ iat: undefined })],
    ['with an exp in the year 9999', () => hs256({ exp: 253_370_764_800 })],
    ['with an exp beyond a day', () => hs256({ exp: seconds + 86_401 })],
    ['issued in the future', () => hs256({ iat: seconds + 60 })],
    ['not valid yet', () => hs256({ nbf: seconds + 60 })],
    ['signed with another secret', () => hs256({}, 'HS256', new TextEncoder().encode('another secret that nobody knows'))],
    ['of another algorithm', () => hs256({}, 'HS512', new TextEncoder().encode(secret.repeat(2)))],
    ['of no algorithm', () => new UnsecuredJWT(claims).encode()],
    ['of 17 KB', () => hs256({ padding: 'x'.repeat(17_000) })],
    ['that is none', () => 'a.b.c'],
    ['that is empty', () => ''],
  ]
  test.each(refused)('S1: refused, a token %s', async (_what, token) => {
    expect(await tokens.verify(await token())).toBe('invalid')
  })
})

describe('by a key set', () => {
  let url = ''
  let answer: RequestListener = () => {}
  let asked = 0
  const server = createServer((request, response) => {
    asked++
    answer(request, response)
  })
  beforeAll(async () => {
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/jwks.json`
  })
  afterAll(() => new Promise((resolve) => server.close(resolve)))

  async function keyOf(alg: string, kid: string): Promise<{ privateKey: CryptoKey; jwk: object }> {
    const { privateKey, publicKey } = await generateKeyPair(alg, { extractable: true })
    return { privateKey, jwk: { ...(await exportJWK(publicKey)), kid, alg } }
  }
  const publish =
    (keys: object[]): RequestListener =>
    (_, response) =>
      void response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify({ keys }))
  const sign = (alg: string, kid: string, key: CryptoKey | Uint8Array): Promise<string> =>
    new SignJWT(claims).setProtectedHeader({ alg, kid }).sign(key)

  test.each(['EdDSA', 'ES256', 'RS256', 'PS256'])('%s', async (alg) => {
    const { privateKey, jwk } = await keyOf(alg, 'one')
    answer = publish([jwk])
    expect(await tokensOf({ jwksUrl: url }).verify(await sign(alg, 'one', privateKey))).toMatchObject({ subject: 'person 7' })
  })

  test('S1: a public key passes for no secret, and an algorithm that is not pinned for none of them', async () => {
    const { jwk } = await keyOf('RS256', 'one')
    const other = await keyOf('RS512', 'two')
    answer = publish([jwk, other.jwk])
    const tokens = tokensOf({ jwksUrl: url })
    expect(await tokens.verify(await sign('HS256', 'one', new TextEncoder().encode(JSON.stringify(jwk))))).toBe('invalid')
    expect(await tokens.verify(await sign('RS512', 'two', other.privateKey))).toBe('invalid')
    expect(await tokens.verify(new UnsecuredJWT(claims).encode())).toBe('invalid')
  })

  test('attack 29: unknown keys have the set fetched once within a while, not for each', async () => {
    const { privateKey, jwk } = await keyOf('EdDSA', 'one')
    const stranger = await keyOf('EdDSA', 'stranger')
    answer = publish([jwk])
    const tokens = tokensOf({ jwksUrl: url })
    const before = asked
    for (let n = 0; n < 20; n++) expect(await tokens.verify(await sign('EdDSA', `unknown ${n}`, stranger.privateKey))).toBe('invalid')
    expect(await tokens.verify(await sign('EdDSA', 'one', stranger.privateKey))).toBe('invalid')
    expect(await tokens.verify(await sign('EdDSA', 'one', privateKey))).toMatchObject({ subject: 'person 7' })
    expect(asked - before).toBe(1)
  })

  test('attack 34: an issuer that redirects, answers without end, with nonsense or not at all is away; no token is taken for it', async () => {
    const { privateKey, jwk } = await keyOf('EdDSA', 'one')
    const token = await sign('EdDSA', 'one', privateKey)
    let inside = 0
    const elsewhere = createServer((request, response) => {
      inside++
      publish([jwk])(request, response)
    })
    await new Promise<void>((resolve) => elsewhere.listen(0, '127.0.0.1', resolve))
    const away = `http://127.0.0.1:${(elsewhere.address() as AddressInfo).port}/`
    const troubles: RequestListener[] = [
      (_, response) => void response.writeHead(302, { location: away }).end(),
      (_, response) => void response.writeHead(500).end('{}'),
      (_, response) => void response.end('<html>'),
      (_, response) => void response.end('{"keys":7}'),
      (_, response) => void response.end(`{"keys":[],"x":"${'x'.repeat(300_000)}"}`),
      (request) => void request.socket.destroy(),
    ]
    for (const trouble of troubles) {
      answer = trouble
      expect(await tokensOf({ jwksUrl: url }).verify(token)).toBe('unreachable')
    }
    expect(inside).toBe(0)
    expect(await tokensOf({ jwksUrl: away }).verify(token)).toMatchObject({ subject: 'person 7' })
    await new Promise((resolve) => elsewhere.close(resolve))
  })
})
