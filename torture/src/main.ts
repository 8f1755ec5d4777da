// `npm run torture -- --kills 1000 [--seed N] [--database sqlite|mysql] [--minutes M]`: real processes, real faults, and a checker of what everybody saw.
// Rounds of a hundred kills, each with a world of its own; its last line counts, and it ends with 1 on any violation.
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { startMariadb } from '@skein/testing'
import type { Counts } from './check-sends.ts'
import type { Blow } from './faults.ts'
import { runRound, type RoundResult } from './round.ts'

const KILLS_A_ROUND = 100
const STOP_MS = 10_000
/** Of what is said on the terminal of one violation; the file has it whole. */
const MAX_TEXT = 3_000
const reports = fileURLToPath(new URL('../../.tmp/torture', import.meta.url))
const say = (line: string): void => void process.stdout.write(`${line}\n`)

/** What comes between forty kills of a round. */
const between: Record<'sqlite' | 'mysql', Blow[]> = {
  sqlite: ['stop server', 'full disk', 'full disk', 'full disk and kill'],
  mysql: ['stop server', 'database killed', 'database killed', 'database stopped'],
}
const switches: Blow[] = ['kill both', 'nodes switched', 'nodes switched', 'nodes switched', 'nodes switched']
const FORTY = 40

const { values } = parseArgs({
  options: { kills: { type: 'string' }, seed: { type: 'string' }, database: { type: 'string' }, minutes: { type: 'string' } },
})
const wholeNumber = (name: string, text: string): number => {
  const number = Number(text)
  if (!Number.isSafeInteger(number) || number < 0) throw new Error(`--${name} expects a whole number.`)
  return number
}
const kills = wholeNumber('kills', values.kills ?? '1000')
const firstSeed = wholeNumber('seed', values.seed ?? '1')
const database = values.database ?? 'sqlite'
if (database !== 'sqlite' && database !== 'mysql') throw new Error('--database expects sqlite or mysql.')
const signal = values.minutes ? AbortSignal.timeout(wholeNumber('minutes', values.minutes) * 60_000) : new AbortController().signal
// Servers and mounts end with the process.
process.once('SIGINT', () => process.exit(130)).once('SIGTERM', () => process.exit(143))

const started = performance.now()
const sum: Counts = { sends: 0, ok: 0, refused: 0, unknown: 0, unknownStored: 0 }
const faults = new Map<string, number>()
let done = 0
let inFlight = 0
let least = Infinity
let violations = 0

function take({ counts, faults: ofRound, violations: found, history }: RoundResult, seed: number): void {
  for (const key of Object.keys(sum) as (keyof Counts)[]) sum[key] += counts[key]
  for (const [what, count] of ofRound) faults.set(what, (faults.get(what) ?? 0) + count)
  if (found.length === 0) return
  violations += found.length
  mkdirSync(reports, { recursive: true })
  const file = join(reports, `${database}-${seed}.jsonl`)
  writeFileSync(file, history.map((event) => `${JSON.stringify(event)}\n`).join(''))
  for (const { rule, text, events } of found) {
    say(`VIOLATION, seed ${seed}: ${rule}: ${text.slice(-MAX_TEXT)}`)
    for (const event of events) say(`    ${JSON.stringify(event).slice(0, 400)}`)
  }
  say(`The whole history of seed ${seed} is in ${file}`)
}
const countsOf = (counts: ReadonlyMap<string, number>): string =>
  [...counts]
    .map(([what, count]) => `${what} ${count}`)
    .sort()
    .join(', ')

const mariadb = database === 'mysql' ? await startMariadb() : null
try {
  for (let seed = firstSeed; done < kills && !signal.aborted; seed++) {
    const nodes = mariadb && seed % 2 === 0 ? 2 : 1
    const ofRound = Math.min(KILLS_A_ROUND, kills - done)
    const others = Array.from({ length: Math.ceil(ofRound / FORTY) }, () => [...between[database], ...(nodes === 2 ? switches : [])]).flat()
    const both = others.filter((blow) => blow === 'kill both').length
    const blows: Blow[] = [...Array.from({ length: ofRound - both }, (): Blow => 'kill'), ...others]
    const result = await runRound({
      seed,
      mariadb,
      nodes,
      blows,
      stopMs: STOP_MS,
      signal,
      killed: (unanswered) => {
        done++
        inFlight += unanswered
        least = Math.min(least, unanswered)
        if (done % 10 === 0) say(`  ${done} kills, ${Math.round((performance.now() - started) / 1_000)} s`)
      },
    })
    take(result, seed)
    const minutes = ((performance.now() - started) / 60_000).toFixed(1)
    say(
      `seed ${seed}, ${nodes === 2 ? 'two nodes' : 'one node'}: ${done} of ${kills} kills, ${sum.sends} sends: ${sum.ok} ok, ${sum.refused} refused, ${sum.unknown} unknown; ${violations} violations; ${minutes} min; ${countsOf(faults)}`,
    )
  }
} finally {
  await mariadb?.stop()
}
const { sends, ok, refused, unknown, unknownStored } = sum
say(
  `${database}, seeds from ${firstSeed}: ${done} kills with at least ${least} in flight (on average ${Math.round(inFlight / done)}), ${sends} sends: ${ok} ok, each stored exactly once; ${refused} refused, nowhere; ${unknown} unknown, of which ${unknownStored} stored once; ${violations} violations; faults: ${countsOf(faults)}`,
)
process.exitCode = violations > 0 ? 1 : 0
