import { createMysqlDatabase } from '@skein/testing'
import { inject } from 'vitest'
import { describeUserCommand } from './user.suite.ts'

const server = inject('mariadb')

describeUserCommand({ fresh: async () => ({ DATABASE_URL: server.replace(/[^/]+$/, await createMysqlDatabase(server)) }), shared: true })
