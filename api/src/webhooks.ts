// One's webhooks: /api/webhooks.
import { OpenAPIHono } from '@hono/zod-openapi'
import { newWebhookSecret } from '@skein/auth'
import { routes } from '@skein/http'
import { base64url } from '@skein/protocol'
import type { PersonEnv } from './authenticate.ts'
import type { ApiDependencies } from './ports.ts'
import { HttpError } from './problem.ts'
import { webhookView } from './views.ts'

/** Where a webhook may lead. Whether the address behind the name is a public one is looked at whenever something is sent. */
function fitUrl(text: string, isPrivateAllowed: boolean): string {
  const url = URL.parse(text)
  const fits = isPrivateAllowed
    ? url?.protocol === 'http:' || url?.protocol === 'https:'
    : url?.protocol === 'https:' && (url.port === '' || Number(url.port) > 1023)
  if (!url || !fits || url.username !== '' || url.password !== '')
    throw new HttpError('bad-request', `url: expects an address that begins with ${isPrivateAllowed ? 'http:// or ' : ''}https://`)
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
    const webhook = await storage.updateWebhook(c.var.person.sub, c.req.valid('param').id, {
      ...(url === undefined ? {} : { url: fitUrl(url, privateWebhooks) }),
      ...(events === undefined ? {} : { events }),
      ...(active === undefined ? {} : { active }),
    })
    if (!webhook) throw new HttpError('no-such-webhook')
    return c.json({ webhook: webhookView(webhook) }, 200)
  })

  app.openapi(routes.deleteWebhook, async (c) => {
    if (!(await storage.deleteWebhook(c.var.person.sub, c.req.valid('param').id))) throw new HttpError('no-such-webhook')
    return c.json({}, 200)
  })

  return app
}
