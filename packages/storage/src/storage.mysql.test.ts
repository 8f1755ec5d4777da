// The contract on MariaDB: each bed has a database of its own on one private server.
import { createMysqlDatabase } from '@skein/testing'
import { inject } from 'vitest'
import { contract } from './contract/contract.ts'

const server = inject('mariadb')

contract({
  engine: 'mysql',
  async newDatabase() {
    const name = await createMysqlDatabase(server)
    return server.replace(/[^/]+$/, name)
  },
})
