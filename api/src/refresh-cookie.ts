// The cookie that holds a session's refresh token: set and taken away here alone, since it goes only by the same attributes.
import type { Context } from 'hono'
import { deleteCookie, getCookie, setCookie } from 'hono/cookie'
import { isHttps } from './security.ts'

const name = 'skein_refresh'
const path = '/api/auth'
/** A session that nobody uses for so long has ended. */
export const SESSION_MS = 30 * 24 * 60 * 60 * 1000

/** Empty when there is none. */
export const refreshCookie = (c: Context): string => getCookie(c, name) ?? ''

export function setRefreshCookie(c: Context, token: string, publicUrl: string | undefined): void {
  setCookie(c, name, token, { path, httpOnly: true, sameSite: 'Strict', secure: isHttps(c, publicUrl), maxAge: SESSION_MS / 1000 })
}

export function clearRefreshCookie(c: Context, publicUrl: string | undefined): void {
  deleteCookie(c, name, { path, secure: isHttps(c, publicUrl) })
}
