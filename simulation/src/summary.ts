// What many seeds met, added up, and how it is told.
import type { Outcome } from './run-seed.ts'
import { allPairs } from './states.ts'

export interface Failure {
  seed: number
  text: string
}

export interface Summary {
  seeds: number
  failures: Failure[]
  operations: number
  commits: number
  acknowledged: number
  simulatedMs: number
  epochs: number
  steps: { [name: string]: number }
  faults: { [name: string]: number }
  closings: { [name: string]: number }
  pairs: { [name: string]: number }
}

export const emptySummary = (): Summary => ({
  seeds: 0,
  failures: [],
  operations: 0,
  commits: 0,
  acknowledged: 0,
  simulatedMs: 0,
  epochs: 0,
  steps: {},
  faults: {},
  closings: {},
  pairs: {},
})

export function addOutcome(summary: Summary, outcome: Outcome): void {
  summary.seeds++
  for (const name of ['operations', 'commits', 'acknowledged', 'simulatedMs', 'epochs'] as const) summary[name] += outcome[name]
  for (const name of ['steps', 'faults', 'closings', 'pairs'] as const)
    for (const [key, count] of outcome[name]) summary[name][key] = (summary[name][key] ?? 0) + count
  if (outcome.violations.length > 0) summary.failures.push({ seed: outcome.seed, text: storyOf(outcome) })
}

export function merge(summaries: readonly Summary[]): Summary {
  const all = emptySummary()
  for (const one of summaries) {
    all.failures.push(...one.failures)
    for (const name of ['seeds', 'operations', 'commits', 'acknowledged', 'simulatedMs', 'epochs'] as const) all[name] += one[name]
    for (const name of ['steps', 'faults', 'closings', 'pairs'] as const)
      for (const [key, count] of Object.entries(one[name])) all[name][key] = (all[name][key] ?? 0) + count
  }
  all.failures.sort((a, b) => a.seed - b.seed)
  return all
}

export function storyOf({ seed, log, violations, errors }: Outcome): string {
  const shown = violations.slice(0, 5).map((violation) => `✗ ${violation}`)
  return [`seed ${seed}:`, ...log, ...errors.slice(-5), ...shown, `again: npm run simulate -- --seeds 1 --from ${seed}`].join('\n')
}

const table = (title: string, counts: { [name: string]: number }): string => {
  const rows = Object.entries(counts).sort(([a], [b]) => (a < b ? -1 : 1))
  return `${title}: ${rows.map(([name, count]) => `${name} ${count}`).join(', ')}`
}

/** Pairs of states that never met: reported as failures once the run is long enough to expect all of them. */
export const pairsThatNeverMet = ({ pairs }: Summary): string[] => allPairs().filter((pair) => !pairs[pair])

export function tell(summary: Summary): string {
  const { steps, faults, closings, pairs } = summary
  return [
    table('steps', steps),
    table('faults', faults),
    table('documents closed', closings),
    'how often two states met, looked at after each step:',
    ...allPairs().map((pair) => `  ${String(pairs[pair] ?? 0).padStart(6)}  ${pair}`),
  ].join('\n')
}
