// Devices in words, for people.
import { msg, str } from '@lit/localize'
import type { LoggedOutDevice } from '@skein/engine'
import { locale, numberText } from '../languages/language.ts'

/** What happened, and what one can do. */
export function loggedOutText(devices: readonly LoggedOutDevice[]): string {
  const [last, ...others] = devices
  if (!last) return ''
  const time = new Date(last.at).toLocaleString(locale(), { dateStyle: 'medium', timeStyle: 'short' })
  const what = others.length
    ? msg(str`${numberText(devices.length)} of your devices were logged out, the last one on ${time}`)
    : msg(str`${last.device ?? msg('One of your devices')} was logged out on ${time}`)
  return msg(str`${what}: what it logs in with was used a second time, as if somebody had a copy. If you do not know why, choose a new password.`)
}
