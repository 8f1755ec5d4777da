// A private MariaDB for tests and benchmarks: in a temporary folder, on a free port of the loopback, as durable as a real one. Never touches one that is there.
import { spawn, type ChildProcess } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createConnection } from 'mysql2/promise'
import { findProgram, freePort, HOST } from './programs.ts'

export interface Mariadb {
  /** The server's process; another one after `start`. */
  readonly pid: number
  /** Address of one of its databases, as DATABASE_URL takes it. */
  url(database: string): string
  /** Makes an empty database under a name of its own, and returns the name. */
  createDatabase(): Promise<string>
  /** SIGKILL: what it has promised to keep is on disk, the rest is gone. */
  kill(): Promise<void>
  /** Starts it again on the same data and port, after `kill`. */
  start(): Promise<void>
  /** Ends it and removes its folder. */
  stop(): Promise<void>
}

const READY_MS = 60_000

/** mariadbd refuses to run as root unless told so. */
const asRoot = process.getuid?.() === 0 ? ['--user=root'] : []

async function install(folder: string): Promise<void> {
  const options = ['--no-defaults', `--datadir=${join(folder, 'data')}`, '--auth-root-authentication-method=normal', '--skip-test-db', ...asRoot]
  const child = spawn(findProgram('mariadb-install-db', 'mariadb-server'), options, { stdio: ['ignore', 'pipe', 'pipe'] })
  let output = ''
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (data) => (output += String(data)))
  const [code] = (await once(child, 'exit')) as unknown[]
  if (code !== 0) throw new Error(`mariadb-install-db failed (${String(code)}):\n${output}`)
}

/** Starts a server with an empty data folder. The one who starts it stops it; it also ends with this process. */
export async function startMariadb(): Promise<Mariadb> {
  const program = findProgram('mariadbd', 'mariadb-server')
  const folder = await mkdtemp(join(tmpdir(), 'skein-mariadb-'))
  const errorLog = join(folder, 'error.log')
  let child: ChildProcess | null = null
  const endWithUs = (): void => void child?.kill('SIGKILL')
  process.on('exit', endWithUs)

  async function kill(signal: 'SIGKILL' | 'SIGTERM'): Promise<void> {
    const running = child
    child = null
    if (!running || running.exitCode !== null || running.signalCode !== null) return
    const exited = once(running, 'exit')
    running.kill(signal)
    await exited
  }

  async function start(): Promise<void> {
    const options = [
      '--no-defaults',
      `--datadir=${join(folder, 'data')}`,
      // A server that starts removes temporary tables from its folder for them: in a shared one, those of others that run.
      `--tmpdir=${folder}`,
      `--socket=${join(folder, 'socket')}`,
      `--pid-file=${join(folder, 'pid')}`,
      `--log-error=${errorLog}`,
      `--bind-address=${HOST}`,
      `--port=${port}`,
      '--skip-name-resolve',
      '--skip-log-bin',
      '--innodb-flush-log-at-trx-commit=1',
      '--innodb-buffer-pool-size=128M',
      '--max-connections=500',
      ...asRoot,
    ]
    const started = spawn(program, options, { stdio: 'ignore' })
    child = started
    await ready(url('mysql'), () => started.exitCode === null && started.signalCode === null, errorLog)
  }

  async function stop(): Promise<void> {
    await kill('SIGTERM')
    process.off('exit', endWithUs)
    await rm(folder, { recursive: true, force: true })
  }

  const port = await freePort()
  const url = (database: string): string => `mysql://root@${HOST}:${port}/${database}`
  try {
    await install(folder)
    await start()
  } catch (error) {
    await stop()
    throw error
  }
  return {
    get pid() {
      return child?.pid ?? 0
    },
    url,
    createDatabase: () => createMysqlDatabase(url('mysql')),
    kill: () => kill('SIGKILL'),
    start,
    stop,
  }
}

async function ready(url: string, runs: () => boolean, errorLog: string): Promise<void> {
  const end = performance.now() + READY_MS
  for (;;) {
    try {
      const connection = await createConnection(url)
      await connection.end()
      return
    } catch (error) {
      if (runs() && performance.now() < end) {
        await new Promise((resolve) => setTimeout(resolve, 50))
        continue
      }
      const log = await readFile(errorLog, 'utf8').catch(() => '')
      throw new Error(`mariadbd did not start: ${error instanceof Error ? error.message : String(error)}\n${log.slice(-2_000)}`, { cause: error })
    }
  }
}

/** Makes an empty database on the server that a URL of any of its databases names, and returns its name. */
export async function createMysqlDatabase(url: string): Promise<string> {
  const name = `skein_${randomBytes(6).toString('hex')}`
  const connection = await createConnection(url)
  try {
    await connection.query(`create database \`${name}\` character set utf8mb4 collate utf8mb4_general_ci`)
  } finally {
    await connection.end()
  }
  return name
}
