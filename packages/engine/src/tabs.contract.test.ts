import { join } from 'node:path'
import { tabsSuite } from './tabs.suite.ts'

tabsSuite(async (folder) => `sqlite:${join(folder, 'skein.db')}`)
