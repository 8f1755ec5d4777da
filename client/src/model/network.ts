// The network's state in one line.
import { msg, str } from '@lit/localize'
import type { NetworkState, OutboxItem } from '@skein/engine'
import { plural } from '../languages/language.ts'
import { untilText, writtenTime } from './times.ts'

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
export const outdatedText = (): string => msg('This page was updated in another tab. Reload it to go on.')

/** `needsPassword`: the session has ended, which is said elsewhere, and is why there is no connection. */
export function networkLine(network: NetworkState, needsPassword: boolean, now: number): NetworkLine {
  const { connected, offlineSince, waiting, nextTryAt, stuck, outdated, incomplete } = network
  if (outdated) return { text: outdatedText(), countdown: '', quiet: false }
  if (needsPassword) return { text: '', countdown: '', quiet: true }
  if (incomplete) return { text: msg('A part of this page could not be loaded. Reload it when there is a network.'), countdown: '', quiet: false }
  if (connected) {
    if (!stuck) return { text: msg('Online'), countdown: '', quiet: true }
    return {
      text: plural(waiting, 'Online, but # change could not be sent yet', 'Online, but # changes could not be sent yet'),
      countdown: '',
      quiet: false,
    }
  }
  if (offlineSince === null || now - offlineSince < GRACE_MS) return { text: msg('Connecting'), countdown: '', quiet: true }
  const since = writtenTime(offlineSince, now)
  const waits = waiting ? ` · ${plural(waiting, '# change waiting', '# changes waiting')}` : ''
  const countdown = nextTryAt === null || nextTryAt <= now ? msg('trying now') : msg(str`next try in ${untilText(nextTryAt, now)}`)
  return { text: msg(str`Offline since ${since}`) + waits, countdown, quiet: false }
}

/** "3 waiting, 1 not sent"; empty when there is nothing. */
export function outboxCount(outbox: readonly OutboxItem[]): string {
  const aside = outbox.filter(({ state }) => state === 'aside').length
  const waiting = outbox.length - aside
  const waits = waiting ? plural(waiting, '# waiting', '# waiting') : ''
  const lies = aside ? plural(aside, '# not sent', '# not sent') : ''
  return waits && lies ? msg(str`${waits}, ${lies}`) : waits || lies
}
