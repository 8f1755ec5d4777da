import { createMysqlDatabase } from '@skein/testing'
import { inject } from 'vitest'
import { describeDeveloper } from './developer.suite.ts'

const server = inject('mariadb')

describeDeveloper(async () => ({ DATABASE_URL: server.replace(/[^/]+$/, await createMysqlDatabase(server)) }))
