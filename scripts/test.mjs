// `npm test`: all stages in order, or those that are named (`npm test -- unit e2e-sqlite`). A failed stage does not end the run; the last line sums them all.
import { spawn } from 'node:child_process'
import { mkdirSync, readFileSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { ensurePrograms } from './prerequisites.mjs'
import { root } from './sources.mjs'
import { verify } from './verify.mjs'

/** In this order; each but the first is a project of vitest.workspace.ts. */
const stages = [
  { name: 'verify' },
  { name: 'unit', needs: ['redis'] },
  { name: 'contract-sqlite' },
  { name: 'contract-mysql', needs: ['mariadb'] },
  { name: 'mariadb', needs: ['mariadb'] },
  { name: 'simulation' },
  { name: 'browser', needs: ['chromium'] },
  { name: 'e2e-sqlite', needs: ['chromium'], client: true },
  { name: 'e2e-mysql', needs: ['chromium', 'mariadb'], client: true },
]
/** What must be shown on one database must be shown on the other. */
const pairs = [
  ['contract-sqlite', 'contract-mysql'],
  ['e2e-sqlite', 'e2e-mysql'],
]

const wanted = process.argv.slice(2)
const unknown = wanted.filter((name) => !stages.some((stage) => stage.name === name))
if (unknown.length) {
  console.error(`There is no stage ${unknown.join(', ')}. The stages are ${stages.map((stage) => stage.name).join(', ')}.`)
  process.exit(2)
}
const chosen = stages.filter((stage) => wanted.length === 0 || wanted.includes(stage.name))
const missing = ensurePrograms([...new Set(chosen.flatMap((stage) => stage.needs ?? []))])
if (missing) {
  console.error(missing)
  process.exit(1)
}

const tallies = join(root, '.tmp', 'tallies')
rmSync(tallies, { recursive: true, force: true })
mkdirSync(tallies, { recursive: true })
// NODE_ENV is the tests' own matter; colours stay as the terminal has them.
const { NODE_ENV: _, ...env } = process.env

function run(args, also = {}) {
  return new Promise((resolve) => {
    const child = spawn(process.execPath, args, { cwd: root, env: { ...env, ...also }, stdio: ['ignore', 'inherit', 'inherit'] })
    const stop = (signal) => child.kill(signal)
    process.on('SIGINT', stop).on('SIGTERM', stop)
    child.on('exit', (code, signal) => {
      process.off('SIGINT', stop).off('SIGTERM', stop)
      if (signal) process.exit(1)
      resolve(code)
    })
  })
}

async function runVitest(name) {
  const tally = join(tallies, `${name}.json`)
  const vitest = join('node_modules', 'vitest', 'vitest.mjs')
  const code = await run([vitest, 'run', '--project', name, '--reporter=default', '--reporter=./scripts/tally.mjs'], { TALLY: tally })
  try {
    return { code, ...JSON.parse(readFileSync(tally, 'utf8')) }
  } catch {
    return { code, passed: 0, failed: 1, skipped: 0 }
  }
}

async function runStage(stage) {
  if (stage.name === 'verify') return { ...verify(), note: '' }
  if (stage.client && (await run([join('scripts', 'build-client.mjs')])) !== 0) return { passed: 0, failed: 1, note: 'the client was not built' }
  const { code, passed, failed, skipped, messages } = await runVitest(stage.name)
  if (skipped) return { passed, failed: failed + skipped, messages, note: `${skipped} skipped, which counts as failed` }
  if (passed + failed === 0) return { passed, failed: 1, note: 'ran no test' }
  if (code !== 0 && failed === 0) return { passed, failed: 1, note: 'failed outside its tests' }
  return { passed, failed, messages, note: '' }
}

const results = new Map()
for (const stage of chosen) {
  console.log(`\n── ${stage.name}`)
  const started = performance.now()
  const result = await runStage(stage)
  results.set(stage.name, { ...result, seconds: ((performance.now() - started) / 1000).toFixed(1) })
}

for (const [name, { messages = [] }] of results) for (const message of messages) console.log(`\nFailed in ${name}: ${message}`)

console.log('\nstage            passed  failed  seconds')
for (const [name, { passed, failed, seconds, note }] of results) {
  console.log(`${name.padEnd(16)} ${String(passed).padStart(6)}  ${String(failed).padStart(6)}  ${seconds.padStart(7)}  ${note}`.trimEnd())
}
let unequal = 0
for (const [one, other] of pairs) {
  const [a, b] = [results.get(one), results.get(other)]
  if (!a || !b || a.passed + a.failed === b.passed + b.failed) continue
  unequal++
  console.log(`${one} ran ${a.passed + a.failed} tests and ${other} ${b.passed + b.failed}: they must be the same, so this counts as failed.`)
}
const sum = (key) => [...results.values()].reduce((total, result) => total + result[key], 0)
const failed = sum('failed') + unequal
console.log(`${sum('passed')} passed, ${failed} failed`)
process.exitCode = failed ? 1 : 0
