import { join } from 'node:path'
import { localSuite } from './local.suite.ts'

localSuite(async (folder) => `sqlite:${join(folder, 'skein.db')}`)
