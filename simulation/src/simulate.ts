// Runs seeds one after another and says what they met. The last line counts; a failure ends the program with 1.
import { installBrowser } from './browser.ts'
import { realNow } from './real-timers.ts'
import { runSeed, type Outcome } from './run-seed.ts'
import { currentScheduler } from './surroundings.ts'

export async function simulate(args: readonly string[]): Promise<number> {
  const numberOf = (name: string, otherwise: number): number => {
    const at = args.indexOf(name)
    return at < 0 ? otherwise : Number(args[at + 1])
  }
  installBrowser(currentScheduler)
  // Hocuspocus says each refusal aloud.
  const say = console.log
  Object.assign(console, { error: () => {}, warn: () => {}, log: () => {} })
  const from = numberOf('--from', 1)
  const seeds = numberOf('--seeds', 300)
  const started = realNow()
  let failed = 0
  const sums = { operations: 0, commits: 0, acknowledged: 0, simulatedMs: 0, epochs: 0 }
  for (let seed = from; seed < from + seeds; seed++) {
    const outcome = await runSeed(seed, { keepTrace: args.includes('--trace') })
    for (const name of ['operations', 'commits', 'acknowledged', 'simulatedMs', 'epochs'] as const) sums[name] += outcome[name]
    if (args.includes('--trace')) say(outcome.lines.join('\n'))
    if (args.includes('--log')) say(outcome.log.join('\n'), outcome.errors.join('\n'), outcome.faults, outcome.closings, outcome.digest)
    if (outcome.violations.length === 0) continue
    failed++
    tell(outcome, say)
  }
  say(`${seeds} seeds, ${failed} failed, ${JSON.stringify(sums)}, ${((realNow() - started) / 1000).toFixed(1)} s`)
  return failed > 0 ? 1 : 0
}

function tell({ seed, log, violations, errors }: Outcome, say: (text: string) => void): void {
  say(
    `\nseed ${seed}:\n${log.join('\n')}\n${errors.slice(0, 5).join('\n')}\n✗ ${violations.slice(0, 5).join('\n✗ ')}\nnpm run simulate -- --seeds 1 --from ${seed}`,
  )
}
