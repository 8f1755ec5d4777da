import { createMysqlDatabase } from '@skein/testing'
import { inject } from 'vitest'
import { describeServerProcess } from './process.suite.ts'

const server = inject('mariadb')

describeServerProcess({ fresh: async () => ({ DATABASE_URL: server.replace(/[^/]+$/, await createMysqlDatabase(server)) }), shared: true })
