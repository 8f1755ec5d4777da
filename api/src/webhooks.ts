// One's webhooks: /api/webhooks.
import { OpenAPIHono } from '@hono/zod-openapi'
import { newWebhookSecret } from '@skein/auth'
import { routes } from '@skein/http'
import { base64url } from '@skein/protocol'
import { keyOf, type PersonEnv } from './authenticate.ts'
import type { ApiDependencies } from './ports.ts'
import { isThingId } from './input.ts'
import { HttpError } from './problem.ts'
import { webhookView } from './views.ts'

/** Where a webhook may lead. Names change: whether there is a public address behind it is looked at again whenever something is sent. */
async function fitUrl(text: string, isPublicTarget: ApiDependencies['isPublicTarget']): Promise<string> {
  const url = URL.parse(text)
  if (url?.protocol !== 'https:' && !(isPublicTarget === null && url?.protocol === 'http:'))
    throw new HttpError('bad-request', `url: expects an address that begins with ${isPublicTarget ? '' : 'http:// or '}https://`)
  if (url.username !== '' || url.password !== '') throw new HttpError('bad-request', 'url: expects an address without a name and password')
  if (isPublicTarget && url.port !== '' && Number(url.port) < 1024) throw new HttpError('bad-request', 'url: expects port 443, or one above 1023')
  if (isPublicTarget && !(await isPublicTarget(url))) throw new HttpError('private-address')
  url.hash = ''
  return url.href
}

export function createWebhookRoutes({ storage, randomBytes, isPublicTarget }: ApiDependencies): OpenAPIHono<PersonEnv> {
  const app = new OpenAPIHono<PersonEnv>()

  app.openapi(routes.createWebhook, async (c) => {
    const { url, events } = c.req.valid('json')
    const secret = newWebhookSecret(randomBytes)
    const wanted = {
      id: base64url(randomBytes(16)),
      userId: c.var.person.sub,
      url: await fitUrl(url, isPublicTarget),
      secret,
      events,
      keyId: keyOf(c.var.person),
    }
    const webhook = await storage.createWebhook(wanted)
    if (webhook === null) throw new HttpError('session-ended')
    if (webhook === 'too-many') throw new HttpError('too-many')
    return c.json({ webhook: webhookView(webhook), secret }, 201)
  })

  app.openapi(routes.listWebhooks, async (c) => c.json({ webhooks: (await storage.webhooks(c.var.person.sub)).map(webhookView) }, 200))

  app.openapi(routes.changeWebhook, async (c) => {
    const { url, events, active } = c.req.valid('json')
    const { id } = c.req.valid('param')
    if (!isThingId(id)) throw new HttpError('no-such-webhook')
    const webhook = await storage.updateWebhook(c.var.person.sub, id, {
      ...(url === undefined ? {} : { url: await fitUrl(url, isPublicTarget) }),
      ...(events === undefined ? {} : { events }),
      ...(active === undefined ? {} : { active }),
    })
    if (!webhook) throw new HttpError('no-such-webhook')
    return c.json({ webhook: webhookView(webhook) }, 200)
  })

  app.openapi(routes.deleteWebhook, async (c) => {
    const { id } = c.req.valid('param')
    if (!isThingId(id) || !(await storage.deleteWebhook(c.var.person.sub, id))) throw new HttpError('no-such-webhook')
    return c.json({}, 200)
  })

  return app
}
