import { createMysqlDatabase } from '@skein/testing'
import { inject } from 'vitest'
import { describeImport } from './import.suite.ts'

const server = inject('mariadb')

describeImport({ fresh: async () => ({ DATABASE_URL: server.replace(/[^/]+$/, await createMysqlDatabase(server)) }) })
