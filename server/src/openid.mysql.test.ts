import { createMysqlDatabase } from '@skein/testing'
import { inject } from 'vitest'
import { describeOpenId } from './openid.suite.ts'

const server = inject('mariadb')

describeOpenId({ fresh: async () => ({ DATABASE_URL: server.replace(/[^/]+$/, await createMysqlDatabase(server)) }), shared: true })
