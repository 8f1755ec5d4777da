// A private Redis for tests: nothing on disk, on a free port of the loopback.
import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { tmpdir } from 'node:os'
import { findProgram, freePort, HOST } from './programs.ts'

export interface Redis extends AsyncDisposable {
  /** As REDIS_URL takes it. */
  readonly url: string
  /** SIGKILL: what it held is gone. */
  kill(): Promise<void>
  /** Hangs, and goes on: it takes connections and answers nothing. */
  pause(): void
  resume(): void
  /** Starts it again on the same port, after `kill`. */
  start(): Promise<void>
}

/** Resolves once it answers; it also ends with this process. */
export async function startRedis(): Promise<Redis> {
  const program = findProgram('redis-server', 'redis-server')
  const port = await freePort()
  let child: ChildProcess | null = null
  const kill = async (): Promise<void> => {
    const running = child
    child = null
    if (!running || running.exitCode !== null || running.signalCode !== null) return
    const exited = once(running, 'exit')
    running.kill('SIGKILL')
    await exited
  }
  const endWithUs = (): void => void child?.kill('SIGKILL')
  process.on('exit', endWithUs)
  async function start(): Promise<void> {
    const started = spawn(program, ['--port', String(port), '--bind', HOST, '--save', '', '--appendonly', 'no', '--dir', tmpdir()], {
      stdio: ['ignore', 'pipe', 'ignore'],
    })
    child = started
    let output = ''
    for await (const data of started.stdout) {
      output += String(data)
      if (output.includes('Ready to accept connections')) break
    }
    if (started.exitCode !== null) throw new Error(`redis-server did not start:\n${output.slice(-2_000)}`)
  }
  await start()
  return {
    url: `redis://${HOST}:${port}`,
    kill,
    start,
    pause: () => void child?.kill('SIGSTOP'),
    resume: () => void child?.kill('SIGCONT'),
    async [Symbol.asyncDispose]() {
      await kill()
      process.off('exit', endWithUs)
    },
  }
}
