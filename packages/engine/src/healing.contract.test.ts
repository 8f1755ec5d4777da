import { join } from 'node:path'
import { healingSuite } from './healing.suite.ts'

healingSuite(async (folder) => `sqlite:${join(folder, 'skein.db')}`)
