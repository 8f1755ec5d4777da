import { createMysqlDatabase } from '@skein/testing'
import { inject } from 'vitest'
import { describeBots } from './bots.suite.ts'

const server = inject('mariadb')

describeBots({ fresh: async () => ({ DATABASE_URL: server.replace(/[^/]+$/, await createMysqlDatabase(server)) }) })
