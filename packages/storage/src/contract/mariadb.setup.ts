// One private MariaDB for a whole run of the contract.
import { startMariadb } from '@skein/testing'
import type { TestProject } from 'vitest/node'

export async function setup(project: TestProject): Promise<() => Promise<void>> {
  const server = await startMariadb()
  project.provide('mariadb', server.url('mysql'))
  return () => server.stop()
}
