// The description itself, for programs and for people: /api/openapi.json, /api/docs.
import { Hono } from 'hono'
import { networkOf, type PersonEnv } from '../authenticate.ts'
import type { RateLimits } from '../rate-limits.ts'
import type { ApiDocument } from './document.ts'
import { pageOf } from './page.ts'
import { style } from './style.ts'

/** `document` is asked for once all routes are there. */
export function createReferenceRoutes(document: () => ApiDocument, rateLimits: RateLimits | null): Hono<PersonEnv> {
  let made: { json: string; page: string } | null = null
  const once = async () => (made ??= { json: JSON.stringify(document()), page: String(await pageOf(document())) })
  const app = new Hono<PersonEnv>()
  app.on('GET', ['/api/openapi.json', '/api/docs', '/api/docs.css'], async (c, next) => {
    await rateLimits?.take(c, 'network', networkOf(c))
    await next()
  })
  app.get('/api/openapi.json', async (c) => c.body((await once()).json, 200, { 'Content-Type': 'application/json' }))
  app.get('/api/docs', async (c) => c.html((await once()).page))
  app.get('/api/docs.css', (c) => c.body(style, 200, { 'Content-Type': 'text/css; charset=utf-8' }))
  return app
}
