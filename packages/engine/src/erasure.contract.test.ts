import { join } from 'node:path'
import { erasureSuite } from './erasure.suite.ts'

erasureSuite(async (folder) => `sqlite:${join(folder, 'skein.db')}`)
