import { join } from 'node:path'
import { accountsSuite } from './accounts.suite.ts'

accountsSuite(async (folder) => `sqlite:${join(folder, 'skein.db')}`)
