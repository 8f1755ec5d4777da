// Headers of every answer, and the check that a cookie is sent by our own page.
import type { Context, MiddlewareHandler } from 'hono'
import { secureHeaders } from 'hono/secure-headers'
import { picturePath } from '@skein/protocol'
import { HttpError } from './problem.ts'

export const isHttps = (c: Context, publicUrl: string | undefined): boolean => (publicUrl ?? c.req.url).startsWith('https:')

/** Under this policy the app runs as Vite builds it: its own scripts and worker, constructable style sheets, images as blobs and data, a socket to itself. */
export function createSecurityHeaders(publicUrl: string | undefined): MiddlewareHandler {
  const self = ["'self'"]
  const none = ["'none'"]
  const always = {
    strictTransportSecurity: publicUrl?.startsWith('https:') ? 'max-age=15552000' : false,
    xFrameOptions: 'DENY',
    referrerPolicy: 'same-origin',
  }
  const forPictures = secureHeaders({ ...always, contentSecurityPolicy: { defaultSrc: none }, crossOriginResourcePolicy: 'cross-origin' })
  const forAll = secureHeaders({
    ...always,
    contentSecurityPolicy: {
      defaultSrc: none,
      scriptSrc: self,
      styleSrc: self,
      imgSrc: ["'self'", 'blob:', 'data:'],
      mediaSrc: ["'self'", 'blob:'],
      fontSrc: self,
      // Of the schemes ws and wss 'self' covers the own host (CSP 3).
      connectSrc: self,
      workerSrc: self,
      manifestSrc: self,
      baseUri: none,
      formAction: self,
      frameAncestors: none,
      objectSrc: none,
    },
  })
  // Pages of other origins show them too, where Skein is embedded.
  return (c, next) => (c.req.path.startsWith(picturePath('')) ? forPictures(c, next) : forAll(c, next))
}

function hostOf(origin: string): string | null {
  return URL.canParse(origin) ? new URL(origin).host : null
}

/** Refuses a request to a cookie's route that comes from another page than our own. */
export function requireSameOrigin(publicUrl: string | undefined): MiddlewareHandler {
  return async (c, next) => {
    const origin = c.req.header('Origin')
    const own =
      origin !== undefined &&
      (hostOf(origin) === (c.req.header('Host') ?? new URL(c.req.url).host) || (publicUrl !== undefined && origin === new URL(publicUrl).origin))
    if (!own && c.req.header('Sec-Fetch-Site') !== 'same-origin') throw new HttpError('forbidden', 'Only this server’s own page may do this.')
    await next()
  }
}
