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

/** Said where nothing can be done but to reload. */
export const OUTDATED = 'This page was updated in another tab. Reload it to go on.'

export function networkLine({ connected, offlineSince, waiting, nextTryAt, stuck, outdated }: NetworkState, now: number): NetworkLine {
  if (outdated) return { text: OUTDATED, countdown: '', quiet: false }
  const things = `${waiting} ${waiting === 1 ? 'change' : 'changes'}`
  if (connected) {
    if (!stuck) return { text: 'Online', countdown: '', quiet: true }
    return { text: `Online, but ${things} could not be sent yet`, countdown: '', quiet: false }
  }
  if (offlineSince === null) return { text: 'Connecting', countdown: '', quiet: true }
  const since = daysBetween(offlineSince, now) === 0 ? clockTime(offlineSince) : `${listTime(offlineSince, now)}, ${clockTime(offlineSince)}`
  const waits = waiting ? ` · ${things} waiting` : ''
  return { text: `Offline since ${since}${waits}`, countdown: nextTryAt === null ? '' : `next try in ${untilText(nextTryAt, now)}`, quiet: false }
}
