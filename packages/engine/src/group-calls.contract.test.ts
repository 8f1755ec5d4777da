import { join } from 'node:path'
import { groupCallsSuite } from './group-calls.suite.ts'

groupCallsSuite(async (folder) => `sqlite:${join(folder, 'skein.db')}`)
