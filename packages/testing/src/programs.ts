// Servers of others that tests start for themselves: where their programs are, and a port for them.
import { once } from 'node:events'
import { existsSync } from 'node:fs'
import { createServer } from 'node:net'
import { delimiter, join } from 'node:path'

export const HOST = '127.0.0.1'

export function findProgram(program: string, debianPackage: string): string {
  const folders = [...(process.env['PATH'] ?? '').split(delimiter), '/usr/sbin', '/usr/bin', '/usr/local/sbin', '/usr/local/bin']
  const path = folders.map((folder) => join(folder, program)).find((file) => existsSync(file))
  if (!path) throw new Error(`The program ${program} is missing, which these tests need. On Debian and Ubuntu: apt-get install ${debianPackage}`)
  return path
}

export async function freePort(): Promise<number> {
  const server = createServer().listen(0, HOST)
  await once(server, 'listening')
  const address = server.address()
  await new Promise((resolve) => server.close(resolve))
  if (address === null || typeof address === 'string') throw new Error('No free port')
  return address.port
}
