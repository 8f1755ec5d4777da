// The history checker: judges what everybody saw against what stands at the end. It shares no code with Skein, so that it cannot share a mistake.
import { checkChain, checkReads } from './check-order.ts'
import { checkSends, type Counts } from './check-sends.ts'
import { checkViews } from './check-views.ts'
import type { Ending, Recorded } from './history.ts'

/** `piece`: ids and words, one of which is in each event that shows it. */
export type Say = (rule: string, text: string, piece: readonly string[]) => void

export interface Violation {
  rule: string
  text: string
  /** The piece of the history that shows it. */
  events: Recorded[]
}

/** More of one rule say nothing new. */
const MAX_A_RULE = 5
const MAX_EVENTS = 40

export function check(history: readonly Recorded[], ending: Ending): { violations: Violation[]; counts: Counts } {
  const violations: Violation[] = []
  const times = new Map<string, number>()
  const say: Say = (rule, text, piece) => {
    const count = (times.get(rule) ?? 0) + 1
    times.set(rule, count)
    if (count > MAX_A_RULE) return
    const events = piece.length === 0 ? [] : history.filter((event) => mentions(event, piece))
    violations.push({
      rule,
      text,
      events: events.length > MAX_EVENTS ? [...events.slice(0, MAX_EVENTS / 2), ...events.slice(-MAX_EVENTS / 2)] : events,
    })
  }
  checkChain(ending, say)
  checkReads(history, ending, say)
  checkViews(history, ending, say)
  return { counts: checkSends(history, ending, say), violations }
}

function mentions(event: Recorded, piece: readonly string[]): boolean {
  if (event.is === 'fault') return false
  const text = JSON.stringify(event)
  return piece.some((word) => text.includes(word))
}
