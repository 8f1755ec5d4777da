import { join } from 'node:path'
import { membersSuite } from './members.suite.ts'

membersSuite(async (folder) => `sqlite:${join(folder, 'skein.db')}`)
