// The real server as a process of its own, as `npm start` starts it.
import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'

const standingBy = new URL('./standing-by.ts', import.meta.url).href
const turnedClock = new URL('./turned-clock.ts', import.meta.url).href
const root = fileURLToPath(new URL('../../..', import.meta.url))

/** Waits on a process's lines; what it wrote is kept. */
export class SpawnedProcess implements AsyncDisposable {
  readonly child: ChildProcess
  /** Of standard output and standard error. */
  output = ''
  errors = ''
  readonly exit: Promise<{ code: number | null; signal: NodeJS.Signals | null }>
  readonly #waiting = new Set<() => void>()
  #minutes = 0

  /** `file` from the repository's root; without one `npm start` as a whole. `input` is what it reads; nothing when left out. */
  constructor(file: string | null, options: { env: Record<string, string>; args?: string[]; nodeOptions?: string[]; input?: string }) {
    const { PATH = '', HOME = '' } = process.env
    const [command, args] =
      file === null ? ['npm', ['start']] : [process.execPath, [...(options.nodeOptions ?? []), root + file, ...(options.args ?? [])]]
    this.child = spawn(command, args, {
      cwd: root,
      env: { PATH, HOME, ...options.env },
      stdio: [options.input === undefined ? 'ignore' : 'pipe', 'pipe', 'pipe'],
    })
    this.child.stdin?.end(options.input)
    this.child.stdout?.setEncoding('utf8').on('data', (text: string) => this.#read(text))
    this.child.stderr?.setEncoding('utf8').on('data', (text: string) => {
      this.errors += text
      this.#read(text)
    })
    this.exit = once(this.child, 'close').then(([code, signal]: (number | NodeJS.Signals | null)[]) => {
      for (const wake of this.#waiting) wake()
      return { code: code as number | null, signal: signal as NodeJS.Signals | null }
    })
  }

  #read(text: string): void {
    this.output += text
    for (const wake of this.#waiting) wake()
  }

  /** The first match in what the process writes; rejects when it ends without. */
  async line(pattern: RegExp): Promise<RegExpExecArray> {
    for (;;) {
      const match = pattern.exec(this.output)
      if (match) return match
      if (this.child.exitCode !== null || this.child.signalCode !== null) throw new Error(`Ended without ${String(pattern)}:\n${this.output}`)
      await new Promise<void>((resolve) => {
        const wake = (): void => {
          this.#waiting.delete(wake)
          resolve()
        }
        this.#waiting.add(wake)
      })
    }
  }

  /** The address in the ready line. */
  async ready(): Promise<string> {
    return (await this.line(/^ready (http:\/\/\S+)$/m))[1] ?? ''
  }

  /** Of one that stands by: its turn has come. */
  async begin(): Promise<void> {
    await this.line(/^standing by$/m)
    this.child.kill('SIGUSR2')
  }

  /** Of one whose clock is turned: some minutes go by. A signal that is sent before the one before it was taken is lost, so each is waited for. */
  async later(minutes: number): Promise<void> {
    for (let minute = 0; minute < minutes; minute++) {
      this.child.kill('SIGUSR2')
      await this.line(new RegExp(`^clock turned by ${String(++this.#minutes)} min$`, 'm'))
    }
  }

  async stop(signal: NodeJS.Signals): Promise<number | null> {
    this.child.kill(signal)
    return (await this.exit).code
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.child.kill('SIGKILL')
    await this.exit
  }
}

export const spawnServer = (env: Record<string, string>, nodeOptions: string[] = []): SpawnedProcess =>
  new SpawnedProcess('server/src/main.ts', { env: { PORT: '0', ...env }, nodeOptions })
/** A server that has read its code and does nothing else until `begin`. */
export const spawnServerStandingBy = (env: Record<string, string>): SpawnedProcess => spawnServer(env, ['--import', standingBy])
/** A server whose clock `later` turns. */
export const spawnServerWithClock = (env: Record<string, string>): SpawnedProcess => spawnServer(env, ['--import', turnedClock])
export const spawnSeed = (env: Record<string, string>, args: string[]): SpawnedProcess => new SpawnedProcess('server/src/seed.ts', { env, args })
/** `npm run user` with what a script feeds it, to its end. */
export const spawnUser = (env: Record<string, string>, args: string[], input?: string): SpawnedProcess =>
  new SpawnedProcess('server/src/user.ts', { env, args, ...(input === undefined ? {} : { input }) })
/** Another issuer of tokens; see issuer.ts. */
export const spawnIssuer = (): SpawnedProcess => new SpawnedProcess('packages/testing/src/issuer.ts', { env: {} })
/** An OpenID provider, and what it knows this server as; see openid-provider.ts. */
export const spawnProvider = (port = 0): SpawnedProcess =>
  new SpawnedProcess('packages/testing/src/openid-provider.ts', { env: { PROVIDER_PORT: String(port) } })
export const providerSettings = (issuer: string): Record<string, string> => ({
  OIDC_ISSUER: issuer,
  OIDC_CLIENT_ID: 'skein',
  OIDC_CLIENT_SECRET: 'the secret of this client',
  OIDC_LABEL: 'Example',
})
/** `npm run keys`, to its end. */
export const spawnKeys = (env: Record<string, string>, args: string[]): SpawnedProcess => new SpawnedProcess('server/src/keys.ts', { env, args })
/** The whole of `npm start`, which also builds the client when it is stale. */
export const spawnNpmStart = (env: Record<string, string>): SpawnedProcess => new SpawnedProcess(null, { env: { PORT: '0', ...env } })
