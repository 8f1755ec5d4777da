// `npm run bench`: the whole table, this server beside its peers in one run. Ratios are what counts. `-- --only row` for one row, `-- --history N` for a longer history.
import { execFileSync } from 'node:child_process'
import { readFileSync, writeFileSync } from 'node:fs'
import { availableParallelism } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { writePictures } from './pictures.ts'
import type { Result, Row } from './row.ts'
import { chatScreen } from './rows/chat-screen.ts'
import { comeBack } from './rows/come-back.ts'
import { deviceBack } from './rows/device-back.ts'
import { engine } from './rows/engine.ts'
import { epochChange } from './rows/epoch-change.ts'
import { http } from './rows/http.ts'
import { firstOpen } from './rows/first-open.ts'
import { groupRate } from './rows/group-rate.ts'
import { groupSpeed } from './rows/group-speed.ts'
import { longHistory } from './rows/long-history.ts'
import { longUse } from './rows/long-use.ts'
import { manyChats } from './rows/many-chats.ts'
import { memberCost } from './rows/member-cost.ts'
import { messageBytes } from './rows/message-bytes.ts'
import { offlineMerge } from './rows/offline-merge.ts'
import { oneWriter } from './rows/one-writer.ts'
import { pairsRate } from './rows/pairs-rate.ts'
import { pairsSpeed } from './rows/pairs-speed.ts'
import { tableOf } from './table.ts'

const rows: Row[] = [
  groupRate,
  groupSpeed,
  pairsSpeed,
  pairsRate,
  oneWriter,
  offlineMerge,
  comeBack,
  longHistory,
  manyChats,
  deviceBack,
  epochChange,
  messageBytes,
  engine,
  memberCost,
  http,
  firstOpen,
  chatScreen,
  longUse,
]
const root = fileURLToPath(new URL('../..', import.meta.url))
const say = (line: string): void => void process.stdout.write(`${line}\n`)

const { values } = parseArgs({ options: { only: { type: 'string' }, history: { type: 'string', default: '100000' } } })
const chosen = values.only === undefined ? rows : rows.filter(({ name }) => name === values.only)
if (chosen.length === 0) throw new Error(`--only takes one of: ${rows.map(({ name }) => name).join(', ')}`)

const results: Record<string, Result> = {}
for (const row of chosen) {
  say(`… ${row.name}`)
  results[row.name] = await row.run({ history: Number(values.history) })
}
for (const row of chosen) say(tableOf(row, results[row.name] ?? { figures: [], goals: [] }))

function versionOf(name: string): string {
  return (JSON.parse(readFileSync(join(root, 'node_modules', name, 'package.json'), 'utf8')) as { version: string }).version
}
const versions = Object.fromEntries(['yjs', '@hocuspocus/server', 'ws', 'socket.io', 'kysely', 'mysql2'].map((name) => [name, versionOf(name)]))
const commit = execFileSync('git', ['rev-parse', '--short', 'HEAD'], { cwd: root, encoding: 'utf8' }).trim()
const settings = {
  textLength: 80,
  sqlite: 'WAL, synchronous=FULL',
  mariadb: 'innodb_flush_log_at_trx_commit=1',
  broadcastWindowMs: 'up to 10 in busy chats',
  history: Number(values.history),
  cpus: availableParallelism(),
}
if (values.only === undefined) {
  writeFileSync(join(root, 'bench', 'result.json'), `${JSON.stringify({ commit, node: process.version, versions, settings, results }, null, 2)}\n`)
  say(`\ncommit ${commit}; versions, settings and figures: bench/result.json`)
}
writePictures(join(root, 'docs', 'pictures'), results)
process.exit(0)
