// Promises 2, 4 and 5 with real processes: a short torture, judged by the checker that shares no code with Skein. The long one is `npm run torture`.
import { startMariadb } from '@skein/testing'
import { expect, test } from 'vitest'
import type { Blow } from './faults.ts'
import { runRound } from './round.ts'

const KILLS = 12
const STOP_MS = 2_000
const mysql = process.env['SKEIN_E2E_DATABASE'] === 'mysql'
const others: Blow[] = mysql
  ? ['stop server', 'database killed', 'database stopped', 'nodes switched', 'nodes switched']
  : ['stop server', 'full disk', 'full disk and kill']

test('promises 2, 4 and 5: killed twelve times amid traffic, stopped, cut off, slowed and without its disk or database, it loses and doubles nothing, and all see one order', async () => {
  const mariadb = mysql ? await startMariadb() : null
  const inFlight: number[] = []
  try {
    const blows = [...Array.from({ length: KILLS }, (): Blow => 'kill'), ...others]
    const { counts, violations, faults } = await runRound({
      seed: 4,
      mariadb,
      nodes: mysql ? 2 : 1,
      blows,
      stopMs: STOP_MS,
      killed: (unanswered) => inFlight.push(unanswered),
    })
    expect(violations).toEqual([])
    expect(Math.min(...inFlight)).toBeGreaterThanOrEqual(20)
    expect(inFlight).toHaveLength(KILLS)
    expect(counts.ok).toBeGreaterThan(KILLS * 20)
    process.stdout.write(`${JSON.stringify(counts)}; in flight at the kills ${inFlight.join(' ')}; ${JSON.stringify(Object.fromEntries(faults))}\n`)
  } finally {
    await mariadb?.stop()
  }
}, 300_000)
