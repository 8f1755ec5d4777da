// Whether the server lives and can work, and the keys that verify its tokens.
import { OpenAPIHono } from '@hono/zod-openapi'
import { routes } from '@skein/http'
import type { ApiDependencies } from './ports.ts'

const CHECK_TIMEOUT_MS = 2_000

/** 'ok' or 'failed'; a check that does not end has failed. Why it failed stands in the log, for no stranger to read. */
async function outcomeOf(check: () => Promise<void>): Promise<{ ok: boolean; error?: unknown }> {
  const { promise, reject } = Promise.withResolvers<never>()
  const timer = setTimeout(() => reject(new Error('no answer in time')), CHECK_TIMEOUT_MS)
  try {
    await Promise.race([check(), promise])
    return { ok: true }
  } catch (error) {
    return { ok: false, error }
  } finally {
    clearTimeout(timer)
  }
}

export function createHealthRoutes({ checks, niceToHave = {}, jwks, logger }: ApiDependencies): OpenAPIHono {
  const app = new OpenAPIHono()
  app.openapi(routes.live, (c) => c.json({ ok: true as const }, 200))
  app.openapi(routes.ready, async (c) => {
    const outcomes = await Promise.all(
      Object.entries({ ...checks, ...niceToHave }).map(async ([name, check]) => ({ name, ...(await outcomeOf(check)) })),
    )
    const failed = outcomes.filter((outcome) => !outcome.ok)
    for (const { name, error } of failed) logger.warn(name in checks ? 'Not ready' : 'Works on without', { check: name, error })
    return c.json(
      { checks: Object.fromEntries(outcomes.map(({ name, ok }) => [name, ok ? ('ok' as const) : ('failed' as const)])) },
      failed.some(({ name }) => name in checks) ? 503 : 200,
    )
  })
  app.openapi(routes.jwks, (c) => {
    c.header('Cache-Control', 'public, max-age=300')
    return c.json(jwks(), 200)
  })
  return app
}
