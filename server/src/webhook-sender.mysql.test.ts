import { createMysqlDatabase } from '@skein/testing'
import { inject } from 'vitest'
import { describeWebhooks } from './webhook-sender.suite.ts'

const server = inject('mariadb')

describeWebhooks({ fresh: async () => server.replace(/[^/]+$/, await createMysqlDatabase(server)), shared: true })
