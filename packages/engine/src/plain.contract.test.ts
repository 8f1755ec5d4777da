import { join } from 'node:path'
import { plainSuite } from './plain.suite.ts'

plainSuite(async (folder) => `sqlite:${join(folder, 'skein.db')}`)
