// What is tortured: one or two server processes on one database, which may stand on a disk that can be filled.
import { execFile } from 'node:child_process'
import { once } from 'node:events'
import { cpSync, mkdtempSync, rmSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { spawnServerStandingBy, type Mariadb, type SpawnedProcess } from '@skein/testing'
import { openDisk, type Disk } from './disk.ts'
import type { History, Stored } from './history.ts'
import type { Random } from './random.ts'

const run = promisify(execFile)
/** A process that compiles nothing starts twice as fast. */
export const compileCache = fileURLToPath(new URL('../../.tmp/compile-cache', import.meta.url))

/** Outside of the range from which the system takes ports for outgoing connections: nobody sits on it while the server is down. */
async function freePort(random: Random): Promise<number> {
  for (;;) {
    const port = random.between(20_000, 32_000)
    const probe = createServer()
    const free = await new Promise<boolean>((resolve) => {
      probe.once('error', () => resolve(false))
      probe.listen(port, '127.0.0.1', () => resolve(true))
    })
    if (!free) continue
    probe.close()
    await once(probe, 'close')
    return port
  }
}

export class ServerNode implements AsyncDisposable {
  readonly name: string
  readonly port: number
  readonly dataDir: string
  paused = false
  readonly #env: Record<string, string>
  readonly #history: History
  #process: SpawnedProcess | null = null
  /** The next one, so that after a kill nobody waits for code to be read. */
  #next: SpawnedProcess | null = null

  constructor(name: string, port: number, dataDir: string, databaseUrl: string, history: History) {
    this.name = name
    this.port = port
    this.dataDir = dataDir
    this.#history = history
    this.#env = {
      NODE_COMPILE_CACHE: compileCache,
      PORT: String(port),
      DATA_DIR: dataDir,
      SKEIN_DEMO: '0',
      RATE_LIMITS: 'off',
      ...(databaseUrl ? { DATABASE_URL: databaseUrl } : {}),
    }
  }
  get origin(): string {
    return `http://127.0.0.1:${this.port}`
  }
  get pid(): number {
    return this.#process?.child.pid ?? 0
  }

  async start(): Promise<void> {
    const started = this.#next ?? this.#spawn()
    this.#next = null
    await started.begin()
    this.#process = started
    void started.exit.then(({ code, signal }) => {
      if (this.#process !== started) return
      this.#history.add({ is: 'broken', what: `${this.name} ended by itself (${code ?? signal}): ${started.output.slice(-20_000)}` })
    })
    await started.ready()
    this.#next = this.#spawn()
  }
  #spawn(): SpawnedProcess {
    const spawned = spawnServerStandingBy(this.#env)
    // Whatever ends this program ends the server.
    const end = (): void => void spawned.child.kill('SIGKILL')
    process.on('exit', end)
    void spawned.exit.then(() => process.off('exit', end))
    return spawned
  }
  async kill(): Promise<void> {
    const killed = this.#process
    this.#process = null
    this.paused = false
    killed?.child.kill('SIGKILL')
    await killed?.exit
  }
  pause(): void {
    this.paused = this.#process?.child.kill('SIGSTOP') ?? false
  }
  resume(): void {
    if (this.paused) this.#process?.child.kill('SIGCONT')
    this.paused = false
  }
  /** Nobody starts it again. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.kill()
    await this.#next?.[Symbol.asyncDispose]()
    this.#next = null
  }
  /** SIGTERM; it says goodbye in time and ends with 0. */
  async stop(): Promise<void> {
    const stopped = this.#process
    this.#process = null
    const code = await stopped?.stop('SIGTERM')
    if (code !== undefined && code !== 0)
      this.#history.add({ is: 'broken', what: `${this.name} drained and ended with ${code}: ${stopped?.output.slice(-20_000)}` })
  }
}

export interface World extends AsyncDisposable {
  readonly nodes: readonly ServerNode[]
  /** The first of them. */
  readonly home: ServerNode
  readonly mariadb: Mariadb | null
  readonly disk: Disk | null
  /** For whatever else needs a real disk. */
  readonly folder: string
  /** The database, by another process. */
  read(): Promise<Stored>
}

/** `mariadb`: the server for a database of its own; null for SQLite. Nodes beyond the first need it. */
export async function openWorld(options: { nodes: number; mariadb: Mariadb | null; history: History; random: Random }): Promise<World> {
  const { mariadb, history, random } = options
  await using parts = new AsyncDisposableStack()
  const folder = mkdtempSync(join(tmpdir(), 'skein-torture-'))
  parts.defer(() => rmSync(folder, { recursive: true, force: true }))
  const disk = mariadb ? null : parts.use(await openDisk(join(folder, 'disk')))
  const databaseUrl = mariadb ? mariadb.url(await mariadb.createDatabase()) : ''
  const nodes: ServerNode[] = []
  for (let i = 0; i < options.nodes; i++) {
    const dataDir = join(disk?.folder ?? folder, `node-${i}`)
    const [first] = nodes
    // One service has one set of keys.
    if (first) cpSync(join(first.dataDir, 'keys'), join(dataDir, 'keys'), { recursive: true })
    const node = new ServerNode(`node ${i}`, await freePort(random), dataDir, databaseUrl, history)
    parts.use(node)
    await node.start()
    nodes.push(node)
  }
  const [home] = nodes
  if (!home) throw new Error('A world has a node.')
  const reader = fileURLToPath(new URL('./read-database.ts', import.meta.url))
  const owned = parts.move()
  return {
    nodes,
    home,
    mariadb,
    disk,
    folder,
    read: async () => {
      const source = databaseUrl || join(home.dataDir, 'skein.db')
      return JSON.parse((await run(process.execPath, [reader, source], { maxBuffer: 1 << 30 })).stdout) as Stored
    },
    [Symbol.asyncDispose]: () => owned.disposeAsync(),
  }
}
