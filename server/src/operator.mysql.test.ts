import { createMysqlDatabase } from '@skein/testing'
import { inject } from 'vitest'
import { describeOperatorCommands } from './operator.suite.ts'

const server = inject('mariadb')

describeOperatorCommands({ fresh: async () => ({ DATABASE_URL: server.replace(/[^/]+$/, await createMysqlDatabase(server)) }) })
