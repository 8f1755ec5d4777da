import { createMysqlDatabase } from '@skein/testing'
import { inject } from 'vitest'
import { describeIdentity } from './identity.suite.ts'

const server = inject('mariadb')

describeIdentity({ fresh: async () => ({ DATABASE_URL: server.replace(/[^/]+$/, await createMysqlDatabase(server)) }), shared: true })
