// A server in a process of its own, the CPU time that it used, and its memory.
import { readdirSync, readFileSync } from 'node:fs'
import { SpawnedProcess } from '@skein/testing'

export interface Memory {
  /** Resident, in bytes. */
  rss: number
  /** Heap and buffers after a collection, in bytes. */
  used: number
}

export interface ServerProcess extends AsyncDisposable {
  readonly origin: string
  readonly pid: number
  /** CPU time of all its threads so far, in milliseconds. */
  cpuMs(): number
  memory(): Promise<Memory>
  /** SIGKILL, and the end of it. */
  kill(): Promise<void>
}

/** Where profiles of the servers go, when asked for. */
const profileFolder = process.env['BENCH_PROFILE']

/** Starts a script, named from the repository's root, and waits for its `ready http://…` line. Rejects with what it printed when it ends before. */
export async function startProcess(file: string, env: Record<string, string> = {}): Promise<ServerProcess> {
  const profiling = profileFolder ? ['--cpu-prof', `--cpu-prof-dir=${profileFolder}`] : []
  const nodeOptions = ['--expose-gc', '--import', new URL('./probe.ts', import.meta.url).href, ...profiling]
  const server = new SpawnedProcess(file, { env, nodeOptions })
  const origin = await server.ready()
  const pid = server.child.pid ?? 0
  return {
    origin,
    pid,
    cpuMs: () => cpuMsOf(pid),
    async memory() {
      const answered = server.output.length
      server.child.kill('SIGUSR2')
      for (;;) {
        const found = /^probe (.*)$/m.exec(server.output.slice(answered))
        if (found) return JSON.parse(found[1] ?? '') as Memory
        await new Promise((resolve) => setTimeout(resolve, 50))
      }
    },
    kill: async () => void (await server.stop('SIGKILL')),
    async [Symbol.asyncDispose]() {
      await server.stop('SIGTERM')
    },
  }
}

/** To the nanosecond, unlike the clock ticks in `stat`. */
export function cpuMsOf(pid: number): number {
  let sum = 0
  for (const task of readdirSync(`/proc/${pid}/task`)) {
    sum += Number(readFileSync(`/proc/${pid}/task/${task}/schedstat`, 'utf8').split(' ')[0])
  }
  return sum / 1e6
}
