// The network's state in one line.
import type { NetworkState } from '@skein/engine'
import { clockTime, daysBetween, listTime, untilText } from './times.ts'

export interface NetworkLine {
  text: string
  /** When the next try is made; apart from the text, so that assistive technology does not hear each second. */
  countdown: string
  /** Nothing to show: connected, or not known yet. */
  quiet: boolean
}

/** A connection that is back this soon was never gone, as far as anybody needs to know. */
export const GRACE_MS = 1_500

/** Said where nothing can be done but to reload. */
export const OUTDATED = 'This page was updated in another tab. Reload it to go on.'

/** `needsPassword`: the session has ended, which is said elsewhere, and is why there is no connection. */
export function networkLine(network: NetworkState, needsPassword: boolean, now: number): NetworkLine {
  const { connected, offlineSince, waiting, nextTryAt, stuck, outdated } = network
  if (outdated) return { text: OUTDATED, countdown: '', quiet: false }
  if (needsPassword) return { text: '', countdown: '', quiet: true }
  const things = `${waiting} ${waiting === 1 ? 'change' : 'changes'}`
  if (connected) {
    if (!stuck) return { text: 'Online', countdown: '', quiet: true }
    return { text: `Online, but ${things} could not be sent yet`, countdown: '', quiet: false }
  }
  if (offlineSince === null || now - offlineSince < GRACE_MS) return { text: 'Connecting', countdown: '', quiet: true }
  const since = daysBetween(offlineSince, now) === 0 ? clockTime(offlineSince) : `${listTime(offlineSince, now)}, ${clockTime(offlineSince)}`
  const waits = waiting ? ` · ${things} waiting` : ''
  const countdown = nextTryAt === null || nextTryAt <= now ? 'trying now' : `next try in ${untilText(nextTryAt, now)}`
  return { text: `Offline since ${since}${waits}`, countdown, quiet: false }
}
