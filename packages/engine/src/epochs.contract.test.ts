import { join } from 'node:path'
import { epochsSuite } from './epochs.suite.ts'

epochsSuite(async (folder) => `sqlite:${join(folder, 'skein.db')}`)
