// One's webhooks: /api/webhooks.
import { OpenAPIHono } from '@hono/zod-openapi'
import { newWebhookSecret } from '@skein/auth'
import { routes } from '@skein/http'
import { base64url } from '@skein/protocol'
import type { PersonEnv } from './authenticate.ts'
import type { ApiDependencies } from './ports.ts'
import { isThingId } from './input.ts'
import { HttpError } from './problem.ts'
import { webhookView } from './views.ts'

/** Where a webhook may lead. Whether the address behind the name is a public one is looked at whenever something is sent. */
function fitUrl(text: string, isPrivateAllowed: boolean): string {
  const url = URL.parse(text)
  if (url?.protocol !== 'https:' && !(isPrivateAllowed && url?.protocol === 'http:'))
    throw new HttpError('bad-request', `url: expects an address that begins with ${isPrivateAllowed ? 'http:// or ' : ''}https://`)
  if (url.username !== '' || url.password !== '') throw new HttpError('bad-request', 'url: expects an address without a name and password')
  if (!isPrivateAllowed && url.port !== '' && Number(url.port) < 1024) throw new HttpError('bad-request', 'url: expects port 443, or one above 1023')
  url.hash = ''
  return url.href
}

export function createWebhookRoutes({ storage, randomBytes, privateWebhooks }: ApiDependencies): OpenAPIHono<PersonEnv> {
  const app = new OpenAPIHono<PersonEnv>()

  app.openapi(routes.createWebhook, async (c) => {
    const { url, events } = c.req.valid('json')
    const secret = newWebhookSecret(randomBytes)
    const wanted = { id: base64url(randomBytes(16)), userId: c.var.person.sub, url: fitUrl(url, privateWebhooks), secret, events }
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
      ...(url === undefined ? {} : { url: fitUrl(url, privateWebhooks) }),
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
