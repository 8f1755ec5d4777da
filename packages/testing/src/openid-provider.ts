// An OpenID provider as a process of its own: a log-in page for people, codes with PKCE, tokens, user info. `POST /plan` says who there is and what lies it tells;
// `POST /sign` signs whatever claims it is given. PROVIDER_PORT: where it listens, else a free one.
import { createHash, randomBytes } from 'node:crypto'
import { createServer, type IncomingMessage } from 'node:http'
import type { AddressInfo } from 'node:net'
import { newSigningKey, publicKeys, signedBy, signedBySecret, unsigned } from './signing.ts'

const client = { id: 'skein', secret: 'the secret of this client' }
/** Who is not honest. */
interface Lies {
  /** Written over the ID token's; null takes one away. */
  claims?: Record<string, unknown>
  signature?: 'none' | 'by-secret' | 'by-a-stranger'
  /** In place of the issuer's in the address that leads back. */
  iss?: string
  /** The token endpoint answers with this status. */
  status?: number
}
interface Plan {
  /** What is said of each, by `sub`. */
  people: Record<string, Record<string, unknown>>
  /** These claims stand in the user info alone. */
  onlyInUserInfo: boolean
  lies: Lies
}
interface Answer {
  status: number
  type?: string
  headers?: Record<string, string>
  body?: unknown
}

const key = newSigningKey()
const stranger = newSigningKey()
let plan: Plan = { people: {}, onlyInUserInfo: false, lies: {} }
let issuer = ''
/** Codes that were given out, until they are used, and whom access tokens are about. */
const codes = new Map<string, { sub: string; challenge: string; redirectUri: string; nonce: string | null }>()
const subjects = new Map<string, string>()
const random = (): string => randomBytes(24).toString('base64url')
const escaped = (text: string): string => text.replaceAll('&', '&amp;').replaceAll('"', '&quot;').replaceAll('<', '&lt;')
const refusal = (error: string, status = 400): Answer => ({ status, body: { error } })

async function textOf(request: IncomingMessage): Promise<string> {
  let text = ''
  for await (const part of request) text += String(part)
  return text
}

function logInPage(asked: URLSearchParams): Answer {
  const wrong =
    asked.get('client_id') !== client.id ||
    asked.get('response_type') !== 'code' ||
    asked.get('code_challenge_method') !== 'S256' ||
    !asked.get('scope')?.split(' ').includes('openid')
  if (wrong) return refusal('invalid_request')
  const hidden = Array.from(asked, ([name, value]) => `<input type="hidden" name="${escaped(name)}" value="${escaped(value)}">`)
  const body = `<!doctype html><html lang="en"><title>Example log-in</title><h1>Example log-in</h1><form method="post" action="/decide">${hidden.join('')}
    <label>Who are you? <input name="sub"></label><button name="decision" value="yes">Log in</button><button name="decision" value="no">Cancel</button></form>`
  return { status: 200, type: 'text/html; charset=utf-8', body }
}

function decided(form: URLSearchParams): Answer {
  const redirectUri = form.get('redirect_uri') ?? ''
  const back = new URL(redirectUri)
  back.searchParams.set('state', form.get('state') ?? '')
  back.searchParams.set('iss', plan.lies.iss ?? issuer)
  if (form.get('decision') === 'yes') {
    const code = random()
    codes.set(code, { sub: form.get('sub') ?? '', challenge: form.get('code_challenge') ?? '', redirectUri, nonce: form.get('nonce') })
    back.searchParams.set('code', code)
  } else back.searchParams.set('error', 'access_denied')
  return { status: 302, headers: { location: back.href } }
}

function idToken(sub: string, nonce: string | null): string {
  const now = Math.floor(Date.now() / 1000)
  const { claims: lied = {}, signature } = plan.lies
  const said = plan.onlyInUserInfo ? {} : (plan.people[sub] ?? {})
  const honest = { iss: issuer, aud: client.id, sub, iat: now, exp: now + 300, nonce, ...said }
  const claims = Object.fromEntries(Object.entries({ ...honest, ...lied }).filter(([, value]) => value !== null))
  if (signature === 'none') return unsigned(claims)
  if (signature === 'by-secret') return signedBySecret(client.secret, claims)
  return signedBy(signature === 'by-a-stranger' ? { ...stranger, kid: key.kid } : key, claims)
}

function tokens(form: URLSearchParams, authorization: string): Answer {
  if (plan.lies.status !== undefined) return { status: plan.lies.status, body: {} }
  const basic = Buffer.from(`${encodeURIComponent(client.id)}:${encodeURIComponent(client.secret).replaceAll('%20', '+')}`).toString('base64')
  if (authorization !== `Basic ${basic}`) return refusal('invalid_client', 401)
  const code = form.get('code') ?? ''
  const given = codes.get(code)
  // A code is good once.
  codes.delete(code)
  const challenge = createHash('sha256')
    .update(form.get('code_verifier') ?? '')
    .digest('base64url')
  if (!given || given.challenge !== challenge || given.redirectUri !== form.get('redirect_uri')) return refusal('invalid_grant')
  const token = random()
  subjects.set(token, given.sub)
  const body = { access_token: token, token_type: 'Bearer', expires_in: 300, id_token: idToken(given.sub, given.nonce) }
  return { status: 200, body }
}

function userInfo(authorization: string): Answer {
  const sub = subjects.get(authorization.replace(/^Bearer /, ''))
  return sub === undefined ? refusal('invalid_token', 401) : { status: 200, body: { sub, ...plan.people[sub] } }
}

const metadata = (): object => ({
  issuer,
  authorization_endpoint: `${issuer}/authorize`,
  token_endpoint: `${issuer}/token`,
  userinfo_endpoint: `${issuer}/userinfo`,
  jwks_uri: `${issuer}/jwks.json`,
  response_types_supported: ['code'],
  subject_types_supported: ['public'],
  // All that it lies with, so that nothing but a signature decides.
  id_token_signing_alg_values_supported: ['EdDSA', 'HS256', 'none'],
  authorization_response_iss_parameter_supported: true,
})

async function answerOf(request: IncomingMessage): Promise<Answer> {
  const { pathname, searchParams } = new URL(request.url ?? '/', issuer)
  const { authorization = '' } = request.headers
  if (pathname === '/.well-known/openid-configuration') return { status: 200, body: metadata() }
  if (pathname === '/jwks.json') return { status: 200, body: publicKeys([key]) }
  if (pathname === '/authorize') return logInPage(searchParams)
  if (pathname === '/decide') return decided(new URLSearchParams(await textOf(request)))
  if (pathname === '/token') return tokens(new URLSearchParams(await textOf(request)), authorization)
  if (pathname === '/userinfo') return userInfo(authorization)
  if (pathname === '/sign') return { status: 200, body: { token: signedBy(key, JSON.parse(await textOf(request))) } }
  if (pathname !== '/plan') return { status: 404 }
  plan = { people: {}, onlyInUserInfo: false, lies: {}, ...(JSON.parse(await textOf(request)) as Partial<Plan>) }
  return { status: 200, body: {} }
}

const server = createServer((request, response) => {
  void answerOf(request).then(({ status, type = 'application/json', headers = {}, body = null }) => {
    response.writeHead(status, { 'content-type': type, ...headers })
    response.end(typeof body === 'string' ? body : JSON.stringify(body))
  })
})
server.listen(Number(process.env['PROVIDER_PORT'] ?? 0), '127.0.0.1', () => {
  issuer = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  process.stdout.write(`ready ${issuer}\n`)
})
