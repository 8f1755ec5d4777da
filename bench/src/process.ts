// A server in a process of its own, and the CPU time that it used.
import { readFileSync } from 'node:fs'
import { SpawnedProcess } from '@skein/testing'

export interface ServerProcess extends AsyncDisposable {
  origin: string
  /** CPU time so far, user and system, in milliseconds. */
  cpuMs(): number
}

/** Starts a script, named from the repository's root, and waits for its `ready http://…` line. Rejects with what it printed when it ends before. */
export async function startProcess(file: string, env: Record<string, string> = {}): Promise<ServerProcess> {
  const server = new SpawnedProcess(file, { env })
  const origin = await server.ready()
  return {
    origin,
    cpuMs: () => cpuMs(server.child.pid ?? 0),
    async [Symbol.asyncDispose]() {
      await server.stop('SIGTERM')
    },
  }
}

function cpuMs(pid: number): number {
  const stat = readFileSync(`/proc/${pid}/stat`, 'utf8')
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
  return (Number(fields[11]) + Number(fields[12])) * 10 // clock ticks of 10 ms
}
