// Runs seeds, in two processes where there are many, and says what they met. The last line counts; a failure ends the program with 1.
import { spawn } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { installBrowser } from './browser.ts'
import { readCoverage, tellCoverage } from './coverage.ts'
import { plantAll } from './plant.ts'
import { realNow } from './real-timers.ts'
import { runSeed } from './run-seed.ts'
import { addOutcome, emptySummary, merge, pairsThatNeverMet, storyOf, tell, type Summary } from './summary.ts'
import { currentScheduler } from './surroundings.ts'

/** From so many seeds on every pair of states has to be met. */
const ENOUGH_FOR_PAIRS = 300
/** The rarest of them is met by one seed in hundreds: entries that are missing in the middle of the chain. */
const ENOUGH_FOR_PLANTS = 1_000
/** Every so often a seed runs twice, and both runs must be the same to the last byte. */
const TWICE_EVERY = 50
const PROCESSES = 2

const main = fileURLToPath(new URL('./main.ts', import.meta.url))
const print = (text: string): void => void process.stdout.write(`${text}\n`)

export async function simulate(args: readonly string[]): Promise<number> {
  const numberOf = (name: string, otherwise: number): number => {
    const at = args.indexOf(name)
    const value = at < 0 ? otherwise : Number(args[at + 1])
    if (!Number.isSafeInteger(value) || value < 0) throw new TypeError(`${name} wants a whole number`)
    return value
  }
  const from = numberOf('--from', 1)
  if (args.includes('--plant')) return plantAll(main, numberOf('--seeds', ENOUGH_FOR_PLANTS))
  const count = numberOf('--seeds', 300)

  const seeds = Array.from({ length: count }, (_, i) => from + i)
  if (args.includes('--worker')) {
    const summary = await runHere(
      seeds.filter((seed) => seed % PROCESSES === numberOf('--worker', 0)),
      args.includes('--until-failure'),
      false,
    )
    print(JSON.stringify(summary))
    return summary.failures.length > 0 ? 1 : 0
  }
  const started = realNow()
  const measured = args.includes('--coverage') ? mkdtempSync(join(tmpdir(), 'skein-coverage-')) : null
  const here = !measured && (count < 4 || args.includes('--one-by-one'))
  const summary = here
    ? await runHere(seeds, args.includes('--until-failure'), args.includes('--trace'), args.includes('--digest'))
    : await runInProcesses(from, count, measured)
  for (const { text } of summary.failures) print(`\n${text}`)
  if (!here) print(tell(summary))
  if (measured) {
    print(tellCoverage(await readCoverage(measured)))
    rmSync(measured, { recursive: true })
  }
  const missing = count >= ENOUGH_FOR_PAIRS ? pairsThatNeverMet(summary) : []
  for (const pair of missing) print(`✗ never met: ${pair}`)
  const days = (summary.simulatedMs / 86_400_000).toFixed(2)
  print(
    `${summary.seeds} seeds, ${summary.failures.length} failed, ${missing.length} pairs of states never met, ${summary.operations} operations, ${summary.commits} commits, ` +
      `${summary.epochs} epochs, ${days} simulated days, ${((realNow() - started) / 1000).toFixed(1)} s`,
  )
  return summary.failures.length + missing.length > 0 ? 1 : 0
}

async function runHere(seeds: readonly number[], untilFailure: boolean, trace: boolean, digest = false): Promise<Summary> {
  installBrowser(currentScheduler)
  // Hocuspocus says each refusal aloud.
  Object.assign(console, { error: () => {}, warn: () => {}, log: () => {} })
  // One ends a Node process (H2).
  process.on('unhandledRejection', (error) => currentScheduler()?.failures.push(error))
  const summary = emptySummary()
  for (const seed of seeds) {
    const outcome = await runSeed(seed, { keepTrace: trace })
    if (trace) print(outcome.lines.join('\n'))
    if (digest) print(`digest ${outcome.digest}`)
    if (seed % TWICE_EVERY === 0) {
      const again = await runSeed(seed)
      if (again.digest !== outcome.digest) outcome.violations.push(`the same seed, another run: ${outcome.digest} and ${again.digest}`)
    }
    addOutcome(summary, outcome)
    // At once: a long run need not be waited for.
    if (outcome.violations.length > 0) process.stderr.write(`seed ${seed}: ${outcome.violations[0]}\n`)
    if (outcome.violations.length > 0 && untilFailure) {
      if (!trace) print(storyOf(outcome))
      break
    }
  }
  return summary
}

async function runInProcesses(from: number, count: number, measured: string | null): Promise<Summary> {
  const env = measured ? { ...process.env, NODE_V8_COVERAGE: measured } : process.env
  const workers = Array.from({ length: PROCESSES }, (_, worker) =>
    startWorker(['--worker', String(worker), '--from', String(from), '--seeds', String(count)], env),
  )
  return merge(await Promise.all(workers))
}

function startWorker(args: readonly string[], env: NodeJS.ProcessEnv): Promise<Summary> {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, [main, ...args], { env, stdio: ['ignore', 'pipe', 'inherit'] })
    let output = ''
    child.stdout.setEncoding('utf8').on('data', (text: string) => (output += text))
    child.on('close', (code) => {
      const summary = summaryIn(output)
      if (summary) resolve(summary)
      else reject(new Error(`A process of the simulation ended with ${code}:\n${output.slice(-2_000)}`))
    })
  })
}

function summaryIn(output: string): Summary | null {
  try {
    return JSON.parse(output.trim().split('\n').at(-1) ?? '') as Summary
  } catch {
    return null
  }
}
