// The cookie that binds a log-in at an OpenID provider to the browser that began it. Lax, since the browser comes back from another site.
import type { Context } from 'hono'
import { deleteCookie, getCookie, setCookie } from 'hono/cookie'
import { LOGIN_ATTEMPT_LIFETIME } from '@skein/auth'
import { isHttps } from './security.ts'

const name = 'skein_oidc'
const path = '/api/auth/oidc'

/** Empty when there is none. */
export const loginCookie = (c: Context): string => getCookie(c, name) ?? ''

export function setLoginCookie(c: Context, sealed: string, publicUrl: string | undefined): void {
  setCookie(c, name, sealed, { path, httpOnly: true, sameSite: 'Lax', secure: isHttps(c, publicUrl), maxAge: LOGIN_ATTEMPT_LIFETIME })
}

export function clearLoginCookie(c: Context, publicUrl: string | undefined): void {
  deleteCookie(c, name, { path, secure: isHttps(c, publicUrl) })
}
