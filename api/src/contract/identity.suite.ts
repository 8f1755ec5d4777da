// The contract of an embedder's own people: how their sessions end, and what stands in for the password that they do not have.
import { expect, test } from 'vitest'
import { createIssuerTokens } from '@skein/auth'
import { MAX_PROOF_AGE_MS } from '@skein/protocol'
import { SignJWT } from 'jose'
import { createApi } from '../index.ts'
import { ask, badRequest, password, refusal, type Answer, type World } from './world.suite.ts'

const secret = 'a secret of at least thirty-two bytes'
const issuer = 'https://embedder.example'

export function identityTests(world: () => World): void {
  let tokens = 0
  /** A server that trusts the issuer, and somebody whom it vouches for. */
  function embedded(sub = `sub-${++tokens}`) {
    const { clock, dependencies } = world()
    const now = (): number => clock.now
    const api = createApi({ ...dependencies, issuer: createIssuerTokens({ issuer, audience: 'chat', keys: { secret }, now }) })
    const issue = (ageMs = 0, subject = sub): Promise<string> => {
      const at = Math.floor((clock.now - ageMs) / 1000)
      const jwt = new SignJWT({ name: 'Ida', jti: String(++tokens) }).setProtectedHeader({ alg: 'HS256' }).setIssuer(issuer).setAudience('chat')
      return jwt
        .setSubject(subject)
        .setIssuedAt(at)
        .setExpirationTime(at + 3_600)
        .sign(new TextEncoder().encode(secret))
    }
    const exchange = (token: string): Promise<Answer> => ask(api, 'POST', '/api/auth/exchange', { body: { token } })
    const enter = async (token: string) => {
      const entered = await exchange(token)
      expect(entered.status).toBe(200)
      const { accessToken, user } = entered.body as { accessToken: string; user: { id: string } }
      return {
        id: user.id,
        as: (method: string, path: string, body?: object) =>
          ask(api, method, path, { ...(body ? { body } : {}), headers: { authorization: `Bearer ${accessToken}` } }),
      }
    }
    return { issue, exchange, enter }
  }

  test('a session that its person ended is not begun again by the same token, while their other devices go on', async () => {
    const { issue, exchange, enter } = embedded()
    const [laptop, phone] = [await issue(), await issue()]
    const ida = await enter(laptop)
    await enter(phone)
    const { sessions } = (await ida.as('GET', '/api/auth/sessions')).body as { sessions: { id: string; current: boolean }[] }
    const end = (isCurrent: boolean): Promise<Answer> =>
      ida.as('DELETE', `/api/auth/sessions/${sessions.find(({ current }) => current === isCurrent)?.id}`)
    expect(await end(false)).toMatchObject({ status: 200 })
    expect(await exchange(phone)).toMatchObject(refusal(401, 'identity-ended'))
    expect((await exchange(laptop)).status).toBe(200)
    expect(await end(true)).toMatchObject({ status: 200 })
    expect(await exchange(laptop)).toMatchObject(refusal(401, 'identity-ended'))
    expect((await exchange(await issue())).status).toBe(200)
  })

  test('logging out everywhere ends every token that was issued before, exchanged or not; a new one is taken', async () => {
    const { issue, exchange, enter } = embedded()
    const [seen, unseen] = [await issue(), await issue(1_000)]
    const ida = await enter(seen)
    expect((await ida.as('POST', '/api/auth/logout-everywhere')).status).toBe(200)
    for (const token of [seen, unseen]) expect(await exchange(token)).toMatchObject(refusal(401, 'identity-ended'))
    world().clock.now += 1_000
    expect((await exchange(await issue())).status).toBe(200)
  })

  test('ERASE-4: whom an issuer vouches for erases themselves, and makes API keys, by a token that it has just issued, and by no other', async () => {
    const { issue, exchange, enter } = embedded()
    const entrance = await issue()
    await enter(await issue(0, 'somebody else'))
    const ida = await enter(entrance)
    const key = (given: object) => ida.as('POST', '/api/keys', { name: 'x', scopes: ['chats:read'], ...given })
    const proofs: [object, object][] = [
      [{ password }, refusal(403, 'wrong-password')],
      [{ password: '' }, refusal(403, 'wrong-password')],
      [{ token: await issue(MAX_PROOF_AGE_MS + 1_000) }, refusal(401, 'identity-expired')],
      [{ token: await issue(4_000_000) }, refusal(401, 'identity-expired')],
      [{ token: await issue(0, 'somebody else') }, refusal(401, 'identity-refused')],
      [{ token: 'nonsense' }, refusal(401, 'identity-refused')],
      [{ token: entrance, password }, badRequest('password')],
      // Each token begins a session: that one began lately says nothing of its person.
      [{}, badRequest('token')],
    ]
    for (const [given, answer] of proofs) {
      expect([given, await key(given)]).toMatchObject([given, answer])
      expect([given, await ida.as('DELETE', '/api/me', given)]).toMatchObject([given, answer])
    }
    expect((await key({ token: await issue() })).status).toBe(201)
    expect(await ida.as('DELETE', '/api/me', { token: await issue() })).toMatchObject({ status: 200, body: {} })
    expect(world().notices).toContainEqual({ kind: 'erased', user: ida.id })
    // The page that is still open does not begin them anew; who comes again is somebody new.
    expect(await exchange(entrance)).toMatchObject(refusal(401, 'identity-ended'))
    expect((await enter(await issue())).id).not.toBe(ida.id)
  })

  test('who has a password proves nothing by another’s token, and a server without an issuer takes none', async () => {
    const person = await world().person()
    const { issue } = embedded()
    expect(await person.ask('DELETE', '/api/me', { token: await issue() })).toMatchObject(refusal(404, 'no-issuer'))
    expect(await person.ask('DELETE', '/api/me', { password })).toMatchObject({ status: 200 })
  })
}
