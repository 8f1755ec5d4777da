// `npm run bench`: this server on SQLite and on MariaDB, beside plain Hocuspocus and a bare ws broadcast, in one run. Ratios are what counts; the floor is 1.
import { execFileSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { availableParallelism, tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parseUserId } from '@skein/protocol'
import { startMariadb } from '@skein/testing'
import { createAccounts } from './accounts.ts'
import { measure, type Figures } from './measure.ts'
import { startProcess } from './process.ts'
import { joinBroadcast, joinDocument, type Member } from './rooms.ts'

const ROOMS = 50
const root = fileURLToPath(new URL('../..', import.meta.url))
const nobody = [parseUserId('a'.repeat(26)), parseUserId('b'.repeat(26))]
const say = (line: string): void => void process.stdout.write(`${line}\n`)

async function broadcast(): Promise<Figures> {
  await using server = await startProcess('bench/src/peers/ws-broadcast.ts')
  const members: Member[] = []
  for (let room = 0; room < ROOMS; room++) for (let i = 0; i < 2; i++) members.push(await joinBroadcast(server.origin, room))
  return await measure(members, server)
}

async function hocuspocus(): Promise<Figures> {
  await using server = await startProcess('bench/src/peers/hocuspocus.ts')
  const members: Member[] = []
  for (let room = 0; room < ROOMS; room++)
    for (const user of nobody) members.push(await joinDocument(server.origin.replace('http', 'ws'), `room-${room}`, user, 'none'))
  return await measure(members, server)
}

/** Started as `npm start` starts it, FULL sync on. */
async function skein(databaseUrl: string): Promise<Figures> {
  const directory = mkdtempSync(join(tmpdir(), 'skein-bench-'))
  try {
    const env = { PORT: '0', DATA_DIR: directory, SKEIN_DEMO: '0', DATABASE_URL: databaseUrl, NODE_ENV: 'production' }
    await using server = await startProcess('server/src/main.ts', env)
    const members: Member[] = []
    for (const { document, user, token } of await createAccounts(server.origin, ROOMS)) {
      members.push(await joinDocument(`${server.origin.replace('http', 'ws')}/sync`, document, user, token))
    }
    return await measure(members, server)
  } finally {
    rmSync(directory, { recursive: true, force: true })
  }
}

function versions(): Record<string, string> {
  const of = (name: string): string =>
    (JSON.parse(readFileSync(join(root, 'node_modules', name, 'package.json'), 'utf8')) as { version: string }).version
  const names = ['yjs', '@hocuspocus/server', 'ws', 'kysely', 'mysql2']
  return { node: process.version, ...Object.fromEntries(names.map((name) => [name, of(name)])) }
}

const results: Record<string, Figures> = {}
async function run(name: string, measured: () => Promise<Figures>): Promise<void> {
  say(`… ${name}`)
  results[name] = await measured()
}

await run('bare ws broadcast', broadcast)
await run('plain Hocuspocus, nothing stored', hocuspocus)
await run('Skein, SQLite', () => skein(''))
const mariadb = await startMariadb()
const database = await mariadb.createDatabase()
try {
  await run('Skein, MariaDB', () => skein(mariadb.url(database)))
} finally {
  await mariadb.stop()
}

const floor = results['bare ws broadcast']
const row = (cells: string[]): string => cells.map((cell, i) => (i === 0 ? cell.padEnd(34) : cell.padStart(26))).join('')
const cell = (value: number, base: number, digits = 0): string => `${value.toFixed(digits)} (× ${(value / base).toFixed(2)})`
say(`\n${ROOMS} chats of two, 100 sockets, messages of 80 characters; × is against the bare broadcast of this run`)
say(row(['', 'deliveries/s', 'p50 ms at 200/s', 'p99 ms at 200/s', 'server CPU µs a delivery']))
for (const [name, figures] of Object.entries(results)) {
  if (!floor) break
  say(
    row([
      name,
      cell(figures.deliveriesPerSecond, floor.deliveriesPerSecond),
      cell(figures.p50Ms, floor.p50Ms, 2),
      cell(figures.p99Ms, floor.p99Ms, 2),
      cell(figures.cpuMicrosPerDelivery, floor.cpuMicrosPerDelivery),
    ]),
  )
}
const commit = execFileSync('git', ['rev-parse', '--short', 'HEAD'], { cwd: root, encoding: 'utf8' }).trim()
const settings = {
  rooms: ROOMS,
  members: 2,
  textLength: 80,
  sqlite: 'WAL, synchronous=FULL',
  mariadb: 'innodb_flush_log_at_trx_commit=1',
  cpus: availableParallelism(),
}
const file = join(root, 'bench', 'result.json')
writeFileSync(file, `${JSON.stringify({ commit, versions: versions(), settings, results }, null, 2)}\n`)
say(`\ncommit ${commit}; versions, settings and figures: bench/result.json`)
