// What an end-to-end test lives in: the real server as a process on the database that the run is for, and real Chromium.
import { execFileSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { createServer, type AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { spawnSeed, spawnServer, spawnServerWithClock, startMariadb, type Mariadb, type SpawnedProcess } from '@skein/testing'
import { chromium, type Browser } from 'playwright-core'

export interface World extends AsyncDisposable {
  /** Where the server listens; the same after a restart. */
  origin: string
  /** DATABASE_URL of the server; '' for SQLite in `dataDir`. */
  databaseUrl: string
  dataDir: string
  /** What the servers so far have written. */
  readonly output: string
  /** `days`: so far ahead is the server's clock. */
  start(days?: number): Promise<void>
  /** SIGKILL to the pid in skein.pid, sent by another process; resolves when it is gone. */
  kill(): Promise<void>
  /** SIGSTOP: it answers nobody until it goes on. */
  pause(): void
  goOn(): void
  /** SIGTERM, and waits for the end. */
  stop(): Promise<void>
}

async function freePort(): Promise<number> {
  const probe = createServer()
  await new Promise<void>((resolve) => probe.listen(0, '127.0.0.1', resolve))
  const { port } = probe.address() as AddressInfo
  await new Promise((resolve) => probe.close(resolve))
  return port
}

/** `seed`: arguments of `npm run seed`, which fills the database before the server starts. */
export async function openWorld(env: Record<string, string> = {}, seed?: string[]): Promise<World> {
  const dataDir = mkdtempSync(join(tmpdir(), 'skein-e2e-'))
  let mariadb: Mariadb | null = null
  let databaseUrl = ''
  if (process.env['SKEIN_E2E_DATABASE'] === 'mysql') {
    mariadb = await startMariadb()
    databaseUrl = mariadb.url(await mariadb.createDatabase())
  }
  const port = await freePort()
  let server: SpawnedProcess | null = null
  let before = ''
  const signal = (name: string): unknown => execFileSync('kill', [`-${name}`, readFileSync(join(dataDir, 'skein.pid'), 'utf8').trim()])
  const world: World = {
    origin: `http://127.0.0.1:${port}`,
    databaseUrl,
    dataDir,
    get output() {
      return before + (server?.output ?? '')
    },
    async start(days = 0) {
      before = world.output
      const settings = { PORT: String(port), DATA_DIR: dataDir, SKEIN_DEMO: '0', ...(databaseUrl ? { DATABASE_URL: databaseUrl } : {}), ...env }
      server = days ? spawnServerWithClock({ ...settings, CLOCK_DAYS: String(days) }) : spawnServer(settings)
      await server.ready()
    },
    async kill() {
      signal('KILL')
      await server?.exit
    },
    pause() {
      signal('STOP')
    },
    goOn() {
      signal('CONT')
    },
    async stop() {
      await server?.stop('SIGTERM')
    },
    async [Symbol.asyncDispose]() {
      await server?.[Symbol.asyncDispose]()
      await mariadb?.stop()
      rmSync(dataDir, { recursive: true, force: true })
    },
  }
  if (seed) {
    await using seeding = spawnSeed({ DATA_DIR: dataDir, ...(databaseUrl ? { DATABASE_URL: databaseUrl } : {}) }, seed)
    await seeding.line(/^Done/m)
    await seeding.exit
  }
  await world.start()
  return world
}

/** Debian's Chromium, kept from calling anybody outside. */
export function openBrowser(): Promise<Browser> {
  return chromium.launch({
    executablePath: process.env['CHROMIUM'] ?? '/usr/bin/chromium',
    args: [
      '--no-sandbox',
      '--disable-gpu',
      '--disable-quic',
      '--no-first-run',
      '--disable-background-networking',
      '--disable-component-update',
      '--disable-sync',
    ],
  })
}
