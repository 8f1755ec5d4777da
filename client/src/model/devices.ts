// Devices in words, for people.
import type { LoggedOutDevice } from '@skein/engine'

/** What happened, and what one can do. */
export function loggedOutText(devices: readonly LoggedOutDevice[]): string {
  const [last, ...others] = devices
  if (!last) return ''
  const time = new Date(last.at).toLocaleString(undefined, { dateStyle: 'medium', timeStyle: 'short' })
  const what = others.length
    ? `${devices.length} of your devices were logged out, the last one on ${time}`
    : `${last.device ?? 'One of your devices'} was logged out on ${time}`
  return `${what}: what it logs in with was used a second time, as if somebody had a copy. If you do not know why, choose a new password.`
}
