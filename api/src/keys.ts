// One's API keys: /api/keys. Not for keys themselves.
import { OpenAPIHono } from '@hono/zod-openapi'
import { apiKeyHash, newApiKey } from '@skein/auth'
import { routes } from '@skein/http'
import { base64url } from '@skein/protocol'
import type { PersonEnv } from './authenticate.ts'
import type { ApiDependencies } from './ports.ts'
import { HttpError } from './problem.ts'
import { createProof } from './proof.ts'
import { isThingId } from './input.ts'
import { apiKeyView } from './views.ts'

export function createKeyRoutes(dependencies: ApiDependencies): OpenAPIHono<PersonEnv> {
  const { storage, randomBytes, now } = dependencies
  const prove = createProof(dependencies)
  const app = new OpenAPIHono<PersonEnv>()

  app.openapi(routes.createApiKey, async (c) => {
    const { name, scopes, expiresAt, ...given } = c.req.valid('json')
    if (expiresAt !== null && expiresAt <= now()) throw new HttpError('bad-request', 'expiresAt: expects a time to come')
    const account = await storage.account(c.var.person.sub)
    if (!account || account.disabledAt !== null) throw new HttpError('session-ended')
    await prove(c, account, given)
    const secret = newApiKey(randomBytes)
    const tokenHash = apiKeyHash(secret)
    if (tokenHash === null) throw new Error('A new key is none')
    const key = await storage.createApiKey({ id: base64url(randomBytes(16)), userId: c.var.person.sub, name, tokenHash, scopes, expiresAt })
    if (key === null) throw new HttpError('session-ended')
    if (key === 'too-many') throw new HttpError('too-many')
    return c.json({ key: apiKeyView(key), secret }, 201)
  })

  app.openapi(routes.listApiKeys, async (c) => c.json({ keys: (await storage.apiKeys(c.var.person.sub)).map(apiKeyView) }, 200))

  app.openapi(routes.deleteApiKey, async (c) => {
    const { id } = c.req.valid('param')
    if (!isThingId(id) || !(await storage.deleteApiKey(c.var.person.sub, id))) throw new HttpError('no-such-key')
    return c.json({}, 200)
  })

  return app
}
