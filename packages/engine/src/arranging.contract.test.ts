import { join } from 'node:path'
import { arrangingSuite } from './arranging.suite.ts'

arrangingSuite(async (folder) => `sqlite:${join(folder, 'skein.db')}`)
