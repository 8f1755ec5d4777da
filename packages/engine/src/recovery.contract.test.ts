import { join } from 'node:path'
import { recoverySuite } from './recovery.suite.ts'

recoverySuite(async (folder) => `sqlite:${join(folder, 'skein.db')}`)
