import { join } from 'node:path'
import { presenceSuite } from './presence.suite.ts'

presenceSuite(async (folder) => `sqlite:${join(folder, 'skein.db')}`)
