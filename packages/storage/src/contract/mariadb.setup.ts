// One private MariaDB for a whole run of the contract.
import { startMariadb } from '@skein/testing'
import type { TestProject } from 'vitest/node'

declare module 'vitest' {
  interface ProvidedContext {
    /** Address of one of the server's databases. */
    mariadb: string
  }
}

export async function setup(project: TestProject): Promise<() => Promise<void>> {
  const server = await startMariadb()
  project.provide('mariadb', server.url('mysql'))
  return () => server.stop()
}
