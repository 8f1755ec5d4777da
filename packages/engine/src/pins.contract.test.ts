import { join } from 'node:path'
import { pinsSuite } from './pins.suite.ts'

pinsSuite(async (folder) => `sqlite:${join(folder, 'skein.db')}`)
