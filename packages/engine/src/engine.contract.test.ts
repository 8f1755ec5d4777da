import { join } from 'node:path'
import { engineSuite } from './engine.suite.ts'

engineSuite(async (folder) => `sqlite:${join(folder, 'skein.db')}`)
