import { join } from 'node:path'
import { groupsSuite } from './groups.suite.ts'

groupsSuite(async (folder) => `sqlite:${join(folder, 'skein.db')}`)
